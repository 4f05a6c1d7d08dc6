"""A round from its opening to its close: who is invited, who is reminded, when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from bot.core import contact_budget
from bot.core.context import Broadcast, Context, Effect, Job, NextSlice, Recipient
from bot.core.errors import NotAllowed
from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.core.working_time import at_hour, country_of, is_working_day, zone_of
from bot.features.pulse.domain import bank, design, spending
from bot.features.pulse.domain.noisy_sums import NO_UNIT
from storage.people import organisation, time_zones
from storage.pulse import rounds, statements
from storage.pulse.rounds import Cycle, Invitee, Round, RoundState
from storage.sharing.plans import ContactHistory

SLICE = 2000  # people a transaction
NEWCOMER = timedelta(weeks=4)  # for which a newcomer is not asked
SLACK = timedelta(weeks=4)  # by which a cycle may take longer than planned
REMIND_ON = 3  # working day of the round
OPENS_AT = time(9)  # where most people are: the hour from which a round is opened by itself


def check_may_open(context: Context | Job) -> None:
    """Raises NotAllowed while the round before is open or was not answered by a result, and where another's figures
    would pass the year's privacy budget."""
    session, now, rules = context.session, context.now, context.rules
    last = rounds.newest(session)
    if last is not None and last.state == RoundState.OPEN:
        raise NotAllowed(
            "A round is already open. It closes by itself, or you can close it: type /chorus {command}.",
            command="pulse",
        )
    if last is not None and last.state != RoundState.PUBLISHED:
        raise NotAllowed(
            "People haven’t heard yet what came of the last round. First publish its result and one "
            "thing you’ll do: type /chorus {command}.",
            command="pulse",
        )
    if not spending.budget(session, rules, now).allows(spending.cost_of_round(rules)):
        free_on = spending.free_on(session, rules, now)
        if free_on is None:
            raise NotAllowed("The privacy budget is set to less than one round needs. Ask your administrator.")
        words = context.words if isinstance(context, Context) else Words()  # a terminal speaks English
        raise NotAllowed(
            "This year’s rounds have told as much as we promised at most. The next one can open on {day}.",
            day=words.date(free_on),
        )


def open_round(context: Context | Job) -> Round:
    """Open the next round now. Raises NotAllowed as `check_may_open` does."""
    check_may_open(context)
    session, now, rules = context.session, context.now, context.rules
    bank.seed_defaults(session, now)
    cycle = _cycle(context)
    zone, number = _main_zone(context), len(rounds.of_cycle(session, cycle.id))
    row = Round(
        cycle_id=cycle.id,
        number=number,
        factor=design.factor_of_round(number, cycle.seed),
        state=RoundState.OPEN,
        opened_at=now,
        remind_at=_working_day(now, REMIND_ON, zone, at=rules.office[0]),
        closes_at=_working_day(now, rules.pulse_open_days, zone, at=rules.office[1]),
        tree=[[unit.id, unit.parent_id, unit.name] for unit in organisation.units(session)],
    )
    session.add(row)
    session.flush()
    row.cycle = cycle
    _ask(context, row)
    return row


def open_when_due(job: Job) -> list[Effect]:
    """The next round opens by itself when its time has come and the last one was answered; the first never does."""
    last = rounds.newest(job.session)
    main = _main_zone(job)
    local = job.now.astimezone(zone_of(main))
    if last is None or last.state != RoundState.PUBLISHED or local.time() < OPENS_AT:
        return []
    if not spending.budget(job.session, job.rules, job.now).allows(spending.cost_of_round(job.rules)):
        return []
    due = last.opened_at + timedelta(weeks=job.rules.pulse_every_weeks)
    if local.date() >= due.date() and is_working_day(country_of(None, main), local.date()):
        open_round(job)
    return []


def _cycle(context: Context | Job) -> Cycle:
    """The cycle that goes on, or a new one."""
    session, now = context.session, context.now
    cycle = rounds.newest_cycle(session)
    if cycle is not None and now.date() < cycle.ends_on and len(rounds.of_cycle(session, cycle.id)) < len(FACTORS):
        return cycle
    ends_on = (now + len(FACTORS) * timedelta(weeks=context.rules.pulse_every_weeks) + SLACK).date()
    cycle = Cycle(
        seed=context.random.getrandbits(31),
        started_at=now,
        ends_on=ends_on,
    )
    session.add(cycle)
    session.flush()
    return cycle


def _ask(context: Context | Job, row: Round) -> None:
    """What everybody is asked in this round."""
    in_use, before = statements.in_use(context.session), rounds.times_asked(context.session)
    asked = design.statements_for(row.factor, in_use, before, round_number=row.number, seed=row.cycle.seed)
    for position, statement in enumerate(asked):
        context.session.add(
            rounds.AskedStatement(
                round_id=row.id, position=position, statement_id=statement.id, wording_id=statement.wording.id
            )
        )


def _main_zone(context: Context | Job) -> str:
    """Where most people are, for the end of the round."""
    return time_zones.of_most(context.session) or "UTC"


def _working_day(start: datetime, number: int, zone: str, *, at: int) -> datetime:
    """The `number`th working day from `start` on (which counts if it is one), at that hour there."""
    local = start.astimezone(zone_of(zone))
    day = local.date() - timedelta(days=1)
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(country_of(None, zone), day)
    return at_hour(day, at, zone_of(zone))


# -- Inviting and reminding -------------------------------------------------------------------------------


def invite(job: Job) -> list[Effect]:
    """Invitations of open rounds, a slice of people at a time; each at a moment of theirs, within the budget."""
    effects: list[Effect] = []
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.inviting_after is None or not row.is_open(job.now):
            continue
        if row.inviting_after == 0:
            job.ballots.open(row.id)
        people, row.inviting_after = _slice(job, row, row.inviting_after)
        effects += _messages(job, row, people, "pulse", takes_in=True)
        if row.inviting_after is not None:
            effects.append(NextSlice(row.inviting_after))
    return effects


def take_in(job: Job, row: Round, people: Sequence[Invitee]) -> None:
    """Let these people answer."""
    job.ballots.invite(row.id, [(person.id, person.unit_id or NO_UNIT) for person in people])


def remind_of_round(job: Job) -> list[Effect]:
    """One reminder on the third working day, planned for everybody who was asked and sent to those alone who have not
    answered by then: a plan for these would tell who they are (see `MessageKind.is_confidential`)."""
    effects: list[Effect] = []
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.inviting_after is not None or row.reminding_after is None or job.now < row.remind_at:
            continue
        people, row.reminding_after = _slice(job, row, row.reminding_after)
        asked = {ballot.person for ballot in job.ballots.ballots(row.id, [person.id for person in people])}
        effects += _messages(job, row, [person for person in people if person.id in asked], "pulse_reminder")
        if row.reminding_after is not None:
            effects.append(NextSlice(row.reminding_after))
    return effects


def _slice(job: Job, row: Round, after: int) -> tuple[list[Invitee], int | None]:
    """People who may be asked, by id from `after`, and the id to go on after."""
    first = rounds.first_opening(job.session) or row.opened_at
    joined_before = max(first, row.opened_at - NEWCOMER)
    return rounds.invitees(job.session, joined_before=joined_before, after_id=after, limit=SLICE)


def _messages(job: Job, row: Round, people: Sequence[Invitee], kind: str, *, takes_in: bool = False) -> list[Effect]:
    """One to each who is there, at a moment within the budget; who has no such moment gets none."""
    spoken = contact_budget.spoken_lately(job, [person.id for person in people])
    there = [person for person in people if person.away_until is None or person.away_until <= job.now]
    reached = [(person, due) for person in there if (due := _moment(job, row, person, spoken)) is not None]
    if takes_in:
        take_in(job, row, [person for person, _due in reached])
    recipients = [Recipient(person.id, person.workspace_id, person.address, row.id, due) for person, due in reached]
    return [Broadcast(kind, f"{kind}:{row.id}", recipients)] if recipients else []


def _moment(job: Job, row: Round, person: Invitee, spoken: Mapping[int, ContactHistory]) -> datetime | None:
    lately, zone, country = spoken.get(person.id), person.time_zone, person.country
    return contact_budget.next_moment(
        lately, job.now, row.closes_at, job.rules, time_zone=zone, country=country, random=job.random
    )
