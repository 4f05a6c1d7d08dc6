"""Shared by all signed requests: rejection, timestamps, and protection against replays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import time

MAX_AGE = 300  # seconds, by which a request's own time may differ from ours
MAX_REMEMBERED = 100_000


class Rejected(Exception):
    """`status` is the answer to give; the reason goes to the log alone."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def checked_timestamp(timestamp: str, now: float) -> str:
    """`timestamp` (Unix seconds), if it is within MAX_AGE. Raises Rejected(401)."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Rejected(401, "timestamp")
    if abs(now - int(timestamp)) > MAX_AGE:
        raise Rejected(401, "stale")
    return timestamp


class ReplayMemory:
    """Remembers signed requests for as long as their timestamp is accepted."""

    def __init__(self, *, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def is_new(self, signature: str) -> bool:
        """Whether this request has not been seen before."""
        now, key = self._clock(), signature.encode("utf-8", "replace")
        while self._seen and (len(self._seen) >= MAX_REMEMBERED or next(iter(self._seen.values())) < now - 2 * MAX_AGE):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        return True

    def forget(self, signature: str) -> None:
        """Forget a request that failed, so that it may be sent again unchanged."""
        self._seen.pop(signature.encode("utf-8", "replace"), None)
