"""Figures of the pulse as rows, for files and other programs: the same as on cards; no others are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.pulse.domain.figures import figure, stage_name, verdict
from storage.database import Session
from storage.pulse import readings, rounds, statements
from storage.pulse.readings import Level, Reading
from storage.pulse.rounds import Round

COLUMNS = (
    "cycle",
    "round",
    "unit",
    "factor",
    "statement",
    "favourable",
    "percent",
    "low",
    "high",
    "stage",
    "since_last_cycle",
    "lowest_possible",
    "highest_possible",
)
WHOLE = "organisation"


def results(session: Session, words: Words, *, unit: str = "", round_id: int | None = None) -> list[dict[str, Any]]:
    """What was read at the close of the newest round, or of that one; of one unit or all.

    A unit that is missing has too few people to say anything. Raises LookupError for a round or unit that never was.
    """
    read = [row for row in rounds.listed(session) if row.reading is not None]
    if round_id is not None:
        read = [row for row in read if row.id == round_id]
        if not read:
            raise LookupError(f"There is no closed round {round_id} with a result.")
    if not read:
        return []
    row = read[0]
    names = {int(number): str(name) for number, _parent, name in row.tree}
    if unit and unit not in (WHOLE, *names.values()):
        raise LookupError(f"There is no unit {unit!r}: it is one of {', '.join([WHOLE, *sorted(names.values())])}.")
    reading = readings.of_round(row)
    lines = _lines(session, row, reading, names, words) if reading else ()
    return [line for line in lines if unit in ("", line["unit"])]


def _lines(
    session: Session, row: Round, reading: Reading, names: dict[int, str], words: Words
) -> Iterable[dict[str, Any]]:
    factors = factor_names(words)
    for factor, level in reading.organisation.items():
        yield _line(row, WHOLE, factors[factor], "", level, words)
    for name, level in reading.statements.items():
        item = statements.statement(session, name)
        if item is not None:
            yield _line(row, WHOLE, factors[item.factor], item.wording.text(words.language), level, words)
    for unit, levels in sorted(reading.units.items()):
        for factor, level in levels.items():
            yield _line(row, names.get(unit, str(unit)), factors[factor], "", level, words)


def _line(row: Round, unit: str, factor: str, statement: str, level: Level, words: Words) -> dict[str, Any]:
    return {
        "cycle": row.cycle_id,
        "round": row.id,
        "unit": unit,
        "factor": factor,
        "statement": statement,
        "favourable": figure(level, words),
        "percent": level.value,
        "low": level.low,
        "high": level.high,
        "stage": None if statement else stage_name(level.stage, words),
        "since_last_cycle": verdict(level.change, words),
        "lowest_possible": level.could_be[0] if level.could_be else None,
        "highest_possible": level.could_be[1] if level.could_be else None,
    }
