"""The console's one-time links and sessions. Only a digest of each is stored, never the secret itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, Utc
from storage.people.employees import Employee
from storage.people.responsibilities import is_within, mandate_of


class ConsoleLink(Base):
    """A link that signs one person in, once."""

    __tablename__ = "console_links"

    digest: Mapped[str] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    mandate: Mapped[list[str]] = mapped_column(JSON)  # what the person answered for when it was given
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


class ConsoleSession(Base):
    """Somebody who is signed in. `mandate`: what they answered for when they came in. `shown`: the card that an action
    left to be shown once, as JSON."""

    __tablename__ = "console_sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    mandate: Mapped[list[str]] = mapped_column(JSON)
    began_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc, index=True)
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    person: Mapped[Employee] = relationship(lazy="joined", innerjoin=True)


def opens_for(session: Session, digest: str, *, now: datetime) -> Employee | None:
    """Whom the link would still sign in; looking uses nothing up."""
    found = session.get(ConsoleLink, digest)
    return session.get_one(Employee, found.employee_id) if found is not None and found.expires_at > now else None


def use_link(session: Session, digest: str, *, now: datetime) -> int | None:
    """Consume the link. Returns whom it signs in: nobody who answers for more than when it was given. One statement, so
    that only one of two concurrent uses wins."""
    found = session.execute(
        delete(ConsoleLink)
        .where(ConsoleLink.digest == digest)
        .returning(ConsoleLink.employee_id, ConsoleLink.mandate, ConsoleLink.expires_at)
    ).first()
    if found is None or found.expires_at <= now:
        return None
    person = session.get_one(Employee, found.employee_id)
    return person.id if is_within(mandate_of(session, person), found.mandate) else None


def signed_in(session: Session, digest: str) -> ConsoleSession | None:
    return session.get(ConsoleSession, digest)


def sign_out(session: Session, digest: str) -> None:
    session.execute(delete(ConsoleSession).where(ConsoleSession.digest == digest))


def sign_out_everywhere(session: Session, employee_id: int) -> int:
    """End all their sessions, and what could begin another. Returns how many sessions there were."""
    session.execute(delete(ConsoleLink).where(ConsoleLink.employee_id == employee_id))
    ended = session.execute(delete(ConsoleSession).where(ConsoleSession.employee_id == employee_id))
    return int(ended.rowcount)  # type: ignore[attr-defined]


def prune(session: Session, *, before: datetime, now: datetime) -> None:
    """Delete links that have expired, and sessions not seen since `before`."""
    session.execute(delete(ConsoleLink).where(ConsoleLink.expires_at < now))
    session.execute(delete(ConsoleSession).where(ConsoleSession.seen_at < before))
