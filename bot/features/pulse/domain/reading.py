"""What is said of the pulse: levels, changes, stages, the weakest area and the whole, each with how sure it is.

Everything here is computed from noisy sums alone, so that it costs no privacy, however often it is done
(post-processing: Dwork and Roth 2014, proposition 2.1). It is computed once, at the close of a round, and is the same
for every reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import erf, sqrt

import numpy as np

from bot.core.factors import FACTORS
from bot.features.pulse.domain.noisy_sums import NO_UNIT, NoisySums
from bot.features.pulse.domain.posterior import Gaussian, Key, Posterior, standard_deviation

STAGES = (0.40, 0.60, 0.75)  # shares from which on an area is of stage 2, 3, 4
FEWEST = 10  # people of a group of which something is said; for sense, not for secrecy
WIDEST = 0.50  # of a 95 % interval that still says something
CHANGE, SURE = 0.05, 0.95  # a change that matters, and how sure one has to be of it
WIDE_CHANGE = 0.30
CLEARLY = 0.80  # probability from which on an area is called the weakest or the strongest
Z95 = 1.959964
DRAWS = 20_000


class Change(StrEnum):
    """Since the cycle before."""

    BETTER = "better"
    WORSE = "worse"
    NOT_CLEAR = "no clear change"
    TOO_FEW = "too few to say"


@dataclass(frozen=True, slots=True)
class Level:
    """What is believed of the share of favourable answers: normal, with that mean and standard deviation."""

    mean: float
    deviation: float
    change: Change | None = None  # None: nothing to compare with

    @property
    def value(self) -> int:
        """In whole per cent."""
        return _percent(self.mean)

    @property
    def low(self) -> int:
        """Between this and `high` it very likely is: 95 of 100 such intervals hold the truth."""
        return _percent(self.mean - Z95 * self.deviation)

    @property
    def high(self) -> int:
        return _percent(self.mean + Z95 * self.deviation)

    @property
    def stage(self) -> int:
        """1 to 4: the most likely one."""
        return max(range(1, 5), key=self.probability_of_stage)

    def probability_of_stage(self, stage: int) -> float:
        borders = (-1e9, *STAGES, 1e9)
        return self.probability_above(borders[stage - 1]) - self.probability_above(borders[stage])

    def probability_above(self, share: float) -> float:
        if self.deviation <= 0:
            return float(self.mean > share)
        return 0.5 * (1 + erf((self.mean - share) / self.deviation / sqrt(2)))


@dataclass(frozen=True, slots=True)
class Whole:
    """The organisation's whole is its lowest area: the distribution of the minimum, never the minimum of estimates."""

    stages: tuple[float, float, float, float]  # probability of each
    weakest: str | None  # the area that is so with probability CLEARLY or more
    strongest: str | None

    @property
    def stage(self) -> int:
        return max(range(4), key=lambda index: self.stages[index]) + 1


@dataclass(frozen=True, slots=True)
class Reading:
    """By area; an area that is missing wasn't asked yet, or too few people are there to say anything."""

    organisation: dict[str, Level]
    units: dict[int, dict[str, Level]]
    statements: dict[str, Level]
    whole: Whole | None  # None until every area was asked


def read(releases: Mapping[Key, NoisySums], parents: Mapping[int, int | None]) -> Reading:
    """`releases`: at least one, of the cycles to be read together; `parents`: unit → the unit above it, or None."""
    posterior = Posterior(releases)
    told = [key for key in posterior.keys if releases[key].invited >= FEWEST]
    newest = {factor: (factor, cycle) for factor, cycle in told}  # keys come in the order of cycles
    people = releases[told[-1]].people if told else {}
    whole = posterior.organisation()
    organisation = _levels(posterior, whole, newest)
    units = {}
    for unit in {*people, *parents} - {NO_UNIT}:
        below = {other: number for other, number in people.items() if unit in _line(other, parents)}
        if sum(below.values()) >= FEWEST:
            units[unit] = _told(_levels(posterior, posterior.group(below), newest))
    statements = {
        name: level
        for key in newest.values()
        for name in releases[key].statements
        if (level := statement_level(releases[key], name)) is not None
    }
    is_known = set(newest) == set(FACTORS)
    joint = _whole(posterior, whole, newest) if is_known else None
    return Reading(_told(organisation), units, statements, joint)


def statement_level(release: NoisySums, name: str) -> Level | None:
    """Of the organisation, of one statement; None where too few answered to say anything."""
    number = release.count
    if number < FEWEST:
        return None
    mean = min(max(0.5 + release.statements[name] / number, 0.0), 1.0)
    left_out = max(0.0, 1 - number / max(release.invited, 1))
    sampled = mean * (1 - mean) / number * left_out
    added = (float(release.noise.statement_sum) / number) ** 2
    level = Level(mean, sqrt(sampled + added))
    return level if _says_something(level) else None


def _levels(posterior: Posterior, group: Gaussian, newest: Mapping[str, Key]) -> dict[str, Level]:
    place = {key: index for index, key in enumerate(posterior.keys)}
    found = {}
    for factor in (name for name in FACTORS if name in newest):
        key = newest[factor]
        earlier = [cycle for name, cycle in posterior.keys if name == factor and cycle < key[1]]
        change = _change(group, place[key], place[factor, max(earlier)]) if earlier else None
        now = place[key]
        found[factor] = Level(float(group.mean[now]), standard_deviation(float(group.covariance[now, now])), change)
    return found


def _change(group: Gaussian, now: int, before: int) -> Change:
    """ "Better" where P(Δ > 5 points) ≥ .95, "worse" the other way round, nothing where Δ is known too badly."""
    mean = float(group.mean[now] - group.mean[before])
    own = group.covariance[now, now] + group.covariance[before, before] - 2 * group.covariance[now, before]
    change = Level(mean, standard_deviation(float(own)))
    if change.probability_above(CHANGE) >= SURE:
        return Change.BETTER
    if 1 - change.probability_above(-CHANGE) >= SURE:
        return Change.WORSE
    return Change.TOO_FEW if 2 * Z95 * change.deviation > WIDE_CHANGE else Change.NOT_CLEAR


def _whole(posterior: Posterior, group: Gaussian, newest: Mapping[str, Key]) -> Whole:
    """By draws from the joint distribution of all areas. The draws are of what is believed, not of any noise."""
    places = [posterior.keys.index(newest[factor]) for factor in FACTORS]
    drawn = np.random.default_rng(0).multivariate_normal(
        group.mean[places], group.covariance[np.ix_(places, places)], size=DRAWS, method="eigh"
    )
    stage = np.searchsorted(STAGES, drawn.min(axis=1), side="right")
    stages = np.bincount(stage, minlength=4) / DRAWS
    return Whole(
        (float(stages[0]), float(stages[1]), float(stages[2]), float(stages[3])),
        _clearly(drawn.argmin(axis=1)),
        _clearly(drawn.argmax(axis=1)),
    )


def _clearly(places: np.ndarray) -> str | None:
    numbers = np.bincount(places, minlength=len(FACTORS))
    likeliest = int(numbers.argmax())
    return FACTORS[likeliest] if numbers[likeliest] >= CLEARLY * len(places) else None


def _told(levels: Mapping[str, Level]) -> dict[str, Level]:
    return {factor: level for factor, level in levels.items() if _says_something(level)}


def _says_something(level: Level) -> bool:
    return 2 * Z95 * level.deviation <= WIDEST


def _line(unit: int, parents: Mapping[int, int | None]) -> list[int]:
    """The unit, the one above it, and so on."""
    line = [unit]
    while (above := parents.get(line[-1])) is not None and above not in line:
        line.append(above)
    return line


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
