"""The workshop: the framework's first phase, held in chat. Everybody answers alone; then what was said is grouped,
people vote, and the outcome proposes goals, next steps and commitments."""

from __future__ import annotations

from bot.core.cards import Card, Form
from bot.core.contact_budget import moment_for
from bot.core.context import Asked, Consult, Consulted, Job, OpenForm, Post, Reply, Turn, Wish, words_of
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Command, Pressed, Submitted
from bot.core.factors import FACTORS, facts
from bot.core.factors import actions as first_actions
from bot.core.ownership import own_workshop
from bot.core.refresh_cards import repaint_others
from bot.features.framework import repository
from bot.features.workshop import cards, commitments, grouping
from bot.features.workshop.outcome import due_in, goal_of, outcome, propose
from storage import employees, workshops
from storage.employees import Employee
from storage.workshops import CLOSED, COLLECTING, GOAL, VOTING, Commitment, Need, NeedGroup, Workshop

INVITED_AT_A_TICK = 200
MOST_NEEDS = 20  # of one person
STEP_WEEKS = 4


def show(turn: Turn, event: Command | Pressed) -> list[Wish]:
    """`workshop`, for leads also `workshop UNIT`."""
    if isinstance(event, Command) and event.text and turn.person.has_role("lead"):
        named = next((u for u in employees.units(turn.session) if u.name.casefold() == event.text.casefold()), None)
        if named is None:
            raise NotUnderstood(
                "There is no unit of that name. Type /chorus {command} to see them.", command="workshop"
            )
        return _open(turn, named.id)
    if turn.person.has_role("lead"):
        return [Reply(_lead_card(turn))]
    return [Reply(_own_card(turn))]


def press(turn: Turn, event: Pressed) -> list[Wish]:
    """`workshop.<what>` on the workshop `ref`, by whoever belongs to its unit."""
    row = own_workshop(turn, event.ref)
    what = event.action.removeprefix("workshop.")
    match what:
        case "join":
            return [Reply(_card_for(turn, row, turn.person))]
        case "outcome":
            return [Reply(outcome_of(turn, row, turn.person))]
        case "commit":
            return [OpenForm(commitments.form(turn, row))]
        case "need" | "expectation" if row.state == COLLECTING:
            return [OpenForm(cards.need_form(row, what, turn.words))]
        case "again" if row.state == COLLECTING:
            workshops.forget_ratings(turn.session, row.id, turn.person.id)
        case _ if what.startswith("rate_") and row.state == COLLECTING:
            _rate(turn, row, what.removeprefix("rate_"))
    return [Reply(_card_for(turn, row, turn.person))]


def press_vote(turn: Turn, event: Pressed) -> list[Wish]:
    """`workshop.vote` on a group: a vote, or taken back."""
    group = _group(turn, event.ref)
    row = own_workshop(turn, group.workshop_id)
    mine = workshops.votes_of(turn.session, row.id, turn.person.id)
    if row.state == VOTING and (group.id in mine or len(mine) < cards.VOTES):
        workshops.toggle_vote(turn.session, group.id, turn.person.id)
    return [Reply(_card_for(turn, row, turn.person))]


def press_as_lead(turn: Turn, event: Pressed) -> list[Wish]:
    """`workshop.open`, `.vote_now`, `.groups`, `.rename`, `.close`, `.make`."""
    match event.action.removeprefix("workshop."):
        case "open":
            return _open(turn, event.ref)
        case "vote_now":
            return _vote_now(turn, own_workshop(turn, event.ref))
        case "groups":
            return [Reply(cards.groups_card(own_workshop(turn, event.ref), turn.words))]
        case "rename":
            return [OpenForm(_group_form(turn, event.ref))]
        case "close":
            return _close(turn, own_workshop(turn, event.ref))
    return _make(turn, event.ref)


def submit_need(turn: Turn, event: Submitted) -> list[Wish]:
    """`workshop_need`, `workshop_expectation`."""
    row, kind = own_workshop(turn, event.ref), event.form.removeprefix("workshop_")
    said = event.values.get("text", "").strip()[: cards.MAX_NEED]
    if row.state != COLLECTING:
        raise Gone("The workshop has moved on; nothing more can be added.", kept=said)
    if not said:
        error = ("text", turn.words.t("Please write a few words."))
        return [OpenForm(cards.need_form(row, kind, turn.words, (error,)))]
    if len(workshops.needs_of(turn.session, row.id, turn.person.id)) < MOST_NEEDS:
        turn.session.add(Need(workshop_id=row.id, employee_id=turn.person.id, kind=kind, text=said))
        turn.session.flush()
    return [Reply(_card_for(turn, row, turn.person))]


def submit_group(turn: Turn, event: Submitted) -> list[Wish]:
    """`workshop_group`: another name, or into another group."""
    group, into = _group(turn, event.ref), event.values.get("into", "-")
    row = own_workshop(turn, group.workshop_id)
    name = " ".join(event.values.get("name", "").split())[: grouping.NAME]
    if row.state != VOTING:
        raise Gone("The workshop has moved on; nothing more can be added.", kept=name)
    if into.isdecimal() and int(into) != group.id and (other := workshops.group(turn.session, int(into[:9]))):
        if other.workshop_id == row.id:
            workshops.merge(turn.session, group, other)
            turn.session.expire(row, ["groups"])
    elif name:
        group.name = name
    turn.session.flush()
    others = repaint_others(turn, "workshop", row.id)
    return [Reply(cards.groups_card(row, turn.words)), *others]


def cancel(turn: Turn, event: Pressed) -> list[Wish]:
    """`cancel.workshop_need` and its like, where the form stands in the card's place: the card again."""
    return [Reply(_card_for(turn, own_workshop(turn, event.ref), turn.person))]


def cancel_group(turn: Turn, event: Pressed) -> list[Wish]:
    row = own_workshop(turn, _group(turn, event.ref).workshop_id)
    return [Reply(cards.groups_card(row, turn.words))]


def invite(job: Job) -> list[Wish]:
    """The tick: people of a unit whose workshop was opened, within their budget, some at a time."""
    wishes: list[Wish] = []
    for row in workshops.inviting(job.session):
        people = workshops.to_invite(job.session, row, INVITED_AT_A_TICK)
        row.inviting_after = people[-1].id if len(people) == INVITED_AT_A_TICK else None
        for person in people:
            due = moment_for(job, person)
            if due is not None:
                key = f"workshop:{row.id}:{person.id}"
                wishes.append(Post(person, key, kind="workshop", subject=row.id, not_before=due))
    return wishes


def compose(job: Job, asked: Asked) -> Card | None:
    """The workshop's card as it is to be now; no new invitation to one that is closed."""
    row = workshops.workshop(job.session, asked.subject)
    if row is None or (row.state == CLOSED and not asked.replacing):
        return None
    return _card_for(job, row, asked.person)


def take_groups(job: Job, said: Consulted) -> list[Wish]:
    """What the model grouped; kept only while nobody has voted or renamed anything yet."""
    row = workshops.workshop(job.session, said.subject)
    if row is None or row.state != VOTING or workshops.votes(job.session, row.id):
        return []
    needs = [(need.id, need.text) for need in row.needs]
    found = grouping.checked(said.written or "", needs)
    if found:
        workshops.drop_groups(job.session, row)
        _store_groups(job, row, found)
    return []


# -- Steps ------------------------------------------------------------------------------------------------


def _open(turn: Turn, unit_id: int) -> list[Wish]:
    unit = employees.unit_by_id(turn.session, unit_id)
    if unit is None:
        raise Gone("That unit is no longer there. Type /chorus {command} to see them.", command="workshop")
    if workshops.open_for(turn.session, unit.id) is None:
        turn.session.add(
            Workshop(unit=unit, opened_by=turn.person, opened_at=turn.now, state=COLLECTING, inviting_after=0)
        )
        turn.session.flush()
    return [Reply(_lead_card(turn))]


def _rate(turn: Turn, row: Workshop, said: str) -> None:
    factor, _, level = said.rpartition("_")
    if factor not in FACTORS or level not in ("0", "1", "2", "3", "4"):
        raise NotUnderstood("I do not know that button. It may belong to an older card.")
    workshops.rate(turn.session, row.id, turn.person.id, factor, int(level))
    turn.session.flush()


def _vote_now(turn: Turn, row: Workshop) -> list[Wish]:
    if row.state != COLLECTING:
        return [Reply(_lead_card(turn))]
    row.state, row.inviting_after = VOTING, None
    needs = [(need.id, need.text) for need in row.needs]
    _store_groups(turn, row, grouping.by_words(needs))
    wishes: list[Wish] = [Reply(_lead_card(turn)), *repaint_others(turn, "workshop", row.id)]
    if needs and turn.rules.model_writes:
        wishes.append(Consult("groups", row.id, request=grouping.request(needs)))
    return wishes


def _store_groups(turn: Turn | Job, row: Workshop, found: list[grouping.Group]) -> None:
    needs = {need.id: need for need in row.needs}
    for item in found:
        group = NeedGroup(workshop_id=row.id, name=item.name, factor=item.factor)
        turn.session.add(group)
        turn.session.flush()
        for number in item.needs:
            needs[number].group = group
    turn.session.flush()
    turn.session.expire(row, ["groups", "needs"])


def _close(turn: Turn, row: Workshop) -> list[Wish]:
    """The outcome, to everybody who took part; the first of them to see it is the lead."""
    if row.state != CLOSED:
        row.state, row.closed_at, row.inviting_after = CLOSED, turn.now, None
        propose(turn.session, row, outcome(turn.session, row, k=turn.rules.pulse_k))
        told = [
            Post(person, f"workshop_outcome:{row.id}:{person.id}", outcome_of(turn, row, person),
                 kind="workshop_outcome", not_before=due)
            for person in workshops.people_of(turn.session, row.id)
            if person.id != turn.person.id and (due := moment_for(turn, person)) is not None
        ]  # fmt: skip
        return [Reply(outcome_of(turn, row, turn.person)), *repaint_others(turn, "workshop", row.id), *told]
    return [Reply(outcome_of(turn, row, turn.person))]


def _make(turn: Turn, proposal_id: int) -> list[Wish]:
    """What was proposed becomes real: a goal of the model, or a commitment of who tapped."""
    item = workshops.proposal(turn.session, proposal_id)
    if item is None:
        raise Gone("That proposal is no longer there. Type /chorus {command}.", command="workshop")
    row = own_workshop(turn, item.workshop_id)
    if item.made is None:
        if item.kind == GOAL:
            name = cards.goal_name(item.factor, turn.words)
            goal = goal_of(turn.session, row, item.factor, name, turn.now.date(), turn.person.email)
            model = repository.standing(turn.session)
            wanted = model.model_copy(update={"goals": (*model.goals, goal)})
            why = turn.words.t("outcome of the workshop in {unit}", unit=row.unit.name)
            repository.apply(turn.session, wanted, seen=None, by=turn.person, why=why, now=turn.now)
            item.made = goal.id
        else:
            texts = first_actions()[item.factor]["action"]
            said = texts.get(turn.words.language) or texts["en"]
            turn.session.add(
                Commitment(workshop_id=row.id, employee_id=turn.person.id, text=said, due=due_in(turn.now, STEP_WEEKS))
            )
            item.made = "commitment"
        turn.session.flush()
    return [Reply(outcome_of(turn, row, turn.person))]


# -- Cards ------------------------------------------------------------------------------------------------


def _lead_card(turn: Turn) -> Card:
    rows = workshops.listed(turn.session)
    going_on = [(row, workshops.participants(turn.session, row.id)) for row in rows if row.state != CLOSED]
    busy = {row.unit_id for row, _people in going_on}
    units = [unit for unit in employees.units(turn.session) if unit.id not in busy]
    return cards.lead_card(going_on, [row for row in rows if row.state == CLOSED], units, turn.words)


def _own_card(turn: Turn) -> Card:
    unit_id = turn.person.unit_id
    row = workshops.open_for(turn.session, unit_id) if unit_id is not None else None
    if row is None and unit_id is not None:
        row = next(iter(workshops.of_unit(turn.session, unit_id)), None)
    return _card_for(turn, row, turn.person) if row is not None else cards.none_card(turn.words)


def _card_for(turn: Turn | Job, row: Workshop, person: Employee) -> Card:
    words = words_of(person)
    match row.state:
        case "collecting":
            mine = workshops.needs_of(turn.session, row.id, person.id)
            rated = workshops.ratings_of(turn.session, row.id, person.id)
            return cards.participant_card(row, mine, rated, words)
        case "voting":
            return cards.voting_card(row, workshops.votes_of(turn.session, row.id, person.id), words)
    return outcome_of(turn, row, person)


def outcome_of(turn: Turn | Job, row: Workshop, person: Employee) -> Card:
    words = words_of(person)
    return cards.outcome_card(
        row, outcome(turn.session, row, k=turn.rules.pulse_k), facts(turn.session, turn.now, words),
        workshops.proposals(turn.session, row.id), workshops.commitments(turn.session, row.id), words,
        is_lead=person.has_role("lead"),
    )  # fmt: skip


def _group_form(turn: Turn, group_id: int) -> Form:
    group = _group(turn, group_id)
    row = own_workshop(turn, group.workshop_id)
    return cards.group_form(group, [other for other in row.groups if other.id != group.id], turn.words)


def _group(turn: Turn, group_id: int) -> NeedGroup:
    group = workshops.group(turn.session, group_id)
    if group is None:
        raise Gone("That group was merged into another. Here is how it stands now: /chorus {command}.",
                   command="workshop")  # fmt: skip
    return group
