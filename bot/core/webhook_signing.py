"""How our webhooks are signed, out and in: Standard Webhooks (standardwebhooks.com).

A secret is `whsec_` and Base64. Secrets made before 0.2 are plain words; they sign as they are. The signature of
before, `X-Chorus-Signature`, is sent beside the new one and still accepted until 0.3.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

PREFIX = "whsec_"
SECRET_BYTES = 32
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
OLD_TIMESTAMP, OLD_SIGNATURE = "x-chorus-timestamp", "x-chorus-signature"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def is_secret(secret: str) -> bool:
    """Whether one can sign with it: plain words, or `whsec_` and Base64 of at least one byte."""
    try:
        _signer(secret)
        return bool(secret.removeprefix(PREFIX))
    except (EmptyWebhookSecretError, ValueError):
        return False


def signed_headers(secret: str, message: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a request; `message` names it and stays the same when it is sent again. `now` in UTC."""
    moment = str(int(now.timestamp()))
    return {
        ID: message,
        TIMESTAMP: moment,
        SIGNATURE: _signer(secret).sign(message, now, body.decode()),
        OLD_TIMESTAMP: moment,
        OLD_SIGNATURE: old_signature(secret, moment, body),
    }


def is_signed(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether the request is signed with `secret`, and not older than five minutes."""
    try:
        _signer(secret).verify(body, dict(headers), json_parse=False)
    except (EmptyWebhookSecretError, WebhookVerificationError, ValueError):  # ValueError: not to be read
        return False
    return True


def old_signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `v1:{timestamp}:{raw body}`, in hex."""
    signed = b"v1:%b:%b" % (timestamp.encode(), body)
    return f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def _signer(secret: str) -> Webhook:
    return Webhook(secret if secret.startswith(PREFIX) else secret.encode())
