"""Whether a count is out of the ordinary: a prediction interval from the counts before it.

Counts of people and their doings vary more than Poisson's law has it, so the spread is taken from the history, and
from Poisson's law where the history is calmer than chance allows: mean ± t · √(max(s², mean) · (1 + 1/n)), with
Student's t of n − 1 degrees of freedom (Hahn and Meeker 1991, prediction of one future observation).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile
from math import ceil, floor, sqrt
from statistics import fmean, variance

FEWEST = 4  # counts before it, of which one can say what is usual
SURE = 0.9  # in how many of ten ordinary periods the count is within


class Ordinary(StrEnum):
    """What can be said of a count beside its history."""

    USUAL = "usual"
    MORE = "more"
    FEWER = "fewer"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Usual:
    """`low` and `high`, both included, are whole; None where there is too little history."""

    low: int | None
    high: int | None

    @property
    def band(self) -> tuple[float, float] | None:
        """As a chart draws it."""
        return None if self.low is None or self.high is None else (float(self.low), float(self.high))

    def verdict(self, value: float) -> Ordinary:
        if self.low is None or self.high is None:
            return Ordinary.TOO_EARLY
        return Ordinary.FEWER if value < self.low else Ordinary.MORE if value > self.high else Ordinary.USUAL


def since_first(counts: Iterable[int]) -> list[int]:
    """Without the zeros before the first that is none: then there was nothing to count yet."""
    return list(dropwhile(lambda count: not count, counts))


def usual(before: Sequence[float]) -> Usual:
    """From the counts of equally long periods since counting began, the oldest first: a zero among them counts."""
    if len(before) < FEWEST:
        return Usual(None, None)
    from scipy.special import stdtrit  # a third of a second: only for those who compute

    mean = fmean(before)
    spread = sqrt(max(variance(before), mean) * (1 + 1 / len(before)))
    half = float(stdtrit(len(before) - 1, (1 + SURE) / 2)) * spread
    return Usual(max(0, floor(mean - half)), ceil(mean + half))
