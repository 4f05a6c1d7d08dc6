"""What is asked in which round, and what becomes of comments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.factors import FACTORS, actions
from bot.features.pulse.domain import design
from bot.features.pulse.domain.bank import bank
from bot.features.pulse.domain.comments import masked, theme
from storage.pulse.statements import Statement

seeds = st.integers(0, 2**31 - 1)


@given(seeds)
def test_everybody_goes_through_all_areas_in_a_cycle(seed: int) -> None:
    asked = [design.factor_of_round(number, seed) for number in range(8)]
    assert sorted(asked) == sorted(FACTORS)
    assert asked == [design.factor_of_round(number, seed) for number in range(8)]


@given(seeds, st.integers(0, 7))
def test_at_most_three_statements_of_the_area_and_those_with_a_role_each_time(seed: int, number: int) -> None:
    in_use = [
        Statement(id=item["id"], factor=item["factor"], reverse=item["reverse"], role=item.get("role"))
        for item in bank()["statements"]
    ]
    factor = design.factor_of_round(number, seed)
    asked = design.statements_for(factor, in_use, {}, round_number=number, seed=seed)
    assert {item.factor for item in asked} == {factor}
    assert len({item.id for item in asked}) == min(3, sum(item.factor == factor for item in in_use))
    assert {item.id for item in in_use if item.role and item.factor == factor} <= {item.id for item in asked}


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
