"""The card of a share: the text to copy and the way out, then the thanks and what it led to."""

from __future__ import annotations

from datetime import datetime

from bot.core.cards import Bold, Button, Card, Element, Facts, Form, Heading, Link, Quote, actions, card, text
from bot.core.i18n import Words
from content import policy
from content.channels import Prefill, kind_of, with_link
from storage.sharing.nudges import Nudge
from storage.sharing.shares import Share


def share_card(
    share: Share, words: Words, base_url: str, now: datetime, notice: str = "", *, can_connect: bool = False
) -> Card:
    """`can_connect`: the person could have Chorus post there, and has not connected an account."""
    link, kind = share.link_in(base_url), kind_of(share.channel, share.social)
    title = share.post.title
    if share.is_confirmed:
        return card(
            words.t("Shared on {channel}: {title}", channel=kind.name, title=title),
            Heading(_thanks(share, kind.name, words)),
            text(title),
            Facts(
                (
                    *(((words.t("Readers from your link"), words.number(share.link.unique_clicks)),) if link else ()),
                    (words.t("Shared on"), words.day(share.confirmed_at or now)),
                    *(((words.t("Your post"), share.public_url),) if share.public_url else ()),
                )
            ),
            actions(
                Link(words.t("See your post"), share.public_url) if share.public_url else None,
                Button(words.t("Add your post’s address…"), "share.where", share.id),
                Button(words.t("I didn’t post it"), "share.not_yet", share.id),
            ),
        )
    tips = {
        "ask_a_question": words.t("Tip: a question at the end invites answers."),
        "fewer_hashtags": words.t("Tip: two or three hashtags are enough."),
        "say_i": words.t("Tip: one sentence about your own work makes people stop and read."),
    }
    tip = policy.tip(share.text, share.language)
    length = kind.length(with_link(share.text, link))
    is_whole = kind.prefill == Prefill.TEXT and share.channel != "email" and not share.post.cover
    way = "/go" if is_whole else ""  # else there is text, or a picture, to take along
    return card(
        words.t("Ready for {channel}: {title}", channel=kind.name, title=title),
        Heading(words.t("Ready for {channel}", channel=kind.name)),
        text(Bold(notice)) if notice else None,
        Quote(with_link(share.text, link), copy=True),
        text(
            words.t(
                "{length} of {limit} characters",
                length=words.number(length),
                limit=words.number(kind.max_length),
            ),
            *((f" · {tips[tip]}",) if tip else ()),
            subtle=True,
        ),
        actions(
            Link(words.t("Continue to {channel}", channel=kind.name), f"{base_url}/o/{share.opener}{way}"),
            Button(words.t("Edit…"), "share.edit", share.id),
            Button(words.t("Undo"), "share.undo", share.id),
        ),
        text(Bold(words.t("Did you post it?"))),
        actions(
            Button(words.t("Yes, posted"), "share.posted", share.id, "primary"),
            Button(words.t("Not yet"), "share.not_yet", share.id),
        ),
        text(words.t("Next time I can post it for you when you tap."), subtle=True) if can_connect else None,
        actions(Button(words.t("Connect {network}…", network=kind.name), f"account.connect_{share.channel}"))
        if can_connect
        else None,
    )


def _thanks(share: Share, channel: str, words: Words) -> str:
    """The thanks, with what the share led to, if anything."""
    readers = share.link.unique_clicks
    if not readers:
        return words.t("Thank you! Shared on {channel}", channel=channel)
    return words.n(
        "Thank you! Your share brought {count} reader", "Thank you! Your share brought {count} readers", readers
    )


def moment_card(nudge: Nudge, words: Words) -> Card:
    title = words.t("I’m turning your words into a caption")
    return card(
        title,
        Heading(title),
        Quote(nudge.draft or ""),
        text(words.t("One moment…")),
        _draft_actions(nudge, words),
    )


def waiting_form(nudge: Nudge, words: Words) -> Form:
    """What is left of the form while the caption is made: nothing to send, only to close."""
    return Form(
        name="share",
        ref=nudge.id,
        title=words.t("Share"),
        intro=(
            text(Bold(words.t("I’m turning your words into a caption"))),
            text(words.t("In a moment you’ll find it in our chat. You can close this.")),
        ),
        fields=(),
        submit="",
        cancel=words.t("Close"),
    )


def draft_card(nudge: Nudge, words: Words) -> Card:
    title = words.t("Your words as a caption")
    return card(
        title,
        Heading(title),
        Quote(nudge.draft or ""),
        text(words.t("Change anything you like. Nothing is shared unless you do it."), subtle=True),
        _draft_actions(nudge, words),
    )


def _draft_actions(nudge: Nudge, words: Words) -> Element:
    return actions(
        Button(words.t("Edit and share…"), "share.draft", nudge.id, "primary"),
        Button(words.t("Start over"), "share.open", nudge.id),
    )
