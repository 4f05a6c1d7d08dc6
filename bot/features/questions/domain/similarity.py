"""How like two questions are: the cosine of their words and character n-grams. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

import numpy as np
import regex

from bot.features.questions.domain.classify import words_of

_NO_MATTER = regex.compile(r"[!?;\"“”‘’…()]+|[.,:'](?!\d)|(?<!\d)[.,:']")


def question_key(text: str) -> str:
    """Equal for two texts that ask the same in the same words: whatever the capitals, the white space, and the signs
    that end or set off words. A sign that means something ("10 %", "-5", "C++", an emoji) is part of what is asked.
    "": nothing is asked."""
    return " ".join(_NO_MATTER.sub(" ", normalize("NFKC", text).casefold()).split())


WORDS_AND_PARTS = (0.5, 0.5)  # what whole words and what parts of words have to say
FILLER = "none"  # never looked at: it keeps a shelf of texts without a single word from being empty


class TfidfIndex:
    """Texts to compare others with. What many texts share says little: of these, and of those in the `background`."""

    def __init__(self, texts: Sequence[str], background: Sequence[str] = ()) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # two seconds: only for those who compare

        self._views = [
            TfidfVectorizer(analyzer=words_of, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
        ]
        self._size = len(texts)
        if texts:
            known = [*texts, FILLER]
            self._seen = [view.fit([*known, *background]).transform(known) for view in self._views]

    def likeness(self, text: str) -> list[float]:
        """Similarity to each text, in order: 0 (nothing in common) to 1 (the same words)."""
        if not self._size:
            return []
        total = np.zeros(self._size + 1)
        for view, seen, weight in zip(self._views, self._seen, WORDS_AND_PARTS, strict=True):
            total += weight * np.asarray((seen @ view.transform([text]).T).todense()).ravel()
        return [round(float(value), 4) for value in np.clip(total[: self._size], 0.0, 1.0)]

    def among(self) -> np.ndarray:
        """The likeness of each text to each, in one go: a square of so many rows."""
        total = np.zeros((self._size, self._size))
        for seen, weight in zip(self._seen if self._size else (), WORDS_AND_PARTS, strict=False):
            total += weight * (seen[: self._size] @ seen[: self._size].T).toarray()
        return np.clip(total, 0.0, 1.0)

    def nearest(self, text: str) -> tuple[int, float] | None:
        """(number, likeness) of the text most like it."""
        found = self.likeness(text)
        if not found:
            return None
        best = max(range(len(found)), key=lambda number: found[number])
        return best, found[best]
