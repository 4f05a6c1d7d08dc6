"""The social-media channels we know: how long a text may be there, and the share page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

import regex

from content import lengths
from storage.sharing.social_channels import SocialChannel

_BRACES = regex.compile(r"\{(?:text|link|title)\}")


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
    share_page: Callable[[str, str, str], str]  # (text with the link, link or "", title) → address
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
            lengths.graphemes,
            lambda text, _link, _title: f"https://www.linkedin.com/feed/?shareActive=true&text={_q(text)}",
            Prefill.ON_COMPUTERS,
        ),
        ChannelKind(
            "x",
            "X",
            280,
            lengths.x,
            lambda text, _link, _title: f"https://x.com/intent/post?text={_q(text)}",
        ),
        ChannelKind(
            "bluesky",
            "Bluesky",
            300,
            lengths.bluesky,
            lambda text, _link, _title: f"https://bsky.app/intent/compose?text={_q(text)}",
        ),
        ChannelKind(
            "mastodon",
            "Mastodon",
            500,
            lengths.mastodon,
            lambda text, _link, _title: f"https://share.joinmastodon.org/#text={_q(text)}",
        ),
        ChannelKind(
            "threads",
            "Threads",
            500,
            lengths.threads,
            lambda text, _link, _title: f"https://www.threads.com/intent/post?text={_q(text)}",
        ),
        ChannelKind(
            "facebook",
            "Facebook",
            5000,
            lengths.graphemes,
            lambda _text, link, _title: (
                f"https://www.facebook.com/sharer/sharer.php?u={_q(link)}" if link else "https://www.facebook.com/"
            ),
            Prefill.LINK,
        ),
        ChannelKind(
            "whatsapp",
            "WhatsApp",
            4000,
            lengths.graphemes,
            lambda text, _link, _title: f"https://wa.me/?text={_q(text)}",
        ),
        ChannelKind(
            "xing",
            "Xing",
            3000,
            lengths.graphemes,
            lambda _text, link, _title: (
                f"https://www.xing.com/spi/shares/new?url={_q(link)}" if link else "https://www.xing.com/"
            ),
            Prefill.LINK,
        ),
        ChannelKind(
            "email",
            "E-mail",
            10000,
            lengths.graphemes,
            lambda text, _link, title: f"mailto:?subject={_q(title)}&body={_q(text)}",
        ),
    )
}


def name_of(channel: str) -> str:
    """What people call a network."""
    return KINDS[channel].name if channel in KINDS else channel


def kind_of(channel: str, row: SocialChannel | None) -> ChannelKind:
    """The channel as this organisation uses it: its own name, length and share page over what we know of it. Where we
    know nothing, not even a share page, the way out of a share is the page itself."""
    known = KINDS.get(channel) or ChannelKind(
        channel, channel, 3000, lengths.graphemes, lambda _text, link, _title: link, Prefill.LINK
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
