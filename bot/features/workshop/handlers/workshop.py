"""The workshop: the framework's first phase, held in chat. Everybody answers alone; then what was said is grouped,
people vote, and the outcome proposes goals, next steps and commitments."""

from __future__ import annotations

from bot.core.cards import Card, Form
from bot.core.contact_budget import moment_for
from bot.core.context import (
    BackgroundRequest,
    BackgroundResult,
    ComposeRequest,
    Context,
    Effect,
    Job,
    OpenForm,
    Reply,
    Send,
    words_of,
)
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Command, Pressed, Submitted
from bot.core.factors import FACTORS, facts
from bot.core.factors import actions as first_actions
from bot.core.ownership import own_workshop
from bot.core.refresh_cards import refresh_others
from bot.features.framework.domain import repository
from bot.features.workshop import cards
from bot.features.workshop.domain import grouping
from bot.features.workshop.domain.outcome import due_in, goal_of, outcome, propose
from bot.features.workshop.handlers import commitments
from storage.people import organisation
from storage.people.employees import Employee
from storage.workshop import workshops
from storage.workshop.workshops import Commitment, Need, NeedGroup, NeedKind, ProposalKind, Workshop, WorkshopState

MOST_NEEDS = 20  # of one person
STEP_WEEKS = 4


def show_workshop(context: Context, event: Command | Pressed) -> list[Effect]:
    """`workshop`, for leads also `workshop UNIT`."""
    if isinstance(event, Command) and event.text and context.person.has_role("lead"):
        wanted = event.text.casefold()
        named = next((u for u in organisation.units(context.session) if u.name.casefold() == wanted), None)
        if named is None:
            raise NotUnderstood(
                "There’s no unit with that name. Type /chorus {command} to see all units.", command="workshop"
            )
        return _open(context, named.id)
    if context.person.has_role("lead"):
        return [Reply(_lead_card(context))]
    return [Reply(_own_card(context))]


def join_workshop(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.join`, also `cancel.workshop_need` and its like: the card as it stands for the person."""
    return [Reply(_card_for(context, own_workshop(context, event.ref), context.person))]


def show_outcome(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.outcome`."""
    return [Reply(outcome_of(context, own_workshop(context, event.ref), context.person))]


def open_commitment(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.commit`: the form."""
    return [OpenForm(commitments.commitment_form_for(context, own_workshop(context, event.ref)))]


def open_need(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.need`: the form."""
    return _need_form(context, event, NeedKind.NEED)


def open_expectation(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.expectation`: the form."""
    return _need_form(context, event, NeedKind.EXPECTATION)


def _need_form(context: Context, event: Pressed, kind: NeedKind) -> list[Effect]:
    row = own_workshop(context, event.ref)
    if row.state != WorkshopState.COLLECTING:
        return [Reply(_card_for(context, row, context.person))]
    return [OpenForm(cards.need_form(row, kind, context.words))]


def rate_factor(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.rate_*`: a factor and its level, 0 to 4."""
    row = own_workshop(context, event.ref)
    if row.state == WorkshopState.COLLECTING:
        _rate(context, row, event.argument)
    return [Reply(_card_for(context, row, context.person))]


def rate_again(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.again`: from the first factor."""
    row = own_workshop(context, event.ref)
    if row.state == WorkshopState.COLLECTING:
        workshops.forget_ratings(context.session, row.id, context.person.id)
    return [Reply(_card_for(context, row, context.person))]


def vote(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.vote` on a group. Once more, from another card of the workshop, changes nothing."""
    group = _group(context, event.ref)
    row = own_workshop(context, group.workshop_id)
    mine = workshops.votes_of(context.session, row.id, context.person.id)
    if row.state == WorkshopState.VOTING and group.id not in mine and len(mine) < cards.VOTES:
        workshops.vote(context.session, group.id, context.person.id)
    return [Reply(_card_for(context, row, context.person))]


def take_vote_back(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.unvote` on a group."""
    group = _group(context, event.ref)
    row = own_workshop(context, group.workshop_id)
    if row.state == WorkshopState.VOTING:
        workshops.take_vote_back(context.session, group.id, context.person.id)
    return [Reply(_card_for(context, row, context.person))]


def open_workshop(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.open` on a unit."""
    return _open(context, event.ref)


def show_groups(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.groups`."""
    return [Reply(cards.groups_card(own_workshop(context, event.ref), context.words))]


def open_rename(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.rename` on a group: the form."""
    return [OpenForm(_group_form(context, event.ref))]


def submit_need(context: Context, event: Submitted) -> list[Effect]:
    """`workshop_need`."""
    return _take_need(context, event, NeedKind.NEED)


def submit_expectation(context: Context, event: Submitted) -> list[Effect]:
    """`workshop_expectation`."""
    return _take_need(context, event, NeedKind.EXPECTATION)


def _take_need(context: Context, event: Submitted, kind: NeedKind) -> list[Effect]:
    row = own_workshop(context, event.ref)
    said = event.values.get("text", "").strip()[: cards.MAX_NEED]
    if row.state != WorkshopState.COLLECTING:
        raise Gone("The workshop has moved on, so you can’t add anything now.", kept=said)
    if not said:
        error = ("text", context.words.t("Write a few words first."))
        return [OpenForm(cards.need_form(row, kind, context.words, (error,)))]
    if len(workshops.needs_of(context.session, row.id, context.person.id)) >= MOST_NEEDS:
        raise NotUnderstood(
            "You’ve added {count} needs and expectations, as many as fit here. This one wasn’t added.",
            count=str(MOST_NEEDS),
            kept=said,
        )
    context.session.add(Need(workshop_id=row.id, employee_id=context.person.id, kind=kind, text=said))
    context.session.flush()
    return [Reply(_card_for(context, row, context.person))]


def submit_group(context: Context, event: Submitted) -> list[Effect]:
    """`workshop_group`: another name, or into another group."""
    group, into = _group(context, event.ref), event.values.get("into", "-")
    row = own_workshop(context, group.workshop_id)
    name = " ".join(event.values.get("name", "").split())[: grouping.NAME]
    if row.state != WorkshopState.VOTING:
        raise Gone("The workshop has moved on, so you can’t add anything now.", kept=name)
    if into.isdecimal() and int(into) != group.id and (other := workshops.group(context.session, int(into[:9]))):
        if other.workshop_id == row.id:
            workshops.merge(context.session, group, other)
            context.session.expire(row, ["groups"])
    elif name:
        group.name = name
    context.session.flush()
    others = refresh_others(context, "workshop", row.id)
    return [Reply(cards.groups_card(row, context.words)), *others]


def cancel_group(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.workshop_group`: the groups again."""
    row = own_workshop(context, _group(context, event.ref).workshop_id)
    return [Reply(cards.groups_card(row, context.words))]


def compose_workshop(job: Job, asked: ComposeRequest) -> Card | None:
    """The workshop's card as it is to be now; no new invitation to one that is closed."""
    row = workshops.workshop(job.session, asked.subject)
    if row is None or (row.state == WorkshopState.CLOSED and not asked.replacing):
        return None
    return _card_for(job, row, asked.person)


def take_groups(job: Job, said: BackgroundResult) -> list[Effect]:
    """What the model grouped; kept only while nobody has voted or renamed anything yet."""
    row = workshops.workshop(job.session, said.subject)
    if row is None or row.state != WorkshopState.VOTING or workshops.votes(job.session, row.id):
        return []
    needs = [(need.id, need.text) for need in row.needs]
    found = grouping.checked_grouping(said.written or "", needs)
    if found:
        workshops.drop_groups(job.session, row)
        _store_groups(job, row, found)
    return []


# -- Steps ------------------------------------------------------------------------------------------------


def _open(context: Context, unit_id: int) -> list[Effect]:
    unit = organisation.unit_by_id(context.session, unit_id)
    if unit is None:
        raise Gone("That unit is gone. Type /chorus {command} to see all units.", command="workshop")
    if workshops.open_for(context.session, unit.id) is None:
        context.session.add(
            Workshop(
                unit=unit,
                opened_by=context.person,
                opened_at=context.now,
                state=WorkshopState.COLLECTING,
                inviting_after=0,
            )
        )
        context.session.flush()
    return [Reply(_lead_card(context))]


def _rate(context: Context, row: Workshop, said: str) -> None:
    factor, _, level = said.rpartition("_")
    if factor not in FACTORS or level not in ("0", "1", "2", "3", "4"):
        raise NotUnderstood(
            "That button no longer works – it’s probably from an older message. Type /chorus help to see what I can do."
        )
    workshops.rate(context.session, row.id, context.person.id, factor, int(level))
    context.session.flush()


def vote_now(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.vote_now`: what was said is grouped, and people vote."""
    row = own_workshop(context, event.ref)
    if row.state != WorkshopState.COLLECTING:
        return [Reply(_lead_card(context))]
    row.start_voting()
    needs = [(need.id, need.text) for need in row.needs]
    _store_groups(context, row, grouping.by_words(needs))
    effects: list[Effect] = [Reply(_lead_card(context)), *refresh_others(context, "workshop", row.id)]
    if needs and context.rules.model_writes:
        effects.append(BackgroundRequest("groups", row.id, request=grouping.grouping_request(needs)))
    return effects


def _store_groups(context: Context | Job, row: Workshop, found: list[grouping.Group]) -> None:
    needs = {need.id: need for need in row.needs}
    for item in found:
        group = NeedGroup(workshop_id=row.id, name=item.name, factor=item.factor)
        context.session.add(group)
        context.session.flush()
        for number in item.needs:
            needs[number].group = group
    context.session.flush()
    context.session.expire(row, ["groups", "needs"])


def ask_to_close_workshop(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.close`: asks once, for nobody can say anything after it."""
    row = own_workshop(context, event.ref)
    if row.state == WorkshopState.CLOSED:
        return [Reply(outcome_of(context, row, context.person))]
    return [Reply(cards.close_workshop_card(row, len(workshops.people_of(context.session, row.id)), context.words))]


def close_workshop(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.close_now`: the outcome, to everybody who took part; the first of them to see it is the lead."""
    row = own_workshop(context, event.ref)
    if row.state != WorkshopState.CLOSED:
        row.close(context.now)
        propose(context.session, row, outcome(context.session, row, k=context.rules.pulse_k))
        told = [
            Send(
                person,
                f"workshop_outcome:{row.id}:{person.id}",
                outcome_of(context, row, person),
                kind="workshop_outcome",
                not_before=due,
            )
            for person in workshops.people_of(context.session, row.id)
            if person.id != context.person.id and (due := moment_for(context, person)) is not None
        ]
        return [Reply(outcome_of(context, row, context.person)), *refresh_others(context, "workshop", row.id), *told]
    return [Reply(outcome_of(context, row, context.person))]


def make(context: Context, event: Pressed) -> list[Effect]:
    """`workshop.make` on a proposal: it becomes real: a goal of the model, or a commitment of who tapped."""
    item = workshops.proposal(context.session, event.ref)
    if item is None:
        raise Gone("That proposal is gone. Type /chorus {command} to see what’s there now.", command="workshop")
    row = own_workshop(context, item.workshop_id)
    if item.made is None:
        if item.kind == ProposalKind.GOAL:
            name = cards.goal_name(item.factor, context.words)
            goal = goal_of(context.session, row, item.factor, name, context.now.date(), context.person.email)
            model = repository.current_framework(context.session)
            wanted = model.model_copy(update={"goals": (*model.goals, goal)})
            why = context.words.t("outcome of the workshop in {unit}", unit=row.unit.name)
            repository.apply(context.session, wanted, seen=None, by=context.person, why=why, now=context.now)
            item.made = goal.id
        else:
            texts = first_actions()[item.factor]["action"]
            said = texts.get(context.words.language) or texts["en"]
            context.session.add(
                Commitment(
                    workshop_id=row.id, employee_id=context.person.id, text=said, due=due_in(context.now, STEP_WEEKS)
                )
            )
            item.made = "commitment"
        context.session.flush()
    return [Reply(outcome_of(context, row, context.person))]


# -- Cards ------------------------------------------------------------------------------------------------


def _lead_card(context: Context) -> Card:
    rows = workshops.listed(context.session)
    going_on = [
        (row, workshops.participants(context.session, row.id)) for row in rows if row.state != WorkshopState.CLOSED
    ]
    busy = {row.unit_id for row, _people in going_on}
    units = [unit for unit in organisation.units(context.session) if unit.id not in busy]
    return cards.lead_card(going_on, [row for row in rows if row.state == WorkshopState.CLOSED], units, context.words)


def _own_card(context: Context) -> Card:
    unit_id = context.person.unit_id
    row = workshops.open_for(context.session, unit_id) if unit_id is not None else None
    if row is None and unit_id is not None:
        row = next(iter(workshops.of_unit(context.session, unit_id)), None)
    return _card_for(context, row, context.person) if row is not None else cards.none_card(context.words)


def _card_for(context: Context | Job, row: Workshop, person: Employee) -> Card:
    words = words_of(person, context.now)
    match row.state:
        case WorkshopState.COLLECTING:
            mine = workshops.needs_of(context.session, row.id, person.id)
            rated = workshops.ratings_of(context.session, row.id, person.id)
            return cards.participant_card(row, mine, rated, words)
        case WorkshopState.VOTING:
            return cards.voting_card(row, workshops.votes_of(context.session, row.id, person.id), words)
    return outcome_of(context, row, person)


def outcome_of(context: Context | Job, row: Workshop, person: Employee) -> Card:
    words = words_of(person, context.now)
    return cards.outcome_card(
        row,
        outcome(context.session, row, k=context.rules.pulse_k),
        facts(context.session, context.now, words),
        workshops.proposals(context.session, row.id),
        workshops.commitments(context.session, row.id),
        words,
        is_lead=person.has_role("lead"),
    )


def _group_form(context: Context, group_id: int) -> Form:
    group = _group(context, group_id)
    row = own_workshop(context, group.workshop_id)
    return cards.group_form(group, [other for other in row.groups if other.id != group.id], context.words)


def _group(context: Context, group_id: int) -> NeedGroup:
    group = workshops.group(context.session, group_id)
    if group is None:
        raise Gone("That group was merged with another. See how it is now: /chorus {command}.", command="workshop")
    return group
