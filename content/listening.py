"""Listening: sources are read, what was said there is stored once, and the same words elsewhere are folded in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from content import polling, sources
from content.addresses import canonical
from content.errors import ContentError, NotAnAddress
from content.read_results import Fetched
from content.reading import Reader
from content.sources import Heard
from content.transactions import InTransaction
from storage.database import Session
from storage.mentions import listening
from storage.mentions.listening import Mention, Sighting, Source, SourceKind, SourceState

SAME_WITHIN = timedelta(days=14)  # the same words after that are said anew
TOO_OLD = timedelta(days=7)  # when a source is read for the first time, what is older is not news


class Listener:
    """Reads sources; reading happens outside any transaction."""

    def __init__(self, in_transaction: InTransaction, reader: Reader) -> None:
        self._in_transaction = in_transaction
        self._reader = reader

    def poll(self, source_id: str, *, now: datetime) -> int:
        """Read one source if it changed; how much is new. Faults are kept on the source, and the wait grows."""
        taken = self._in_transaction(lambda session: _take(session, source_id, now))
        if taken is None:
            return 0
        kind, address, etag, last_modified = taken
        try:
            url = sources.address_of(kind, address)
            fetched = self._reader.fetch(url, etag=etag, last_modified=last_modified)
            said = sources.heard_in(kind, fetched, self._reader.feed) if fetched.status == 200 else []
        except ContentError as fault:
            reason = str(fault) or "no such address"
            self._in_transaction(lambda session: _note_fault(session, source_id, reason, now))
            return 0
        return self._in_transaction(lambda session: _note(session, source_id, fetched, said, now))


def _take(session: Session, source_id: str, now: datetime) -> tuple[SourceKind, str, str | None, str | None] | None:
    """(kind, address, etag, last modified) of the source, which no other clock reads meanwhile; None where nobody
    listens to it."""
    source = listening.source(session, source_id)
    if source is None or source.state != SourceState.ACTIVE:
        return None
    source.poll_after = now + polling.EVERY
    return source.kind, source.address, source.etag, source.last_modified


def _note_fault(session: Session, source_id: str, reason: str, now: datetime) -> None:
    polling.note_fault(session.get_one(Source, source_id), reason, now=now)


def _note(session: Session, source_id: str, fetched: Fetched, said: Iterable[Heard], now: datetime) -> int:
    polling.note_read(session.get_one(Source, source_id), fetched, now=now)
    return store(session, said, source_id=source_id, now=now)


def store(session: Session, said: Iterable[Heard], *, source_id: str, now: datetime) -> int:
    """New mentions of what was said; how many. What is known already gets another sighting, and makes no noise."""
    number = 0
    for item in said:
        if not item.text.strip() or (item.published_at is not None and now - item.published_at > TOO_OLD):
            continue
        number += keep(session, item, source_id=source_id, now=now) is not None
    return number


def keep(
    session: Session, item: Heard, *, source_id: str | None, now: datetime, heard_by_id: int | None = None
) -> Mention | None:
    """The new mention; None where the same was heard before."""
    address = _canonical(item.url)
    mark = sources.fingerprint(item.text, address)
    before = listening.known(session, mark, address, since=now - SAME_WITHIN)
    if before is not None:
        if before.url != item.url and not listening.is_sighted(session, before.id, item.url):
            before.sightings.append(Sighting(source_id=source_id, url=item.url, at=now))
            session.flush()
        return None
    mention = Mention(
        fingerprint=mark,
        canonical_url=address,
        url=item.url,
        source_id=source_id,
        heard_by_id=heard_by_id,
        author=item.author[:120],
        text=item.text[: sources.MAX_TEXT],
        language=item.language,
        published_at=min(item.published_at, now) if item.published_at else None,
        heard_at=now,
    )
    session.add(mention)
    session.flush()
    return mention


def _canonical(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return canonical(url)
    except NotAnAddress:
        return None
