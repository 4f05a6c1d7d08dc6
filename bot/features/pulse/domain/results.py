"""From what was released of all rounds to what is said at the close of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.domain.noisy_sums import NoisySums
from bot.features.pulse.domain.posterior import Key
from bot.features.pulse.domain.reading import line_of, read
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
            if other.id <= row.id and (sums := sums_of(other)) is not None:
                releases[other.factor, -number] = sums
        before = rounds.cycle_before(session, cycle)
        if before is None:
            break
        cycle = before.id
    parents = {unit: parent for unit, parent, _name in row.tree}
    answered = _answered(row, parents)
    return replace(
        read(releases, parents), units_answered={unit: answered[unit] for unit in parents if unit in answered}
    )


def sums_of(row: Round) -> NoisySums | None:
    return noisy_sums.from_json(row.release) if row.release is not None else None


def response(row: Round) -> tuple[int, int] | None:
    """(about how many answered, how many were invited) in the organisation; None where nothing was released. The first
    has noise of a few people, and is never more than the second."""
    sums = sums_of(row)
    return _counted(sums.count, sums.invited) if sums is not None and sums.invited else None


def _answered(row: Round, parents: Mapping[int, int | None]) -> dict[int, tuple[int, int]]:
    """The same by unit, each with those under it."""
    counts, invited = defaultdict[int, float](float), defaultdict[int, int](int)
    if (sums := sums_of(row)) is not None:
        for one, unit in sums.units.items():
            for above in line_of(one, parents):
                counts[above] += unit.count
                invited[above] += sums.people[one]
    return {unit: _counted(counts[unit], number) for unit, number in invited.items() if number and unit in parents}


def _counted(count: float, invited: int) -> tuple[int, int]:
    return min(max(round(count), 0), invited), invited
