"""Units of the organisation, and how far the roll-out has come in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Date,
    ForeignKey,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc


class Phase(StrEnum):
    """How far a unit is in the roll-out; people of a unit that is not in get no nudges."""

    WAITING = "waiting"
    PILOT = "pilot"
    LIVE = "live"
    PAUSED = "paused"


PHASES = (Phase.WAITING, Phase.PILOT, Phase.LIVE, Phase.PAUSED)


LONGEST_NAME = 200  # characters


IN = (Phase.PILOT, Phase.LIVE)


class Unit(Base):
    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText, unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    phase: Mapped[Phase] = mapped_column(OneOf(Phase), default=Phase.LIVE)
    phase_since: Mapped[datetime | None] = mapped_column(Utc)
    starts: Mapped[date | None] = mapped_column(Date)  # when a waiting unit is to begin
    country: Mapped[str | None]  # whose holidays its people have, "DE-BY"; None: that of each person's time zone

    parent: Mapped[Unit | None] = relationship(remote_side=[id])

    @property
    def is_in(self) -> bool:
        return self.phase in IN

    @property
    def line(self) -> frozenset[int]:
        """The ids of itself and of all above it."""
        found = set[int]()
        above: Unit | None = self
        while above is not None and above.id not in found:
            found.add(above.id)
            above = above.parent
        return frozenset(found)

    def move(self, phase: Phase, now: datetime) -> None:
        """Into `phase`; the moment stays where it is in it already."""
        if self.phase != phase:
            self.phase, self.phase_since = phase, now


def set_country(session: Session, unit: Unit, country: str | None) -> list[Unit]:
    """Give the unit and all below it the holidays of a country or region (ISO 3166); None takes them back. Returns the
    units concerned. The planner looks at nobody again for it: the days to come are planned each morning."""
    concerned = [one for one in units(session) if unit.id in one.line]
    for one in concerned:
        one.country = country
    return concerned


def tidied(name: str) -> str:
    """A unit's name with single spaces, so that nobody has to tell two units apart by what cannot be seen."""
    return " ".join(name.split())


def unit(session: Session, name: str) -> Unit:
    """The unit of that name, as the directory has it; created if missing."""
    name = tidied(name)[:LONGEST_NAME].strip()
    row = named(session, name)
    if row is None:
        row = Unit(name=name, phase=Phase.WAITING if is_rolling_out(session) else Phase.LIVE)
        session.add(row)
        session.flush()
    return row


class UnitElsewhere(Exception):
    """A unit of that name stands under another one."""


def unit_of_path(session: Session, path: Sequence[str]) -> Unit:
    """The last unit of the path, each under the one before it; those missing are created. A path of one says nothing of
    what is above. Raises UnitElsewhere, ValueError for an empty path."""
    above: Unit | None = None
    for name in path:
        is_new = named(session, name) is None
        found = unit(session, name)
        if above is not None and (is_new or found.parent_id is None) and above.id not in _below(session, found):
            found.parent = above
        elif above is not None and found.parent_id != above.id:
            raise UnitElsewhere(found.name)
        above = found
    if above is None:
        raise ValueError("no unit is named")
    session.flush()
    return above


def _below(session: Session, row: Unit) -> set[int]:
    """The ids of itself and of all below it."""
    return {one.id for one in units(session) if row.id in one.line}


def named(session: Session, name: str) -> Unit | None:
    return session.scalar(select(Unit).where(Unit.name == tidied(name)))


def is_rolling_out(session: Session) -> bool:
    """Whether units come in one after the other: then a new one waits, too."""
    return session.scalar(select(Unit.id).where(Unit.phase.in_([Phase.WAITING, Phase.PILOT])).limit(1)) is not None


def unit_by_id(session: Session, unit_id: int) -> Unit | None:
    return session.get(Unit, unit_id)


def lineages(session: Session) -> dict[int, frozenset[int]]:
    """By unit, itself and all above it."""
    return {unit.id: unit.line for unit in units(session)}


def units(session: Session) -> list[Unit]:
    return list(session.scalars(select(Unit).order_by(Unit.id)))
