"""Workspaces: the Slack teams and Teams tenants that installed the bot, and what they entrusted to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, OneOf, PlainText, Sealed, Utc


class WorkspaceState(StrEnum):
    """Whether the bot is installed."""

    INSTALLED = "installed"
    REMOVED = "removed"


class Workspace(Base):
    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(primary_key=True)  # "slack:T1", "teams:<tenant>"
    name: Mapped[str] = mapped_column(PlainText, default="")
    state: Mapped[WorkspaceState] = mapped_column(OneOf(WorkspaceState), default=WorkspaceState.INSTALLED)
    credentials: Mapped[str | None] = mapped_column(Sealed)  # JSON that only the adapter reads
    installed_at: Mapped[datetime] = mapped_column(Utc)
    removed_at: Mapped[datetime | None] = mapped_column(Utc)
    sync_cursor: Mapped[str | None]  # where a directory sync that was cut off goes on
    sync_started_at: Mapped[datetime | None] = mapped_column(Utc)
    synced_at: Mapped[datetime | None] = mapped_column(Utc)
    sync_report: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    @property
    def platform(self) -> str:
        return self.id.partition(":")[0]


def workspace(session: Session, workspace_id: str) -> Workspace | None:
    return session.get(Workspace, workspace_id)


def are_installed(session: Session, workspace_ids: Sequence[str]) -> set[str]:
    """Those of `workspace_ids` that have the bot now."""
    return set(session.connection().scalars(_INSTALLED, {"ids": list(workspace_ids)}))


def installed(session: Session, platform: str | None = None) -> list[Workspace]:
    found = session.scalars(select(Workspace).where(Workspace.state == WorkspaceState.INSTALLED).order_by(Workspace.id))
    return [row for row in found if platform is None or row.platform == platform]


def missing_people(session: Session) -> dict[str, int]:
    """By workspace: how many were missing in its directory when it was read last, and were too many to be gone."""
    asked = select(Workspace.id, Workspace.sync_report).where(Workspace.state == WorkspaceState.INSTALLED)
    return {workspace: (report or {}).get("kept", 0) for workspace, report in session.execute(asked)}


def listed(session: Session) -> list[Workspace]:
    """All that were ever met, by id."""
    return list(session.scalars(select(Workspace).order_by(Workspace.id)))


def install(session: Session, workspace_id: str, *, name: str = "", now: datetime) -> Workspace:
    """Mark the workspace installed; idempotent, and restores one that was removed."""
    row = session.get(Workspace, workspace_id)
    if row is None:
        row = Workspace(id=workspace_id, name=name, installed_at=now)
        session.add(row)
        session.flush()
    elif row.state != WorkspaceState.INSTALLED:
        row.state, row.installed_at, row.removed_at = WorkspaceState.INSTALLED, now, None
    if name:
        row.name = name
    return row


def remove(session: Session, workspace_id: str, *, now: datetime) -> None:
    """Mark it removed and delete its credentials."""
    row = session.get(Workspace, workspace_id)
    if row is not None:
        row.state, row.removed_at, row.credentials = WorkspaceState.REMOVED, now, None
        session.flush()


# Built once: in a wave it runs for every few messages.
_INSTALLED = select(Workspace.id).where(
    Workspace.id.in_(bindparam("ids", expanding=True)), Workspace.state == WorkspaceState.INSTALLED
)
