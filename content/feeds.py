"""Feeds: RSS, Atom, JSON Feed and CSV, parsed from bytes that we read ourselves into plain entries."""

from __future__ import annotations

import csv
import io
import json
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import regex
from selectolax.lexbor import LexborHTMLParser

from content import encodings
from content.addresses import validate_url
from content.errors import NotAFeed, NotAnAddress, TooMuch
from content.nesting import check_depth
from content.read_results import MAX_ENTRIES, FeedEntry, ParsedFeed

NO_PICTURES = (".mp4", ".m4v", ".mov", ".webm", ".avi", ".mkv", ".ogv", ".mp3", ".m4a", ".ogg", ".wav", ".pdf", ".m3u8")
MAX_TITLE = 300  # characters
MAX_SUMMARY = 1000  # characters
MAX_AUTHOR = 120  # characters

_DECLARATION = regex.compile(r"<\?xml[^>]*\?>\s*")  # what it says of its encoding was heard before


def parse(body: bytes, *, base_url: str = "", name: str = "", content_type: str = "") -> ParsedFeed:
    """The feed in `body`; relative addresses are resolved against `base_url`. Raises NotAFeed, TooMuch."""
    words = encodings.decoded(body, content_type)
    start = words.lstrip()[:1]
    if start == "{" or "json" in content_type:
        return _json_feed(words, base_url)
    if name.lower().endswith(".csv") or "csv" in content_type:
        return _csv(words, base_url)
    if start == "<":
        return _xml(words, base_url)
    raise NotAFeed("it is neither RSS, Atom, JSON Feed nor CSV")


def plain(html: str, limit: int) -> str:
    """The words of a piece of HTML on one line, cut at a word when longer than `limit` characters."""
    # lexbor alone turns entities and tags into text without a script or a style sheet in it
    html = html[: limit * 20]
    check_depth(html)
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, template, noscript"):
        node.decompose()
    words = " ".join(tree.text(separator=" ").split()) if tree.root else ""
    words = regex.sub(r"\s+([.,;:!?])", r"\1", words)
    return words if len(words) <= limit else words[: limit - 1].rsplit(" ", 1)[0] + "…"


def _xml(words: str, base_url: str) -> ParsedFeed:
    if "<!ENTITY" in words:
        raise NotAFeed("it declares entities, which no feed needs")
    check_depth(words)
    headers = {"content-type": "application/xml; charset=utf-8"} | ({"content-location": base_url} if base_url else {})
    body = _DECLARATION.sub("", words.lstrip(), count=1).encode("utf-8", "replace")
    # `plain` takes the words out of all markup: cleaning it first would take many times as long as reading it
    found = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not found.get("version"):
        raise NotAFeed("it is no RSS or Atom feed")
    feed = found.feed
    language = (feed.get("language") or "")[:2].lower() or None
    title = plain(feed.get("title", ""), MAX_TITLE)
    read = partial(_xml_entry, base_url=base_url, source=title, language=language)
    entries = [_read(read, entry) for entry in found.entries[:MAX_ENTRIES]]
    return ParsedFeed(title, language, tuple(entries), max(0, len(found.entries) - MAX_ENTRIES))


def _read(read: Callable[[Any], FeedEntry], item: Any) -> FeedEntry:
    """The item as an entry; one that cannot be read says so, and keeps no other from being read."""
    try:
        return read(item)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, TooMuch) as fault:
        reason = str(fault) if isinstance(fault, TooMuch) else "an item of a shape that no feed has"
        return FeedEntry(url="", title="", problem=reason)


def _is_picture(item: Any) -> bool:
    kind, medium = str(item.get("type") or ""), str(item.get("medium") or "")
    return (kind or medium or "image").startswith("image")


def _xml_entry(entry: Any, base_url: str, source: str, language: str | None) -> FeedEntry:
    media = [*entry.get("media_content", []), *entry.get("media_thumbnail", []), *entry.get("enclosures", [])]
    images = [item.get("url") or item.get("href") for item in media if _is_picture(item)]
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    tags = [tag.get("term") for tag in entry.get("tags", []) if tag.get("term")]
    return _entry(
        url=entry.get("link", ""),
        title=entry.get("title", ""),
        summary=entry.get("summary", ""),
        image_url=images[0] if images else None,
        source=source,
        language=(entry.get("language") or language),
        topic=tags[0] if tags else "",
        published_at=datetime.fromtimestamp(timegm(moment), UTC) if moment and moment[0] >= 1971 else None,
        author=entry.get("author", ""),
        base_url=base_url,
    )


def _json_feed(words: str, base_url: str) -> ParsedFeed:
    try:
        feed = json.loads(words)
        items = feed["items"]
        if not isinstance(items, list):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise NotAFeed("it is no JSON Feed") from cause
    title, language = _text(feed.get("title")), _text(feed.get("language"))[:2].lower() or None
    read = partial(_json_entry, base_url=base_url, source=title, language=language)
    entries = [_read(read, item) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    return ParsedFeed(plain(title, MAX_TITLE), language, tuple(entries), max(0, len(items) - MAX_ENTRIES))


def _json_entry(item: Any, base_url: str, source: str, language: str | None) -> FeedEntry:
    tags = item.get("tags")
    return _entry(
        url=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        summary=_text(item.get("summary")) or _text(item.get("content_text")) or _text(item.get("content_html")),
        image_url=_text(item.get("image")) or _text(item.get("banner_image")) or None,
        source=source,
        language=_text(item.get("language"))[:2].lower() or language,
        topic=next((_text(tag) for tag in tags if _text(tag)), "") if isinstance(tags, list) else "",
        published_at=_moment(_text(item.get("date_published"))),
        author=_json_author(item),
        base_url=base_url,
    )


def _csv(text: str, base_url: str) -> ParsedFeed:
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4096], ",;\t")
    except csv.Error:
        dialect = "excel"
    try:
        rows = list(csv.DictReader(io.StringIO(text), dialect=dialect))
    except csv.Error as cause:
        raise NotAFeed("it is no CSV table") from cause
    rows = [{(name or "").strip().lower(): value for name, value in row.items()} for row in rows]
    if not rows or "url" not in rows[0]:
        raise NotAFeed("a CSV needs a header with at least the column url")
    entries = [
        _entry(
            url=_text(row.get("url")),
            title=_text(row.get("title")),
            summary=_text(row.get("summary")),
            image_url=_text(row.get("image")) or None,
            source=_text(row.get("source")),
            language=_text(row.get("language"))[:2].lower() or None,
            topic=_text(row.get("topic")),
            published_at=_moment(_text(row.get("published"))),
            base_url=base_url,
        )
        for row in rows[:MAX_ENTRIES]
    ]
    return ParsedFeed("", None, tuple(entries), max(0, len(rows) - MAX_ENTRIES))


def _entry(
    *,
    url: str,
    title: str,
    summary: str,
    image_url: str | None,
    source: str,
    language: str | None,
    topic: str,
    published_at: datetime | None,
    base_url: str,
    author: str = "",
) -> FeedEntry:
    problem = ""
    try:
        address = validate_url(urljoin(base_url, url.strip())) if url.strip() else ""
    except (NotAnAddress, ValueError):
        address, problem = "", f"no web address: {url.strip()[:80]!r}"
    if not url.strip():
        problem = "no address"
    return FeedEntry(
        url=address,
        title=plain(title, MAX_TITLE),
        summary=plain(summary, MAX_SUMMARY),
        image_url=picture(image_url, base_url),
        source=source,
        language=(language or "")[:2].lower() or None,
        topic=plain(topic, 60),
        published_at=published_at,
        author=plain(author, MAX_AUTHOR),
        problem=problem,
    )


def _json_author(item: dict[str, Any]) -> str:
    authors = item.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return _text(first.get("name")) if isinstance(first, dict) else ""


def picture(url: str | None, base_url: str) -> str | None:
    """The address of a picture; None for none, and for what by its name is a film, a sound or a document."""
    if not url:
        return None
    try:
        address = validate_url(urljoin(base_url, url))
    except (NotAnAddress, ValueError):
        return None
    return None if urlsplit(address).path.lower().endswith(NO_PICTURES) else address


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
