"""Checked before every batch: is the lease held, is the workspace installed, is it paused?"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.delivery.rate_limits import RateLimitBucket
from storage.delivery.worker_leases import Lease, WorkerLease
from storage.people.workspaces import Workspace


class SendPermission(NamedTuple):
    holder: str  # the worker's token
    is_installed: bool  # whether the workspace has the bot
    silent_until: float  # seconds since 1970; 0 where the platform asked for no silence


def permit(session: Session, lease: WorkerLease, workspace_id: str) -> SendPermission | None:
    """For that worker to send to that workspace; None when the worker is another process' by now."""
    values = {"worker": lease.worker, "workspace": workspace_id}
    token, state, silent_until = session.connection().execute(_PERMIT, values).one()
    return SendPermission(token, state == "installed", silent_until or 0.0) if token == lease.token else None


_PERMIT = select(
    select(Lease.token).where(Lease.id == bindparam("worker")).scalar_subquery(),
    select(Workspace.state).where(Workspace.id == bindparam("workspace")).scalar_subquery(),
    select(RateLimitBucket.paused_until).where(RateLimitBucket.bucket == bindparam("workspace")).scalar_subquery(),
)
