"""The social-media channels we know: how long a text may be, how length counts there, and the share page."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

import regex

from storage.sharing.social_channels import SocialChannel

BLUESKY_BYTES = 3000
_URL = regex.compile(r"https?://\S+")
_BRACES = regex.compile(r"\{(?:text|link|title)\}")
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}--[#*0-9©®™]]|\p{Regional_Indicator}|\u20E3", regex.V1)
_REMOTE_MENTION = regex.compile(r"(?<![/\w])(@[a-z0-9_]+)@[a-z0-9.-]+[a-z0-9]", regex.IGNORECASE)


def graphemes(text: str) -> int:
    """Characters as people count them."""
    return len(_GRAPHEME.findall(text))


def _mastodon_length(text: str) -> int:
    """Graphemes, where any link counts 23 and the server's name in a mention nothing (docs.joinmastodon.org)."""
    return graphemes(_REMOTE_MENTION.sub(r"\1", _URL.sub("x" * 23, text)))


def _bluesky_length(text: str) -> int:
    """Graphemes; of a text with more bytes than a post may have, a tenth of them, which is over the limit, too (the
    lexicon app.bsky.feed.post: 300 graphemes, 3,000 bytes)."""
    number, size = graphemes(text), len(text.encode("utf-8", "replace"))
    return number if size <= BLUESKY_BYTES else max(number, math.ceil(size / 10))


def _threads_length(text: str) -> int:
    """Characters, where emoji count as many as they have bytes in UTF-8 (Meta's Threads API, "Limits")."""
    return sum(
        len(cluster.encode()) if _EMOJI.search(cluster) else len(cluster)
        for cluster in _GRAPHEME.findall(text.encode("utf-8", "replace").decode())
    )


def _x_weight(text: str) -> int:
    """X's weighted length: links 23; signs outside Latin and general punctuation, emoji too, count 2.

    Ranges: developer.x.com, "Counting characters" (configuration v3).
    """
    weight = 0
    for cluster in _GRAPHEME.findall(_URL.sub("x" * 23, text)):
        light = all(
            sign <= "\u10ff"
            or "\u2000" <= sign <= "\u200d"
            or "\u2010" <= sign <= "\u201f"
            or "\u2032" <= sign <= "\u2037"
            for sign in cluster
        )
        weight += 1 if light else 2
    return weight


class Prefill(StrEnum):
    """What a network's own page takes over of a share."""

    TEXT = "text"
    ON_COMPUTERS = "on_computers"  # its app on phones opens empty
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ChannelKind:
    id: str
    name: str
    max_length: int
    length: Callable[[str], int]
    share_page: Callable[[str, str, str], str]  # (text with the link, link, title) → address
    prefill: Prefill = Prefill.TEXT


def _q(text: str) -> str:
    return quote(text, safe="")


KINDS: dict[str, ChannelKind] = {
    kind.id: kind
    for kind in (
        ChannelKind(
            "linkedin",
            "LinkedIn",
            3000,
            graphemes,
            lambda text, _link, _title: f"https://www.linkedin.com/feed/?shareActive=true&text={_q(text)}",
            Prefill.ON_COMPUTERS,
        ),
        ChannelKind(
            "x",
            "X",
            280,
            _x_weight,
            lambda text, _link, _title: f"https://x.com/intent/post?text={_q(text)}",
        ),
        ChannelKind(
            "bluesky",
            "Bluesky",
            300,
            _bluesky_length,
            lambda text, _link, _title: f"https://bsky.app/intent/compose?text={_q(text)}",
        ),
        ChannelKind(
            "mastodon",
            "Mastodon",
            500,
            _mastodon_length,
            lambda text, _link, _title: f"https://share.joinmastodon.org/#text={_q(text)}",
        ),
        ChannelKind(
            "threads",
            "Threads",
            500,
            _threads_length,
            lambda text, _link, _title: f"https://www.threads.com/intent/post?text={_q(text)}",
        ),
        ChannelKind(
            "facebook",
            "Facebook",
            5000,
            graphemes,
            lambda _text, link, _title: f"https://www.facebook.com/sharer/sharer.php?u={_q(link)}",
            Prefill.LINK,
        ),
        ChannelKind(
            "whatsapp",
            "WhatsApp",
            4000,
            graphemes,
            lambda text, _link, _title: f"https://wa.me/?text={_q(text)}",
        ),
        ChannelKind(
            "xing",
            "Xing",
            3000,
            graphemes,
            lambda _text, link, _title: f"https://www.xing.com/spi/shares/new?url={_q(link)}",
            Prefill.LINK,
        ),
        ChannelKind(
            "email",
            "E-mail",
            10000,
            graphemes,
            lambda text, _link, title: f"mailto:?subject={_q(title)}&body={_q(text)}",
        ),
    )
}


def kind_of(channel: str, row: SocialChannel | None) -> ChannelKind:
    """The channel as this organisation uses it: its own name, length and share page over what we know of it. Where we
    know nothing, not even a share page, the way out of a share is the page itself."""
    known = KINDS.get(channel) or ChannelKind(
        channel, channel, 3000, graphemes, lambda _text, link, _title: link, Prefill.LINK
    )
    if row is None:
        return known
    pattern = row.share_page
    return replace(
        known,
        name=row.name or known.name,
        max_length=min(row.max_length or known.max_length, known.max_length),
        share_page=known.share_page
        if pattern is None
        else lambda text, link, title: share_address(pattern, text=text, link=link, title=title),
        prefill=known.prefill if pattern is None else Prefill.TEXT if "{text}" in pattern else Prefill.LINK,
    )


def share_address(pattern: str, *, text: str, link: str, title: str) -> str:
    """`pattern` with {text}, {link} and {title} filled in, each quoted; other braces stay."""
    values = {"{text}": text, "{link}": link, "{title}": title}
    return _BRACES.sub(lambda found: _q(values[found.group()]), pattern)


def with_link(text: str, link: str) -> str:
    """The text as it will stand in the channel, the tracked link at its end unless it is in it already."""
    return text if link in text else f"{text.rstrip()}\n\n{link}"
