"""What was said of the pulse at the close of a round, as stored with it: the only way to its figures.

Everything here comes from noisy sums (`bot.features.pulse.domain.reading`) and tells no more than they do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from storage.pulse import rounds
from storage.pulse.rounds import Round

STAGES = (0.40, 0.60, 0.75)  # shares from which on an area is of stage 2, 3, 4
Z95 = NormalDist().inv_cdf(0.975)


class Change(StrEnum):
    """Since the cycle before."""

    BETTER = "better"
    WORSE = "worse"
    NOT_CLEAR = "no clear change"
    TOO_FEW = "too few to say"


@dataclass(frozen=True, slots=True)
class Level:
    """What is believed of the share of favourable answers: normal, with that mean and standard deviation."""

    mean: float
    deviation: float
    change: Change | None = None  # None: nothing to compare with
    bounds: tuple[float, float] | None = None  # where under 70 % answered: had all others said no, and had all said yes

    @property
    def value(self) -> int:
        """In whole per cent."""
        return _percent(self.mean)

    @property
    def low(self) -> int:
        """Between this and `high` it very likely is: 95 of 100 such intervals hold the truth."""
        return _percent(self.mean - Z95 * self.deviation)

    @property
    def high(self) -> int:
        return _percent(self.mean + Z95 * self.deviation)

    @property
    def could_be(self) -> tuple[int, int] | None:
        """The bounds in whole per cent."""
        return (_percent(self.bounds[0]), _percent(self.bounds[1])) if self.bounds else None

    @property
    def width(self) -> float:
        """Of the 95 % interval, before it is cut at none and all."""
        return 2 * Z95 * self.deviation

    @property
    def stage(self) -> int:
        """1 to 4: the most likely one."""
        return max(range(1, 5), key=self.probability_of_stage)

    def probability_of_stage(self, stage: int) -> float:
        borders = (-1e9, *STAGES, 1e9)
        return self.probability_above(borders[stage - 1]) - self.probability_above(borders[stage])

    def probability_above(self, share: float) -> float:
        if self.deviation <= 0:
            return float(self.mean > share)
        return 1.0 - NormalDist(self.mean, self.deviation).cdf(share)


@dataclass(frozen=True, slots=True)
class Whole:
    """The organisation's whole is its lowest area: the distribution of the minimum, never the minimum of estimates."""

    stages: tuple[float, float, float, float]  # probability of each
    weakest: str | None  # the area that is so with a probability of .8 or more
    strongest: str | None

    @property
    def stage(self) -> int:
        return max(range(4), key=lambda index: self.stages[index]) + 1


@dataclass(frozen=True, slots=True)
class Reading:
    """By area; an area that is missing wasn't asked yet, or too few people are there to say anything."""

    organisation: dict[str, Level]
    units: dict[int, dict[str, Level]]
    statements: dict[str, Level]
    whole: Whole | None  # None until every area was asked
    units_answered: dict[int, tuple[int, int]] = field(default_factory=dict)  # about how many, of how many invited


_READING = TypeAdapter(Reading)


def to_json(reading: Reading) -> dict[str, Any]:
    return _READING.dump_python(reading, mode="json")  # type: ignore[no-any-return]


def of_round(row: Round | None) -> Reading | None:
    """What was said at its close; None while it is open."""
    return _READING.validate_python(row.reading) if row is not None and row.reading is not None else None


def newest(session: Session, *, before: datetime | None = None) -> Reading | None:
    """`before`: of the rounds that closed before that moment."""
    return of_round(rounds.newest_read(session, before=before))


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
