"""How like two questions are: the cosine of their words and character n-grams. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from unicodedata import normalize

import numpy as np
import regex

from bot.features.questions.domain.classify import words_of
from bot.features.questions.domain.tfidf import Floats, Tfidf, parts_of_words

_NO_MATTER = regex.compile(r"[!?;\"“”‘’…()]+|[.,:'](?!\d)|(?<!\d)[.,:']")


def question_key(text: str) -> str:
    """Equal for two texts that ask the same in the same words: whatever the capitals, the white space, and the signs
    that end or set off words. A sign that means something ("10 %", "-5", "C++", an emoji) is part of what is asked.
    "": nothing is asked."""
    return " ".join(_NO_MATTER.sub(" ", normalize("NFKC", text).casefold()).split())


_parts = partial(parts_of_words, shortest=3, longest=5)
WORDS_AND_PARTS = (0.5, 0.5)  # what whole words and what parts of words have to say


class TfidfIndex:
    """Texts to compare others with. What many texts share says little: of these, and of those in the `background`."""

    def __init__(self, texts: Sequence[str], background: Sequence[str] = ()) -> None:
        every = [*texts, *background]
        self._views = [Tfidf.fitted(every, pieces_of) for pieces_of in (words_of, _parts)]
        self._tables = [view.table(texts) for view in self._views]
        self._size = len(texts)

    def likeness(self, text: str) -> list[float]:
        """Similarity to each text, in order: 0 (nothing in common) to 1 (the same words)."""
        total = np.zeros(self._size)
        for view, table, weight in zip(self._views, self._tables, WORDS_AND_PARTS, strict=True):
            total += weight * table.likeness(*view.of(text))
        return [round(float(value), 4) for value in np.clip(total, 0.0, 1.0)]

    def among(self) -> Floats:
        """The likeness of each text to each, in one go: a square of so many rows."""
        from scipy.sparse import csr_array  # 25 MB: only for those who compute

        total = np.zeros((self._size, self._size))
        for table, weight in zip(self._tables, WORDS_AND_PARTS, strict=True):
            seen = csr_array((table.weights, (table.texts, table.columns)), table.shape)
            total += weight * (seen @ seen.T).toarray()
        return np.clip(total, 0.0, 1.0)

    def nearest(self, text: str) -> tuple[int, float] | None:
        """(number, likeness) of the text most like it."""
        found = self.likeness(text)
        if not found:
            return None
        best = max(range(len(found)), key=lambda number: found[number])
        return best, found[best]
