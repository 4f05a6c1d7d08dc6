"""Secrets at rest: one ring of keys, the first of which seals while all of them open."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class KeyRingError(Exception):
    """CHORUS_SECRET_KEYS is missing, malformed, or does not hold the key that sealed this row."""


class _Ring:
    keys: MultiFernet | None = None


def load_keys(keys: Sequence[str]) -> None:
    """Make `keys` (URL-safe base64, 32 bytes each, newest first) the ring of this process."""
    if not keys:
        raise KeyRingError("CHORUS_SECRET_KEYS is empty: make a key with `chorus secrets new-key`.")
    try:
        _Ring.keys = MultiFernet([Fernet(key) for key in keys])
    except ValueError as cause:
        raise KeyRingError(
            "CHORUS_SECRET_KEYS holds something that is no key: make one with `chorus secrets new-key`."
        ) from cause


def new_key() -> str:
    return Fernet.generate_key().decode()


def _ring() -> MultiFernet:
    if _Ring.keys is None:
        raise KeyRingError("No key has been loaded: set CHORUS_SECRET_KEYS.")
    return _Ring.keys


def seal_secret(plain: str) -> bytes:
    return _ring().encrypt(plain.encode())


def open_secret(sealed: bytes) -> str:
    try:
        return _ring().decrypt(sealed).decode()
    except InvalidToken as cause:
        raise KeyRingError(
            "A stored secret cannot be opened with CHORUS_SECRET_KEYS: add the key that sealed it, "
            "after the new one, separated by a comma."
        ) from cause


def reseal_secret(sealed: bytes) -> bytes:
    """The same secret under the newest key of the ring."""
    try:
        return _ring().rotate(sealed)
    except InvalidToken as cause:
        raise KeyRingError("A stored secret cannot be opened with CHORUS_SECRET_KEYS.") from cause
