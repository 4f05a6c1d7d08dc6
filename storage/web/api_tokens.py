"""Tokens of the API: a program, its scopes, and when it was last used. Only a digest of the token is stored."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc

SCOPES = (  # of API tokens
    *("content:write", "conversions:write", "facts:read", "exports:read", "people:read"),
    *("directory:write", "metrics:read"),
)

USED_TO = timedelta(minutes=1)  # how exactly it is known when one was used
LONGEST = timedelta(days=366)  # for which a token holds


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
    expires_at: Mapped[datetime | None] = mapped_column(Utc)  # None: see `ends_at`

    def is_good(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and self.ends_at > now

    @property
    def ends_at(self) -> datetime:
        """As late as may be where nothing is said: of before tokens ended, or after a way back to such a version."""
        return self.expires_at or self.made_at + LONGEST


def tokens(session: Session) -> list[ApiToken]:
    return session.query(ApiToken).order_by(ApiToken.id).all()


def token(session: Session, digest: str, *, now: datetime) -> ApiToken | None:
    """One that was not revoked and has not expired."""
    row = session.query(ApiToken).where(ApiToken.digest == digest).one_or_none()
    return row if row is not None and row.is_good(now) else None


def scopes_of(session: Session, digest: str, *, now: datetime) -> list[str] | None:
    """What whoever shows the token may do, and that it was used; None where nothing lets them in."""
    row = token(session, digest, now=now)
    if row is None:
        return None
    if row.used_at is None or now - row.used_at > USED_TO:
        row.used_at = now
    return row.scopes


def revoke(session: Session, token_id: int, *, now: datetime) -> bool:
    row = session.get(ApiToken, token_id)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    session.flush()
    return True
