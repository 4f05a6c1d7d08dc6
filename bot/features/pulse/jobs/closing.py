"""The close of a round: ballots become answers, and answers a release."""

from __future__ import annotations

import hashlib
import secrets

import structlog

from bot.core.context import Effect, Job, NextSlice, Send
from bot.core.errors import NotAllowed
from bot.features.pulse.domain import comments
from bot.features.pulse.domain.results import released, to_json, tree_of
from bot.features.pulse.domain.tally import Tree
from storage.database import Session
from storage.delivery import deliveries
from storage.people import employees
from storage.pulse import answers, rounds
from storage.pulse.rounds import Round, RoundState

log = structlog.get_logger()

SLICE = 2000  # people whose ballots are counted in a transaction


def open_now(session: Session) -> Round:
    """The open round. Raises NotAllowed where none is."""
    row = rounds.newest(session)
    if row is None or row.state != RoundState.OPEN:
        raise NotAllowed("No round is open.")
    return row


def close_round(session: Session) -> Round:
    """Close the open round now. Raises NotAllowed where none is open."""
    row = open_now(session)
    row.begin_closing()
    return row


def close_rounds(job: Job) -> list[Effect]:
    """Rounds whose time is over, a slice of ballots at a time; at last what may be shown of them."""
    effects = list[Effect]()
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.closes_at <= job.now:
            row.begin_closing()
    for row in rounds.in_state(job.session, RoundState.CLOSING):
        if not _count_ballots(job, row):
            return _finish(job, row)
        effects.append(NextSlice(row.id))
    return effects


def token_for(round_id: int, token: str) -> str:
    """The name under which a ballot's answers of that round are kept: another in each round, so that nobody is known by
    the rounds that they answered. It can be made only from the ballot's token, which goes with the ballot."""
    return hashlib.sha256(f"{round_id}:{token}".encode()).hexdigest()


def _count_ballots(job: Job, row: Round) -> bool:
    """Make answers of the next ballots; whether there were any. Cut off, it is done again with the same effect."""
    ballots = job.ballots.take(row.id, after=row.moved_to or "", limit=SLICE)
    if not ballots:
        return False
    asked = {item.id: item for item in rounds.all_asked(job.session, [row.id])}
    answers.add(
        job.session,
        [
            {
                "round_id": row.id,
                "token": token_for(row.id, ballot.token),
                "statement_id": asked[ballot.asked].statement_id,
                "cycle_id": row.cycle_id,
                "part": asked[ballot.asked].part,
                "unit_id": ballot.unit,
                "value": ballot.value,
            }
            for ballot in ballots
            if ballot.asked in asked
        ],
    )
    row.moved_to = ballots[-1].token
    return True


def _finish(job: Job, row: Round) -> list[Effect]:
    tree = tree_of(row)
    _hide_in_parents(job.session, row, tree)
    wrote = [
        {"token": secrets.token_hex(8), "round_id": row.id, "language": language, "text": words}
        for language, words in job.ballots.comments(row.id)
    ]
    answers.add_comments(job.session, wrote)
    invited, answered = rounds.response(job.session, row.id)
    row.response = {"invited": invited, "answered": answered}
    row.finish_closing(job.now)
    rounds.forget_who_answered(job.session, row.id)
    deliveries.forget(job.session, "pulse_reminder", rounds.invitation_ids(row.id))
    job.session.flush()
    people = sum(answers.people_by_unit(job.session, row.id).values())
    names = employees.names_of_active(job.session)
    row.comments = comments.released(answers.comments_of(job.session, row.id), people=people, k=row.k, names=names)
    row.release = to_json(released(job.session, row, tree))
    log.info("round closed", round=row.id, cells=len(row.release))
    return [
        Send(lead, f"pulse_closed:{row.id}:{lead.id}", kind="pulse_closed", subject=row.id)
        for lead in employees.with_role(job.session, "lead")
    ]


def _hide_in_parents(session: Session, row: Round, tree: Tree) -> None:
    """Have no group kept apart in which k or fewer answered: from the leaves up, such a group takes in the smallest
    one under it, else it counts as its parent's; at the top it takes in the smallest of all."""
    while True:
        sizes = answers.people_by_unit(session, row.id)
        small = [unit for unit, number in sizes.items() if 0 < number <= row.k]
        if not small or len(sizes) == 1:
            return
        unit = max(small, key=lambda unit: len(tree.line(unit)))
        under = [other for other in sizes if other != unit and unit in tree.line(other)]
        if under:
            answers.move(session, row.id, min(under, key=lambda other: sizes[other]), to=unit)
        else:
            answers.move(session, row.id, unit, to=tree.line(unit)[1])
