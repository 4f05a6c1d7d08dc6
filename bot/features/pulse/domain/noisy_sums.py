"""What is released of a round: noisy sums, drawn once from all ballots, and nothing else.

A person's score for the round's factor is the mean of their answers to its statements (favourable 1, else 0) less ½.
Sums are kept in whole sixths of a person, squares in thirty-sixths, so that the noise is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite

from pydantic import TypeAdapter

from bot.features.pulse.domain.noise import SIXTHS, Noise, gaussian

FAVOURABLE = 4  # a rating from which on, turned round where the statement is reverse
NO_UNIT = 0  # people without a unit


def is_favourable(rating: int, reverse: bool) -> bool:
    """Whether a rating of 1–5 is favourable: 4 or 5, after 6 − x where the statement is reverse."""
    return (6 - rating if reverse else rating) >= FAVOURABLE


@dataclass(frozen=True, slots=True)
class Answers:
    """One person's: their unit as at the opening, and statement → favourable, of the statements that they rated."""

    unit: int
    favourable: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class UnitSums:
    """Noisy: centred scores, in people, and how many answered. Either may be negative, for noise is."""

    total: float
    count: float


@dataclass(frozen=True, slots=True)
class NoisySums:
    """A round as it is stored for good. `times` is how much more than the least noise was added."""

    factor: str
    units: dict[int, UnitSums]
    total: float  # the organisation's centred scores, in people
    squares: float  # the organisation's squared centred scores, in people
    statements: dict[str, float]  # the organisation's centred answers to each, in people
    times: float = 1.0
    people: dict[int, int] = field(default_factory=dict)  # of each unit, as invited

    @property
    def noise(self) -> Noise:
        return Noise(Fraction(self.times))

    @property
    def count(self) -> float:
        """How many answered in all: the sum of the units' noisy counts."""
        return sum(unit.count for unit in self.units.values())

    @property
    def invited(self) -> int:
        return sum(self.people.values())


_NOISY = TypeAdapter(NoisySums)


def draw(
    factor: str, people: Mapping[int, int], statements: Sequence[str], ballots: Iterable[Answers], noise: Noise
) -> NoisySums:
    """The release of a round. `people`: how many were invited of each unit; a sum is drawn for each of these, whether
    or not anybody answered there, for who stays silent is not told either."""
    tally = _Tally(people, statements)
    for answers in ballots:
        tally.add(answers)
    return NoisySums(
        factor=factor,
        units={
            unit: UnitSums(
                _noisy(tally.totals[unit], noise.unit_sum, SIXTHS),
                _noisy(tally.counts[unit], noise.unit_count),
            )
            for unit in people
        },
        total=_noisy(sum(tally.totals.values()), noise.whole_sum, SIXTHS),
        squares=_noisy(tally.squares, noise.square_sum, SIXTHS**2),
        statements={name: _noisy(tally.of_statement[name], noise.statement_sum, 2) for name in statements},
        times=float(noise.times),
        people=dict(people),
    )


class _Tally:
    """The exact sums: for as long as it takes to add noise to them, and never stored, logged or returned."""

    def __init__(self, people: Mapping[int, int], statements: Sequence[str]) -> None:
        self.known, self.names = people, frozenset(statements)
        self.totals = defaultdict[int, int](int)  # sixths
        self.counts = defaultdict[int, int](int)
        self.of_statement = defaultdict[str, int](int)  # halves
        self.squares = 0  # thirty-sixths

    def add(self, answers: Answers) -> None:
        rated = {name: said for name, said in answers.favourable.items() if name in self.names}
        if not rated or answers.unit not in self.known:
            return
        score = 6 * sum(rated.values()) // len(rated) - 3  # exact for one, two or three statements
        self.totals[answers.unit] += score
        self.counts[answers.unit] += 1
        self.squares += score * score
        for name, said in rated.items():
            self.of_statement[name] += 1 if said else -1


def _noisy(exact: int, deviation: Fraction, parts: int = 1) -> float:
    """The sum in people, with noise of that deviation in people; `parts` of a person is what the sum counts in."""
    return (exact + gaussian((deviation * parts) ** 2)) / parts


def to_json(sums: NoisySums) -> dict[str, object]:
    return _NOISY.dump_python(sums, mode="json")  # type: ignore[no-any-return]


def from_json(stored: object) -> NoisySums:
    """Raises ValueError where it is none."""
    found = _NOISY.validate_python(stored)
    if not isfinite(found.total):
        raise ValueError("A noisy sum is a number.")
    return found
