"""What happens to a question or mention while it is with a person: reminders as their times come, and one winner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.errors import Gone
from storage.mentions.listening import Mention
from storage.people.employees import Employee
from storage.questions.questions import Question

ALERTS = 10  # cards about mentions to one person on one day of theirs; what comes after waits in the list
QUIET = "quiet"  # among what a mention was reminded of: it went to the list, without a card

Case = Question | Mention
Moments = Iterable[tuple[str, datetime | None]]  # (kind of reminder, when; None: never)


def newly_due(case: Case, moments: Moments, now: datetime) -> list[str]:
    """The kinds of reminders that are due and were not sent yet, in the order of their times. They are noted as sent,
    and the case is looked at again at the next."""
    moments = list(moments)
    fresh = [kind for kind, moment in _in_order(moments) if moment <= now and kind not in case.reminded]
    case.reminded = [*case.reminded, *fresh]
    case.look_at = next_reminder(case, moments)
    return fresh


def next_reminder(case: Case, moments: Moments) -> datetime | None:
    """When the first reminder that was not sent yet is due; None where none is left."""
    return next((moment for kind, moment in _in_order(moments) if kind not in case.reminded), None)


def settled_already(by: Employee | None, person: Employee, kept: str = "") -> Gone:
    """Somebody else was first, or the person pressed twice. `kept`: what they had written."""
    if by is person:
        return Gone("You’ve already dealt with it.", kept=kept)
    if by is None:
        return Gone("Somebody has already dealt with it.", kept=kept)
    return Gone("{owner} was faster – it’s already dealt with.", kept=kept, owner=by.name)


def _in_order(moments: Moments) -> list[tuple[str, datetime]]:
    return sorted(((kind, moment) for kind, moment in moments if moment is not None), key=lambda item: item[1])
