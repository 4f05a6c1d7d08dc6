"""The gate before bolt: size, signature on the raw bytes, replay memory, and only then parsing.

bolt parses a body before it verifies it, so malformed input would reach it unauthenticated; here nothing
is parsed that was not signed. Source of the scheme: docs.slack.dev, "Verifying requests from Slack".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time
from typing import Any

from slack_sdk.signature import Clock, SignatureVerifier
from yarl import URL

from adapters.web.replay_protection import Rejected, ReplayMemory, checked_timestamp
from adapters.web.request_body import Malformed, json_object, text_of

MAX_BYTES = 1024 * 1024
MAX_FIELDS = 100


class _SlackClock(Clock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


class RequestVerifier:
    def __init__(self, signing_secret: str, *, clock: Callable[[], float] = time) -> None:
        """An empty secret, as with Socket Mode: nothing comes in by HTTP."""
        self._clock = clock
        self._verifier = SignatureVerifier(signing_secret, _SlackClock(clock)) if signing_secret else None
        self._replays = ReplayMemory(clock=clock)

    def admit(
        self, body: bytes, headers: Mapping[str, str], *, timestamps: int = 1, signatures: int = 1
    ) -> dict[str, Any] | None:
        """What the request says; None for a replay, which is answered and has no effect.

        `timestamps`, `signatures`: how often each header came. Raises Rejected.
        """
        if len(body) > MAX_BYTES:
            raise Rejected(413, "too large")
        if timestamps != 1 or signatures != 1:
            raise Rejected(401, "ambiguous signature headers")
        signature = headers.get("x-slack-signature", "")
        timestamp = checked_timestamp(headers.get("x-slack-request-timestamp", ""), self._clock())
        if not self._is_signed(body, timestamp, signature):
            raise Rejected(401, "signature")
        payload = read(body, headers.get("content-type", ""))
        return payload if self._replays.is_new(signature) else None

    def _is_signed(self, body: bytes, timestamp: str, signature: str) -> bool:
        if self._verifier is None or not signature.isascii():
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError as cause:
            raise Rejected(400, "malformed: not UTF-8, which Slack always sends") from cause


def read(body: bytes, content_type: str) -> dict[str, Any]:
    """The form or JSON object that Slack sends. Raises Rejected(400)."""
    try:
        words = text_of(body)
        if "x-www-form-urlencoded" in content_type:
            fields = _fields(words)
            if "command" in fields or "ssl_check" in fields:
                return fields
            words = fields.get("payload", "")
        return json_object(words)
    except ValueError as cause:
        raise Rejected(400, f"malformed: {cause}"[:120]) from cause


def _fields(words: str) -> dict[str, Any]:
    """Of a form. Raises Malformed where there are too many, or one is no `name=value`."""
    pairs = words.split("&") if words else []
    if len(pairs) > MAX_FIELDS or not all("=" in pair for pair in pairs):
        raise Malformed("no form")
    return dict(URL.build(query_string=words, encoded=True).query.items())
