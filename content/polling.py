"""Reading the same address again and again: how often, what is kept of it, and how long a fault makes us wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.read_results import Fetched
from storage.mentions.listening import Source
from storage.sharing.feeds import Feed

EVERY = timedelta(minutes=30)
LONGEST_WAIT = timedelta(days=1)


Polled = Feed | Source  # rows that remember how reading went


def note_read(row: Polled, fetched: Fetched, *, now: datetime) -> None:
    row.polled_at, row.failures, row.error = now, 0, None
    row.etag, row.last_modified = fetched.etag, fetched.last_modified


def note_fault(row: Polled, fault: str, *, now: datetime) -> None:
    """The wait doubles with each fault in a row, up to a day."""
    row.polled_at, row.failures, row.error = now, row.failures + 1, fault
    row.poll_after = now + min(EVERY * 2 ** min(row.failures, 10), LONGEST_WAIT)
