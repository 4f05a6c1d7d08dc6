"""How a request is signed: HMAC-SHA256 over `{version}:{timestamp}:{raw body}`, in Slack and in our webhooks."""

from __future__ import annotations

import hashlib
import hmac


def sign(secret: bytes, version: str, timestamp: str, body: bytes) -> str:
    signed = b"%b:%b:%b" % (version.encode(), timestamp.encode(), body)
    return f"{version}={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"
