"""From the answers of a cycle to the figures that are released at the close of a round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter

from bot.core.factors import FACTORS
from bot.features.pulse.domain import scores
from bot.features.pulse.domain.disclosure import Cell, Key, current
from bot.features.pulse.domain.release import release, with_verdicts
from bot.features.pulse.domain.tally import Respondent, TalliedQuestion, Tree
from storage.database import Session
from storage.pulse import answers, rounds, statements
from storage.pulse.answers import Rating
from storage.pulse.rounds import Cycle, Round
from storage.pulse.statements import Statement

PROVEN = 0.30  # item-rest correlation from which on a reverse statement counts in its factor

_CELLS = TypeAdapter(list[Cell])


def released(session: Session, row: Round, tree: Tree) -> list[Cell]:
    """The new cells of every factor that was asked in the round, and of its anchor, with their verdicts."""
    cycle = row.cycle
    so_far = [other for other in rounds.of_cycle(session, cycle.id) if other.number <= row.number]
    earlier = [cell for other in so_far for cell in cells_of(other)]
    ratings = answers.ratings(session, cycle.id)
    known = {item.id: item for item in statements.everything(session) if item.retired_at is None}
    numbers = {other.id: other.number for other in so_far}
    fresh: list[Cell] = []
    for factor in sorted({rated.factor for rating in ratings if (rated := known.get(rating.statement_id))}):
        own = [item for item in known.values() if item.factor == factor]
        rated_now = any(
            rating.round_id == row.id and rating.part == "factor" and known.get(rating.statement_id) in own
            for rating in ratings
        )
        if rated_now:
            fresh += _factor(row, tree, so_far, factor, own, ratings, numbers, earlier)
        for anchor in (item for item in own if item.role):
            fresh += _anchor(row, tree, anchor, ratings)
    before = {**_standing_before(session, cycle), **{cell.key: cell for cell in earlier if cell.part == "anchor"}}
    return with_verdicts(fresh, before, seed=cycle.seed ^ row.number)


def _factor(
    row: Round,
    tree: Tree,
    so_far: Sequence[Round],
    factor: str,
    own: Sequence[Statement],
    ratings: Iterable[Rating],
    numbers: dict[int, int],
    earlier: Sequence[Cell],
) -> list[Cell]:
    by_id = {item.id: item for item in own}
    mine = [rating for rating in ratings if rating.part == "factor" and rating.statement_id in by_id]
    proven = _proven(own, mine)
    headcount, invited = _numbers(so_far, factor)
    question = TalliedQuestion(
        factor=factor,
        part="factor",
        statements=[item.id for item in own if item.id in proven],
        apart=[item.id for item in own if item.id not in proven],
        respondents=_respondents(mine, by_id, numbers),
        tree=tree,
        k=row.k,
        round=row.number,
        headcount=headcount,
        invited=invited,
        earlier=[cell for cell in earlier if cell.factor == factor and cell.part == "factor"],
        seed=row.cycle.seed ^ (FACTORS.index(factor) + 1) * 1009 ^ row.number,
    )
    return release(question)


def _anchor(row: Round, tree: Tree, anchor: Statement, ratings: Iterable[Rating]) -> list[Cell]:
    """The anchor (or guard) of this round, from everybody who rated it; each round stands by itself."""
    mine = [rating for rating in ratings if rating.round_id == row.id and rating.statement_id == anchor.id]
    if not mine:
        return []
    invited = {unit: number for unit, number in _by_unit(row.invited, "").items() if number}
    question = TalliedQuestion(
        factor=anchor.factor,
        part="anchor",
        statements=[anchor.id],
        apart=[],
        respondents=_respondents(mine, {anchor.id: anchor}, {row.id: row.number}),
        tree=tree,
        k=row.k,
        round=row.number,
        headcount=invited,
        invited=invited,
        seed=row.cycle.seed ^ row.number,
    )
    return [cell for cell in release(question) if cell.statement is not None]


def _respondents(ratings: Sequence[Rating], known: dict[str, Statement], numbers: dict[int, int]) -> list[Respondent]:
    """A person's latest rating of each statement; they belong where and when they answered first."""
    marks: dict[str, dict[str, bool]] = defaultdict(dict)
    place: dict[str, tuple[int | None, int]] = {}
    for rating in ratings:
        place.setdefault(rating.token, (rating.unit_id, numbers[rating.round_id]))
        marks[rating.token][rating.statement_id] = scores.is_favourable(
            rating.value, known[rating.statement_id].reverse
        )
    return [Respondent(*place[token], marks[token]) for token in sorted(marks)]


def _proven(own: Sequence[Statement], ratings: Sequence[Rating]) -> set[str]:
    """The statements that make up the factor: a reverse one only when it goes with the others."""
    order = [item.id for item in own]
    rows: dict[str, list[int | None]] = defaultdict(lambda: [None] * len(order))
    by_id = {item.id: item for item in own}
    for rating in ratings:
        value = 6 - rating.value if by_id[rating.statement_id].reverse else rating.value
        rows[rating.token][order.index(rating.statement_id)] = value
    table = list(rows.values())
    proven = {item.id for item in own if not item.reverse}
    for index, item in enumerate(own):
        if item.reverse and (scores.item_rest(table, index) or 0.0) >= PROVEN:
            proven.add(item.id)
    return proven or set(order)


def _numbers(so_far: Sequence[Round], factor: str) -> tuple[dict[int | None, int], dict[int | None, int]]:
    """By unit: its people as last counted, and how many were asked about the factor so far in the cycle."""
    headcount: dict[int | None, int] = {}
    invited: dict[int | None, int] = defaultdict(int)
    for row in so_far:
        headcount |= _by_unit(row.invited, "")
        for unit, number in _by_unit(row.invited, factor).items():
            invited[unit] += number
    return headcount, dict(invited)


def _by_unit(invited: dict[str, int], factor: str) -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for key, number in invited.items():
        unit, _, of = key.partition(":")
        if of == factor:
            found[int(unit) or None] = number
    return found


def tree_of(row: Round) -> Tree:
    return Tree({unit: parent for unit, parent, _name in row.tree})


def cells_of(row: Round) -> list[Cell]:
    """What was released at the close of that round."""
    return _CELLS.validate_python(row.release or [])


def to_json(cells: list[Cell]) -> list[dict[str, Any]]:
    return _CELLS.dump_python(cells, mode="json")  # type: ignore[no-any-return]


def current_cells(session: Session, cycle: Cycle) -> dict[Key, Cell]:
    """The cells of a cycle that stand now; the same for every viewer."""
    return current(cell for row in rounds.of_cycle(session, cycle.id) for cell in cells_of(row))


def _standing_before(session: Session, cycle: Cycle) -> dict[Key, Cell]:
    before = rounds.cycle_before(session, cycle.id)
    return current_cells(session, before) if before else {}
