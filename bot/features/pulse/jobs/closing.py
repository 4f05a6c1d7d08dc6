"""The close of a round: all ballots are counted at once, noise is added, and only that is stored.

First the round's store is shut, and the noisy sums are drawn once and kept in it; then the sums, their cost and what is
said of them are one commit in the main database; then the store is erased (`retention`). Cut off anywhere, it goes on
with the same draw: what a transaction that failed has written stays in a database's log, and two draws of the same
sums would tell more than one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import structlog

from bot.core.context import Effect, Job, Send
from bot.core.errors import NotAllowed
from bot.features.pulse.domain import comments as domain_comments
from bot.features.pulse.domain import noisy_sums, results, spending
from bot.features.pulse.domain.noisy_sums import Answers, is_favourable
from storage.database import Session
from storage.delivery import history
from storage.people import employees
from storage.pulse import comments, privacy_spending, readings, rounds
from storage.pulse.round_store import Ballot, RoundOver
from storage.pulse.rounds import NoFigures, Round, RoundState

log = structlog.get_logger()


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
    """Rounds whose time is over, and those whose answers are lost; what may be said of them is told to leads."""
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.closes_at <= job.now or _is_lost(job, row):
            row.begin_closing()
    return [effect for row in rounds.in_state(job.session, RoundState.CLOSING) for effect in _finish(job, row)]


def _is_lost(job: Job, row: Round) -> bool:
    """Whether there was a store, and it is gone."""
    return row.inviting_after != 0 and job.ballots.is_lost(row.id)


def _finish(job: Job, row: Round) -> list[Effect]:
    if row.inviting_after == 0:  # closed before anybody was asked: there is nothing in it
        job.ballots.open(row.id)
    cost, budget = spending.cost_of_round(job.rules), spending.budget(job.session, job.rules, job.now)
    try:
        job.ballots.shut(row.id)
        ballots = job.ballots.everybody(row.id)
    except RoundOver:
        row.end_without_figures(NoFigures.LOST, job.now)
    else:
        if not ballots:
            row.end_without_figures(NoFigures.NOBODY, job.now)
        elif budget.allows(cost):
            budget.draw(cost)
            privacy_spending.record(job.session, row.id, row.factor, cost, job.now)
            _release(job, row, ballots)
        else:
            row.end_without_figures(NoFigures.BUDGET, job.now)
    history.forget(job.session, ["pulse", "pulse_reminder"], row.id)  # who was asked is nobody's business any more
    log.info("round closed", round=row.id, factor=row.factor, no_figures=row.no_figures)
    return [
        Send(lead, f"pulse_closed:{row.id}:{lead.id}", kind="pulse_closed", subject=row.id)
        for lead in employees.with_role(job.session, "lead")
    ]


def _release(job: Job, row: Round, ballots: Sequence[Ballot]) -> None:
    drawn = job.ballots.drawn_once(row.id, lambda: json.dumps(noisy_sums.to_json(_drawn(job, row, ballots))))
    sums = noisy_sums.from_json(json.loads(drawn))
    row.finish_closing(noisy_sums.to_json(sums), job.now)
    job.session.flush()
    wrote = [(ballot.language, ballot.comment) for ballot in ballots if ballot.comment]
    comments.add(job.session, row.id, domain_comments.released(wrote, people=round(sums.count)))
    row.reading = readings.to_json(results.read_at(job.session, row))


def _drawn(job: Job, row: Round, ballots: Sequence[Ballot]) -> noisy_sums.NoisySums:
    """The exact sums exist within this call alone."""
    asked = {
        item.id: item.statement for item in rounds.asked_of(job.session, row.id) if item.statement.retired_at is None
    }
    return noisy_sums.draw(
        row.factor,
        dict(sorted(Counter(ballot.unit for ballot in ballots).items())),  # ballots come in an order of chance
        [statement.id for statement in asked.values()],
        (
            Answers(
                ballot.unit,
                {
                    asked[number].id: is_favourable(value, asked[number].reverse)
                    for number, value in ballot.ratings.items()
                    if value > 0 and number in asked
                },
            )
            for ballot in ballots
        ),
        spending.noise_of(job.rules),
    )
