"""Commitments: who does what by when, reminded on the day, and shown as kept or not. The framework lives by them."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cards import Card, Form
from bot.core.contact_budget import moment_for
from bot.core.context import ComposeRequest, Context, Effect, Job, OpenForm, Post, Reply, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.ownership import own_workshop
from bot.features.workshop import cards
from bot.features.workshop.domain.outcome import due_in
from storage.people import employees
from storage.people.employees import Employee
from storage.workshop import workshops
from storage.workshop.workshops import KEPT, NOT_KEPT, OPEN, Commitment, Workshop

MOST_PEOPLE = 100  # to choose among: what Slack's menus take


def form(context: Context, row: Workshop, *, who: int = 0, said: str = "", errors: cards.Errors = ()) -> Form:
    people = _people(context, row)
    return cards.commitment_form(row, people, who or context.person.id, context.words, said=said, errors=errors)


def submit(context: Context, event: Submitted) -> list[Effect]:
    """`commitment`: one's own, or (for leads) anybody's; whoever it names is told."""
    said = event.values.get("text", "").strip()
    row = own_workshop(context, event.ref, kept=said)
    who, weeks = event.values.get("who", ""), event.values.get("weeks", "")
    person = next((one for one in _people(context, row) if str(one.id) == who), None)
    errors = []
    if not said:
        errors.append(("text", context.words.t("Please write a few words.")))
    if person is None or (person.id != context.person.id and not context.person.has_role("lead")):
        errors.append(("who", context.words.t("You can commit yourself; a comms lead notes it for others.")))
    if errors or person is None:
        return [OpenForm(form(context, row, said=said, errors=tuple(errors)))]
    item = Commitment(
        workshop=row,
        person=person,
        text=said[: cards.MAX_COMMITMENT],
        is_sponsor=event.values.get("sponsor") == "yes",
        due=due_in(context.now, int(weeks) if weeks in cards.WEEKS else 4),
    )
    context.session.add(item)
    context.session.flush()
    told: list[Effect] = []
    if person.id != context.person.id:
        said_to = cards.commitment_card(item, words_of(person))
        told = [Post(person, f"committed:{item.id}", said_to, kind="commitment", subject=item.id)]
    return [Reply(cards.commitment_card(item, context.words)), *told]


def press(context: Context, event: Pressed) -> list[Effect]:
    """`commitment.kept`, `.not_kept`, `.later`: by whose it is, or a lead."""
    item = workshops.commitment(context.session, event.ref)
    if item is None or (item.employee_id != context.person.id and not context.person.has_role("lead")):
        raise Gone("That commitment is not yours, or it is no longer there.")
    match event.action.removeprefix("commitment."):
        case "kept":
            item.state = KEPT
        case "not_kept":
            item.state = NOT_KEPT
        case _:
            item.due, item.reminded_at, item.state = item.due + timedelta(weeks=1), None, OPEN
    context.session.flush()
    return [Reply(cards.commitment_card(item, context.words))]


def remind(job: Job) -> list[Effect]:
    """The tick: what is due today, once, within the budget."""
    effects: list[Effect] = []
    for item in workshops.commitments_due(job.session, job.now.date()):
        item.reminded_at = job.now
        due = moment_for(job, item.person)
        if item.person.state == "active" and due is not None:
            key = f"commitment:{item.id}:{item.due}"
            effects.append(Post(item.person, key, kind="commitment", subject=item.id, not_before=due))
    return effects


def compose(job: Job, asked: ComposeRequest) -> Card | None:
    item = workshops.commitment(job.session, asked.subject)
    if item is None or (item.state != OPEN and not asked.replacing):
        return None
    return cards.commitment_card(item, words_of(asked.person))


def _people(context: Context, row: Workshop) -> list[Employee]:
    """Who can commit: the person first, then leads, then the unit's people."""
    found = {context.person.id: context.person}
    found |= {lead.id: lead for lead in employees.with_role(context.session, "lead")}
    found |= {person.id: person for person in employees.of_unit(context.session, row.unit_id, MOST_PEOPLE)}
    return list(found.values())[:MOST_PEOPLE]
