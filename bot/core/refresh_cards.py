"""Updates the other open cards about a subject after somebody has decided on one of them."""

from __future__ import annotations

from bot.core.context import Context, Effect, Update
from storage.delivery import deliveries
from storage.people import employees


def refresh_others(context: Context, kind: str, subject: int) -> list[Effect]:
    """All cards of that kind about `subject` that are out, but the one that was just pressed, each composed anew."""
    here = getattr(context.event, "message", None)
    return [
        Update(row.message, row.workspace_id, kind=kind, subject=subject, to=person)
        for row in deliveries.out_for(context.session, kind, subject)
        if row.message
        and row.message != here
        and (person := employees.employee(context.session, row.employee_id or 0)) is not None
    ]
