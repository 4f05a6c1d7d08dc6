"""Answering: one card that moves on by itself, one tap a statement; no answer is echoed into the conversation."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Card
from bot.core.context import Asked as Composed
from bot.core.context import Job, OpenForm, Reply, Turn, Wish, words_of
from bot.core.errors import Gone, NotAllowed, NotUnderstood
from bot.core.events import Pressed, Submitted
from bot.features.pulse import answer_cards
from bot.features.pulse.rounds import block_of
from storage import rounds
from storage.answers import CANT_SAY, SKIPPED
from storage.ballots import Voter
from storage.rounds import Asked, Invitation, Round

MOST_OF_A_COMMENT = 500  # characters
VALUES = {"cant_say": CANT_SAY, "skip": SKIPPED, **{f"rate_{value}": value for value in range(1, 6)}}


def press_pulse(turn: Turn, event: Pressed) -> list[Wish]:
    """`pulse.<what>` on an invitation: a rating of a statement, or what else the card offers."""
    what = event.action.removeprefix("pulse.")
    if what in VALUES:
        return [Reply(_rate(turn, event.ref, VALUES[what]))]
    if what == "accept":
        rounds.accept_again(turn.session, turn.person.id)
        return [Reply(answer_cards.asked_again_card(turn.words))]
    if what == "refuse":
        rounds.refuse(turn.session, turn.person.id, turn.now)
        return [Reply(answer_cards.refused_card(turn.words))]
    invitation = _invitation(turn, event.ref)
    match what:
        case "answer":
            return [Reply(statement_card(turn, invitation, 0))]
        case "notice":
            return [Reply(answer_cards.notice_card(invitation.round, turn.words, turn.rules.organisation))]
        case "erase":
            _erase(turn, invitation)
            return [Reply(answer_cards.erased_card(invitation.round, turn.words))]
        case "comment":
            return [OpenForm(answer_cards.comment_form(invitation.round, turn.words))]
    raise NotUnderstood("I do not know that button. It may belong to an older card.")


def submit_comment(turn: Turn, event: Submitted) -> list[Wish]:
    """`pulse_comment` was filled in; empty, it changes nothing."""
    said = " ".join(event.values.get("text", "").split())[:MOST_OF_A_COMMENT]
    invitation = _invitation(turn, event.ref, kept=said)
    token = turn.ballots.comment_token(invitation.round.cycle_id, invitation.round_id, turn.person.id)
    if said and token is not None:
        turn.ballots.cast_comment(invitation.round_id, token, turn.person.language, said)
        rounds.mark_answered(turn.session, invitation.id)
    return [Reply(answer_cards.thanks_card(invitation.round, turn.words, has_comment=bool(said)))]


def cancel_comment(turn: Turn, event: Pressed) -> list[Wish]:
    return [Reply(answer_cards.thanks_card(_invitation(turn, event.ref).round, turn.words))]


def compose_invitation(job: Job, composed: Composed) -> Card | None:
    """The card of an invitation or a reminder, if there is still something to ask."""
    invitation = rounds.by_invitation(job.session, composed.subject)
    if invitation is None or not invitation.round.is_open(job.now) or composed.person.state != "active":
        return None
    if invitation.answered or rounds.has_refused(job.session, composed.person.id):
        return None
    last = rounds.published_before(job.session, invitation.round_id)
    return answer_cards.invitation_card(invitation.round, words_of(composed.person), last)


def statement_card(turn: Turn, invitation: Invitation, position: int) -> Card:
    """The statement at that position, or thanks after the last one."""
    block = block_of(turn, invitation.round, turn.person.id, invitation.unit_id)
    return _next_card(turn, invitation.round, rounds.asked_of(turn.session, invitation.round_id, block), position)


def _next_card(turn: Turn, row: Round, asked: Sequence[Asked], position: int) -> Card:
    following = [item for item in asked if item.position >= position and item.statement.retired_at is None]
    if not following:
        return answer_cards.thanks_card(row, turn.words)
    return answer_cards.statement_card(following[0], len(asked), turn.words)


def open_invitation(turn: Turn) -> Invitation | None:
    """The person's invitation to the round that is open."""
    row = rounds.newest(turn.session)
    if row is None or not row.is_open(turn.now):
        return None
    return rounds.invitation(turn.session, row.id, turn.person.id)


def _rate(turn: Turn, asked_id: int, value: int) -> Card:
    """Take a rating and go on to the next statement."""
    asked = rounds.asked(turn.session, asked_id)
    if asked is None:
        raise Gone("That round is over. Thank you for wanting to answer.")
    invitation = _invitation(turn, asked.round_id)
    row = invitation.round
    if block_of(turn, row, turn.person.id, invitation.unit_id) != asked.block:
        raise NotAllowed("That statement is not among those that you are asked.")
    if asked.statement.retired_at is None:
        who = Voter(row.cycle_id, turn.person.id, invitation.unit_id)
        if not turn.ballots.cast(row.id, who, asked.id, value):
            raise Gone("That round is over. Thank you for wanting to answer.")
        if value != SKIPPED and not invitation.answered:
            rounds.mark_answered(turn.session, invitation.id)
    return _next_card(turn, row, rounds.asked_of(turn.session, row.id, asked.block), asked.position + 1)


def _erase(turn: Turn, invitation: Invitation) -> None:
    """Take back what the person said in the open round."""
    row = invitation.round
    token = turn.ballots.token(row.cycle_id, turn.person.id)
    comment = turn.ballots.comment_token(row.cycle_id, row.id, turn.person.id)
    if token is not None and comment is not None:
        turn.ballots.take_back(row.id, token, comment)
    invitation.answered = False


def _invitation(turn: Turn, round_id: int, kept: str = "") -> Invitation:
    """The person's own, to a round that is open. Raises Gone, NotAllowed."""
    row = rounds.a_round(turn.session, round_id)
    if row is None or not row.is_open(turn.now):
        raise Gone("That round is over. Thank you for wanting to answer.", kept=kept)
    invitation = rounds.invitation(turn.session, round_id, turn.person.id)
    if invitation is None:
        raise NotAllowed("You are not among those who are asked in this round.", kept=kept)
    return invitation
