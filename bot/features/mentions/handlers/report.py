""" "Heard something": anybody hands a remark or a link to who answers for it, and hears what came of it."""

from __future__ import annotations

import regex

from bot.core.cards import card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.events import Command, Pressed, Submitted
from bot.features.mentions import cards
from bot.features.mentions.jobs import open_mention
from content import listening as keeping
from content import sources
from content.addresses import validate_url
from content.errors import NotAnAddress
from content.sources import Heard
from storage.mentions import listening
from storage.questions import topics

_ADDRESS = regex.compile(r"https?://[^\s<>|\"]+", regex.IGNORECASE)


def open_report(context: Context, event: Command | Pressed) -> list[Effect]:
    """`heard …`, the message action, or the button: the form, with what was said and the first address in it."""
    said = event.text.strip() if isinstance(event, Command) else ""
    found = _ADDRESS.search(said)
    address = found.group().rstrip(".,;:!?)") if found else ""
    form = cards.heard_form(topics.active(context.session), context.words, said=said[: cards.MAX_TEXT], address=address)
    return [OpenForm(form)]


def submit_report(context: Context, event: Submitted) -> list[Effect]:
    """`heard` was submitted."""
    said, written = event.values.get("text", "").strip(), event.values.get("address", "").strip()
    wanted = event.values.get("topic", "")
    errors = []
    try:
        address = validate_url(written) if written else None
    except NotAnAddress:
        address = None
        errors.append(
            (
                "address",
                context.words.t("That isn’t a web address. It starts with https:// – copy it from your browser."),
            )
        )
    if not said:
        errors.append(("text", context.words.t("Write a few words first.")))
    if errors:
        active = topics.active(context.session)
        form = cards.heard_form(active, context.words, said=said, address=written, topic=wanted, errors=tuple(errors))
        return [OpenForm(form)]
    item = Heard(said[: cards.MAX_TEXT], address)
    found = keeping.keep(context.session, item, source_id=None, now=context.now, heard_by_id=context.person.id)
    if found is None:
        mark = sources.fingerprint(item.text, address)
        before = listening.known(context.session, mark, address, since=context.now - keeping.SAME_WITHIN)
        return [Reply(cards.known_card(before, context.words))] if before is not None else []
    topic = topics.topic(context.session, wanted)
    found.topic = topic if topic is not None and topic.is_active else None
    effects = open_mention(context, found)
    owner = found.owner.name if found.owner is not None else context.words.t("a comms lead")
    return [Reply(cards.thanks_card(owner, context.words)), *effects]


def cancel_report(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.heard` where the form replaced the card."""
    sentence = context.words.t("All right, nothing was sent.")
    return [Reply(card(sentence, text(sentence)))]
