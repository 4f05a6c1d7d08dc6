"""The culture profile: each area's level, and the lowest of them as the whole.

Factors 1 to 4 are the framework's inner cycle (strategy), 5 to 7 the outer (doing); the eighth, learning and culture,
stands in the middle and holds both. One missing factor and the whole does not work: so never an average.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.factors import FACTORS
from storage.database import Session
from storage.pulse import readings
from storage.pulse.readings import Level, Whole


@dataclass(frozen=True, slots=True)
class FactorStanding:
    """One factor; no level: it wasn't asked yet, or too few people answered."""

    factor: str
    level: Level | None

    @property
    def stage(self) -> int | None:
        return self.level.stage if self.level else None


@dataclass(frozen=True, slots=True)
class CultureProfile:
    standings: tuple[FactorStanding, ...]
    whole: Whole | None = None

    @property
    def areas(self) -> dict[str, Level]:
        """Those that are known."""
        return {item.factor: item.level for item in self.standings if item.level is not None}

    @property
    def known(self) -> int:
        return sum(item.level is not None for item in self.standings)

    @property
    def overall(self) -> int | None:
        """The most likely stage of the lowest area, once all are known; with one unknown, the whole is unknown."""
        return self.whole.stage if self.whole and self.known == len(FACTORS) else None

    @property
    def weakest(self) -> str | None:
        """The area that is the lowest with a probability of 8 in 10 or more."""
        return self.whole.weakest if self.whole else None

    @property
    def strongest(self) -> str | None:
        return self.whole.strongest if self.whole else None

    @property
    def lowest(self) -> str | None:
        """The area whose level is lowest as far as is known, clearly or not: where to begin."""
        known = [(item.level.mean, item.factor) for item in self.standings if item.level is not None]
        return min(known)[1] if known else None


def profile(session: Session, *, before: datetime | None = None) -> CultureProfile:
    """Of the organisation, as read at the newest close; `before`: at the newest before that moment."""
    reading = readings.newest(session, before=before)
    levels = reading.organisation if reading else {}
    return CultureProfile(
        tuple(FactorStanding(factor, levels.get(factor)) for factor in FACTORS), reading.whole if reading else None
    )
