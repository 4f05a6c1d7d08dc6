"""What is said of the pulse: levels, changes, stages, the weakest area and the whole, each with how sure it is.

Everything here is computed from noisy sums alone, so that it costs no privacy, however often it is done
(post-processing: Dwork and Roth 2014, proposition 2.1). It is computed once, at the close of a round, and is the same
for every reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt

import numpy as np

from bot.core.factors import FACTORS
from bot.features.pulse.domain.noisy_sums import NO_UNIT, NoisySums
from bot.features.pulse.domain.posterior import Gaussian, Key, Posterior, standard_deviation
from storage.pulse.readings import STAGES, Z95, Change, Level, Reading, Whole

FEWEST = 10  # people of a group of which something is said; for sense, not for secrecy
WIDEST = 0.50  # of a 95 % interval that still says something
CHANGE, SURE = 0.05, 0.95  # a change that matters, and how sure one has to be of it
WIDE_CHANGE = 0.30
CLEARLY = 0.80  # probability from which on an area is called the weakest or the strongest
DRAWS = 20_000
FEW_ANSWERED = 0.70  # of those asked, under which it is said what the others could change at most
RATED, RATED_SPREAD = 0.95, 0.05  # of those who answer at all, how many rate a statement that is asked: not released


def read(releases: Mapping[Key, NoisySums], parents: Mapping[int, int | None]) -> Reading:
    """`releases`: at least one, of the cycles to be read together; `parents`: unit → the unit above it, or None."""
    posterior = Posterior(releases)
    told = [key for key in posterior.keys if releases[key].invited >= FEWEST]
    newest = {factor: (factor, cycle) for factor, cycle in told}  # keys come in the order of cycles
    people = releases[told[-1]].people if told else {}
    whole = posterior.organisation()
    organisation = _levels(posterior, whole, newest, releases, people)
    units = {}
    for unit in {*people, *parents} - {NO_UNIT}:
        below = {other: number for other, number in people.items() if unit in line_of(other, parents)}
        if sum(below.values()) >= FEWEST:
            units[unit] = _told(_levels(posterior, posterior.group(below), newest, releases, below))
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
    """Of the organisation, of one statement; None where too few answered to say anything. How many rated it is not
    known, for some skip: most of those who answered, by a spread that counts as uncertainty."""
    number = release.count * RATED
    if number < FEWEST:
        return None
    mean = min(max(0.5 + release.statements[name] / number, 0.0), 1.0)
    left_out = max(0.0, 1 - number / max(release.invited, 1))
    sampled = mean * (1 - mean) / number * left_out
    added = (float(release.noise.statement_sum) / number) ** 2
    skipped = ((mean - 0.5) * RATED_SPREAD / RATED) ** 2
    level = Level(mean, sqrt(sampled + added + skipped))
    return level if _says_something(level) else None


def _levels(
    posterior: Posterior,
    group: Gaussian,
    newest: Mapping[str, Key],
    releases: Mapping[Key, NoisySums],
    people: Mapping[int, int],
) -> dict[str, Level]:
    """Of a group of units; `people`: of each of these."""
    place = {key: index for index, key in enumerate(posterior.keys)}
    found = {}
    for factor in (name for name in FACTORS if name in newest):
        key = newest[factor]
        earlier = [cycle for name, cycle in posterior.keys if name == factor and cycle < key[1]]
        change = _change(group, place[key], place[factor, max(earlier)]) if earlier else None
        now = place[key]
        level = Level(float(group.mean[now]), standard_deviation(float(group.covariance[now, now])), change)
        found[factor] = replace(level, bounds=_bounds(level, releases[key], people))
    return found


def _bounds(level: Level, release: NoisySums, people: Mapping[int, int]) -> tuple[float, float] | None:
    """Where few answered: the share had all others been unfavourable, and had all been favourable (worst-case bounds:
    Manski 1989), each from the end of the 95 % interval of those who answered."""
    asked = sum(release.people.get(unit, 0) for unit in people)
    answered = sum(release.units[unit].count for unit in people if unit in release.units)
    response = min(max(answered / asked, 0.0), 1.0) if asked else 1.0
    if response >= FEW_ANSWERED:
        return None
    low, high = (min(max(level.mean + side * Z95 * level.deviation, 0.0), 1.0) for side in (-1, 1))
    return response * low, response * high + 1 - response


def _change(group: Gaussian, now: int, before: int) -> Change:
    """ "Better" where P(Δ > 5 points) ≥ .95, "worse" the other way round, nothing where Δ is known too badly."""
    mean = float(group.mean[now] - group.mean[before])
    own = group.covariance[now, now] + group.covariance[before, before] - 2 * group.covariance[now, before]
    change = Level(mean, standard_deviation(float(own)))
    if change.probability_above(CHANGE) >= SURE:
        return Change.BETTER
    if 1 - change.probability_above(-CHANGE) >= SURE:
        return Change.WORSE
    return Change.TOO_FEW if change.width > WIDE_CHANGE else Change.NOT_CLEAR


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
    return level.width <= WIDEST


def line_of(unit: int, parents: Mapping[int, int | None]) -> list[int]:
    """The unit, the one above it, and so on."""
    line = [unit]
    while (above := parents.get(line[-1])) is not None and above not in line:
        line.append(above)
    return line
