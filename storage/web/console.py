"""Who may look at the console: one-time links and sessions. Of both only a digest is kept, never what opens them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, PlainText, Utc
from storage.people.employees import Employee

SCOPES = ("content:write", "conversions:write", "facts:read", "exports:read", "people:read")  # of API tokens


class ConsoleLink(Base):
    """A link that signs one person in, once."""

    __tablename__ = "console_links"

    digest: Mapped[str] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


class ConsoleSession(Base):
    """Somebody who is signed in. `shown`: the card that an action left to be shown once, as JSON."""

    __tablename__ = "console_sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc, index=True)
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    person: Mapped[Employee] = relationship(lazy="joined", innerjoin=True)


class OidcState(Base):
    """A sign-in under way at the organisation's own identity provider."""

    __tablename__ = "oidc_states"

    digest: Mapped[str] = mapped_column(primary_key=True)
    verifier: Mapped[str]
    nonce: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


class ApiToken(Base):
    """A program that may speak with the API, within its scopes, until it is revoked."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText)
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)


def use_link(session: Session, digest: str, *, now: datetime) -> int | None:
    """Whom the link signs in; it is gone by that. One statement, so that of two uses at once exactly one succeeds."""
    found = session.execute(
        delete(ConsoleLink)
        .where(ConsoleLink.digest == digest)
        .returning(ConsoleLink.employee_id, ConsoleLink.expires_at)
    ).first()
    return int(found.employee_id) if found is not None and found.expires_at > now else None


def take_state(session: Session, digest: str, *, now: datetime) -> OidcState | None:
    """The sign-in under way, once."""
    row = session.get(OidcState, digest)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row if row.expires_at > now else None


def signed_in(session: Session, digest: str) -> ConsoleSession | None:
    return session.get(ConsoleSession, digest)


def sign_out(session: Session, digest: str) -> None:
    session.execute(delete(ConsoleSession).where(ConsoleSession.digest == digest))


def tokens(session: Session) -> list[ApiToken]:
    return session.query(ApiToken).order_by(ApiToken.id).all()


def token(session: Session, digest: str) -> ApiToken | None:
    """One that was not revoked."""
    return session.query(ApiToken).where(ApiToken.digest == digest, ApiToken.revoked_at.is_(None)).one_or_none()


def revoke(session: Session, token_id: int, *, now: datetime) -> bool:
    done = session.execute(
        update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None)).values(revoked_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def prune(session: Session, *, before: datetime, now: datetime) -> None:
    """Links and sign-ins whose time is over, sessions not seen since `before`."""
    session.execute(delete(ConsoleLink).where(ConsoleLink.expires_at < now))
    session.execute(delete(OidcState).where(OidcState.expires_at < now))
    session.execute(delete(ConsoleSession).where(ConsoleSession.seen_at < before))
