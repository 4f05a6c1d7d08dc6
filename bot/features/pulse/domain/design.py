"""Who is asked what: everybody the same area in a round, in an order drawn for each cycle; reproducible from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from bot.core.factors import FACTORS
from bot.features.pulse.domain.privacy_budget import MOST_STATEMENTS
from storage.pulse.statements import Statement


def factor_of_round(number: int, seed: int) -> str:
    """What is asked about in that round of the cycle (from 0)."""
    order = list(FACTORS)
    Random(f"{seed}").shuffle(order)
    return order[number % len(order)]


def statements_for(
    factor: str, in_use: Sequence[Statement], asked_before: Mapping[str, int], *, round_number: int, seed: int
) -> list[Statement]:
    """In the order they are asked: at most three of the factor. Those with a role (an anchor, a guard) are asked each
    time, then those least asked so far."""
    random = Random(f"{seed}:{round_number}:{factor}")
    own = [statement for statement in in_use if statement.factor == factor]
    random.shuffle(own)
    own.sort(key=lambda statement: (statement.role is None, asked_before.get(statement.id, 0)))
    chosen = own[:MOST_STATEMENTS]
    random.shuffle(chosen)
    return chosen
