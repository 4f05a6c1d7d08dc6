"""Where people live, as IANA time zones."""

from __future__ import annotations

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

from storage.people.employees import Employee, EmployeeState
from storage.remembered import remembered


def of_most(session: Session) -> str | None:
    """Where most active people live; None where there is nobody."""
    statement = (
        select(Employee.time_zone)
        .where(Employee.state == EmployeeState.ACTIVE)
        .group_by(Employee.time_zone)
        .order_by(func.count().desc(), Employee.time_zone)
    )
    return remembered(session, "time zone of most", lambda reading: reading.scalar(statement.limit(1)))


def of_all(session: Session) -> list[str]:
    """Where active people live, in the order of the alphabet."""
    return [zone for zone in session.scalars(_OF_ALL) if zone is not None]


def _of_all() -> Select[str | None]:
    """From one zone to the next through the index: as many steps as there are zones, not people."""
    is_active, zone = Employee.state == literal_column("'active'"), func.min(Employee.time_zone)
    found = select(zone.label("zone")).where(is_active).cte("zones", recursive=True)
    following = select(zone).where(is_active, Employee.time_zone > found.c.zone).scalar_subquery()
    found = found.union_all(select(following).where(found.c.zone.is_not(None)))
    return select(found.c.zone)


_OF_ALL = _of_all()
