"""The gate before bolt: size, signature on the raw bytes, replay memory, and only then parsing.

bolt parses a body before it verifies it, so malformed input would reach it unauthenticated; here nothing
is parsed that was not signed. Source of the scheme: docs.slack.dev, "Verifying requests from Slack".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time
from urllib.parse import parse_qs

from adapters.web.bodies import json_object, text_of
from adapters.web.signatures import Rejected, Signatures

MAX_BYTES = 1024 * 1024


class Gate:
    def __init__(self, signing_secret: str, *, clock: Callable[[], float] = time) -> None:
        self._signatures = Signatures(signing_secret, "v0", clock=clock)

    def admit(self, body: bytes, headers: Mapping[str, str], *, timestamps: int = 1, signatures: int = 1) -> bool:
        """Whether to handle the request: False for a replay, which is answered and has no effect.

        `timestamps`, `signatures`: how often each header came. Raises Rejected.
        """
        if len(body) > MAX_BYTES:
            raise Rejected(413, "too large")
        if timestamps != 1 or signatures != 1:
            raise Rejected(401, "ambiguous signature headers")
        signature = headers.get("x-slack-signature", "")
        self._signatures.verify(body, headers.get("x-slack-request-timestamp", ""), signature)
        check_shape(body, headers.get("content-type", ""))
        return self._signatures.is_new(signature)


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
