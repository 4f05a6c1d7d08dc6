"""Secrets of webhooks: what can sign, and what is said of what cannot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.webhook_signing import ID, SIGNATURE, TIMESTAMP, is_secret, is_signed, new_secret, signed_headers

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_%%%", "whsec_a", ""])
def test_what_cannot_sign_is_no_secret_and_lets_nothing_in(secret: str) -> None:
    assert not is_secret(secret)
    headers = {ID: "1", TIMESTAMP: str(int(NOW.timestamp())), SIGNATURE: "v1,AAAA"}
    assert not is_signed(secret, b"{}", headers)


@pytest.mark.parametrize("secret", [new_secret(), "plain words from before 0.2"], ids=["new", "old"])
def test_what_signs_is_a_secret(secret: str) -> None:
    assert is_secret(secret)
    assert not is_signed(secret, b"[]", signed_headers(secret, "1", b"{}", datetime.now(UTC)))
    assert is_signed(secret, b"{}", signed_headers(secret, "1", b"{}", datetime.now(UTC)))
