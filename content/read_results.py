"""What the readers of `content.reading` answer: plain values. Nothing here parses anything, and nothing that does is
imported: whoever asks a reader needs no parser of strangers' bytes in its own process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

MAX_SECONDS = 10.0  # for all hops of a fetch together
MAX_ENTRIES = 200  # of a feed
SMALL = 800  # pixels: the longer side of a picture that is looked at in a card

Row = tuple[int, list[str]]  # of a table: the line it stands on, from 1, and its cells


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response. `status` is 200 or 304; `url` is the address after redirects."""

    url: str
    status: int
    body: bytes
    content_type: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Called:
    """The answer of an interface; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of a feed. `url` may be "" and `problem` then says why it cannot be used."""

    url: str
    title: str
    summary: str = ""
    image_url: str | None = None
    source: str = ""
    language: str | None = None
    topic: str = ""
    published_at: datetime | None = None
    author: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    title: str
    language: str | None
    entries: tuple[FeedEntry, ...]
    left_out: int = 0  # entries beyond MAX_ENTRIES


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says of itself."""

    title: str = ""
    summary: str = ""
    image_url: str | None = None
    site_name: str = ""
    language: str | None = None
    canonical_url: str | None = None
    excerpt: str = ""  # the page's first paragraphs, a line each


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """Of a picture that was made anew. Sides in pixels. `is_still`: it was no animation, of which the first picture was
    taken."""

    media_type: str
    width: int
    height: int
    is_still: bool
