"""Composes cards at the last moment before they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.cards import Card, from_json
from bot.core.context import ComposeRequest, Job
from bot.core.router import preload
from storage.delivery.deliveries import OutboundMessage
from storage.people import employees
from storage.people.employees import Employee


def compose(job: Job, rows: Sequence[OutboundMessage]) -> list[Card | None]:
    """The card of each delivery; None when it is no longer wanted."""
    known = _at_once(job, rows)
    alone = [row for row in rows if row.card is None and row.id not in known]
    kinds = job.router.message_kind
    preload(job.session, ((kinds(row.kind).preload, row.subject_id) for row in alone if row.subject_id))
    people = employees.some(job.session, {row.employee_id for row in alone if row.employee_id})
    return [known.get(row.id) or _alone(job, row, people) for row in rows]


def _at_once(job: Job, rows: Sequence[OutboundMessage]) -> dict[int, Card]:
    """The cards of kinds that are composed in bulk, by delivery."""
    found: dict[int, Card] = {}
    for name, kind in job.router.message_kinds.items():
        if kind.compose_many is None:
            continue
        wanted = {
            row.subject_id: row.id
            for row in rows
            if row.kind == name and row.card is None and row.replaces is None and row.subject_id is not None
        }
        if wanted:
            found |= {wanted[subject]: said for subject, said in kind.compose_many(job, list(wanted)).items()}
    return found


def _alone(job: Job, row: OutboundMessage, people: Mapping[int, Employee]) -> Card | None:
    if row.card is not None:
        return from_json(row.card)
    person = people.get(row.employee_id or 0)
    if person is None or row.subject_id is None:
        return None
    compose_one = job.router.message_kind(row.kind).compose
    if compose_one is None:
        return None
    return compose_one(job, ComposeRequest(row.subject_id, person, row.replaces is not None))
