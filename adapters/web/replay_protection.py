"""What all signed requests have in common: why one is rejected, and the memory of those that came already."""

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
    """Which signed requests were here already, for as long as their own time lets them in."""

    def __init__(self, *, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def is_new(self, signature: str) -> bool:
        """Whether that very request is here for the first time."""
        now, key = self._clock(), signature.encode("utf-8", "replace")
        while self._seen and (len(self._seen) >= MAX_REMEMBERED or next(iter(self._seen.values())) < now - 2 * MAX_AGE):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        return True

    def forget(self, signature: str) -> None:
        """It came to nothing and may be sent again as it is."""
        self._seen.pop(signature.encode("utf-8", "replace"), None)
