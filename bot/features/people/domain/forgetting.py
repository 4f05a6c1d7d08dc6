"""Forgetting a person everywhere, also in rounds of the pulse that are open."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from bot.core.cancellation import cancel_planned
from storage.audit import watch
from storage.database import Session
from storage.people.employees import Employee
from storage.privacy import erasure
from storage.pulse.round_store import RoundOver, RoundStore


def forget(session: Session, ballots: RoundStore, person: Employee, *, now: datetime, stays: bool = False) -> None:
    """`stays`: they work here and asked for it; they are not spoken to until they speak. Idempotent. In the audit log
    whoever's wish it was: after a restore they are erased again by it."""
    if not person.is_erased:
        watch.note(session, "person erased", about=f"employees {person.id}")
    for number in ballots.rounds():
        with suppress(RoundOver):  # being counted at this moment: its store is erased whole
            ballots.take_back(number, person.id)
    cancel_planned(session, now, employee_id=person.id, reason="the person was erased")
    erasure.erase(session, person, now=now, stays=stays)
