"""Secrets that are handed out once: only a digest of each is stored."""

from __future__ import annotations

from hashlib import sha256


def digest_of(token: str) -> str:
    """The digest under which a secret is stored."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
