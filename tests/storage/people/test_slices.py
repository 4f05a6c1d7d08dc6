"""People a slice at a time, each where they were reached last: nobody is left out, nobody comes twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.database import Database, Session
from storage.digest import digests
from storage.people import workspaces
from storage.people.employees import Employee, Identity
from storage.people.organisation import Phase, Unit
from storage.pulse import rounds
from storage.sharing import plans

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hire(session: Session, *places: tuple[str, str | None, datetime], **more: Any) -> int:
    """Somebody with an identity at each of (workspace, address, last used)."""
    person = Employee(
        name="Aino",
        joined_at=NOW,
        roles=["employee"],
        nudges_wanted=True,
        digest_wanted=True,
        time_zone="Europe/Helsinki",
        topics_declined=[],
        topics_wanted=[],
        tour_step=3,
        **more,
    )
    session.add(person)
    session.flush()
    session.add_all(
        Identity(
            workspace_id=workspace,
            user=f"U{person.id}",
            employee_id=person.id,
            address=address,
            last_used_at=at,
            state="active",
        )
        for workspace, address, at in places
    )
    session.flush()
    return person.id


def candidates(session: Session, after: int) -> tuple[list[plans.Candidate], int | None]:
    return plans.candidates(session, planned_before=NOW, zone="", after_id=after, limit=2)


def readers(session: Session, after: int) -> tuple[list[digests.DigestReader], int | None]:
    return digests.readers(session, "Europe/Helsinki", after_id=after, limit=2)


def invitees(session: Session, after: int) -> tuple[list[rounds.Invitee], int | None]:
    return rounds.invitees(session, joined_before=NOW, after_id=after, limit=2)


@pytest.mark.parametrize("look", [candidates, readers, invitees])
def test_each_once_and_where_they_were_last(
    database: Database, look: Callable[[Session, int], tuple[list[Any], int | None]]
) -> None:
    with database.transaction() as session:
        for workspace in ("fake:T1", "fake:T2", "fake:gone"):
            workspaces.install(session, workspace, now=NOW)
        workspaces.remove(session, "fake:gone", now=NOW)
        here = hire(session, ("fake:T1", "a", NOW))
        for _unreachable in range(3):
            hire(session)
        hire(session, ("fake:T1", None, NOW))
        hire(session, ("fake:gone", "b", NOW))
        moved = hire(session, ("fake:T1", "c", NOW - HOUR), ("fake:T2", "d", NOW), ("fake:gone", "e", NOW + HOUR))
        stayed = hire(session, ("fake:T1", "f", NOW), ("fake:T2", "g", NOW - HOUR))
        found, after = list[Any](), 0
        while after is not None:
            people, after = look(session, after)
            found += people
    assert [(person.id, person.workspace_id, person.address) for person in found] == [
        (here, "fake:T1", "a"),
        (moved, "fake:T2", "d"),
        (stayed, "fake:T1", "f"),
    ]


def test_only_units_that_are_in(database: Database) -> None:
    with database.transaction() as session:
        workspaces.install(session, "fake:T1", now=NOW)
        pilot, paused = Unit(name="Grid", phase=Phase.PILOT), Unit(name="Sales", phase=Phase.PAUSED)
        session.add_all([pilot, paused])
        session.flush()
        place = ("fake:T1", "a", NOW)
        here = [hire(session, place), hire(session, place, unit_id=pilot.id)]
        hire(session, place, unit_id=paused.id)
        people, after = plans.candidates(session, planned_before=None, zone="", after_id=0, limit=9)
    assert ([person.id for person in people], after) == (here, None)
