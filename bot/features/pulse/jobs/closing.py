"""The close of a round: all ballots are counted at once, noise is added, and only that is stored.

The sums, their cost and what is said of them are one commit. Cut off before it, the round is drawn anew and nothing of
the first draw was stored or shown; after it, the round is closed, and no second draw can be made.
"""

from __future__ import annotations

import secrets
from collections import defaultdict

import structlog

from bot.core.context import Effect, Job, Send
from bot.core.errors import NotAllowed
from bot.features.pulse.domain import comments as domain_comments
from bot.features.pulse.domain import noisy_sums, results, spending
from bot.features.pulse.domain.noisy_sums import NO_UNIT, Answers, is_favourable
from storage.database import Session
from storage.delivery import deliveries
from storage.people import employees
from storage.pulse import comments, privacy_spending, readings, rounds
from storage.pulse.rounds import Round, RoundState

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
    """Rounds whose time is over; what may be said of them is told to leads."""
    for row in rounds.in_state(job.session, RoundState.OPEN):
        if row.closes_at <= job.now:
            row.begin_closing()
    return [effect for row in rounds.in_state(job.session, RoundState.CLOSING) for effect in _finish(job, row)]


def _finish(job: Job, row: Round) -> list[Effect]:
    session = job.session
    cost = spending.cost_of_round(job.rules)
    spending.budget(session, job.rules, job.now).draw(cost)
    privacy_spending.record(session, row.id, row.factor, cost, job.now)
    row.finish_closing(noisy_sums.to_json(_drawn(job, row)), job.now)
    deliveries.forget(session, "pulse_reminder", rounds.invitation_ids(row.id))
    rounds.forget_invitations(session, row.id)
    session.flush()
    _release_comments(job, row)
    row.reading = readings.to_json(results.read_at(session, row))
    log.info("round closed", round=row.id, factor=row.factor)
    return [
        Send(lead, f"pulse_closed:{row.id}:{lead.id}", kind="pulse_closed", subject=row.id)
        for lead in employees.with_role(session, "lead")
    ]


def _drawn(job: Job, row: Round) -> noisy_sums.NoisySums:
    """The exact sums exist within this call alone."""
    asked = {item.id: item.statement for item in rounds.asked_of(job.session, row.id)}
    counted = {number: item for number, item in asked.items() if item.retired_at is None}
    said: dict[tuple[str, int], dict[str, bool]] = defaultdict(dict)
    for ballot in job.ballots.take(row.id):
        if ballot.value > 0 and (item := counted.get(ballot.asked)) is not None:
            said[ballot.token, ballot.unit or NO_UNIT][item.id] = is_favourable(ballot.value, item.reverse)
    return noisy_sums.draw(
        row.factor,
        {int(unit): number for unit, number in row.invited.items()},
        [item.id for item in counted.values()],
        (Answers(unit, favourable) for (_token, unit), favourable in said.items()),
        spending.noise_of(job.rules),
    )


def _release_comments(job: Job, row: Round) -> None:
    wrote = [
        {"token": secrets.token_hex(8), "round_id": row.id, "language": language, "text": words}
        for language, words in job.ballots.comments(row.id)
    ]
    comments.add(job.session, wrote)
    job.session.flush()
    answered = results.response(row)
    row.comments = domain_comments.released(
        comments.of_round(job.session, row.id),
        people=answered[0] if answered else 0,
        names=employees.names_of_active(job.session),
    )
