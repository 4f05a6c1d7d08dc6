"""Commitments: who does what by when, reminded on the day, and shown as kept or not. The framework lives by them."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cards import Card, Form
from bot.core.context import ComposeRequest, Context, Effect, Job, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.ownership import own_workshop
from bot.features.workshop import cards
from bot.features.workshop.domain.outcome import due_in
from storage.people import employees
from storage.people.employees import Employee
from storage.workshop import workshops
from storage.workshop.workshops import Commitment, CommitmentState, Workshop

MOST_PEOPLE = 100  # to choose among: what Slack's menus take


def commitment_form_for(
    context: Context, row: Workshop, *, who: int = 0, said: str = "", errors: cards.Errors = ()
) -> Form:
    people = _people(context, row)
    return cards.commitment_form(row, people, who or context.person.id, context.words, said=said, errors=errors)


def submit_commitment(context: Context, event: Submitted) -> list[Effect]:
    """`commitment`: one's own, or (for leads) anybody's; whoever it names is told."""
    said = event.values.get("text", "").strip()
    row = own_workshop(context, event.ref, kept=said)
    who, weeks = event.values.get("who", ""), event.values.get("weeks", "")
    person = next((one for one in _people(context, row) if str(one.id) == who), None)
    errors = []
    if not said:
        errors.append(("text", context.words.t("Write a few words first.")))
    if person is None or (person.id != context.person.id and not context.person.has_role("lead")):
        errors.append(
            (
                "who",
                context.words.t("You can promise only for yourself. Ask a comms lead to note other people’s promises."),
            )
        )
    if errors or person is None:
        return [OpenForm(commitment_form_for(context, row, said=said, errors=tuple(errors)))]
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
        said_to = cards.commitment_card(item, words_of(person, context.now))
        told = [Send(person, f"committed:{item.id}", said_to, kind="commitment", subject=item.id)]
    return [Reply(cards.commitment_card(item, context.words)), *told]


def keep_commitment(context: Context, event: Pressed) -> list[Effect]:
    """`commitment.kept`."""
    item = _commitment(context, event)
    if item.state == CommitmentState.OPEN:
        item.settle(is_kept=True)
    return _shown(context, item)


def give_up(context: Context, event: Pressed) -> list[Effect]:
    """`commitment.not_kept`."""
    item = _commitment(context, event)
    if item.state == CommitmentState.OPEN:
        item.settle(is_kept=False)
    return _shown(context, item)


def postpone(context: Context, event: Pressed) -> list[Effect]:
    """`commitment.later`: a week more."""
    item = _commitment(context, event)
    if item.state == CommitmentState.OPEN:
        item.postpone(timedelta(weeks=1))
    return _shown(context, item)


def _commitment(context: Context, event: Pressed) -> Commitment:
    """The person's own, or for a lead anybody's. Raises Gone."""
    item = workshops.commitment(context.session, event.ref)
    if item is None or (item.employee_id != context.person.id and not context.person.has_role("lead")):
        raise Gone("That promise isn’t yours, or it’s gone.")
    return item


def _shown(context: Context, item: Commitment) -> list[Effect]:
    context.session.flush()
    return [Reply(cards.commitment_card(item, context.words))]


def compose_commitment(job: Job, asked: ComposeRequest) -> Card | None:
    item = workshops.commitment(job.session, asked.subject)
    if item is None or (item.state != CommitmentState.OPEN and not asked.replacing):
        return None
    return cards.commitment_card(item, words_of(asked.person, job.now))


def _people(context: Context, row: Workshop) -> list[Employee]:
    """Who can commit: the person first, then leads, then the unit's people."""
    found = {context.person.id: context.person}
    found |= {lead.id: lead for lead in employees.with_role(context.session, "lead")}
    found |= {person.id: person for person in employees.of_unit(context.session, row.unit_id, MOST_PEOPLE)}
    return list(found.values())[:MOST_PEOPLE]
