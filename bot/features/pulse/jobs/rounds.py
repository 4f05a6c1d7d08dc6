"""A round from its opening to its close: who is invited, who is reminded, when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.core import contact_budget
from bot.core.context import Broadcast, Context, Effect, Job, NextSlice, Recipient, Send
from bot.core.errors import NotAllowed
from bot.core.factors import FACTORS
from bot.core.working_time import WORKING_DAYS, zone_of
from bot.features.pulse.domain import bank, design
from storage.people import employees, organisation
from storage.pulse import rounds, statements
from storage.pulse.rounds import Cycle, Invitee, Round, RoundDesign, RoundState
from storage.sharing.plans import ContactHistory

SLICE = 2000  # people a transaction
NEWCOMER = timedelta(weeks=4)  # for which a newcomer is not asked
SLACK = timedelta(weeks=4)  # by which a cycle may take longer than planned
DESTROY_AFTER = timedelta(days=14)  # the end of the cycle
REMIND_ON = 3  # working day of the round
OPENS_AT = time(8)  # UTC: the hour from which a round is opened by itself


def open_round(context: Context | Job, *, wanted: str = "") -> Round:
    """Open the next round now; a new cycle has the design that fits the number of people, or that one.

    Raises NotAllowed while the round before is open or was not answered by a result.
    """
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
    bank.seed_defaults(session, now)
    cycle = _cycle(context, wanted)
    context.ballots.begin(cycle.id)
    zone = _main_zone(context)
    row = Round(
        cycle_id=cycle.id,
        number=len(rounds.of_cycle(session, cycle.id)),
        state=RoundState.OPEN,
        k=max(rules.pulse_k, last.k if last else 0),
        opened_at=now,
        remind_at=_working_day(now, REMIND_ON, zone, at=rules.office[0]),
        closes_at=_working_day(now, rules.pulse_open_days, zone, at=rules.office[1]),
        tree=[[unit.id, unit.parent_id, unit.name] for unit in organisation.units(session)],
        invited={},
    )
    session.add(row)
    session.flush()
    row.cycle = cycle
    _ask(context, row)
    return row


def open_when_due(job: Job) -> list[Effect]:
    """The next round opens by itself when its time has come and the last one was answered; the first never does."""
    last = rounds.newest(job.session)
    if last is None or last.state != RoundState.PUBLISHED or job.now.time() < OPENS_AT:
        return []
    due = last.opened_at + timedelta(weeks=job.rules.pulse_every_weeks)
    if job.now.date() >= due.date() and job.now.weekday() in WORKING_DAYS:
        open_round(job)
    return []


def _cycle(context: Context | Job, wanted: str) -> Cycle:
    """The cycle that goes on, or a new one."""
    session, now = context.session, context.now
    cycle = rounds.newest_cycle(session)
    goes_on = cycle is not None and cycle.destroyed_at is None and now.date() < cycle.ends_on
    if cycle is not None and goes_on and len(rounds.of_cycle(session, cycle.id)) < len(FACTORS):
        return cycle
    ends_on = (now + len(FACTORS) * timedelta(weeks=context.rules.pulse_every_weeks) + SLACK).date()
    cycle = Cycle(
        design=wanted
        or (RoundDesign.LATIN if rounds.count_invitees(session) >= design.LATIN_FROM else RoundDesign.SAME),
        seed=context.random.getrandbits(31),
        started_at=now,
        ends_on=ends_on,
        destroy_on=ends_on + DESTROY_AFTER,
    )
    session.add(cycle)
    session.flush()
    return cycle


def _ask(context: Context | Job, row: Round) -> None:
    """What each block of people is asked in this round."""
    in_use, before = statements.in_use(context.session), rounds.times_asked(context.session)
    seed = row.cycle.seed
    blocks = (
        design.BLOCKS if row.cycle.design == RoundDesign.LATIN else (0, *(unit for unit, _parent, _name in row.tree))
    )
    for block in blocks:
        asked = design.statements_for(factor_of(row, block), in_use, before, round_number=row.number, seed=seed)
        for position, (statement, part) in enumerate(asked):
            context.session.add(
                rounds.AskedStatement(
                    round_id=row.id,
                    block=block,
                    position=position,
                    part=part,
                    statement_id=statement.id,
                    wording_id=statement.wording.id,
                )
            )


def factor_of(row: Round, block: int) -> str:
    """What a block is asked about in that round."""
    by_design = design.factor_of_block if row.cycle.design == RoundDesign.LATIN else design.factor_of_unit
    return by_design(block, row.number, row.cycle.seed)


def block_of(context: Context | Job, row: Round, employee_id: int, unit_id: int | None) -> int:
    """The person's block in that round; 0 where the ballot box no longer knows."""
    if row.cycle.design == RoundDesign.SAME:
        return unit_id or 0
    return context.ballots.block(row.cycle_id, employee_id) or 0


def _main_zone(context: Context | Job) -> str:
    """Where most people are, for the end of the round."""
    return employees.main_time_zone(context.session) or "UTC"


def _working_day(start: datetime, number: int, zone: str, *, at: int) -> datetime:
    """The `number`th working day from `start` on (which counts if it is one), at that hour there."""
    local = start.astimezone(zone_of(zone))
    day = local.date() - timedelta(days=1)
    while number > 0:
        day += timedelta(days=1)
        number -= day.weekday() in WORKING_DAYS
    return datetime.combine(day, time(), zone_of(zone)) + timedelta(hours=at)


# -- Inviting and reminding -------------------------------------------------------------------------------


def invite(job: Job) -> list[Effect]:
    """Invitations of open rounds, a slice of people at a time; each at a moment of theirs, within the budget."""
    effects: list[Effect] = []
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.inviting_after is None or not row.is_open(job.now):
            continue
        first = rounds.first_opening(job.session) or row.opened_at
        people, row.inviting_after = rounds.invitees(
            job.session, joined_before=max(first, row.opened_at - NEWCOMER), after_id=row.inviting_after, limit=SLICE
        )
        effects += _invitations(job, row, people)
        if row.inviting_after is not None:
            effects.append(NextSlice(row.inviting_after))
    return effects


def _invitations(job: Job, row: Round, people: Sequence[Invitee]) -> list[Effect]:
    spoken = contact_budget.spoken_lately(job, [person.id for person in people])
    moments = {
        person.id: _moment(job, row, person.time_zone, person.country, spoken.get(person.id))
        for person in people
        if person.away_until is None or person.away_until <= job.now
    }
    asked = [person for person in people if moments.get(person.id) is not None]
    ids = take_in(job, row, asked)
    recipients = [
        Recipient(person.id, person.workspace_id, person.address, invitation, due)
        for person, invitation in zip(asked, ids, strict=True)
        if (due := moments[person.id]) is not None
    ]
    return [Broadcast("pulse", f"pulse:{row.id}", recipients)] if recipients else []


def take_in(job: Job, row: Round, people: Sequence[Invitee]) -> list[int]:
    """Give each a block and an invitation; the ids of these, in the same order."""
    if row.cycle.design == RoundDesign.LATIN:
        known = job.ballots.blocks(row.cycle_id)
        job.ballots.assign(row.cycle_id, design.blocks([(p.id, p.unit_id) for p in people], known, row.cycle.seed))
    row.invited = _counted(job, row, people)
    return rounds.invite(
        job.session,
        [{"round_id": row.id, "employee_id": p.id, "unit_id": p.unit_id, "answered": False} for p in people],
    )


def _counted(job: Job, row: Round, people: Sequence[Invitee]) -> dict[str, int]:
    """`row.invited` with these people: "<unit>" → how many, "<unit>:<factor>" → how many were asked about it."""
    blocks = job.ballots.blocks(row.cycle_id) if row.cycle.design == RoundDesign.LATIN else {}
    numbers = Counter(row.invited)
    for person in people:
        block = blocks.get(person.id, 0) if row.cycle.design == RoundDesign.LATIN else person.unit_id or 0
        numbers[f"{person.unit_id or 0}"] += 1
        numbers[f"{person.unit_id or 0}:{factor_of(row, block)}"] += 1
    return dict(numbers)


def remind_of_round(job: Job) -> list[Effect]:
    """One reminder on the third working day, to those alone who have not answered; the machine sees who."""
    effects: list[Effect] = []
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.inviting_after is not None or row.reminding_after is None or job.now < row.remind_at:
            continue
        waiting = rounds.to_remind(job.session, row.id, after_id=row.reminding_after, limit=SLICE)
        row.reminding_after = waiting[-1].id if len(waiting) == SLICE else None
        if row.reminding_after is not None:
            effects.append(NextSlice(row.reminding_after))
        spoken = contact_budget.spoken_lately(job, [item.employee_id for item in waiting])
        for item in waiting:
            person = employees.employee(job.session, item.employee_id)
            if person is None or not person.is_active or rounds.has_refused(job.session, person.id):
                continue
            due = _moment(job, row, person.time_zone, person.country, spoken.get(person.id))
            if due is not None:
                effects.append(
                    Send(person, f"pulse_reminder:{item.id}", kind="pulse_reminder", subject=item.id, not_before=due)
                )
    return effects


def _moment(job: Job, row: Round, zone: str, country: str | None, spoken: ContactHistory | None) -> datetime | None:
    return contact_budget.next_moment(
        spoken, job.now, row.closes_at, job.rules, time_zone=zone, country=country, random=job.random
    )
