"""What is usual: an ordinary week is called extraordinary no oftener than is said, and a true change is seen."""

from __future__ import annotations

from random import Random

import pytest

from bot.core.usual import Ordinary, usual


def weeks(random: Random, mean: float, number: int, spread: float) -> list[int]:
    """Counts of people by week; `spread` 1 is Poisson's, more is livelier."""
    return [max(0, round(random.gauss(mean, (mean * spread) ** 0.5))) for _week in range(number)]


@pytest.mark.parametrize("mean", [12, 40, 400])
@pytest.mark.parametrize("spread", [1, 3])
@pytest.mark.parametrize("number", [6, 12, 24])
def test_ordinary_weeks_are_within_in_nine_of_ten(mean: int, spread: float, number: int) -> None:
    random = Random(1)
    made = [weeks(random, mean, number + 1, spread) for _trial in range(3000)]
    within = sum(usual(one[:-1]).verdict(one[-1]) == Ordinary.USUAL for one in made) / len(made)
    assert 0.885 <= within <= 0.985  # whole numbers make it cautious where counts are small


def test_twice_as_many_are_seen() -> None:
    random = Random(2)
    made = [weeks(random, 40, 12, 1) for _trial in range(500)]
    assert sum(usual(one).verdict(80) == Ordinary.MORE for one in made) >= 495
    assert sum(usual(one).verdict(10) == Ordinary.FEWER for one in made) >= 495


@pytest.mark.parametrize("before", [[], [5], [5, 6, 7]])
def test_too_little_history_says_nothing(before: list[int]) -> None:
    assert usual(before).verdict(100) == Ordinary.TOO_EARLY
