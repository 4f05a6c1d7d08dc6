"""Who is asked what: balanced, and the same from the same seed. And the simulation, in small."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.factors import FACTORS, actions
from bot.features.pulse.domain import design
from bot.features.pulse.domain.bank import bank
from bot.features.pulse.domain.comments import masked, theme
from bot.features.pulse.domain.simulate import simulate

seeds = st.integers(0, 2**31 - 1)


@given(seeds, st.integers(0, 500))
def test_a_unit_goes_through_all_factors_in_a_cycle(seed: int, unit: int) -> None:
    asked = [design.factor_of_unit(unit, number, seed) for number in range(8)]
    assert sorted(asked) == sorted(FACTORS)
    assert asked == [design.factor_of_unit(unit, number, seed) for number in range(8)]


@given(seeds)
def test_the_square_is_latin(seed: int) -> None:
    square = [[design.factor_of_block(block, number, seed) for number in range(8)] for block in design.BLOCKS]
    assert all(sorted(row) == sorted(FACTORS) for row in square)
    assert all(sorted(column) == sorted(FACTORS) for column in zip(*square, strict=True))


@given(seeds, st.lists(st.integers(0, 5), min_size=1, max_size=200), st.integers(0, 100))
def test_blocks_are_balanced_and_stay(seed: int, units: list[int], before: int) -> None:
    people = [(person, unit or None) for person, unit in enumerate(units)]
    known = design.blocks(people[:before], {}, seed)
    added = design.blocks(people, known, seed)
    assert known.keys() & added.keys() == set()
    everybody = known | added
    assert everybody.keys() == {person for person, _unit in people}
    assert added == design.blocks(people, known, seed)
    if not known:
        sizes = Counter(everybody.values())
        own = Counter((unit, everybody[person]) for person, unit in people)
        for unit in {unit for _person, unit in people}:
            counts = [own[unit, block] for block in design.BLOCKS]
            assert max(counts) - min(counts) <= 1
        assert len(people) < 8 or len(sizes) == 8


def test_every_text_of_the_bank_is_there_in_both_languages() -> None:
    for item in bank()["statements"]:
        assert item["en"]
        assert item["fi"]
    assert {item["factor"] for item in bank()["statements"]} == set(FACTORS) == set(actions())
    for action in actions().values():
        assert set(action["action"]) == set(action["words"]) == {"en", "fi"}


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("Ask Aino Virtanen", "Ask ▒▒▒ ▒▒▒"),
        ("Virtasen Ainolle", "▒▒▒ ▒▒▒"),
        ("see https://x.fi/a now", "see ▒▒▒ now"),
        ("mail a.b@c.fi", "mail ▒▒▒"),
        ("<@U123> and @mikko", "▒▒▒ and ▒▒▒"),
        ("call +358 40 123 4567", "call ▒▒▒"),
        ("koivu.example is no known ending", "koivu.example is no known ending"),
        ("see koivu.fi/x", "see ▒▒▒"),
    ],
)
def test_masking(words: str, left: str) -> None:
    assert masked(words, ["Aino Virtanen"]) == left


def test_themes_by_words() -> None:
    assert theme("Who is responsible for this?", "en") == "ownership"
    assert theme("Kuka vastaa tästä kanavasta?", "fi") == "ownership"
    assert theme("Nice weather", "en") == "other"


def test_the_simulation_in_small() -> None:
    """Too few to judge a rate by; the 500 of docs/benchmarks.md are run by hand. Secrecy has no rate: it is none or broken."""
    found = simulate(6, seed=3).report()
    assert found["recoverable"] == 0.0
    assert found["false_improved_or_declined"] == 0.0
    assert all(rate is None or rate > 0.85 for rate in found["coverage"].values())  # type: ignore[attr-defined]
