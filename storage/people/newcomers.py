"""People to whom the bot has something to say of itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from storage.people import employees
from storage.people.employees import TOUR_STEPS, Employee, EmployeeState


def to_welcome(session: Session, limit: int) -> list[Employee]:
    """Active people with an address to whom the bot has not introduced itself."""
    return list(
        session.scalars(
            select(Employee)
            .where(
                Employee.state == EmployeeState.ACTIVE,
                Employee.welcomed_at.is_(None),
                employees.is_reachable(),
            )
            .order_by(Employee.id)
            .limit(limit)
        ).unique()
    )


def on_tour(session: Session, *, before: datetime, limit: int) -> list[Employee]:
    """Reachable people who want nudges, have not seen all steps of the tour, and none since `before`."""
    found = select(Employee).where(
        Employee.state == EmployeeState.ACTIVE,
        Employee.nudges_wanted.is_(True),
        Employee.tour_step < literal_column(str(TOUR_STEPS)),
        Employee.tour_at.is_(None) | (Employee.tour_at < before),
        employees.is_reachable(),
    )
    return list(session.scalars(found.order_by(Employee.id).limit(limit)).unique())
