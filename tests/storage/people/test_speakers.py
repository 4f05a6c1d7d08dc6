"""Those who speak at one moment: each as their own workspace knows them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.ports import Profile
from bot.features.people.domain import directory
from storage.database import Database
from storage.people import employees, workspaces

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
KNOWN = [("slack:T1", "U1"), ("slack:T1", "U2"), ("slack:T2", "U1"), ("slack:T2", "Ü'2\\\"")]


def test_one_id_in_two_workspaces_is_two_people(database: Database) -> None:
    with database.transaction() as session:
        for workspace in ("slack:T1", "slack:T2"):
            workspaces.install(session, workspace, now=NOW)
        hired = {
            (workspace, user): directory.upsert_identity(
                session, workspace, Profile(user, f"{user} of {workspace}", address=f"{workspace}:{user}"), now=NOW
            ).employee_id
            for workspace, user in KNOWN
        }
    assert len(set(hired.values())) == len(KNOWN)
    with database.transaction() as session:
        for asked in ({KNOWN[0]}, {KNOWN[0], KNOWN[3]}, set(KNOWN), {*KNOWN, ("slack:T3", "U1"), ("slack:T1", "U9")}):
            found = employees.speakers(session, asked)
            assert {key: found[key].employee_id for key in asked if key in found} == {
                key: hired[key] for key in asked if key in hired
            }
            assert all(identity.workspace.state == "installed" for identity in found.values())
        assert employees.speakers(session, set()) == {}
