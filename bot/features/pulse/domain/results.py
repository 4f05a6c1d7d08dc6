"""What was released and what was read of it, as stored with each round; the only way to figures of the pulse."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.domain.noisy_sums import NoisySums
from bot.features.pulse.domain.posterior import Key
from bot.features.pulse.domain.reading import Reading, read
from storage.database import Session
from storage.pulse import rounds
from storage.pulse.rounds import Round

CYCLES = 4  # that are read together: about a year
_READING = TypeAdapter(Reading)


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
    return read(releases, {unit: parent for unit, parent, _name in row.tree})


def to_json(reading: Reading) -> dict[str, Any]:
    return _READING.dump_python(reading, mode="json")  # type: ignore[no-any-return]


def reading_of(row: Round | None) -> Reading | None:
    """What was said at its close; None while it is open, or where nothing could be."""
    return _READING.validate_python(row.reading) if row is not None and row.reading is not None else None


def newest_reading(session: Session) -> Reading | None:
    return reading_of(rounds.newest_read(session))


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
