"""Wilson's interval for shares, valid for small samples. Shares are numbers from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def effective_n(n: float, population: float | None) -> float:
    """n(N − 1)/(N − n): what a sample of n from a unit of N people is worth (finite population correction)."""
    if population is None or population <= 1:
        return n
    return inf if n >= population else n * (population - 1) / (population - n)


def wilson(x: float, n: float, *, population: float | None = None, z: float = Z95) -> Interval:
    """Wilson's score interval (Wilson 1927); in a unit of `population` people with the effective n, p̂ kept.

    Raises ValueError without any answer.
    """
    if n <= 0:
        raise ValueError("no interval without answers")
    p, size = x / n, effective_n(n, population)
    if size == inf:
        return Interval(p, p)
    centre = (p + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def newcombe(p: float, of: Interval, q: float, other: Interval) -> Interval:
    """Interval of the difference p − q from the two Wilson intervals (Newcombe 1998, method 10)."""
    difference = p - q
    return Interval(
        difference - sqrt((p - of.low) ** 2 + (other.high - q) ** 2),
        difference + sqrt((of.high - p) ** 2 + (q - other.low) ** 2),
    )
