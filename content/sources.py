"""What can be listened to: how people write its address, where it is read, and what was said there. Pure.

Feeds by their web address; Mastodon by "#tag@server" or "@name@server" (both have public RSS feeds); Bluesky by
"#tag" or "name.domain" (the public API of its AppView, which may refuse searches without an account).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import regex

from content.addresses import validate_url
from content.errors import NotAFeed, NotAnAddress
from content.read_results import MAX_ENTRIES, FeedEntry, Fetched, ParsedFeed
from storage.mentions.listening import SourceKind

BLUESKY_API = "https://api.bsky.app"
MAX_TEXT = 2000  # characters of a mention
SHORT = 24  # letters, below which two texts can be the same by chance
_TAG_AT = regex.compile(r"#(\w{1,80})@([\w.-]+(?::\d+)?)")
_NAME_AT = regex.compile(r"@(\w{1,60})@([\w.-]+(?::\d+)?)")
_BLUESKY_TAG = regex.compile(r"#(\w{1,80})")
_HANDLE = regex.compile(r"@?((?:[a-z0-9-]+\.)+[a-z]{2,})", regex.IGNORECASE)
_LINK = regex.compile(r"https?://\S+")
_BY_PATH = regex.compile(r"/(@[\w.-]+)/\d+")
EXAMPLES = {
    SourceKind.FEED: "https://example.org/feed.xml",
    SourceKind.MASTODON: "#heatpumps@mastodon.social or @koivu@mastodon.social",
    SourceKind.BLUESKY: "#heatpumps or koivu.bsky.social",
    SourceKind.WEBHOOK: "nothing: a webhook has no address to read",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that somebody said."""

    text: str
    url: str | None = None
    author: str = ""
    published_at: datetime | None = None
    language: str | None = None


def address_of(kind: str, written: str) -> str:
    """The web address at which a source is read. Raises NotAnAddress; `EXAMPLES` say how it is written."""
    written = written.strip()
    match kind:
        case "feed":
            return validate_url(written)
        case "mastodon" if found := _TAG_AT.fullmatch(written):
            return validate_url(f"https://{found[2]}/tags/{quote(found[1])}.rss")
        case "mastodon" if found := _NAME_AT.fullmatch(written):
            return validate_url(f"https://{found[2]}/@{quote(found[1])}.rss")
        case "bluesky" if found := _BLUESKY_TAG.fullmatch(written):
            return f"{BLUESKY_API}/xrpc/app.bsky.feed.searchPosts?q={quote('#' + found[1])}&sort=latest&limit=50"
        case "bluesky" if found := _HANDLE.fullmatch(written):
            return f"{BLUESKY_API}/xrpc/app.bsky.feed.getAuthorFeed?actor={quote(found[1].lower())}&limit=50"
    raise NotAnAddress(written[:80])


def heard_in(kind: str, fetched: Fetched, parse: Callable[..., ParsedFeed]) -> list[Heard]:
    """What was said, the newest first as the source has it. Raises NotAFeed, and what `parse` raises, which
    reads a feed (`content.feeds.parse`, or a reader that does it elsewhere)."""
    if kind == SourceKind.BLUESKY:
        return list(_bluesky(fetched.body))
    parsed = parse(fetched.body, base_url=fetched.url, content_type=fetched.content_type)
    return [_entry(entry, parsed.title) for entry in parsed.entries if entry.title or entry.summary]


def fingerprint(text: str, url: str | None = None) -> str:
    """The same for the same words, whatever the case, the signs between them and the links; a short text is told
    apart by its address, too."""
    letters = "".join(regex.findall(r"[\p{L}\p{N}]+", _LINK.sub("", text).casefold()))
    return sha256((letters if len(letters) >= SHORT else f"{letters} {url or ''}").encode()).hexdigest()[:32]


def _entry(entry: FeedEntry, source: str) -> Heard:
    """Title and summary, without the title where the summary begins with it."""
    title, summary = entry.title, entry.summary
    text = summary if summary.startswith(title.rstrip("…")) else f"{title}. {summary}" if summary else title
    by_path = _BY_PATH.search(entry.url)
    author = entry.author or (by_path[1] if by_path else source)
    return Heard(text[:MAX_TEXT], entry.url or None, author, entry.published_at, entry.language)


def _bluesky(body: bytes) -> Iterable[Heard]:
    try:
        found = json.loads(body)
        rows = found["posts"] if "posts" in found else [item["post"] for item in found["feed"]]
        posts: list[Any] = list(rows)[:MAX_ENTRIES]
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise NotAFeed("it is not what Bluesky answers") from cause
    for post in posts:
        record = post.get("record") if isinstance(post, dict) else None
        author = post.get("author") if isinstance(post, dict) else None
        if not isinstance(record, dict) or not isinstance(author, dict) or not isinstance(record.get("text"), str):
            continue
        handle, key = str(author.get("handle") or ""), str(post.get("uri") or "").rpartition("/")[2]
        url = f"https://bsky.app/profile/{quote(handle)}/post/{quote(key)}" if handle and key else None
        languages = record.get("langs")
        language = str(languages[0])[:2] if isinstance(languages, list) and languages else None
        yield Heard(record["text"][:MAX_TEXT], url, f"@{handle}", _moment(record.get("createdAt")), language)


def _moment(written: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
