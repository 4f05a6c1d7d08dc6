"""The slots of the week in which a person is nudged: fixed in a small organisation, learned in a large one.

Thompson sampling over six slots (Tuesday to Thursday, morning or afternoon): a slot's chance of being acted on within a
day is Beta(κμ + decayed successes, κ(1−μ) + decayed failures), μ the mean of the person's unit in the slot. "Not for
me" is a success, too: rewarding shares alone would reward pressure. Source: Russo et al., "A
Tutorial on Thompson Sampling" (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.rules import Rules
from bot.core.working_time import DAY_NAMES, at_hour, zone_of
from storage.sharing.plans import SlotTrial

KAPPA = 10.0
DECAY = 0.98  # a week
EXPLORE = 0.1  # of the choices, uniformly
PRIOR = 0.5  # μ of a slot in which the unit has no record yet
DRAWS = 32  # by which the probability of a choice is estimated


class Timing(StrEnum):
    """How a nudge's slot was chosen."""

    FIXED = "fixed"
    LEARNED = "learned"
    EXPLORED = "explored"
    FIRST = "first"


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """Half a day of the week: `day` 0 is Monday; local hours, the last excluded. There is one object of each."""

    day: int
    hours: tuple[int, int]
    name: str

    def window(self, monday: date, time_zone: str) -> tuple[datetime, datetime]:
        """Its moments (UTC) in that week."""
        return _window(self, monday, time_zone)


@lru_cache(maxsize=8192)
def _window(slot: Slot, monday: date, time_zone: str) -> tuple[datetime, datetime]:
    zone, day = zone_of(time_zone), monday + timedelta(days=slot.day)
    start = at_hour(day, slot.hours[0], zone)
    last = at_hour(day, slot.hours[1], zone)
    return start.astimezone(UTC), last.astimezone(UTC)


def slots_of_week(rules: Rules) -> tuple[Slot, ...]:
    return _slots(rules.hours, rules.nudge_days)


@lru_cache(maxsize=64)
def _slots(hours: tuple[int, int], days: tuple[int, ...]) -> tuple[Slot, ...]:
    start, end = hours
    noon = (start + end) // 2
    halves = [("morning", (start, noon)), ("afternoon", (noon, end))]
    return tuple(
        Slot(day, (first, last), f"{DAY_NAMES[day]}-{half}")
        for day in days
        for half, (first, last) in halves
        if first < last
    )


@dataclass(frozen=True, slots=True)
class SlotChoice:
    slots: tuple[str, ...]
    policy: str
    probability: float  # of the first slot, given what was allowed


def fixed(allowed: Sequence[Slot], wanted: int, gap_days: float) -> SlotChoice:
    """The earliest slots that keep the gap."""
    return SlotChoice(_spaced(tuple(allowed), wanted, gap_days), Timing.FIXED, 1.0)


def learned(
    allowed: Sequence[tuple[Slot, ...]],
    beliefs: NDArray[Any],
    slots: Sequence[Slot],
    wanted: int,
    gap_days: float,
    random: np.random.Generator,
) -> list[SlotChoice]:
    """For each person, slots drawn from what is believed of them; `beliefs` has a shape of (people, slots, 2)."""
    place = {slot.name: index for index, slot in enumerate(slots)}
    choices = [SlotChoice((), Timing.LEARNED, 1.0)] * len(allowed)
    alike: dict[tuple[Slot, ...], list[int]] = {}  # people by what is allowed: few kinds, of many people each
    for row, open_slots in enumerate(allowed):
        alike.setdefault(open_slots, []).append(row)
    for open_slots, rows in alike.items():
        if not open_slots:
            continue
        believed = beliefs[np.ix_(rows, [place[slot.name] for slot in open_slots])]
        drawn = random.beta(believed[..., 0], believed[..., 1])
        explores = np.less(random.random(len(rows)), EXPLORE)
        orders = np.argsort(np.where(explores[:, None], random.random(drawn.shape), -drawn), axis=1)
        won = _chances(believed, random)[np.arange(len(rows)), orders[:, 0]]
        probabilities = EXPLORE / len(open_slots) + (1 - EXPLORE) * won
        for row, order, explored, probability in zip(
            rows, orders.tolist(), explores.tolist(), probabilities.tolist(), strict=True
        ):
            chosen = _spaced(tuple(open_slots[index] for index in order), wanted, gap_days)
            choices[row] = SlotChoice(chosen, Timing.EXPLORED if explored else Timing.LEARNED, probability)
    return choices


def _chances(beliefs: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    """How often each slot would be drawn first, by person: (people, slots). The same is believed of many."""
    people, number = beliefs.shape[:2]
    kinds, kind_of = np.unique(beliefs.reshape(people, 2 * number), axis=0, return_inverse=True)
    alpha_beta = kinds.reshape(len(kinds), number, 2)
    first = random.beta(alpha_beta[..., 0], alpha_beta[..., 1], size=(DRAWS, len(kinds), number)).argmax(axis=2)
    chances: NDArray[Any] = (first[..., None] == np.arange(number)).mean(axis=0)
    return chances[kind_of.reshape(-1)]


def beliefs_of(
    people: Sequence[tuple[int, int | None]],
    slots: Sequence[Slot],
    trials: Sequence[SlotTrial],
    means: Mapping[tuple[int | None, str], tuple[int, int]],
    now: datetime,
) -> NDArray[Any]:
    """The Beta parameters of each (employee, unit) and slot: an array of shape (people, slots, 2)."""
    of_unit = {unit: [_mean(means, unit, slot.name) for slot in slots] for unit in {unit for _person, unit in people}}
    prior = np.array([of_unit[unit] for _person, unit in people])
    beliefs = np.stack([KAPPA * prior, KAPPA * (1 - prior)], axis=2)
    row_of = {person: row for row, (person, _unit) in enumerate(people)}
    place = {slot.name: index for index, slot in enumerate(slots)}
    for trial in trials:
        if trial.employee_id in row_of and trial.slot in place:
            weeks = (now - trial.sent_at) / timedelta(days=7)
            beliefs[row_of[trial.employee_id], place[trial.slot], 0 if trial.acted else 1] += DECAY**weeks
    return beliefs


def _mean(means: Mapping[tuple[int | None, str], tuple[int, int]], unit: int | None, slot: str) -> float:
    """The unit's share of nudges acted on in the slot, shrunk a little: never 0 or 1."""
    acted, sent = means.get((unit, slot), (0, 0))
    return (acted + 2 * PRIOR) / (sent + 2)


@lru_cache(maxsize=4096)
def _spaced(ranked: tuple[Slot, ...], wanted: int, gap_days: float) -> tuple[str, ...]:
    """The first of `ranked` that are `gap_days` apart, in the order of the week."""
    chosen: list[Slot] = []
    for slot in ranked:
        if len(chosen) < wanted and all(abs(slot.day - other.day) >= gap_days for other in chosen):
            chosen.append(slot)
    chosen.sort(key=lambda slot: (slot.day, slot.hours))
    return tuple(slot.name for slot in chosen)
