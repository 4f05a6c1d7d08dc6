"""Intake: entries of a feed become drafts; what is known already, by canonical address, is not taken twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from content import polling
from content.addresses import canonical, host_of
from content.errors import ContentError
from content.read_results import MAX_ENTRIES, FeedEntry, Fetched, PageMetadata, ParsedFeed
from content.reading import Reader
from content.transactions import InTransaction
from storage.database import Session
from storage.people.employees import Employee
from storage.sharing import feeds as subscriptions
from storage.sharing import posts, thumbnails, topic_names
from storage.sharing.feeds import Feed, feed_by_url
from storage.sharing.posts import MOST_TRIES, Post

THUMBNAIL = 640  # pixels of the longer side
LANGUAGES = ("en", "fi")  # a post in another language is offered, too, but its starters are English


@dataclass(slots=True)
class IntakeReport:
    created: list[int] = field(default_factory=list)
    duplicates: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # (what, why)


class Intake:
    """Reads feeds and stores their entries. Reading happens outside any transaction."""

    def __init__(self, in_transaction: InTransaction, reader: Reader) -> None:
        self._in_transaction = in_transaction
        self._reader = reader

    def import_from(
        self,
        source: str,
        *,
        now: datetime,
        base_url: str = "",
        subscribe: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> IntakeReport:
        """Take in a feed from a file or an address; `subscribe` keeps reading the address from now on.

        Raises ContentError or OSError when nothing could be read at all.
        """
        path = Path(source)
        if "://" not in source:
            parsed = self._reader.feed(path.read_bytes(), base_url=base_url, name=path.name)
            return self._store(parsed, now=now, progress=progress)
        fetched = self._reader.fetch(source)
        parsed = self._reader.feed(
            fetched.body, base_url=fetched.url, name=source.split("?")[0], content_type=fetched.content_type
        )
        feed_id = (
            self._in_transaction(lambda session: _subscribed(session, source, parsed, fetched, now))
            if subscribe
            else None
        )
        return self._store(parsed, now=now, feed_id=feed_id, progress=progress)

    def poll(self, feed_id: int, *, now: datetime) -> IntakeReport:
        """Read one subscribed feed if it changed. Faults are kept on the feed, and the wait grows."""
        taken = self._in_transaction(lambda session: _take(session, feed_id, now))
        if taken is None:
            return IntakeReport()
        url, etag, last_modified = taken
        try:
            fetched = self._reader.fetch(url, etag=etag, last_modified=last_modified)
            parsed = None
            if fetched.status == 200:
                parsed = self._reader.feed(fetched.body, base_url=fetched.url, content_type=fetched.content_type)
        except ContentError as fault:
            said = str(fault)
            self._in_transaction(lambda session: polling.note_fault(session.get_one(Feed, feed_id), said, now=now))
            return IntakeReport(failed=[(url, said)])
        self._in_transaction(lambda session: polling.note_read(session.get_one(Feed, feed_id), fetched, now=now))
        return self._store(parsed, now=now, feed_id=feed_id) if parsed else IntakeReport()

    def _store(
        self,
        parsed: ParsedFeed,
        *,
        now: datetime,
        feed_id: int | None = None,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> IntakeReport:
        report = IntakeReport()
        for number, entry in enumerate(parsed.entries):
            progress(number, len(parsed.entries))
            self._store_entry(entry, report, now=now, feed_id=feed_id)
        if parsed.left_out:
            report.failed.append((parsed.title, f"{parsed.left_out} entries beyond the first {MAX_ENTRIES}"))
        progress(len(parsed.entries), len(parsed.entries))
        return report

    def _store_entry(self, entry: FeedEntry, report: IntakeReport, *, now: datetime, feed_id: int | None) -> None:
        if entry.problem:
            report.failed.append((entry.title or "?", entry.problem))
            return
        address = canonical(entry.url)
        if self._in_transaction(lambda session: posts.by_canonical_url(session, address) is not None):
            report.duplicates += 1
            return
        entry, page = self._completed(entry)
        if not entry.title:
            report.failed.append((entry.url, "no title, neither in the feed nor on the page"))
            return
        made = self._in_transaction(lambda session: _new_draft(session, entry, page, feed_id, now))
        if made is None:
            report.duplicates += 1
        else:
            report.created.append(made)

    def _completed(self, entry: FeedEntry) -> tuple[FeedEntry, str]:
        """The entry with its gaps filled from the page itself, and the page's own canonical address."""
        if entry.title and entry.summary and entry.image_url:
            return entry, entry.url
        try:
            page = self._reader.fetch(entry.url, accept="text/html")
            found = self._reader.page(page.body, url=page.url)
        except ContentError:
            return entry, entry.url
        same_site = found.canonical_url and host_of(found.canonical_url) == host_of(entry.url)
        return (
            replace(
                entry,
                title=entry.title or found.title,
                summary=entry.summary or found.summary,
                image_url=entry.image_url or found.image_url,
                source=entry.source or found.site_name,
                language=entry.language or found.language,
            ),
            found.canonical_url if same_site and found.canonical_url else entry.url,
        )

    def complete(self, post_id: int, *, now: datetime) -> None:
        """Read a post's page: of a draft to fill what it lacks, and of any for its first paragraphs. An unreadable page
        leaves it as it is."""
        url = self._in_transaction(lambda session: _begin_reading(session, post_id))
        try:
            page = self._reader.fetch(url, accept="text/html")
            found: PageMetadata | None = self._reader.page(page.body, url=page.url)
        except ContentError:
            found = None
        picture = self._in_transaction(lambda session: _fill(session, post_id, found, now))
        if picture:
            self.make_thumbnail(post_id, picture, now=now)

    def make_thumbnail(self, post_id: int, address: str, *, now: datetime) -> None:
        """Keep a small one of the picture at `address`. One that cannot be read is tried again, but not for ever."""
        self._in_transaction(lambda session: thumbnails.begin(session, post_id, address, now=now))
        try:
            fetched = self._reader.fetch(address, accept="image/*")
            _info, made = self._reader.picture(fetched.body, THUMBNAIL)
        except ContentError:
            return
        self._in_transaction(lambda session: thumbnails.keep(session, post_id, address, made))


def _take(session: Session, feed_id: int, now: datetime) -> tuple[str, str | None, str | None] | None:
    """(address, etag, last modified) of the feed, which no other clock reads meanwhile; None where it is gone."""
    feed = session.get(Feed, feed_id)
    if feed is None:
        return None
    feed.poll_after = now + polling.EVERY
    return feed.url, feed.etag, feed.last_modified


def _subscribed(session: Session, url: str, parsed: ParsedFeed, fetched: Fetched, now: datetime) -> int:
    """The feed at that address, read from now on; its id."""
    feed = feed_by_url(session, url)
    if feed is None:
        feed = subscriptions.add(session, url, poll_after=now + polling.EVERY)
    feed.title, feed.language = parsed.title, parsed.language
    feed.etag, feed.last_modified = fetched.etag, fetched.last_modified
    session.flush()
    return feed.id


def _new_draft(session: Session, entry: FeedEntry, address: str, feed_id: int | None, now: datetime) -> int | None:
    """The id of the draft; None where its page is known already."""
    if posts.by_canonical_url(session, canonical(address)) is not None:
        return None
    post = new_post(session, entry, address=address, now=now)
    post.feed_id = feed_id
    session.flush()
    return post.id


def _begin_reading(session: Session, post_id: int) -> str:
    """The address of the draft's page. Whatever becomes of it is counted: nothing is tried for ever."""
    post = session.get_one(Post, post_id)
    post.page_tries += 1
    post.page_read = post.page_read or post.page_tries >= MOST_TRIES
    return post.url


def _fill(session: Session, post_id: int, found: PageMetadata | None, now: datetime) -> str:
    """`found`: what the page says; None where it could not be read. Returns the address of a picture of which there is
    no small one yet; "" where there is none."""
    post = session.get_one(Post, post_id)
    is_draft, post.page_read = post.is_undecided, True
    if found is None:
        return ""
    post.excerpt = found.excerpt
    if not is_draft:
        return _unmade(session, post, now)
    if post.title == host_of(post.url):  # nobody has named it yet
        post.title = found.title or post.title
    post.summary = post.summary or found.summary
    post.image_url = post.image_url or found.image_url
    if found.language in LANGUAGES and not post.writers:
        post.language = found.language
    return _unmade(session, post, now)


def _unmade(session: Session, post: Post, now: datetime) -> str:
    session.flush()
    return next((address for one, address in thumbnails.to_make(session, now, of=post.id)), "")


def suggested(session: Session, address: str, *, note: str, by: Employee, language: str, now: datetime) -> Post:
    """A draft about the page at `address` that a person brought, added to the session; its page is read later."""
    post = Post(
        url=address,
        canonical_url=canonical(address),
        title=host_of(address),
        source=host_of(address),
        suggestion_note=note,
        suggested_by_id=by.id,
        language=language,
        page_read=False,
        created_at=now,
    )
    session.add(post)
    session.flush()
    return post


def new_post(session: Session, entry: FeedEntry, *, address: str, now: datetime) -> Post:
    """A draft of `entry`, added to the session."""
    post = Post(
        url=entry.url,
        canonical_url=canonical(address),
        title=entry.title or entry.url,
        summary=entry.summary,
        image_url=entry.image_url,
        source=entry.source or host_of(entry.url),
        language=entry.language if entry.language in LANGUAGES else "en",
        topic=topic_names.topic_of(session, entry.topic),
        published_at=min(entry.published_at, now) if entry.published_at else None,
        created_at=now,
    )
    session.add(post)
    return post
