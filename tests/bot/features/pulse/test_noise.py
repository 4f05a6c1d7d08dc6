"""The noise has the distribution that the proof takes for granted, and the account adds up."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import exp
from random import Random

import opendp.prelude as opendp
import pytest
from scipy.stats import chi2_contingency, chisquare

from bot.features.pulse.domain import noise as noise_module
from bot.features.pulse.domain.noise import Noise, gaussian
from bot.features.pulse.domain.privacy_budget import BudgetSpent, PrivacyBudget, best_guess, cost_of_factor


@pytest.mark.parametrize("variance", [Fraction(1, 3), Fraction(4), Fraction(144), Fraction(30 * 30)])
def test_draws_follow_the_formula_of_the_discrete_gaussian(variance: Fraction) -> None:
    random, number = Random(5), 6_000
    drawn = Counter(gaussian(variance, random.randrange) for _ in range(number))
    reach = int(4 * float(variance) ** 0.5) + 1
    weights = {x: exp(-x * x / (2 * float(variance))) for x in range(-2 * reach, 2 * reach + 1)}
    total = sum(weights.values())
    width = max(1, reach // 8)
    bins: dict[int, list[float]] = {}
    for x, weight in weights.items():
        both = bins.setdefault(max(-10, min(10, round(x / width))), [0.0, 0.0])
        both[0] += drawn[x]
        both[1] += number * weight / total
    kept = [both for both in bins.values() if both[1] >= 5]
    seen, expected = [both[0] for both in kept], [both[1] for both in kept]
    scale = sum(seen) / sum(expected)
    assert chisquare(seen, [scale * value for value in expected]).pvalue > 0.001
    assert abs(sum(seen) - number) < 0.02 * number


@pytest.mark.parametrize("deviation", [2.0, 12.0])
def test_draws_are_like_those_of_the_reference(deviation: float) -> None:
    """OpenDP's exact sampler of the same distribution: two samples of which nobody can tell which is whose."""
    opendp.enable_features("contrib")
    space = opendp.atom_domain(T=int), opendp.absolute_distance(T=float)
    reference = opendp.m.make_gaussian(*space, scale=deviation)
    number, width = 4_000, max(1, round(deviation / 3))
    drawn = [
        Counter(max(-6, min(6, round(draw() / width))) for _ in range(number))
        for draw in (lambda: gaussian(Fraction(deviation) ** 2), lambda: reference(0))
    ]
    places = sorted(drawn[0] | drawn[1])
    table = [[sample[place] for place in places] for sample in drawn]
    assert chi2_contingency(table).pvalue > 0.0001


def test_noise_is_from_the_secure_generator_and_takes_no_seed() -> None:
    assert gaussian.__defaults__ == (noise_module.randbelow,)
    assert noise_module.randbelow.__module__ == "secrets"
    assert len({gaussian(Fraction(10**6)) for _ in range(20)}) > 15


def test_less_noise_cannot_be_had() -> None:
    with pytest.raises(ValueError, match="never lowered"):
        Noise(Fraction(9, 10))


def test_what_a_factor_costs_and_what_it_means() -> None:
    cost = cost_of_factor(Noise())
    assert cost == pytest.approx(0.16625)
    assert [round(best_guess(rounds * cost), 3) for rounds in (1, 8, 24)] == [0.613, 0.793, 0.921]
    stricter = cost_of_factor(Noise(Fraction(3, 2)))
    assert stricter == pytest.approx(cost / 2.25)
    assert best_guess(stricter) < 0.58


def test_a_release_that_does_not_fit_in_is_refused() -> None:
    budget, cost = PrivacyBudget(0.0), cost_of_factor(Noise())
    for _ in range(24):
        budget = budget.draw(cost)
    assert budget.spent == pytest.approx(3.99)
    with pytest.raises(BudgetSpent):
        budget.draw(cost)
    with pytest.raises(ValueError, match="at most"):
        PrivacyBudget(0.0, most=5.0)
