"""How much a person's answers may weigh in all that is released of them: the account that every release draws from.

Zero-concentrated differential privacy (Bun and Steinke 2016): a sum to which one person adds at most Δ, released with
Gaussian noise of standard deviation σ, costs ρ = Δ²/(2σ²); costs of several releases add up. Neighbouring worlds differ
by one person's answers in a round: replaced by any others, or by none.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist

from bot.features.pulse.domain.noise import Noise

MOST_STATEMENTS = 3
MOST_A_YEAR = 4.0  # ρ; the census of 2020 in the United States spent 2.63
DAYS = 365

_ONE, _HALF, _QUARTER = Fraction(1), Fraction(1, 2), Fraction(1, 4)
# By how many people a sum changes at most, when somebody answers otherwise, and when they answer or not.
_ANSWER = {"unit_sum": _ONE, "whole_sum": _ONE, "statement_sum": _ONE, "square_sum": _QUARTER}
_TAKING_PART = {
    "unit_sum": _HALF,
    "unit_count": _ONE,
    "whole_sum": _HALF,
    "statement_sum": _HALF,
    "square_sum": _QUARTER,
}


class BudgetSpent(Exception):
    """The release would pass the year's budget."""


def cost_of_factor(noise: Noise) -> float:
    """ρ of everything that is released of one factor in one round: the dearer of another answer and of none."""
    return max(_cost(_ANSWER, noise), _cost(_TAKING_PART, noise))


def _cost(adds: dict[str, Fraction], noise: Noise) -> float:
    """Σ Δ²/(2σ²); the statements' sum counts as often as there may be statements."""
    total = Fraction(0)
    for name, most in adds.items():
        times = MOST_STATEMENTS if name == "statement_sum" else 1
        total += times * (most / getattr(noise, name)) ** 2
    return float(total / 2)


def best_guess(cost: float) -> float:
    """How often the best attacker is right who knows everything else and thinks two answers equally likely:
    Φ(√(2ρ)/2), a number from 0.5 to 1 (Dong, Roth and Su 2022: Gaussian noise of that cost is the worst case)."""
    return NormalDist().cdf(sqrt(2.0 * cost) / 2.0)


@dataclass(frozen=True, slots=True)
class PrivacyBudget:
    """What was spent within a year, and what may be. `most` can be set lower than `MOST_A_YEAR`, never higher."""

    spent: float
    most: float = MOST_A_YEAR

    def __post_init__(self) -> None:
        if self.most > MOST_A_YEAR:
            raise ValueError(f"A year's privacy budget is at most {MOST_A_YEAR}.")

    def allows(self, cost: float) -> bool:
        """Whether a release of that cost fits in; a rounding error of a billionth is no reason to refuse."""
        return self.spent + cost <= self.most + 1e-9

    def draw(self, cost: float) -> PrivacyBudget:
        """The budget after a release. Raises BudgetSpent where it does not fit in."""
        if not self.allows(cost):
            raise BudgetSpent(f"{self.spent:.3f} of {self.most:.3f} is spent; {cost:.3f} does not fit in.")
        return PrivacyBudget(self.spent + cost, self.most)
