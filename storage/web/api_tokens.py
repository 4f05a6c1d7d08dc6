"""Tokens of the API: a program, its scopes, and when it was last used. Only a digest of the token is stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc

SCOPES = ("content:write", "conversions:write", "facts:read", "exports:read", "people:read")  # of API tokens


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
