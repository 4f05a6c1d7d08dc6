"""Answering: one card that advances by itself, one tap for each statement; answers never appear in the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from bot.core.cards import Card
from bot.core.context import ComposeRequest as Composed
from bot.core.context import Context, Effect, Job, OpenForm, Reply, words_of
from bot.core.errors import Gone, NotAllowed, NotUnderstood
from bot.core.events import Command, Pressed, Submitted
from bot.features.pulse.cards import answering
from bot.features.pulse.domain import comments, spending
from storage.people import employees
from storage.pulse import rounds
from storage.pulse.round_store import CANT_SAY, SKIPPED, Ballot, RoundOver
from storage.pulse.rounds import Round

MOST_NAMED = 3  # comms leads in "Who sees what?"
Handler = Callable[[Context, Pressed], list[Effect]]


def in_an_open_round(handler: Handler) -> Handler:
    """A press on a card of a round that is over: the card says so, and has its buttons no more."""

    @wraps(handler)
    def handled(context: Context, event: Pressed) -> list[Effect]:
        try:
            return handler(context, event)
        except Gone:
            return [Reply(answering.over_card(context.words))]

    return handled


@in_an_open_round
def rate_statement(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.rate_*` on a statement: 1 to 5."""
    if event.argument not in ("1", "2", "3", "4", "5"):
        raise NotUnderstood(
            "That button no longer works – it’s probably from an older message. Type /chorus help to see what I can do."
        )
    return [Reply(_rate(context, event.ref, int(event.argument)))]


@in_an_open_round
def cannot_say(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.cant_say` on a statement."""
    return [Reply(_rate(context, event.ref, CANT_SAY))]


@in_an_open_round
def skip(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.skip` on a statement."""
    return [Reply(_rate(context, event.ref, SKIPPED))]


def accept(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`start-pulse` and `pulse.accept`: be asked again."""
    rounds.accept_again(context.session, context.person.id)
    asked = open_ballot(context)
    return [Reply(answering.asked_again_card(asked[0] if asked else None, context.words))]


def refuse(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`stop-pulse` and `pulse.refuse`: not be asked any more."""
    rounds.refuse(context.session, context.person.id, context.now)
    return [Reply(answering.refused_card(context.words))]


@in_an_open_round
def keep_answer(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.keep` on a statement that was rated: the next one."""
    asked = rounds.asked(context.session, event.ref)
    if asked is None:
        return [Reply(answering.over_card(context.words))]
    row, ballot = _mine(context, asked.round_id)
    return [Reply(_next_card(context, row, ballot, asked.position + 1))]


@in_an_open_round
def begin(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.answer` on an invitation: the first statement that was not answered yet, or all over again."""
    row, ballot = _mine(context, event.ref)
    waiting = [item.position for item in rounds.asked_of(context.session, row.id) if item.id not in ballot.ratings]
    return [Reply(_next_card(context, row, ballot, min(waiting, default=0)))]


def show_notice(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.notice` on an invitation: how the answers are kept from everybody."""
    leads = [lead.name for lead in employees.with_role(context.session, "lead")][:MOST_NAMED]
    row = rounds.a_round(context.session, event.ref)
    if row is None:
        raise _over()
    notice = answering.notice_card(
        row,
        context.words,
        is_open=row.is_open(context.now),
        organisation=context.rules.organisation,
        asked_by=leads,
        budget=spending.budget(context.session, context.rules, context.now),
    )
    return [Reply(notice)]


@in_an_open_round
def erase(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.erase` on an invitation: all that the person answered in the open round."""
    row, _ballot_before = _mine(context, event.ref)
    with _unless_over():
        context.ballots.take_back(row.id, context.person.id)
    return [Reply(answering.erased_card(row, context.words))]


@in_an_open_round
def open_comment(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.comment` on an invitation: the form."""
    row, ballot = _mine(context, event.ref)
    return [OpenForm(answering.comment_form(row, context.words, kept=ballot.comment))]


def submit_comment(context: Context, event: Submitted) -> list[Effect]:
    """`pulse_comment` was submitted; empty, it changes nothing. What others will read is shown before it is kept: where
    something was masked the form comes again, and what comes back is masked once more."""
    said = " ".join(event.values.get("text", "").split())
    row, ballot = _mine(context, event.ref, kept=said)
    if len(said) > answering.MOST:
        return [OpenForm(answering.comment_form(row, context.words, kept=said, is_too_long=True))]
    shown = comments.masked(said, employees.names(context.session))
    if shown != said:
        return [OpenForm(answering.comment_form(row, context.words, masked=shown))]
    if said:
        with _unless_over(kept=said):
            context.ballots.comment(row.id, context.person.id, said, context.person.language)
    return [Reply(answering.thanks_card(row, context.words, has_comment=bool(said or ballot.comment)))]


@in_an_open_round
def cancel_comment(context: Context, event: Pressed) -> list[Effect]:
    row, ballot = _mine(context, event.ref)
    return [Reply(answering.thanks_card(row, context.words, has_comment=bool(ballot.comment)))]


def compose_invitation(job: Job, composed: Composed) -> Card | None:
    """The card of an invitation. Who has answered before it comes is thanked: that it comes or not would tell it."""
    found = _to_ask(job, composed)
    if found is None:
        return None
    row, ballot = found
    words = words_of(composed.person, job.now)
    if ballot.has_answered:
        return answering.thanks_card(row, words, has_comment=bool(ballot.comment))
    return answering.invitation_card(row, words, rounds.newest_published(job.session, before=row.id))


def compose_reminder(job: Job, composed: Composed) -> Card | None:
    """The same once more, for those alone who have not answered."""
    found = _to_ask(job, composed)
    return None if found is None or found[1].has_answered else compose_invitation(job, composed)


def open_ballot(context: Context) -> tuple[Round, Ballot] | None:
    """The round that is open, and the person's ballot in it."""
    row = rounds.newest(context.session)
    if row is None or not row.is_open(context.now):
        return None
    ballot = _ballot(context, row, context.person.id)
    return (row, ballot) if ballot is not None else None


def _to_ask(job: Job, composed: Composed) -> tuple[Round, Ballot] | None:
    row = rounds.a_round(job.session, composed.subject)
    if row is None or not row.is_open(job.now) or not composed.person.is_active:
        return None
    if rounds.has_refused(job.session, composed.person.id):
        return None
    ballot = _ballot(job, row, composed.person.id)
    return (row, ballot) if ballot is not None else None


def _ballot(context: Context | Job, row: Round, person: int) -> Ballot | None:
    try:
        return context.ballots.ballot(row.id, person)
    except RoundOver:
        return None


def _next_card(context: Context, row: Round, ballot: Ballot, position: int) -> Card:
    """The statement at that position, or thanks after the last one."""
    asked = rounds.asked_of(context.session, row.id)
    following = [item for item in asked if item.position >= position and item.statement.retired_at is None]
    if not following:
        return answering.thanks_card(row, context.words, has_comment=bool(ballot.comment))
    is_rated = ballot.ratings.get(following[0].id, SKIPPED) != SKIPPED
    return answering.statement_card(following[0], len(asked), context.words, is_rated=is_rated)


def _rate(context: Context, asked_id: int, value: int) -> Card:
    """Store a rating and show the next statement."""
    asked = rounds.asked(context.session, asked_id)
    row = rounds.a_round(context.session, asked.round_id) if asked is not None else None
    if asked is None or row is None or not row.is_open(context.now):
        raise _over()
    with _unless_over():
        if asked.statement.retired_at is None:
            ballot = context.ballots.rate(row.id, context.person.id, asked.id, value)
        else:
            ballot = context.ballots.ballot(row.id, context.person.id)
    if ballot is None:
        raise _not_asked()
    return _next_card(context, row, ballot, asked.position + 1)


def _mine(context: Context, round_id: int, kept: str = "") -> tuple[Round, Ballot]:
    """The open round, which asks the person, too, and their ballot. Raises Gone, NotAllowed."""
    row = rounds.a_round(context.session, round_id)
    if row is None or not row.is_open(context.now):
        raise _over(kept)
    with _unless_over(kept):
        ballot = context.ballots.ballot(row.id, context.person.id)
    if ballot is None:
        raise _not_asked(kept)
    return row, ballot


@contextmanager
def _unless_over(kept: str = "") -> Iterator[None]:
    """What the store refuses because the round is over, in words."""
    try:
        yield
    except RoundOver:
        raise _over(kept) from None


def _not_asked(kept: str = "") -> NotAllowed:
    return NotAllowed("You’re not part of this round.", kept=kept)


def _over(kept: str = "") -> Gone:
    return Gone("That round is over: answers can no longer be given, changed or erased.", kept=kept)
