"""Which workspaces and tenants belong to the organisation, as an administrator said at the command line, and links that
let one more install the bot, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class AllowedPlace(Base):
    __tablename__ = "allowed_places"

    workspace: Mapped[str] = mapped_column(primary_key=True)  # "slack:T1", "teams:<tenant>"
    allowed_at: Mapped[datetime] = mapped_column(Utc)


class InstallLink(Base):
    """A link by which one Slack workspace may install the bot; only its digest is stored."""

    __tablename__ = "install_links"

    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Utc)


def allowed(session: Session) -> list[AllowedPlace]:
    return list(session.scalars(select(AllowedPlace).order_by(AllowedPlace.workspace)))


def allow(session: Session, workspace: str, *, now: datetime) -> bool:
    """Whether it is new."""
    if session.get(AllowedPlace, workspace) is not None:
        return False
    session.add(AllowedPlace(workspace=workspace, allowed_at=now))
    session.flush()
    return True


def disallow(session: Session, workspace: str) -> bool:
    """Whether it was there."""
    row = session.get(AllowedPlace, workspace)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def holds(session: Session, digest: str, *, now: datetime) -> bool:
    """Whether the link lets somebody in; it stays."""
    row = session.get(InstallLink, digest)
    return row is not None and row.expires_at > now


def use(session: Session, digest: str, workspace: str, *, now: datetime) -> bool:
    """The workspace belongs from now on, by a link that holds once. Whether it does."""
    row = session.get(InstallLink, digest)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    if row.expires_at <= now:
        return False
    allow(session, workspace, now=now)
    return True


def prune(session: Session, *, now: datetime) -> None:
    """Delete links that nobody used in time."""
    session.execute(delete(InstallLink).where(InstallLink.expires_at < now))
