"""From what was released of all rounds to what is said at the close of one."""

from __future__ import annotations

from dataclasses import replace

from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.domain.noisy_sums import NoisySums
from bot.features.pulse.domain.posterior import Key
from bot.features.pulse.domain.reading import read
from storage.database import Session
from storage.pulse import rounds
from storage.pulse.readings import Reading
from storage.pulse.rounds import Round

CYCLES = 4  # that are read together: about a year


def read_at(session: Session, row: Round) -> Reading:
    """All that can be said at the close of that round, from its cycle and the ones before."""
    releases: dict[Key, NoisySums] = {}
    cycle = row.cycle_id
    for number in range(CYCLES):
        for other in rounds.of_cycle(session, cycle):
            if other.release is not None and other.id <= row.id:
                releases[other.factor, -number] = noisy_sums.from_json(other.release)
        before = rounds.cycle_before(session, cycle)
        if before is None:
            break
        cycle = before.id
    reading = read(releases, {unit: parent for unit, parent, _name in row.tree})
    answered = {unit: counted for unit, _parent, _name in row.tree if (counted := response(row, unit)) is not None}
    return replace(reading, units_answered=answered)


def sums_of(row: Round) -> NoisySums | None:
    return noisy_sums.from_json(row.release) if row.release is not None else None


def response(row: Round, unit: int | None = None) -> tuple[int, int] | None:
    """(about how many answered, how many were invited) in the organisation or a unit with those under it; None where
    nothing was released of it. The first has noise of a few people, and is never more than the second."""
    sums = sums_of(row)
    if sums is None:
        return None
    parents = {one: parent for one, parent, _name in row.tree}
    units = [one for one in sums.units if unit is None or _is_within(one, unit, parents)]
    invited = sum(sums.people[one] for one in units)
    if not invited:
        return None
    return min(max(round(sum(sums.units[one].count for one in units)), 0), invited), invited


def _is_within(unit: int, other: int, parents: dict[int, int | None]) -> bool:
    seen = set[int]()
    at: int | None = unit
    while at is not None and at not in seen:
        if at == other:
            return True
        seen.add(at)
        at = parents.get(at)
    return False
