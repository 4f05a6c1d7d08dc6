"""Who is asked what: balanced, and reproducible from a seed.

Under 100 people everyone of a unit gets the same factor in a round; the order of factors is drawn for each unit. From
100 people on, eight blocks of people go through the factors in a Latin square, so that each has data in every round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from bot.core.factors import FACTORS
from storage.pulse.statements import Statement, StatementRole

LATIN_FROM = 100  # people
BLOCKS = tuple(range(1, len(FACTORS) + 1))
MOST = 3  # statements of the factor; the anchor comes beside them


def factor_of_unit(unit: int, round_number: int, seed: int) -> str:
    """Same-factor design: what the unit (0: people without one) is asked about in that round of the cycle."""
    order = list(FACTORS)
    Random(f"{seed}:{unit}").shuffle(order)
    return order[round_number % len(order)]


def factor_of_block(block: int, round_number: int, seed: int) -> str:
    """Latin square: in every round each factor has one block, in every cycle each block has every factor."""
    order = list(FACTORS)
    Random(f"{seed}").shuffle(order)
    return order[(block + round_number) % len(order)]


def blocks(people: Iterable[tuple[int, int | None]], known: Mapping[int, int], seed: int) -> dict[int, int]:
    """The block of each (person, unit) who has none yet: the smallest of their unit, then of all, then by lot."""
    random = Random(seed)
    people = sorted(people)
    of_unit: dict[int | None, Counter[int]] = {}
    of_all: Counter[int] = Counter()
    for person, unit in people:
        if person in known:
            of_unit.setdefault(unit, Counter())[known[person]] += 1
            of_all[known[person]] += 1
    drawn: dict[int, int] = {}
    newcomers = [item for item in people if item[0] not in known]
    random.shuffle(newcomers)
    for person, unit in newcomers:
        own = of_unit.setdefault(unit, Counter())
        block = min(BLOCKS, key=lambda block: (own[block], of_all[block], random.random()))
        drawn[person] = block
        own[block] += 1
        of_all[block] += 1
    return drawn


def statements_for(
    factor: str, in_use: Sequence[Statement], asked_before: Mapping[str, int], *, round_number: int, seed: int
) -> list[tuple[Statement, str]]:
    """(statement, part) in the order they are asked: at most three of the factor, those least asked so far, and the
    anchor or the guard, which take turns."""
    random = Random(f"{seed}:{round_number}:{factor}")
    own = [statement for statement in in_use if statement.factor == factor]
    random.shuffle(own)
    own.sort(key=lambda statement: asked_before.get(statement.id, 0))
    chosen = [(statement, "factor") for statement in own[:MOST]]
    random.shuffle(chosen)
    role = (StatementRole.ANCHOR, StatementRole.GUARD)[round_number % 2]
    anchors = [statement for statement in in_use if statement.role == role]
    taken = {statement.id for statement, _part in chosen}
    return chosen + [(statement, "anchor") for statement in anchors[:1] if statement.id not in taken]
