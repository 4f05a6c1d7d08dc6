"""The gate before bolt: size, signature on the raw bytes, replay memory, and only then parsing.

bolt parses a body before it verifies it, so malformed input would reach it unauthenticated; here nothing
is parsed that was not signed. Source of the scheme: docs.slack.dev, "Verifying requests from Slack".
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from time import time
from urllib.parse import parse_qs

from adapters.web.bodies import json_object, text_of

MAX_BYTES = 1024 * 1024
MAX_AGE = 300  # seconds
MAX_REMEMBERED = 100_000


class Rejected(Exception):
    """`status` is the answer to give; the reason goes to the log alone."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Gate:
    def __init__(self, signing_secret: str, *, clock: Callable[[], float] = time) -> None:
        self._secret = signing_secret.encode()
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def admit(self, body: bytes, headers: Mapping[str, str], *, timestamps: int = 1, signatures: int = 1) -> bool:
        """Whether to handle the request: False for a replay, which is answered and has no effect.

        `timestamps`, `signatures`: how often each header came. Raises Rejected.
        """
        if len(body) > MAX_BYTES:
            raise Rejected(413, "too large")
        if timestamps != 1 or signatures != 1:
            raise Rejected(401, "ambiguous signature headers")
        self._verify(body, headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", ""))
        check_shape(body, headers.get("content-type", ""))
        return self._is_new(headers["x-slack-signature"].encode())

    def _verify(self, body: bytes, timestamp: str, signature: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Rejected(401, "timestamp")
        if abs(self._clock() - int(timestamp)) > MAX_AGE:
            raise Rejected(401, "stale")
        expected = "v0=" + hmac.new(self._secret, b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise Rejected(401, "signature")

    def _is_new(self, signature: bytes) -> bool:
        now = self._clock()
        while self._seen and (len(self._seen) >= MAX_REMEMBERED or next(iter(self._seen.values())) < now - 2 * MAX_AGE):
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now
        return True


def check_shape(body: bytes, content_type: str) -> None:
    """Raises Rejected(400) unless the body is the form or JSON object that Slack sends."""
    try:
        words = text_of(body)
        if "x-www-form-urlencoded" in content_type:
            fields = parse_qs(words, keep_blank_values=True, strict_parsing=bool(words), max_num_fields=100)
            if "command" in fields or "ssl_check" in fields:
                return
            words = fields["payload"][0] if "payload" in fields else ""
        json_object(words)
    except ValueError as cause:
        raise Rejected(400, f"malformed: {cause}"[:120]) from cause
