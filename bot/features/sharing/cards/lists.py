"""Lists of content: what may be shared, and for leads what is live."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Bold, Button, Card, Divider, Element, Heading, LinkTo, actions, card, dotted, text
from bot.core.i18n import Words
from storage.sharing.nudges import Prompt
from storage.sharing.posts import Post


def pick_card(offers: Sequence[Post], words: Words) -> Card:
    """Up to five posts, a button each."""
    if not offers:
        return card(
            words.t("Nothing to share right now"),
            text(words.t("There’s nothing to share right now. I’ll tell you when there is.")),
        )
    body: list[Element] = [Heading(words.t("You can share these"))]
    for post in offers:
        body += [
            text(Bold(post.title), "\n", *dotted(post.source, *ways_to(post, words))),
            actions(Button(words.t("Pick this"), "share.pick", post.id)),
        ]
    return card(words.t("You can share these"), *body)


def ways_to(post: Post | Prompt, words: Words) -> list[LinkTo]:
    """Where it can be read or watched."""
    read = [LinkTo(words.t("Read it"), post.url)] if post.url else []
    return read + ([LinkTo(words.t("Watch the video"), post.video_url)] if post.video_url else [])


def live_card(live: Sequence[Post], withdrawn: Sequence[Post], words: Words) -> Card:
    """Live posts, each with a button to withdraw it, and those withdrawn lately, to be put back. For leads."""
    if not live and not withdrawn:
        return card(
            words.t("Nothing is out for sharing"),
            text(words.t("Nothing is out for sharing. Type /chorus review to approve something.")),
        )
    body: list[Element] = [Heading(words.t("What people can share now"))]
    for post in live:
        until = words.t("until {day}", day=words.day(post.expires_at)) if post.expires_at else ""
        body += [
            text(Bold(post.title), "\n", " · ".join(part for part in (post.source, until) if part)),
            actions(Button(words.t("Withdraw"), "post.recall", post.id, "danger")),
            Divider(),
        ]
    for post in withdrawn:
        body += [
            text(Bold(post.title), "\n", words.t("Withdrawn")),
            actions(Button(words.t("Put it back…"), "post.put_back", post.id)),
            Divider(),
        ]
    return card(words.t("What people can share now"), *body[:-1])


def picked_card(post: Post, words: Words) -> Card:
    """In the place of an older card about a post that the person has picked again: one card of it is enough."""
    return card(
        words.t("You picked this again: {title}", title=post.title),
        text(words.t("You picked “{title}” again. Its card is further down.", title=post.title), subtle=True),
    )


def further_down_card(post: Post, words: Words) -> Card:
    """In the place of an older card, where a newer message goes on with it."""
    said = words.t("“{title}” goes on further down.", title=post.title)
    return card(said, text(said, subtle=True))


def elsewhere_card(post: Post, words: Words) -> Card:
    """In the place of a card, where the person went on with it from another one."""
    said = words.t("“{title}” goes on in another message.", title=post.title)
    return card(said, text(said, subtle=True))
