"""The ciphers that the keys make. A module of its own: OpenSSL takes 7 MB, which a process that opens nothing saves."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 16  # bytes


class NotOpened(Exception):
    """None of the keys opens it, or it is damaged."""


class KeyRing:
    """The first key seals; all of them open.

    Secrets are sealed as Fernet does. Names and addresses are sealed with AES-SIV (RFC 5297), which needs no nonce
    where the same text must give the same; `place` is the column that they are for, and they open nowhere else.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: URL-safe base64, 32 bytes each, newest first."""
        self._secrets = MultiFernet([Fernet(key) for key in keys])
        self._people = tuple(map(_for_people, keys))

    def seal_secret(self, plain: str) -> bytes:
        return self._secrets.encrypt(plain.encode())

    def open_secret(self, sealed: bytes) -> str:
        """Raises NotOpened."""
        try:
            return self._secrets.decrypt(sealed).decode()
        except InvalidToken as cause:
            raise NotOpened from cause

    def reseal_secret(self, sealed: bytes) -> bytes:
        """The same secret under the newest key. Raises NotOpened."""
        try:
            return self._secrets.rotate(sealed)
        except InvalidToken as cause:
            raise NotOpened from cause

    def seal_personal(self, plain: str, place: str, *, is_found: bool) -> str:
        """`is_found`: the same text gives the same, so that it can be looked for; else nobody sees that two are
        alike."""
        return _sealed(self._people[0], plain, place, b"" if is_found else os.urandom(NONCE))

    def forms_of(self, plain: str, place: str) -> list[str]:
        """As it was sealed to be found, by any of the keys."""
        return [_sealed(key, plain, place, b"") for key in self._people]

    def open_personal(self, sealed: str, place: str, *, with_newest: bool = False) -> str:
        """`with_newest`: by the first key alone. Raises NotOpened."""
        length, _, words = sealed.partition(":")
        try:
            closed = base64.urlsafe_b64decode(words)
        except binascii.Error as cause:
            raise NotOpened from cause
        nonce = closed[:NONCE] if length == str(NONCE) else b""
        for key in self._people[:1] if with_newest else self._people:
            try:
                return key.decrypt(closed[len(nonce) :], [place.encode(), nonce]).decode()
            except (InvalidTag, ValueError):
                continue
        raise NotOpened


def _for_people(key: str) -> AESSIV:
    derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"chorus: names and addresses, 1")
    return AESSIV(derived.derive(base64.urlsafe_b64decode(key)))


def _sealed(key: AESSIV, plain: str, place: str, nonce: bytes) -> str:
    closed = nonce + key.encrypt(plain.encode(), [place.encode(), nonce])
    return f"{len(nonce)}:{base64.urlsafe_b64encode(closed).decode()}"
