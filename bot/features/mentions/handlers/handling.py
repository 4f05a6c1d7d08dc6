"""Handling mentions: take it, note the reply, dismiss it, turn it into a post. Of concurrent presses one wins."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.cards import Form
from bot.core.context import Context, Effect, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.refresh_cards import refresh_others
from bot.features.escalation.domain.reminders import settled_already
from bot.features.mentions import cards
from bot.features.mentions.jobs import card_of
from content.addresses import canonical, validate_url
from content.errors import NotAnAddress
from content.intake import LANGUAGES, suggested
from storage.mentions import listening
from storage.mentions.listening import TONES, Mention, MentionState, Tone, ToneBy
from storage.sharing import posts
from storage.web import webhooks


def show_mention(context: Context, event: Pressed) -> list[Effect]:
    """`mention.show`, also `cancel.mention_*`: the card as it stands."""
    return [Reply(card_of(context, to_look_after(context, event.ref), context.person))]


def take(context: Context, event: Pressed) -> list[Effect]:
    """`mention.take`: exactly one of many concurrent claims wins."""
    found = to_look_after(context, event.ref)
    if not found.is_with_a_person:
        return [Reply(card_of(context, found, context.person))]
    listening.take(context.session, found.id, context.person.id)
    context.session.refresh(found)
    return _shown(context, found)


def mark_irrelevant(context: Context, event: Pressed) -> list[Effect]:
    """`mention.irrelevant`: nothing to do."""
    found = to_look_after(context, event.ref)
    if not found.is_with_a_person:
        return [Reply(card_of(context, found, context.person))]
    return _settle(context, found, MentionState.IRRELEVANT)


def reopen(context: Context, event: Pressed) -> list[Effect]:
    """`mention.reopen`: it did matter."""
    found = to_look_after(context, event.ref)
    if found.state != MentionState.IRRELEVANT:
        return [Reply(card_of(context, found, context.person))]
    found.reopen(by=context.person)
    return _shown(context, found)


def open_replied(context: Context, event: Pressed) -> list[Effect]:
    """`mention.reply`: the form for what was answered."""
    return _opened(context, event, lambda found: cards.reply_form(found, context.words))


def open_tone(context: Context, event: Pressed) -> list[Effect]:
    """`mention.tone`: the form to correct it."""
    return _opened(context, event, lambda found: cards.tone_form(found, context.words))


def make_post(context: Context, event: Pressed) -> list[Effect]:
    """`mention.post`: a draft about its page, or the form that asks for one."""
    found = to_look_after(context, event.ref)
    if not found.is_with_a_person:
        return [Reply(card_of(context, found, context.person))]
    return _post_of(context, found, found.url or "")


def _opened(context: Context, event: Pressed, form: Callable[[Mention], Form]) -> list[Effect]:
    """The form, or the card where the mention is settled already."""
    found = to_look_after(context, event.ref)
    return [OpenForm(form(found))] if found.is_with_a_person else [Reply(card_of(context, found, context.person))]


def submit_replied(context: Context, event: Submitted) -> list[Effect]:
    """`mention_reply`: what was answered, for the record and for who brought it."""
    said = event.values.get("text", "").strip()[: cards.MAX_OUTCOME]
    found = to_look_after(context, event.ref, kept=said)
    return _settle(context, found, MentionState.REPLIED, said)


def submit_post(context: Context, event: Submitted) -> list[Effect]:
    """`mention_post`: the page that the post is about, where the mention has none."""
    address = event.values.get("address", "").strip()
    return _post_of(context, to_look_after(context, event.ref, kept=address), address)


def submit_tone(context: Context, event: Submitted) -> list[Effect]:
    """`mention_tone`: a person's word on the tone stands."""
    found = to_look_after(context, event.ref)
    if event.values.get("tone") in TONES:
        found.judge(Tone(event.values["tone"]), by=ToneBy.PERSON)
    return _shown(context, found)


def to_look_after(context: Context, mention_id: int, kept: str = "") -> Mention:
    """A mention that the person may look after: owners help each other. Raises Gone."""
    found = listening.mention(context.session, mention_id)
    own = {found.owner_id, found.topic.deputy_id if found.topic else None} if found else set()
    if found is None or not (context.person.has_role("owner", "lead") or context.person.id in own):
        raise Gone("That mention isn’t yours to handle, or it’s gone.", kept=kept)
    return found


def _settle(context: Context, found: Mention, state: MentionState, outcome: str = "") -> list[Effect]:
    if not listening.settle(context.session, found.id, state, context.person.id, now=context.now):
        context.session.refresh(found)
        raise settled_already(found.settled_by, context.person, outcome)
    context.session.refresh(found)
    found.owner, found.outcome = context.person, outcome
    data = {"mention": found.id, "channel": found.topic_id, "state": state, "in_time": found.was_in_time}
    webhooks.tell(context.session, "mention.settled", data, now=context.now)
    return [*_shown(context, found), *_tell(found)]


def _post_of(context: Context, found: Mention, written: str) -> list[Effect]:
    """A draft about the page comes to the leads, as suggestions do."""
    try:
        address = validate_url(written)
    except NotAnAddress:
        wrong = context.words.t("That isn’t a web address. It starts with https:// – copy it from your browser.")
        errors = (("address", wrong),) if written else ()
        return [OpenForm(cards.post_form(found, context.words, address=written, errors=errors))]
    post = posts.by_canonical_url(context.session, canonical(address))
    if post is None:
        language = found.language if found.language in LANGUAGES else context.person.language
        post = suggested(
            context.session, address, note=found.text[:1000], by=context.person, language=language, now=context.now
        )
    effects = _settle(context, found, MentionState.POSTED)
    found.post = post
    return effects


def _shown(context: Context, found: Mention) -> list[Effect]:
    context.session.flush()
    return [Reply(card_of(context, found, context.person)), *refresh_others(context, "mention", found.id)]


def _tell(found: Mention) -> list[Effect]:
    """Tell whoever reported it what became of it."""
    teller = found.heard_by
    if teller is None or not teller.is_active or teller.id == found.settled_by_id:
        return []
    said = cards.outcome_card(found, words_of(teller))
    return [Send(teller, f"heard:{found.id}:{found.state}:{found.settled_at:%Y%m%d%H%M%S}", said, kind="heard")]
