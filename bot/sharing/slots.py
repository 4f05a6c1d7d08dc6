"""In which slots of the week a person is nudged: fixed in a small organisation, learned in a large one.

Thompson sampling over six slots (Tuesday to Thursday, morning or afternoon): a slot's chance of being acted on within a
day is Beta(κμ + decayed successes, κ(1−μ) + decayed failures), μ the mean of the person's unit in the slot. "Not for
me" is a success, too: rewarding shares alone would reward pressure. Source: ../shared/insight.md, "Nudges"; Russo et
al., "A Tutorial on Thompson Sampling" (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.calendar import DAY_NAMES, zone_of
from bot.turn import Rules
from storage.plans import SlotTrial

KAPPA = 10.0
DECAY = 0.98  # a week
EXPLORE = 0.1  # of the choices, uniformly
PRIOR = 0.5  # μ of a slot in which the unit has no record yet
DRAWS = 32  # by which the probability of a choice is estimated
FIXED, LEARNED, EXPLORED, FIRST = "fixed", "learned", "explored", "first"


@dataclass(frozen=True, slots=True)
class Slot:
    """Half a day of the week: `day` 0 is Monday, local hours, the last excluded."""

    day: int
    half: str
    hours: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{DAY_NAMES[self.day]}-{self.half}"

    def window(self, monday: date, time_zone: str) -> tuple[datetime, datetime]:
        """Its moments (UTC) in that week."""
        return _window(self, monday, time_zone)


@lru_cache(maxsize=8192)
def _window(slot: Slot, monday: date, time_zone: str) -> tuple[datetime, datetime]:
    zone, day = zone_of(time_zone), monday + timedelta(days=slot.day)
    start = datetime.combine(day, time(slot.hours[0]), zone)
    last = datetime.combine(day + timedelta(days=slot.hours[1] // 24), time(slot.hours[1] % 24), zone)
    return start.astimezone(UTC), last.astimezone(UTC)


def slots_of_week(rules: Rules) -> list[Slot]:
    start, end = rules.hours
    noon = (start + end) // 2
    halves = [("morning", (start, noon)), ("afternoon", (noon, end))]
    return [Slot(day, half, hours) for day in rules.nudge_days for half, hours in halves if hours[0] < hours[1]]


@dataclass(frozen=True, slots=True)
class Choice:
    slots: tuple[str, ...]
    policy: str
    probability: float  # of the first slot, given what was allowed


def fixed(allowed: Sequence[Slot], wanted: int, gap_days: float) -> Choice:
    """The earliest slots that keep the gap."""
    return Choice(_spaced(list(allowed), wanted, gap_days), FIXED, 1.0)


def learned(
    allowed: Sequence[Sequence[Slot]],
    beliefs: NDArray[Any],
    slots: Sequence[Slot],
    wanted: int,
    gap_days: float,
    random: np.random.Generator,
) -> list[Choice]:
    """For each person, slots drawn from what is believed of them; `beliefs` has a shape of (people, slots, 2)."""
    people, number = beliefs.shape[:2]
    place = {slot.name: index for index, slot in enumerate(slots)}
    mask = np.zeros((people, number), dtype=bool)
    for row, names in enumerate(allowed):
        mask[row, [place[slot.name] for slot in names]] = True
    drawn = random.beta(beliefs[..., 0], beliefs[..., 1], size=(DRAWS, people, number))
    drawn[:, ~mask] = -1.0
    best = drawn.argmax(axis=2)
    explores = np.less(random.random(people), EXPLORE)
    choices = []
    for row, names in enumerate(allowed):
        order = np.argsort(-random.random(number) if explores[row] else -drawn[0, row])
        ranked = [slots[index] for index in order if mask[row, index]]
        chosen = _spaced(ranked, wanted, gap_days)
        if not chosen:
            choices.append(Choice((), LEARNED, 1.0))
            continue
        won = float((best[:, row] == place[ranked[0].name]).mean())
        probability = EXPLORE / len(names) + (1 - EXPLORE) * won
        choices.append(Choice(chosen, EXPLORED if explores[row] else LEARNED, probability))
    return choices


def beliefs_of(
    people: Sequence[tuple[int, int | None]],
    slots: Sequence[Slot],
    trials: Sequence[SlotTrial],
    means: Mapping[tuple[int | None, str], tuple[int, int]],
    now: datetime,
) -> NDArray[Any]:
    """The Beta parameters of each (employee, unit) and slot: an array of shape (people, slots, 2)."""
    prior = np.array([[_mean(means, unit, slot.name) for slot in slots] for _person, unit in people])
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


def _spaced(ranked: Sequence[Slot], wanted: int, gap_days: float) -> tuple[str, ...]:
    """The first of `ranked` that are `gap_days` apart, in the order of the week."""
    chosen: list[Slot] = []
    for slot in ranked:
        if len(chosen) < wanted and all(abs(slot.day - other.day) >= gap_days for other in chosen):
            chosen.append(slot)
    chosen.sort(key=lambda slot: (slot.day, slot.hours))
    return tuple(slot.name for slot in chosen)
