"""What messages say, looked up as the last step before they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import routes
from bot.core.cards import Card, from_json
from bot.core.context import ComposeRequest, Job
from storage.delivery.deliveries import OutboundMessage
from storage.people import employees
from storage.people.employees import Employee


def compose(job: Job, rows: Sequence[OutboundMessage]) -> list[Card | None]:
    """What each is to say; None when nothing is to be said any more."""
    known = _at_once(job, rows)
    alone = [row for row in rows if row.card is None and row.id not in known]
    held = routes.loaded(
        job.session, [(routes.PRELOADERS.get(row.kind), row.subject_id) for row in alone if row.subject_id]
    )
    people = employees.some(job.session, {row.employee_id for row in alone if row.employee_id})
    said = [known.get(row.id) or _alone(job, row, people) for row in rows]
    held.clear()
    return said


def _at_once(job: Job, rows: Sequence[OutboundMessage]) -> dict[int, Card]:
    """By delivery, what many are told together."""
    found: dict[int, Card] = {}
    for kind, compose_all in routes.COMPOSED_AT_ONCE.items():
        wanted = {
            row.subject_id: row.id
            for row in rows
            if row.kind == kind and row.card is None and row.replaces is None and row.subject_id is not None
        }
        if wanted:
            found |= {wanted[subject]: said for subject, said in compose_all(job, list(wanted)).items()}
    return found


def _alone(job: Job, row: OutboundMessage, people: Mapping[int, Employee]) -> Card | None:
    if row.card is not None:
        return from_json(row.card)
    person = people.get(row.employee_id or 0)
    if person is None or row.subject_id is None:
        return None
    return routes.COMPOSED[row.kind](job, ComposeRequest(row.subject_id, person, row.replaces is not None))
