"""Answering: one card that advances by itself, one tap for each statement; answers never appear in the conversation."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Card
from bot.core.context import ComposeRequest as Composed
from bot.core.context import Context, Effect, Job, OpenForm, Reply, words_of
from bot.core.errors import Gone, NotAllowed, NotUnderstood
from bot.core.events import Pressed, Submitted
from bot.features.pulse.cards import answering
from bot.features.pulse.domain import comments
from storage.people import employees
from storage.pulse import rounds
from storage.pulse.ballots import CANT_SAY, SKIPPED, Voter
from storage.pulse.rounds import AskedStatement, Invitation, Round

MOST_OF_A_COMMENT = 500  # characters


def rate_statement(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.rate_*` on a statement: 1 to 5."""
    if event.argument not in ("1", "2", "3", "4", "5"):
        raise NotUnderstood(
            "That button no longer works – it’s probably from an older message. Type /chorus help to see what I can do."
        )
    return [Reply(_rate(context, event.ref, int(event.argument)))]


def cannot_say(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.cant_say` on a statement."""
    return [Reply(_rate(context, event.ref, CANT_SAY))]


def skip(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.skip` on a statement."""
    return [Reply(_rate(context, event.ref, SKIPPED))]


def accept(context: Context, _event: Pressed) -> list[Effect]:
    """`pulse.accept`: be asked again."""
    rounds.accept_again(context.session, context.person.id)
    return [Reply(answering.asked_again_card(context.words))]


def refuse(context: Context, _event: Pressed) -> list[Effect]:
    """`pulse.refuse`: not be asked any more."""
    rounds.refuse(context.session, context.person.id, context.now)
    return [Reply(answering.refused_card(context.words))]


def begin(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.answer` on an invitation: the first statement."""
    return [Reply(statement_card(context, _invitation(context, event.ref), 0))]


def show_notice(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.notice` on an invitation: how the answers are kept from everybody."""
    return [
        Reply(answering.notice_card(_invitation(context, event.ref).round, context.words, context.rules.organisation))
    ]


def erase(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.erase` on an invitation: all that the person answered in the open round."""
    invitation = _invitation(context, event.ref)
    _erase(context, invitation)
    return [Reply(answering.erased_card(invitation.round, context.words))]


def open_comment(context: Context, event: Pressed) -> list[Effect]:
    """`pulse.comment` on an invitation: the form."""
    return [OpenForm(answering.comment_form(_invitation(context, event.ref).round, context.words))]


def submit_comment(context: Context, event: Submitted) -> list[Effect]:
    """`pulse_comment` was submitted; empty, it changes nothing. What others will read is shown before it is kept: where
    something was masked the form comes again, and what comes back is masked once more."""
    said = " ".join(event.values.get("text", "").split())[:MOST_OF_A_COMMENT]
    invitation = _invitation(context, event.ref, kept=said)
    shown = comments.masked(said, employees.names_of_active(context.session))
    if shown != said:
        return [OpenForm(answering.comment_form(invitation.round, context.words, masked=shown))]
    token = context.ballots.comment_token(invitation.round.cycle_id, invitation.round_id, context.person.id)
    if said and token is not None:
        context.ballots.cast_comment(invitation.round_id, token, context.person.language, said)
        rounds.mark_answered(context.session, invitation.id)
    return [Reply(answering.thanks_card(invitation.round, context.words, has_comment=bool(said)))]


def cancel_comment(context: Context, event: Pressed) -> list[Effect]:
    return [Reply(answering.thanks_card(_invitation(context, event.ref).round, context.words))]


def compose_invitation(job: Job, composed: Composed) -> Card | None:
    """The card of an invitation or a reminder, if there is still something to ask."""
    invitation = rounds.by_invitation(job.session, composed.subject)
    if invitation is None or not invitation.round.is_open(job.now) or not composed.person.is_active:
        return None
    if invitation.answered or rounds.has_refused(job.session, composed.person.id):
        return None
    last = rounds.published_before(job.session, invitation.round_id)
    return answering.invitation_card(invitation.round, words_of(composed.person, job.now), last)


def statement_card(context: Context, invitation: Invitation, position: int) -> Card:
    """The statement at that position, or thanks after the last one."""
    return _next_card(context, invitation.round, rounds.asked_of(context.session, invitation.round_id), position)


def _next_card(context: Context, row: Round, asked: Sequence[AskedStatement], position: int) -> Card:
    following = [item for item in asked if item.position >= position and item.statement.retired_at is None]
    if not following:
        return answering.thanks_card(row, context.words)
    return answering.statement_card(following[0], len(asked), context.words)


def open_invitation(context: Context) -> Invitation | None:
    """The person's invitation to the round that is open."""
    row = rounds.newest(context.session)
    if row is None or not row.is_open(context.now):
        return None
    return rounds.invitation(context.session, row.id, context.person.id)


def _rate(context: Context, asked_id: int, value: int) -> Card:
    """Store a rating and show the next statement."""
    asked = rounds.asked(context.session, asked_id)
    if asked is None:
        raise Gone("That round is over: answers can no longer be given, changed or erased.")
    invitation = _invitation(context, asked.round_id)
    row = invitation.round
    if asked.statement.retired_at is None:
        who = Voter(row.cycle_id, context.person.id, invitation.unit_id)
        if not context.ballots.cast(row.id, who, asked.id, value):
            raise Gone("That round is over: answers can no longer be given, changed or erased.")
        if value != SKIPPED and not invitation.answered:
            rounds.mark_answered(context.session, invitation.id)
    return _next_card(context, row, rounds.asked_of(context.session, row.id), asked.position + 1)


def _erase(context: Context, invitation: Invitation) -> None:
    """Erase the person's answers in the open round."""
    row = invitation.round
    token = context.ballots.token(row.cycle_id, context.person.id)
    comment = context.ballots.comment_token(row.cycle_id, row.id, context.person.id)
    if token is not None and comment is not None:
        context.ballots.take_back(row.id, token, comment)
    invitation.answered = False


def _invitation(context: Context, round_id: int, kept: str = "") -> Invitation:
    """The person's own, to a round that is open. Raises Gone, NotAllowed."""
    row = rounds.a_round(context.session, round_id)
    if row is None or not row.is_open(context.now):
        raise Gone("That round is over: answers can no longer be given, changed or erased.", kept=kept)
    invitation = rounds.invitation(context.session, round_id, context.person.id)
    if invitation is None:
        raise NotAllowed("You’re not part of this round.", kept=kept)
    return invitation
