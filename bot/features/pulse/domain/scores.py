"""Scores of the pulse: pure functions, each with the source of its formula. Shares are numbers from 0 to 1.

`x` is how many of `n` people are favourable; in a factor it may be a sum of shares. Ratings are 1 to 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from bot.core.confidence_intervals import Z80, Interval, wilson

FAVOURABLE = 4  # a rating from which on, turned round where the statement is reverse
DRAWS, RESAMPLES = 20_000, 2_000
BIG_ENOUGH_TO_RESAMPLE = 20  # people
CHANGE = 0.05  # that matters
SURE = 0.90
WIDE = 0.30
FDR = 0.10
STAGES = (0.40, 0.60, 0.75)  # from which shares on a factor is of stage 2, 3, 4
S_RANGE, S_FEW, FEW_UNITS = (5.0, 200.0), 10.0, 8


class ChangeVerdict(StrEnum):
    """Between two cycles, as far as the answers support it."""

    IMPROVED = "improved"
    DECLINED = "declined"
    NO_CLEAR_CHANGE = "no clear change"
    TOO_LITTLE = "too little data"


Numbers = NDArray[np.float64]


def is_favourable(rating: int, reverse: bool) -> bool:
    """Whether a rating of 1–5 is favourable: 4 or 5, after 6 − x where the statement is reverse."""
    return (6 - rating if reverse else rating) >= FAVOURABLE


def worst_case(p: float, response: float) -> Interval:
    """What the share may be if those who did not answer all differ (Manski): [r·p̂, r·p̂ + 1 − r]."""
    return Interval(response * p, response * p + 1 - response)


def resampled(shares: Sequence[float], *, population: float | None, seed: int, resamples: int = RESAMPLES) -> Interval:
    """95 % of the means of `resamples` samples of persons (percentile bootstrap), narrowed towards the mean by
    √((N − n)/(N − 1)) in a unit of N people, as Wilson's is by the effective n."""
    values = np.asarray(shares, dtype=float)
    n, mean = len(values), float(np.mean(values))
    rng = np.random.default_rng(seed)
    kinds, numbers = np.unique(values, return_counts=True)
    means = rng.multinomial(n, numbers / n, size=resamples) @ kinds / n  # as drawing persons, but by their kinds
    low, high = np.quantile(means, [0.025, 0.975])
    narrower = 1.0
    if population is not None and population > 1:
        narrower = sqrt(max(0.0, (population - n) / (population - 1)))
    return Interval(mean + (float(low) - mean) * narrower, mean + (float(high) - mean) * narrower)


def factor_interval(shares: Sequence[float], *, population: float | None, seed: int) -> Interval:
    """Of the mean of persons' shares: the bootstrap from 20 people on, else Wilson with n = persons.

    Where all are of one mind the bootstrap has nothing to draw from, and Wilson's stands in its place.
    """
    if len(shares) < BIG_ENOUGH_TO_RESAMPLE or len(set(shares)) < 2:
        return wilson(sum(shares), len(shares), population=population)
    return resampled(shares, population=population, seed=seed)


@dataclass(frozen=True, slots=True)
class Prior:
    """The prior of a unit: the organisation's mean `m`, worth `s` answers."""

    m: float
    s: float

    def shrunk(self, x: float, n: float) -> float:
        """p̃ = (x + m·s)/(n + s) (beta-binomial empirical Bayes)."""
        return (x + self.m * self.s) / (n + self.s)

    def shrunk_share(self, p: float, n: float) -> float:
        """The same from a share and how many answers it is worth (see `effective_n`)."""
        return p if n == inf else self.shrunk(p * n, n)

    def posterior(self, x: float, n: float) -> tuple[float, float]:
        """The two parameters of the Beta distribution of the unit's share."""
        return self.m * self.s + x, (1 - self.m) * self.s + n - x


def prior_of(groups: Sequence[tuple[float, float]]) -> Prior:
    """From (x, n) of each unit: m pooled, s = (1 − ρ)/ρ within [5, 200], ρ the intraclass correlation from the mean
    squares between and within units (ANOVA estimator); s = 10 with fewer than eight units."""
    groups = [(x, n) for x, n in groups if n > 0]
    total = sum(n for _x, n in groups)
    if total == 0:
        return Prior(0.5, S_FEW)
    m = min(max(sum(x for x, _n in groups) / total, 0.01), 0.99)
    if len(groups) < FEW_UNITS or total <= len(groups):
        return Prior(m, S_FEW)
    between = sum(n * (x / n - m) ** 2 for x, n in groups) / (len(groups) - 1)
    within = sum(n * (x / n) * (1 - x / n) for x, n in groups) / (total - len(groups))
    typical = (total - sum(n * n for _x, n in groups) / total) / (len(groups) - 1)
    spread = between + (typical - 1) * within
    rho = (between - within) / spread if spread > 0 else 0.0
    s = S_RANGE[1] if rho <= 0 else (1 - rho) / rho
    return Prior(m, min(max(s, S_RANGE[0]), S_RANGE[1]))


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """Of a share since an earlier cycle: the verdict, and the p-value of no change for judging many at once."""

    verdict: str
    p_value: float


def change(now: tuple[float, float], before: tuple[float, float], *, seed: int, draws: int = DRAWS) -> ScoreChange:
    """Verdict from draws of both posteriors (Beta parameters): "improved" if P(Δ > 5 points) ≥ .90, "declined" if
    P(Δ < −5 points) ≥ .90, "too little data" if 95 % of Δ are wider than 30 points, else "no clear change"."""
    rng = np.random.default_rng(seed)
    delta = rng.beta(*now, size=draws) - rng.beta(*before, size=draws)
    above = float(np.mean(delta > 0))
    p_value = min(1.0, 2 * min(above, 1 - above) + 1 / draws)
    if np.mean(delta > CHANGE) >= SURE:
        return ScoreChange(ChangeVerdict.IMPROVED, p_value)
    if np.mean(delta < -CHANGE) >= SURE:
        return ScoreChange(ChangeVerdict.DECLINED, p_value)
    low, high = np.quantile(delta, [0.025, 0.975])
    return ScoreChange(ChangeVerdict.TOO_LITTLE if high - low > WIDE else ChangeVerdict.NO_CLEAR_CHANGE, p_value)


def corrected_for_many(changes: Sequence[ScoreChange], q: float = FDR) -> list[str]:
    """The verdicts that stand when many are read side by side (Benjamini and Hochberg 1995, false discovery rate q)."""
    order = sorted(range(len(changes)), key=lambda index: changes[index].p_value)
    last = -1
    for rank, index in enumerate(order):
        if changes[index].p_value <= q * (rank + 1) / len(changes):
            last = rank
    stands = set(order[: last + 1])
    return [
        item.verdict
        if index in stands or item.verdict not in (ChangeVerdict.IMPROVED, ChangeVerdict.DECLINED)
        else ChangeVerdict.NO_CLEAR_CHANGE
        for index, item in enumerate(changes)
    ]


def item_rest(items: Sequence[Sequence[int | None]], index: int) -> float | None:
    """Correlation of statement `index` with the mean of the others, over persons (rows) who rated it and another.

    Ratings are already turned round where reverse. None with fewer than 30 such persons, or without variance.
    """
    pairs = []
    for row in items:
        own, rest = row[index], [value for place, value in enumerate(row) if place != index and value is not None]
        if own is not None and rest:
            pairs.append((float(own), sum(rest) / len(rest)))
    if len(pairs) < 30:
        return None
    own_values, rest_values = np.array(pairs).T
    if np.std(own_values) == 0 or np.std(rest_values) == 0:
        return None
    return float(np.corrcoef(own_values, rest_values)[0, 1])


def stage_of(share: float) -> int:
    """Stage 1 under 40 %, 2 under 60 %, 3 under 75 %, 4 above."""
    return 1 + sum(share >= bound for bound in STAGES)


def stage(p: float, n: float, *, population: float | None = None) -> int:
    """The stage that the lower 80 % bound is in: one is not credited with what may be luck."""
    return stage_of(wilson(p * n, n, population=population, z=Z80).low)
