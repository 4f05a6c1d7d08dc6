"""From "Share…" to "Posted": the form, its checks in plain words, and the card that keeps the text."""

from __future__ import annotations

import secrets

from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import NotUnderstood
from bot.core.events import Changed, Pressed, Submitted
from bot.core.ownership import own_nudge, own_share
from bot.features.sharing.cards.nudge import card_of_share, current_card, shown
from bot.features.sharing.domain.confirming import confirm
from bot.features.sharing.domain.may_share import check_may_share
from bot.features.sharing.forms.share import (
    MY_WAY,
    address_form,
    explain,
    findings_for,
    share_form,
    starters_for,
    text_after,
)
from bot.features.sharing.handlers import publish, voices
from content.addresses import validate_url, with_utm
from content.channels import kind_of
from content.errors import NotAnAddress
from content.language import spoken_in
from storage.sharing import shares, social_channels
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import Nudge
from storage.sharing.shares import Share, ShareState

CODE_BYTES = 6  # of a tracked link: 8 characters, 48 bits
MAX_TEXT = 10_000  # characters that the form takes


def open_share(context: Context, event: Pressed) -> list[Effect]:
    """`share.open` on a nudge."""
    nudge = _nudge(context, event)
    latest = shares.latest_share(context.session, nudge.id)
    if latest is not None and latest.state == ShareState.UNDONE:  # taken back: its words are not lost
        return [OpenForm(share_form(context, nudge, channel=latest.channel, own=latest.text))]
    return [OpenForm(share_form(context, nudge))]


def edit_draft(context: Context, event: Pressed) -> list[Effect]:
    """`share.draft` on a nudge: the caption made of the person's words, to be edited."""
    nudge = _nudge(context, event)
    return [OpenForm(share_form(context, nudge, channel=nudge.draft_channel or "", own=nudge.draft or ""))]


def edit_share(context: Context, event: Pressed) -> list[Effect]:
    """`share.edit` on a share: the same form, with what was written."""
    share = own_share(context, event.ref)
    when, moment = publish.timing_of(context, share)
    form = share_form(context, share.nudge, channel=share.channel, own=share.text, when=when, moment=moment)
    return [OpenForm(form)]


def submit_share(context: Context, event: Submitted) -> list[Effect]:
    """`share` was submitted: check first, store after, and give the text back whatever happens."""
    nudge = _nudge(context, event)
    channel, own = event.values.get("channel", ""), event.values.get("text", "").strip()[:MAX_TEXT]
    active = {row.id: row for row in social_channels.channels(context.session)}
    if channel not in active:
        raise NotUnderstood("I don’t know that channel. Choose one from the list.", kept=own)
    found = findings_for(context, nudge, channel, own)
    if found:
        errors = tuple(("text", explain(item, context.words, kind_of(channel, active[channel]))) for item in found)
        when, moment = event.values.get("when", ""), publish.chosen_moment(context, event.values)
        return [OpenForm(share_form(context, nudge, channel=channel, own=own, when=when, moment=moment, errors=errors))]
    due, errors = publish.due_of(context, nudge, channel, event.values)
    if errors:
        when, moment = event.values.get("when", ""), publish.chosen_moment(context, event.values)
        return [OpenForm(share_form(context, nudge, channel=channel, own=own, when=when, moment=moment, errors=errors))]
    is_starter = own in {offer.text for offer in starters_for(context, nudge, channel)}
    share = _store(context, nudge, channel, own, own_words=not is_starter)
    published = publish.store(context, share, due)
    if not event.message:  # what comes of it is to be shown on a card that can be found again
        return [publish.said_anew(context, nudge, event), *published]
    return [*shown(context, nudge, event, card_of_share(context, share)), *published]


def change_share(context: Context, event: Changed) -> list[Effect]:
    """`share` is being filled in: the form as it looks with what was chosen or written."""
    nudge = _nudge(context, event)
    channel, own = event.values.get("channel", ""), event.values.get("text", "")[:MAX_TEXT]
    if (event.changed, event.chosen) != ("starter", MY_WAY):
        own = text_after(context, nudge, event)
    elif own.strip() and context.rules.model_writes:
        return voices.ask_for_my_way(context, nudge, channel, own.strip())
    elif own.strip():
        own = voices.composed(context, nudge, channel, own)
    when, moment = event.values.get("when", ""), publish.chosen_moment(context, event.values)
    return [OpenForm(share_form(context, nudge, channel=channel, own=own, when=when, moment=moment))]


def posted(context: Context, event: Pressed) -> list[Effect]:
    """`share.posted`: the person says that it is out."""
    share = own_share(context, event.ref)
    if publish.goes_by_hand(context, share):  # also one that was undone: they say what has happened
        confirm(context.session, share, context.now)
    return _shown(context, share, event)


def not_yet(context: Context, event: Pressed) -> list[Effect]:
    """`share.not_yet`: the text waits."""
    share = own_share(context, event.ref)
    if share.state != ShareState.UNDONE and publish.is_by_hand(context, share):
        share.wait()
    return _shown(context, share, event, context.words.t("No hurry. Your text is saved here."))


def undo(context: Context, event: Pressed) -> list[Effect]:
    """`share.undo`: taken back; the nudge's card again."""
    share = own_share(context, event.ref)
    if publish.goes_by_hand(context, share):
        share.undo()
    return _shown(context, share, event)


def ask_where(context: Context, event: Pressed) -> list[Effect]:
    """`share.where`: the form that asks for the post's address."""
    return [OpenForm(address_form(own_share(context, event.ref), context.words))]


def _shown(context: Context, share: Share, event: Pressed, notice: str = "") -> list[Effect]:
    is_offered = share.state == ShareState.UNDONE
    card = current_card(context, share.nudge) if is_offered else card_of_share(context, share, notice)
    return shown(context, share.nudge, event, card)


def submit_address(context: Context, event: Submitted) -> list[Effect]:
    """`share_address`: where the post stands, if the person wants to say so."""
    share = own_share(context, event.ref)
    given = event.values.get("address", "")
    try:
        share.public_url = validate_url(given) if given.strip() else None
    except NotAnAddress:
        error = context.words.t("That isn’t a web address. It starts with https:// – copy it from your browser.")
        return [OpenForm(address_form(share, context.words, value=given, errors=(("address", error),)))]
    return shown(context, share.nudge, event, card_of_share(context, share))


def cancel_share(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.share`, also `cancel.question` where the form replaced the card: show the card again."""
    return [Reply(current_card(context, own_nudge(context, event.ref)))]


def cancel_address(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.share_address`."""
    return [Reply(current_card(context, own_share(context, event.ref).nudge))]


def _nudge(context: Context, event: Pressed | Submitted) -> Nudge:
    """The person's own nudge of a post that may still be shared. Raises Gone."""
    kept = event.values.get("text", "") if isinstance(event, Submitted) else ""
    nudge = own_nudge(context, event.ref, kept=kept)
    check_may_share(nudge.post, context.person, context.now, kept=kept)
    return nudge


def _store(context: Context, nudge: Nudge, channel: str, caption: str, *, own_words: bool) -> Share:
    """Insert a share, or update one that is not posted yet."""
    share = shares.latest_share(context.session, nudge.id)
    if share is None or share.state in (ShareState.CONFIRMED, ShareState.UNDONE):
        code = secrets.token_urlsafe(CODE_BYTES)
        link = TrackedLink(
            code=code, target="", created_at=context.now, raw_clicks=0, automated_clicks=0, unique_clicks=0
        )
        share = Share(
            employee=context.person,
            post=nudge.post,
            nudge=nudge,
            state=ShareState.PREPARED,
            code=code,
            opener=secrets.token_urlsafe(16),
            created_at=context.now,
            clicks_shown=0,
            link=link,
        )
        context.session.add_all([link, share])
    share.channel, share.text, share.own_words = channel, caption, own_words
    share.language = spoken_in(caption, nudge.post.language)
    target = nudge.post.target
    share.link.target = with_utm(target, source=channel, campaign=f"post-{nudge.post.id}") if target else ""
    nudge.take()
    context.session.flush()
    return share
