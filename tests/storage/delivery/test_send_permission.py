"""Whether anything may leave: the lease, the workspace, the silence a platform asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.delivery import rate_limits, worker_leases
from storage.delivery.send_permission import SendPermission, permit
from storage.people import workspaces

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_a_permit_says_who_may_speak_and_how_soon(database: Database) -> None:
    with database.transaction() as session:
        lease = worker_leases.take(session, "worker", token="mine", host="h", pid=1)
        workspaces.install(session, "fake:T1", now=NOW)
        assert permit(session, lease, "fake:T1") == SendPermission("mine", True, 0.0)
        assert permit(session, lease, "fake:T2") == SendPermission("mine", False, 0.0)
        rate_limits.pause(session, "fake:T1", 12.5)
        session.flush()
        workspaces.remove(session, "fake:T1", now=NOW)
        assert permit(session, lease, "fake:T1") == SendPermission("mine", False, 12.5)


def test_a_lease_that_was_lost_gives_none(database: Database) -> None:
    with database.transaction() as session:
        lease = worker_leases.take(session, "worker", token="mine", host="h", pid=1)
        worker_leases.vacate(session, lease)
        assert permit(session, lease, "fake:T1") is None
        worker_leases.take(session, "worker", token="again", host="h", pid=1)
        assert permit(session, lease, "fake:T1") is None
