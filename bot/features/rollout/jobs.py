"""Once a day: pilots whose gates all hold are proposed to the leads, with the evidence."""

from __future__ import annotations

from datetime import timedelta

from bot.core.context import Effect, Job, Send
from bot.features.rollout.domain import gates
from storage.people import employees, organisation
from storage.people.organisation import Phase
from storage.rollout import records
from storage.rollout.records import RecordKind

ASK_AGAIN = timedelta(days=28)  # after which the leads are asked once more


def propose(job: Job) -> list[Effect]:
    """Once a day: pilots that are ready, and of which the leads have not been asked lately."""
    effects: list[Effect] = []
    for unit in organisation.units(job.session):
        if unit.phase != Phase.PILOT or not all(gate.holds for gate in gates.gates(job.session, unit, job.now)):
            continue
        asked = records.latest_record(job.session, unit.id, RecordKind.WIDENED)
        if asked is not None and job.now - asked.at < ASK_AGAIN:
            continue
        records.record(job.session, unit.id, RecordKind.WIDENED, note="", by=None, now=job.now)
        effects += [
            Send(lead, f"widen:{unit.id}:{lead.id}:{job.now:%Y-%m-%d}", kind="widen", subject=unit.id)
            for lead in employees.with_role(job.session, "lead")
        ]
    return effects
