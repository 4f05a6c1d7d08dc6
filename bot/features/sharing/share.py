"""From "Share…" to "Posted": the form, its checks in plain words, and the card that keeps the text."""

from __future__ import annotations

import secrets

from bot.core.context import OpenForm, Reply, Turn, Wish
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Pressed, Submitted
from bot.core.ownership import own_nudge, own_share
from bot.features.sharing import voices
from bot.features.sharing.nudge_cards import current_card
from bot.features.sharing.share_cards import share_card
from bot.features.sharing.share_forms import MY_WAY, address_form, explain, findings_for, share_form, starters_for
from content import policy
from content.addresses import checked, with_utm
from content.channels import kind_of
from content.errors import NotAnAddress
from storage import nudges, posts, shares, webhooks
from storage.links import Link as TrackedLink
from storage.nudges import TAKEN, Nudge
from storage.shares import Share

CODE_BYTES = 6  # of a tracked link: 8 characters, 48 bits
MAX_TEXT = 10_000  # characters that the form takes


def open_form(turn: Turn, event: Pressed) -> list[Wish]:
    """`share.open` on a nudge."""
    nudge = _nudge(turn, event)
    return [OpenForm(share_form(turn, nudge))]


def edit_draft(turn: Turn, event: Pressed) -> list[Wish]:
    """`share.draft` on a nudge: the caption made of the person's words, to be edited."""
    nudge = _nudge(turn, event)
    return [OpenForm(share_form(turn, nudge, channel=nudge.draft_channel or "", own=nudge.draft or ""))]


def edit(turn: Turn, event: Pressed) -> list[Wish]:
    """`share.edit` on a share: the same form, with what was written."""
    share = own_share(turn, event.ref)
    _keep_place(share.nudge, event.message, event.workspace)
    form = share_form(turn, share.nudge, channel=share.channel, own=share.text)
    return [OpenForm(form)]


def submit(turn: Turn, event: Submitted) -> list[Wish]:
    """`share` was filled in: check first, store after, and give the text back whatever happens."""
    nudge = _nudge(turn, event)
    channel, own = event.values.get("channel", ""), event.values.get("text", "").strip()[:MAX_TEXT]
    active = {row.id: row for row in posts.channels(turn.session)}
    if channel not in active:
        raise NotUnderstood("I do not know that channel. Please choose one of the list.", kept=own)
    starter = event.values.get("starter", "")
    if starter == MY_WAY and own:
        return voices.my_way(turn, nudge, channel, own)
    caption = own or next((item.text for item in starters_for(turn, nudge, channel) if item.kind == starter), "")
    found = findings_for(turn, nudge, channel, caption)
    if found:
        errors = tuple(("text", explain(item, turn.words, kind_of(channel, active[channel]))) for item in found)
        return [OpenForm(share_form(turn, nudge, channel=channel, starter=starter, own=caption, errors=errors))]
    share = _store(turn, nudge, channel, caption, own_words=bool(own))
    _keep_place(nudge, event.message, event.workspace)
    return [Reply(share_card(share, turn.words, turn.rules.base_url, turn.now))]


def press_share(turn: Turn, event: Pressed) -> list[Wish]:
    """`share.<what>` on the card of a share."""
    share = own_share(turn, event.ref)
    _keep_place(share.nudge, event.message, event.workspace)
    notice = ""
    match event.action.removeprefix("share."):
        case "posted":
            if share.state != "confirmed":
                share.state, share.confirmed_at = "confirmed", turn.now
                share.link.posted_at = turn.now
                share.clicks_shown = share.link.unique_clicks
                _tell(turn, share)
        case "not_yet":
            share.state = "opened" if share.opened_at else "prepared"
            share.confirmed_at = None
            notice = turn.words.t("No hurry. Your text waits here.")
        case "undo":
            share.state, share.confirmed_at = "undone", None
            share.nudge.state = nudges.SENT
        case "where":
            return [OpenForm(address_form(share, turn.words))]
        case _:
            raise NotUnderstood("I do not know that button. It may belong to an older card.")
    if share.state == "undone":
        return [Reply(current_card(turn, share.nudge))]
    return [Reply(share_card(share, turn.words, turn.rules.base_url, turn.now, notice))]


def _tell(turn: Turn, share: Share) -> None:
    """Webhooks hear that something was shared; not by whom."""
    data = {"post": share.post_id, "url": share.post.url, "channel": share.channel, "own_words": share.own_words}
    webhooks.tell(turn.session, "share.confirmed", data, now=turn.now)


def submit_address(turn: Turn, event: Submitted) -> list[Wish]:
    """`share_address`: where the post stands, if the person wants to say so."""
    share = own_share(turn, event.ref)
    given = event.values.get("address", "")
    try:
        share.public_url = checked(given) if given.strip() else None
    except NotAnAddress:
        error = turn.words.t("That is no web address. It begins with https:// – copy it from your browser.")
        return [OpenForm(address_form(share, turn.words, value=given, errors=(("address", error),)))]
    return [Reply(share_card(share, turn.words, turn.rules.base_url, turn.now))]


def cancel(turn: Turn, event: Pressed) -> list[Wish]:
    """`cancel.share` and `cancel.share_address`, where the form stands in the card's place: the card again."""
    is_of_share = event.action == "cancel.share_address"
    nudge = own_share(turn, event.ref).nudge if is_of_share else own_nudge(turn, event.ref)
    return [Reply(current_card(turn, nudge))]


def _nudge(turn: Turn, event: Pressed | Submitted) -> Nudge:
    """The person's own nudge of a post that may still be shared. Raises Gone."""
    kept = event.values.get("text", "") if isinstance(event, Submitted) else ""
    nudge = own_nudge(turn, event.ref, kept=kept)
    if not nudge.post.is_shareable(turn.now):
        raise Gone(
            "“{title}” can no longer be shared: it was withdrawn or its time is over.",
            kept=kept,
            title=nudge.post.title,
        )
    _keep_place(nudge, event.message, event.workspace)
    return nudge


def _keep_place(nudge: Nudge, message: str | None, workspace: str) -> None:
    """Remember where the person's card is: they may answer it in another of their workspaces."""
    if message:
        nudge.message, nudge.workspace_id = message, workspace


def _store(turn: Turn, nudge: Nudge, channel: str, caption: str, *, own_words: bool) -> Share:
    """A new share; or, while it is not posted yet, the same share with other words or another channel."""
    share = shares.latest_share(turn.session, nudge.id)
    if share is None or share.state in ("confirmed", "undone"):
        code = secrets.token_urlsafe(CODE_BYTES)
        link = TrackedLink(code=code, target="", created_at=turn.now, raw_clicks=0, automated_clicks=0, unique_clicks=0)
        share = Share(
            employee=turn.person,
            post=nudge.post,
            nudge=nudge,
            state="prepared",
            code=code,
            opener=secrets.token_urlsafe(16),
            created_at=turn.now,
            clicks_shown=0,
            link=link,
        )
        turn.session.add_all([link, share])
    share.channel, share.text, share.own_words = channel, caption, own_words
    share.language = policy.language_of(caption) or nudge.post.language
    share.link.target = with_utm(nudge.post.url, source=channel, campaign=f"post-{nudge.post.id}")
    nudge.state, nudge.draft = TAKEN, None
    turn.session.flush()
    return share
