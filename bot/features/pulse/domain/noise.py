"""The noise that is added to every sum of the pulse before it is stored: exact, and from the system's secure generator.

Discrete Gaussian by rejection from a discrete Laplace distribution, in whole numbers throughout, so that no rounding of
floating-point numbers tells anything (Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential
Privacy", algorithms 1 to 3). The tests compare it with the distribution's formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from secrets import randbelow
from typing import Protocol

SIXTHS = 6  # a person's score is a mean of at most three answers less ½, hence a whole number of sixths


class Below(Protocol):
    """Draws a whole number from 0 to `limit` − 1, each as likely."""

    def __call__(self, limit: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard deviations of what is added to the sums of one factor in one round, in people.

    With `times` above 1 an organisation has more noise, and every promise gets stricter; less than 1 can't be had.
    """

    times: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.times < 1:
            raise ValueError("Noise can be raised, never lowered.")

    @property
    def unit_sum(self) -> Fraction:
        """Of a unit's sum of centred scores."""
        return 2 * self.times

    @property
    def unit_count(self) -> Fraction:
        """Of how many answered in a unit."""
        return 2 * self.times

    @property
    def whole_sum(self) -> Fraction:
        """Of the organisation's sum of centred scores."""
        return 5 * self.times

    @property
    def statement_sum(self) -> Fraction:
        """Of the organisation's sum of centred answers to one statement."""
        return 10 * self.times

    @property
    def square_sum(self) -> Fraction:
        """Of the organisation's sum of squared centred scores."""
        return 5 * self.times


def gaussian(variance: Fraction, below: Below = randbelow) -> int:
    """A draw from the discrete Gaussian distribution on the whole numbers: P(x) ∝ exp(−x²/(2·variance)).

    `below` is another generator in tests of the distribution only.
    """
    scale = _whole_root(variance) + 1
    while True:
        drawn = _laplace(scale, below)
        distance = abs(drawn) - variance / scale
        if _with_exponential_probability(distance * distance / (2 * variance), below):
            return drawn


def _laplace(scale: int, below: Below) -> int:
    """P(x) ∝ exp(−|x|/scale)."""
    while True:
        part = below(scale)
        if not _with_exponential_probability(Fraction(part, scale), below):
            continue
        whole = 0
        while _with_exponential_probability(Fraction(1), below):
            whole += 1
        size, is_negative = part + scale * whole, below(2) == 1
        if not (is_negative and size == 0):
            return -size if is_negative else size


def _with_exponential_probability(exponent: Fraction, below: Below) -> bool:
    """True with probability exp(−exponent), for any exponent from 0 on."""
    while exponent > 1:
        if not _with_small_exponent(Fraction(1), below):
            return False
        exponent -= 1
    return _with_small_exponent(exponent, below)


def _with_small_exponent(exponent: Fraction, below: Below) -> bool:
    """For exponents from 0 to 1: how long a run of ever rarer successes lasts is odd with that probability."""
    length = 1
    while below(exponent.denominator * length) < exponent.numerator:
        length += 1
    return length % 2 == 1


def _whole_root(value: Fraction) -> int:
    """The whole part of the square root."""
    root = int(value**0.5)
    while root * root > value:
        root -= 1
    while (root + 1) * (root + 1) <= value:
        root += 1
    return root
