"""Texts as weights of their pieces (tf-idf). Pure.

The same numbers as scikit-learn's TfidfVectorizer with `sublinear_tf=True`, as a test says: a piece that is
`n` times in a text weighs (1 + ln n) · (1 + ln((1 + texts) / (1 + texts with it))), and the weights of a text have
length 1. Ours, because scikit-learn takes 95 MB and two seconds in every process that compares two questions
(docs/decisions/0020-pieces-weighed-without-scikit-learn.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = NDArray[np.intp]
PiecesOf = Callable[[str], Iterable[str]]


def parts_of_words(text: str, shortest: int, longest: int) -> Iterable[str]:
    """Every run of `shortest` to `longest` characters within a word and the space on either side of it."""
    for word in text.lower().split():
        padded = f" {word} "
        for size in range(shortest, longest + 1):
            yield from (padded[start : start + size] for start in range(max(1, len(padded) - size + 1)))
            if len(padded) <= size:
                break  # it was whole: longer runs are the same


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of texts: the text's number, the piece's column, and its weight there, one of each an entry."""

    texts: Columns
    columns: Columns
    weights: Floats
    shape: tuple[int, int]  # texts, pieces

    def likeness(self, columns: Columns, weights: Floats) -> Floats:
        """The cosine of each text to one with these weights: 0 (nothing in common) to 1 (the same)."""
        asked = np.zeros(self.shape[1])
        asked[columns] = weights
        cosines = np.bincount(self.texts, self.weights * asked[self.columns], minlength=self.shape[0])
        return cosines.astype(float, copy=False)


@dataclass(frozen=True, slots=True)
class Tfidf:
    """Fitted once, then read-only. `vocabulary` gives each piece its column, `idf` each column its weight."""

    pieces_of: PiecesOf
    vocabulary: dict[str, int]
    idf: Floats

    @classmethod
    def fitted(cls, texts: Sequence[str], pieces_of: PiecesOf, *, least: int = 1) -> Tfidf:
        """Knows the pieces that are in at least so many of the texts."""
        counts = Counter(chain.from_iterable(set(pieces_of(text)) for text in texts))
        known = sorted(piece for piece, count in counts.items() if count >= least)
        found_in = np.array([counts[piece] for piece in known], dtype=float)
        return cls(
            pieces_of,
            {piece: column for column, piece in enumerate(known)},
            np.log((1 + len(texts)) / (1 + found_in)) + 1,
        )

    def of(self, text: str) -> tuple[Columns, Floats]:
        """The columns of the text's pieces, and their weights; what is not in the vocabulary is left out."""
        columns = (self.vocabulary.get(piece) for piece in self.pieces_of(text))
        counts = Counter(column for column in columns if column is not None)
        found = np.fromiter(counts, np.intp, len(counts))
        weights = (1 + np.log(np.fromiter(counts.values(), float, len(counts)))) * self.idf[found]
        return found, weights / (np.linalg.norm(weights) or 1.0)

    def table(self, texts: Sequence[str]) -> Table:
        rows = [self.of(text) for text in texts]
        numbers = np.repeat(np.arange(len(rows)), [len(columns) for columns, _weights in rows])
        return Table(
            numbers,
            np.concatenate([columns for columns, _weights in rows]) if rows else np.empty(0, np.intp),
            np.concatenate([weights for _columns, weights in rows]) if rows else np.empty(0),
            (len(rows), len(self.vocabulary)),
        )
