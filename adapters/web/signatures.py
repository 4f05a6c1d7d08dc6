"""Signed requests that come in: the signature compared in constant time, ±5 minutes, and a memory of those that came
already. The scheme is Slack's (`bot.core.signing`); our own webhooks use it, too, with a version of their own."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from time import time

from bot.core.signing import sign

MAX_AGE = 300  # seconds
MAX_REMEMBERED = 100_000


class Rejected(Exception):
    """`status` is the answer to give; the reason goes to the log alone."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Signatures:
    def __init__(self, secret: str, version: str, *, clock: Callable[[], float] = time) -> None:
        self._secret = secret.encode()
        self._version = version
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def verify(self, body: bytes, timestamp: str, signature: str) -> None:
        """Raises Rejected(401)."""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Rejected(401, "timestamp")
        if abs(self._clock() - int(timestamp)) > MAX_AGE:
            raise Rejected(401, "stale")
        expected = sign(self._secret, self._version, timestamp, body)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise Rejected(401, "signature")

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
