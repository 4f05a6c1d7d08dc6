"""Looking after mentions: take, note the reply, leave it, make a post of it; one winner in every race."""

from __future__ import annotations

from bot.core.context import OpenForm, Post, Reply, Turn, Wish, words_of
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Pressed, Submitted
from bot.core.refresh_cards import repaint_others
from bot.features.mentions import mention_cards
from bot.features.mentions.triage import card_of
from content.addresses import canonical, checked
from content.errors import NotAnAddress
from content.intake import LANGUAGES, suggested
from storage import listening, posts, webhooks
from storage.listening import IRRELEVANT, POSTED, REPLIED, TAKEN, TONES, Mention


def press(turn: Turn, event: Pressed) -> list[Wish]:
    """`mention.<what>` on the card of a mention."""
    found = to_look_after(turn, event.ref)
    what = event.action.removeprefix("mention.")
    match what:
        case "show":
            return [Reply(card_of(turn, found, turn.person))]
        case "reopen" if found.state == IRRELEVANT:
            found.state, found.owner = TAKEN, turn.person
            found.settled_at = found.settled_by = found.was_in_time = None
            found.look_at = found.answer_by
            return _shown(turn, found)
    if not found.is_with_a_person:
        return [Reply(card_of(turn, found, turn.person))]
    match what:
        case "take":
            listening.take(turn.session, found.id, turn.person.id)
            turn.session.refresh(found)
            return _shown(turn, found)
        case "reply":
            return [OpenForm(mention_cards.reply_form(found, turn.words))]
        case "irrelevant":
            return _settle(turn, found, IRRELEVANT)
        case "post":
            return _post_of(turn, found, found.url or "")
        case "tone":
            return [OpenForm(mention_cards.tone_form(found, turn.words))]
    raise NotUnderstood("I do not know that button. It may belong to an older card.")


def submit_reply(turn: Turn, event: Submitted) -> list[Wish]:
    """`mention_reply`: what was answered, for the record and for who brought it."""
    said = event.values.get("text", "").strip()[: mention_cards.MAX_OUTCOME]
    found = to_look_after(turn, event.ref, kept=said)
    return _settle(turn, found, REPLIED, said)


def submit_post(turn: Turn, event: Submitted) -> list[Wish]:
    """`mention_post`: the page that the post is about, where the mention has none."""
    address = event.values.get("address", "").strip()
    return _post_of(turn, to_look_after(turn, event.ref, kept=address), address)


def submit_tone(turn: Turn, event: Submitted) -> list[Wish]:
    """`mention_tone`: a person's word on the tone stands."""
    found = to_look_after(turn, event.ref)
    if event.values.get("tone") in TONES:
        found.tone, found.tone_by = event.values["tone"], "person"
    return _shown(turn, found)


def cancel(turn: Turn, event: Pressed) -> list[Wish]:
    """`cancel.mention_…`, where the form stands in the card's place: the card again."""
    return [Reply(card_of(turn, to_look_after(turn, event.ref), turn.person))]


def to_look_after(turn: Turn, mention_id: int, kept: str = "") -> Mention:
    """A mention that the person may look after: owners help each other. Raises Gone."""
    found = listening.mention(turn.session, mention_id)
    own = {found.owner_id, found.topic.deputy_id if found.topic else None} if found else set()
    if found is None or not (turn.person.has_role("owner", "lead") or turn.person.id in own):
        raise Gone("That mention is not yours to look after, or it is no longer there.", kept=kept)
    return found


def _settle(turn: Turn, found: Mention, state: str, outcome: str = "") -> list[Wish]:
    if not listening.settle(turn.session, found.id, state, turn.person.id, now=turn.now):
        turn.session.refresh(found)
        by = found.settled_by.name if found.settled_by else ""
        raise Gone("{owner} was faster: it is settled already.", kept=outcome, owner=by)
    turn.session.refresh(found)
    found.owner, found.outcome = turn.person, outcome
    data = {"mention": found.id, "channel": found.topic_id, "state": state, "in_time": found.was_in_time}
    webhooks.tell(turn.session, "mention.settled", data, now=turn.now)
    return [*_shown(turn, found), *_tell(found)]


def _post_of(turn: Turn, found: Mention, written: str) -> list[Wish]:
    """A draft about the page comes to the leads, as suggestions do."""
    try:
        address = checked(written)
    except NotAnAddress:
        wrong = turn.words.t("That is no web address. It begins with https:// – copy it from your browser.")
        errors = (("address", wrong),) if written else ()
        return [OpenForm(mention_cards.post_form(found, turn.words, address=written, errors=errors))]
    post = posts.by_canonical_url(turn.session, canonical(address))
    if post is None:
        language = found.language if found.language in LANGUAGES else turn.person.language
        post = suggested(turn.session, address, note=found.text[:1000], by=turn.person, language=language, now=turn.now)
    wishes = _settle(turn, found, POSTED)
    found.post = post
    return wishes


def _shown(turn: Turn, found: Mention) -> list[Wish]:
    turn.session.flush()
    return [Reply(card_of(turn, found, turn.person)), *repaint_others(turn, "mention", found.id)]


def _tell(found: Mention) -> list[Wish]:
    """Whoever brought it hears what came of it."""
    teller = found.heard_by
    if teller is None or teller.state != "active" or teller.id == found.settled_by_id:
        return []
    said = mention_cards.outcome_card(found, words_of(teller))
    return [Post(teller, f"heard:{found.id}:{found.state}:{found.settled_at:%Y%m%d%H%M%S}", said, kind="heard")]
