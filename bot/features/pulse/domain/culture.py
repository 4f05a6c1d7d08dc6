"""The culture profile: each factor's stage from opinion, and the lowest of them as the whole.

Factors 1 to 4 are the framework's inner cycle (strategy), 5 to 7 the outer (doing); the eighth, learning and culture,
stands in the middle and holds both. One missing factor and the whole does not work: so never an average.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.factors import FACTORS
from bot.features.pulse.domain.disclosure import Cell
from bot.features.pulse.domain.results import current_cells
from storage.database import Session
from storage.pulse import rounds

INNER, OUTER, MIDDLE = FACTORS[:4], FACTORS[4:7], FACTORS[7]


@dataclass(frozen=True, slots=True)
class FactorStanding:
    """One factor as the organisation sees it; no cell: not enough people were asked yet."""

    factor: str
    cell: Cell | None

    @property
    def stage(self) -> int | None:
        return self.cell.stage if self.cell else None


@dataclass(frozen=True, slots=True)
class CultureProfile:
    standings: tuple[FactorStanding, ...]

    @property
    def known(self) -> int:
        return sum(item.stage is not None for item in self.standings)

    @property
    def overall(self) -> int | None:
        """The lowest stage, once all factors are known; with one unknown, the whole is unknown."""
        stages = [item.stage for item in self.standings if item.stage is not None]
        return min(stages) if len(stages) == len(self.standings) else None

    @property
    def weakest(self) -> FactorStanding | None:
        """The lowest of those that are known."""
        known = [item for item in self.standings if item.cell is not None]
        return min(known, key=lambda item: item.cell.shown.share if item.cell else 1.0) if known else None


def profile(session: Session, unit: int | None = None) -> CultureProfile:
    """Of the organisation, or of a unit: the newest figure of each factor from this cycle or the one before."""
    cycle = rounds.newest_cycle(session)
    before = rounds.cycle_before(session, cycle.id) if cycle else None
    cells = {**(current_cells(session, before) if before else {}), **(current_cells(session, cycle) if cycle else {})}
    return CultureProfile(
        tuple(FactorStanding(factor, cells.get((factor, None, "factor", unit))) for factor in FACTORS)
    )
