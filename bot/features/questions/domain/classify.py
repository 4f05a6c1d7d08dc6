"""Which topic a question is about: word and character n-grams with a linear model, calibrated. Pure.

Three views of a text, each weighted by tf-idf: words and word pairs in order; character n-grams within words; and
unordered pairs of shortened words, which see that "card … arrive" belong together whatever stands between them. On
them one linear support vector machine a topic (Fan et al. 2008, LIBLINEAR). Where vectors of an embeddings server are
at hand, a small network on them (one hidden layer, Adam) has an equal say. Scores become probabilities by a
temperature, fitted on examples held back (Guo et al. 2017, "On Calibration of Modern Neural Networks"); below the
threshold, chosen on the same, the classifier says that it does not know.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from bot.features.questions.domain.tfidf import Floats, PiecesOf, Tfidf, parts_of_words

OUT = ""  # the label of what nobody here answers for
STEM = 5  # letters of a word that are looked at in pairs
LONGEST = 120  # words of a text that are looked at in pairs: their number grows with its square
FOLDS = 5
SOFTNESS = 0.5  # of the margins; the best of 0.3, 0.5, 1, 2 by cross-validation on BANKING77's training part
FEW = 200  # texts, of which every piece counts
ENOUGH = 2000  # examples from which on one part held back says enough
HIDDEN, DECAY, STEPS, BATCH = 512, 0.1, 1250, 200  # of the network: units, L2 penalty, steps and texts a step
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}']+|[?!]")


class TooFew(ValueError):
    """Examples of at least two topics are needed."""


def words_of(text: str) -> list[str]:
    return [str(word) for word in _WORD.findall(text.lower())]


def in_order(text: str) -> list[str]:
    words = ["<", *words_of(text), ">"]
    return words + [f"{one} {two}" for one, two in pairwise(words)]


def in_pairs(text: str) -> list[str]:
    stems = sorted({word[:STEM] for word in words_of(text)[:LONGEST]})
    return stems + [f"{one}&{two}" for number, one in enumerate(stems) for two in stems[number + 1 :]]


# (how a text is taken apart, in how many texts a piece must be)
_VIEWS: tuple[tuple[PiecesOf, int], ...] = (
    (in_order, 1),
    (partial(parts_of_words, shortest=2, longest=5), 2),
    (in_pairs, 2),
)


@dataclass(frozen=True, slots=True)
class ByVectors:
    """A network of one hidden layer on vectors; `coefs` are a column a label."""

    mean: NDArray[np.float32]
    hidden: NDArray[np.float32]
    hidden_biases: NDArray[np.float32]
    coefs: NDArray[np.float32]
    biases: NDArray[np.float32]

    def scores(self, vectors: Floats) -> Floats:
        seen = np.maximum(_centred(vectors, self.mean) @ self.hidden + self.hidden_biases, 0.0)
        return np.asarray(seen @ self.coefs + self.biases)


@dataclass(slots=True)
class Classifier:
    """Trained once, then read-only. `coefs` are a row a piece of text and a column a label. `temperatures`: of the
    scores by words, of those by vectors, and of both together."""

    labels: tuple[str, ...]
    views: tuple[Tfidf, ...]
    coefs: NDArray[np.float32]
    biases: NDArray[np.float32]
    by_vectors: ByVectors | None = None
    temperatures: tuple[float, float, float] = (1.0, 1.0, 1.0)
    threshold: float = 0.0

    @property
    def wants_vectors(self) -> bool:
        return self.by_vectors is not None

    def probabilities(self, texts: Sequence[str], vectors: Floats | None = None) -> Floats:
        """One row a text, one column a label; each row sums to 1."""
        words, both, together = self.temperatures
        by_words = self.scores(texts) / words
        if self.by_vectors is None or vectors is None:
            return np.exp(_logarithms(by_words))
        by_vectors = _logarithms(self.by_vectors.scores(vectors) / both)
        return np.exp(_logarithms((_logarithms(by_words) + by_vectors) / together))

    def ranked(self, text: str, vector: Floats | None = None) -> list[tuple[str, float]]:
        """(label, probability), the most likely first."""
        row = self.probabilities([text], None if vector is None else vector[None, :])[0]
        return [(self.labels[number], float(row[number])) for number in np.argsort(-row)]

    def decide(self, text: str, vector: Floats | None = None) -> str:
        """The label, or OUT if none is likely enough."""
        label, probability = self.ranked(text, vector)[0]
        return label if probability >= self.threshold else OUT

    def telling_words(self, text: str, label: str, but: Container[str] = (), number: int = 3) -> list[str]:
        """The words that speak most for the label, as they stand in the text; none that stands in `but`."""
        row, view = self.labels.index(label), self.views[0]
        said = dict(zip(*view.of(text), strict=True))
        weights = {}
        for word in set(words_of(text)):
            column = view.vocabulary.get(word)
            if column is not None and word.isalnum() and word not in but:
                weights[word] = float(said[column] * self.coefs[column, row])
        best = sorted((word for word in weights if weights[word] > 0), key=lambda word: -weights[word])
        return best[:number]

    def dumps(self) -> bytes:
        """Serialised as numbers and text only, so that loading executes nothing."""
        arrays: dict[str, NDArray[Any]] = {"coefs": self.coefs, "biases": self.biases}
        if self.by_vectors is not None:
            arrays |= {f"by_vectors_{name}": getattr(self.by_vectors, name) for name in _BY_VECTORS}
        vocabularies = []
        for number, view in enumerate(self.views):
            arrays[f"idf{number}"] = np.asarray(view.idf, dtype=np.float32)
            vocabularies.append(sorted(view.vocabulary, key=view.vocabulary.__getitem__))
        facts = {
            "labels": self.labels,
            "temperatures": self.temperatures,
            "threshold": self.threshold,
            "vocabularies": vocabularies,
        }
        arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **arrays)
        return file.getvalue()

    def scores(self, texts: Sequence[str]) -> Floats:
        """By words alone, not yet calibrated. One row a text, one column a label."""
        return np.array([self._scores_of(text) for text in texts], dtype=float)

    def _scores_of(self, text: str) -> Floats:
        total, begin = np.array(self.biases, dtype=float), 0
        for view in self.views:
            columns, weights = view.of(text)
            total += weights @ self.coefs[begin + columns]
            begin += len(view.idf)
        return total


_BY_VECTORS = ("mean", "hidden", "hidden_biases", "coefs", "biases")


def loads(data: bytes) -> Classifier:
    """The classifier that `dumps` serialised. Raises ValueError, KeyError or OSError for anything else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes())
        views = tuple(
            Tfidf(pieces_of, {piece: column for column, piece in enumerate(pieces)}, arrays[f"idf{number}"])
            for number, (pieces, (pieces_of, _least)) in enumerate(zip(facts["vocabularies"], _VIEWS, strict=True))
        )
        has_vectors = "by_vectors_mean" in arrays
        return Classifier(
            labels=tuple(facts["labels"]),
            views=views,
            coefs=arrays["coefs"],
            biases=arrays["biases"],
            by_vectors=ByVectors(*(arrays[f"by_vectors_{name}"] for name in _BY_VECTORS)) if has_vectors else None,
            temperatures=tuple(facts["temperatures"]),
            threshold=facts["threshold"],
        )


def learn(texts: Sequence[str], labels: Sequence[str], vectors: Floats | None = None) -> Classifier:
    """A classifier of these examples; `vectors` are one row a text. Raises TooFew."""
    known = np.asarray(labels)
    if len(set(labels) - {OUT}) < 2:
        raise TooFew("examples of two topics at least are needed")
    every = _fit(texts, known, vectors)
    held, by_words, by_vectors = _held_back(every.labels, texts, known, vectors)
    columns = np.asarray([every.labels.index(label) for label in known[held]])
    words = _temperature(by_words, columns)
    shown = _logarithms(by_words / words)
    if by_vectors is not None:
        both = _temperature(by_vectors, columns)
        summed = shown + _logarithms(by_vectors / both)
        together = _temperature(summed, columns)
        every.temperatures, shown = (words, both, together), _logarithms(summed / together)
    else:
        every.temperatures = (words, 1.0, 1.0)
    every.threshold = _threshold(np.exp(shown), known[held], every.labels)
    return every


def _held_back(
    labels: tuple[str, ...], texts: Sequence[str], known: NDArray[Any], vectors: Floats | None
) -> tuple[list[int], Floats, Floats | None]:
    """(which examples, their scores by words, by vectors), by classifiers that did not see them."""
    kept, by_words, by_vectors = list[int](), list[Floats](), list[Floats]()
    parts = _parts(known)
    if not parts:
        raise TooFew("two examples of a topic at least are needed")
    for train, held in parts:
        part = _fit([texts[n] for n in train], known[train], None if vectors is None else vectors[train])
        columns = [labels.index(label) for label in part.labels]  # a label may be in no other part
        kept += [int(n) for n in held]
        by_words.append(_spread(part.scores([texts[n] for n in held]), columns, len(labels)))
        if part.by_vectors is not None and vectors is not None:
            by_vectors.append(_spread(part.by_vectors.scores(vectors[held]), columns, len(labels)))
    return kept, np.vstack(by_words), np.vstack(by_vectors) if by_vectors else None


def _spread(scores: Floats, columns: Sequence[int], number: int) -> Floats:
    """In `number` columns; what was not scored stands with the lowest."""
    whole = np.repeat(scores.min(axis=1, keepdims=True), number, axis=1)
    whole[:, columns] = scores
    return whole


def _fit(texts: Sequence[str], labels: NDArray[Any], vectors: Floats | None) -> Classifier:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    views = tuple(Tfidf.fitted(texts, pieces_of, least=least if len(texts) > FEW else 1) for pieces_of, least in _VIEWS)
    tables = [view.table(texts) for view in views]
    seen = csr_matrix(hstack([csr_matrix((one.weights, (one.texts, one.columns)), one.shape) for one in tables]))
    names = tuple(str(label) for label in np.unique(labels))
    machine = LinearSVC(C=SOFTNESS, random_state=0).fit(seen, labels)
    coefs, biases = _columns(machine.coef_, machine.intercept_)
    return Classifier(names, views, coefs, biases, None if vectors is None else _fit_vectors(vectors, labels))


def _fit_vectors(vectors: Floats, labels: NDArray[Any]) -> ByVectors:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    mean = np.asarray(vectors.mean(axis=0), dtype=np.float32)
    size = min(BATCH, len(vectors))
    rounds = ceil(STEPS / ceil(len(vectors) / size))
    network = MLPClassifier((HIDDEN,), alpha=DECAY, batch_size=size, max_iter=rounds, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped on purpose: going on learns by heart
        network.fit(_centred(vectors, mean), labels)
    coefs, biases = _columns(network.coefs_[1].T, network.intercepts_[1])
    hidden, hidden_biases = (np.asarray(part[0], dtype=np.float32) for part in (network.coefs_, network.intercepts_))
    return ByVectors(mean, hidden, hidden_biases, coefs, biases)


def _columns(coefs: Floats, biases: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A column a label; of two labels there is one row to start from."""
    if len(coefs) == 1:
        coefs, biases = np.vstack([-coefs, coefs]), np.concatenate([-biases, biases])
    return np.ascontiguousarray(coefs.T, dtype=np.float32), np.asarray(biases, dtype=np.float32)


def _centred(vectors: Floats, mean: NDArray[np.float32]) -> Floats:
    """Away from what all texts have in common (Mu and Viswanath 2018, "All-but-the-Top"), each number about 1."""
    moved = np.asarray(vectors, dtype=float) - mean
    length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return np.asarray(moved / length * np.sqrt(moved.shape[1]))


def _parts(labels: NDArray[Any]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(to learn from, held back): each example once, or a fifth of many."""
    from sklearn.model_selection import KFold, StratifiedKFold

    _names, counts = np.unique(labels, return_counts=True)
    folds = min(FOLDS, len(labels))
    splitter = StratifiedKFold if counts.min() >= folds else KFold
    parts = list(splitter(folds, shuffle=True, random_state=0).split(labels, labels))
    usable = [part for part in parts if len(set(labels[part[0]])) > 1]
    return usable[:1] if len(labels) >= ENOUGH else usable


def _logarithms(scores: Floats) -> Floats:
    """Of the probabilities that the scores stand for."""
    lowered = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True)))


def _temperature(scores: Floats, truth: NDArray[np.int64]) -> float:
    """That which makes the truth (a column a row) most likely."""
    from scipy.optimize import minimize_scalar

    def surprise(logarithm: float) -> float:
        return float(-_logarithms(scores / np.exp(logarithm))[np.arange(len(truth)), truth].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-5.0, 2.0), method="bounded").x))


def _threshold(shown: Floats, truth: NDArray[Any], labels: tuple[str, ...]) -> float:
    """With examples out of scope: the best sum of in-scope accuracy and out-of-scope recall. Without: the highest at
    which no right answer is given up."""
    best, is_right = shown.max(axis=1), np.asarray(labels)[shown.argmax(axis=1)] == truth
    inside = truth != OUT
    if inside.all():
        return float(best[is_right].min()) if is_right.any() else 0.0

    def worth(threshold: float) -> float:
        told = _told(shown, labels, threshold)
        return float((told[inside] == truth[inside]).mean() + (told[~inside] == OUT).mean())

    candidates = np.unique(np.quantile(best, np.linspace(0, 1, 201)))
    return float(max(candidates, key=worth))


def _told(shown: Floats, labels: tuple[str, ...], threshold: float) -> NDArray[Any]:
    told = np.asarray(labels)[shown.argmax(axis=1)]
    return np.where(shown.max(axis=1) >= threshold, told, OUT)
