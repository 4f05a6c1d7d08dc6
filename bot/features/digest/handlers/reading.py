"""The digest on demand, where it comes, and what people say of it and of its lesson."""

from __future__ import annotations

from bot.core.cards import Button, Card, Link, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.errors import Gone, NotAllowed, NotUnderstood
from bot.core.events import Command, Pressed
from bot.core.i18n import Words
from bot.features.digest.domain.compute_facts import last_week
from bot.features.digest.jobs import sending
from storage.digest import digests
from storage.digest.digests import DigestFeedback, DigestPlace, LessonAnswer


def show_digest(context: Context, event: Command | Pressed) -> list[Effect]:
    """`digest`: last week's, for one's role. `digest on|off`: every Monday or no more. `digest here|away`, said by a
    lead in a conversation: it comes there, or no more."""
    match event.text.strip().lower() if isinstance(event, Command) else "":
        case "":
            return [Reply(_newest(context))]
        case "on" | "off" | "päälle" | "pois" as wanted:
            context.person.digest_wanted = wanted in ("on", "päälle")
            return [Reply(wanted_card(context.words, is_wanted=context.person.digest_wanted))]
        case "here" | "away" | "tänne" | "täältä" as wanted if isinstance(event, Command):
            return [_place(context, event, comes=wanted in ("here", "tänne"))]
    raise NotUnderstood(
        "Type /chorus {command} to see last week’s digest. Add on or off to get it on Mondays or "
        "stop it, or here or away to start or stop it in this conversation.",
        command="digest",
    )


def rate_useful(context: Context, event: Pressed) -> list[Effect]:
    """`digest.useful_yes`: by anybody, once or changed."""
    _feedback(context, event).useful = True
    return [Reply(feedback_card(context.words))]


def rate_useless(context: Context, event: Pressed) -> list[Effect]:
    """`digest.useful_no`."""
    _feedback(context, event).useful = False
    return [Reply(feedback_card(context.words))]


def answer_lesson(context: Context, event: Pressed) -> list[Effect]:
    """`lesson.*`: done, or not for us."""
    if event.argument not in tuple(LessonAnswer):
        raise NotUnderstood(
            "That button no longer works – it’s probably from an older message. Type /chorus help to see what I can do."
        )
    _feedback(context, event).lesson = LessonAnswer(event.argument)
    return [Reply(feedback_card(context.words))]


def _feedback(context: Context, event: Pressed) -> DigestFeedback:
    if digests.digest(context.session, event.ref) is None:
        raise Gone("That digest is gone. Type /chorus {command} for the newest one.", command="digest")
    return digests.feedback(context.session, event.ref, context.person.id)


def feedback_card(words: Words) -> Card:
    said = words.t("Thank you. That helps me choose what comes next week.")
    return card(said, text(said), actions(Button(words.t("Digest"), "show.digest")))


def wanted_card(words: Words, *, is_wanted: bool) -> Card:
    said = words.t("You’ll get the digest on Mondays.") if is_wanted else words.t("You won’t get the digest any more.")
    return card(said, text(said))


def no_digest_card(words: Words, address: str = "") -> Card:
    """`address`: of the digest's page in the console."""
    said = words.t("There’s nothing new for you this week.")
    return card(said, text(said), actions(Link(words.t("Open the digest"), address)) if address else None)


def _newest(context: Context) -> Card:
    row = sending.digest_of_week(context.session, last_week(context.now), k=context.rules.pulse_k, now=context.now)
    audience = sending.audience_of(context.session, context.person)
    issue = sending.issue_of(context.session, row, context.rules.base_url)
    found = sending.card_for(context.session, context.person, audience, issue, context.pictures)
    return found or no_digest_card(context.words, issue.address)


def _place(context: Context, event: Command, *, comes: bool) -> Reply:
    if not context.person.has_role("lead"):
        raise NotAllowed("Only a comms lead can do that.")
    if not event.place:
        raise Gone("Type this in the conversation where you want the digest, and mention me.")
    known = digests.place(context.session, event.workspace, event.place)
    if comes and known is None:
        context.session.add(DigestPlace(workspace_id=event.workspace, address=event.place, set_by=context.person))
    if not comes and known is not None:
        context.session.delete(known)
    said = (
        context.words.t("The digest will come here on Mondays.")
        if comes
        else context.words.t("The digest won’t come here any more.")
    )
    return Reply(card(said, text(said)))
