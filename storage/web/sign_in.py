"""Sign-ins under way at the organisation's identity provider (OpenID Connect)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class OidcState(Base):
    """A sign-in under way at the organisation's own identity provider."""

    __tablename__ = "oidc_states"

    digest: Mapped[str] = mapped_column(primary_key=True)
    verifier: Mapped[str]
    nonce: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


def take_state(session: Session, digest: str, *, now: datetime) -> OidcState | None:
    """Consume the sign-in under way."""
    row = session.get(OidcState, digest)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row if row.expires_at > now else None


def prune(session: Session, *, now: datetime) -> None:
    """Delete sign-ins that were not finished in time."""
    session.execute(delete(OidcState).where(OidcState.expires_at < now))
