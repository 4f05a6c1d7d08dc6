"""The back-test: how well an organisation's own questions would have been routed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from time import perf_counter

import numpy as np

from bot.features.questions.domain.classify import OUT, Classifier, learn
from bot.features.questions.domain.tfidf import Floats
from content.table_file import separator_of

LONGEST_LINE = 100_000  # characters


class BadLine(ValueError):
    """A line that is no example; the message says which and what to write instead."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    label: str  # OUT: out of scope


@dataclass(frozen=True, slots=True)
class Report:
    """Shares are of 1; None where there was nothing to judge by. Milliseconds without the embeddings server's."""

    in_scope_accuracy: float | None
    out_of_scope_recall: float | None
    macro_f1: float | None
    ms_per_question: float
    train_seconds: float
    threshold: float
    examples: int
    questions: int


def read(lines: Iterable[str]) -> list[Labelled]:
    """JSON lines of `{"text": …, "label": … | null}`. Raises BadLine."""
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found.append(_labelled(number, line))
    return found


def read_table(lines: Iterable[str]) -> list[Labelled]:
    """The same from CSV with a heading: the columns text and label (or category); empty is out of scope.
    Raises BadLine."""
    rest = iter(lines)
    heading = next(rest, "")
    found = []
    for number, row in enumerate(csv.DictReader(chain([heading], rest), delimiter=separator_of(heading)), start=2):
        text, label = row.get("text"), row.get("label", row.get("category"))
        if text is None or label is None:
            raise BadLine(f"Line {number}: there must be the columns text and label.")
        if not text.strip():
            raise BadLine(f"Line {number}: there is no text.")
        found.append(Labelled(text.strip(), label.strip() or OUT))
    return found


def _labelled(number: int, line: str) -> Labelled:
    wanted = f'Line {number}: write {{"text": "…", "label": "…"}}, or null as the label of what is out of scope.'
    try:
        row = json.loads(line) if len(line) <= LONGEST_LINE else None
    except (ValueError, RecursionError) as cause:
        raise BadLine(wanted) from cause
    if not isinstance(row, dict) or "label" not in row:
        raise BadLine(wanted)
    text, label = row.get("text"), row["label"]
    if not isinstance(text, str) or not text.strip() or not (label is None or (isinstance(label, str) and label)):
        raise BadLine(wanted)
    return Labelled(text.strip(), OUT if label is None else label)


def evaluate(
    train: Sequence[Labelled],
    test: Sequence[Labelled],
    *,
    embed: Callable[[Sequence[str]], Floats] | None = None,
    each: Callable[[], object] = lambda: None,
) -> Report:
    """Learn from `train`, decide each of `test`, one at a time as they come in chat. Raises TooFew."""
    texts, labels = [row.text for row in train], [row.label for row in train]
    vectors = embed(texts) if embed else None
    asked = embed([row.text for row in test]) if embed else None
    started = perf_counter()
    classifier = learn(texts, labels, vectors)
    trained = perf_counter() - started
    told = list[str]()
    started = perf_counter()
    for number, row in enumerate(test):
        told.append(classifier.decide(row.text, None if asked is None else asked[number]))
        each()
    took = perf_counter() - started
    return _report(classifier, test, told, took, trained, len(train))


def _report(
    classifier: Classifier, test: Sequence[Labelled], told: Sequence[str], took: float, trained: float, examples: int
) -> Report:
    pairs = [(row.label, said) for row, said in zip(test, told, strict=True)]
    inside = [said == label for label, said in pairs if label != OUT]
    outside = [said == OUT for label, said in pairs if label == OUT]
    labels = sorted({label for label, _said in pairs if label != OUT})
    return Report(
        in_scope_accuracy=_share(inside),
        out_of_scope_recall=_share(outside),
        macro_f1=round(float(np.mean([_f1(pairs, label) for label in labels])), 4) if labels else None,
        ms_per_question=round(took * 1000 / max(1, len(test)), 3),
        train_seconds=round(trained, 2),
        threshold=round(classifier.threshold, 4),
        examples=examples,
        questions=len(test),
    )


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def _f1(pairs: Sequence[tuple[str, str]], label: str) -> float:
    """2·tp / (2·tp + fp + fn)."""
    both = sum(truth == said == label for truth, said in pairs)
    either = sum((truth == label) + (said == label) for truth, said in pairs)
    return 2 * both / either if either else 0.0
