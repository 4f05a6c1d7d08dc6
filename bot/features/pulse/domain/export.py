"""Released figures as rows, for files and other programs: the same figures as on cards; no others are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.pulse.domain.disclosure import Cell, Disclosure
from bot.features.pulse.domain.figures import figure, verdict
from bot.features.pulse.domain.results import cells_of
from storage.database import Session
from storage.pulse import rounds, statements
from storage.pulse.rounds import Round

COLUMNS = (
    "cycle",
    "round",
    "unit",
    "factor",
    "statement",
    "part",
    "n",
    "favourable",
    "percent",
    "low",
    "high",
    "shrunk_percent",
    "stage",
    "worst_low",
    "worst_high",
    "response_percent",
    "since_last_cycle",
)
WHOLE = "organisation"


def results(session: Session, words: Words, *, unit: str = "", round_id: int | None = None) -> list[dict[str, Any]]:
    """Every current figure, in the framework's order; of one round or all, of one unit or all.

    A unit that is missing is "not enough yet". Raises LookupError for a round or unit that never was.
    """
    found = [row for row in rounds.listed(session) if row.release is not None]
    if round_id is not None:
        found = [row for row in found if row.id == round_id]
        if not found:
            raise LookupError(f"There is no closed round {round_id}.")
    names = {int(number): str(name) for row in reversed(found) for number, _parent, name in row.tree}
    if unit and unit not in (WHOLE, *names.values()):
        raise LookupError(f"There is no unit {unit!r}: it is one of {', '.join([WHOLE, *sorted(names.values())])}.")
    lines = [line for row in found for line in _of_round(session, row, names, words)]
    return [line for line in lines if unit in ("", line["unit"])]


def _of_round(session: Session, row: Round, names: dict[int, str], words: Words) -> Iterable[dict[str, Any]]:
    cells = sorted(cells_of(row), key=lambda cell: (cell.unit or 0, cell.factor, cell.part, cell.statement or ""))
    texts = statements.by_id(session, [cell.statement for cell in cells if cell.statement])
    factors = factor_names(words)
    for cell in cells:
        said = texts[cell.statement].wording.text(words.language) if cell.statement in texts else ""
        yield {
            "cycle": row.cycle_id,
            "round": row.id,
            "unit": _unit(cell, names),
            "factor": factors[cell.factor],
            "statement": said,
            "part": cell.part,
            "n": cell.n,
            "favourable": figure(cell, words),
            "percent": None if cell.how == Disclosure.BAND else cell.value,
            "low": cell.low,
            "high": cell.high,
            "shrunk_percent": cell.shrunk,
            "stage": cell.stage,
            "worst_low": cell.worst[0] if cell.worst else None,
            "worst_high": cell.worst[1] if cell.worst else None,
            "response_percent": cell.response,
            "since_last_cycle": verdict(cell, words),
        }


def _unit(cell: Cell, names: dict[int, str]) -> str:
    return WHOLE if cell.unit is None else names.get(cell.unit, str(cell.unit))
