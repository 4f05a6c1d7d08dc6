"""Secrets at rest, and names and addresses where that is set: one ring of keys, the first of which seals while all of
them open. Whoever has the database alone reads none of it."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

T = TypeVar("T")

MARK = "sealed:1:"  # what a sealed name begins with
NONCE = 16  # bytes
ASK_AGAIN = 10.0  # seconds at least between two times that the keys are asked for because one does not open


class KeyRingError(Exception):
    """CHORUS_SECRET_KEYS is missing, malformed, or does not hold the key that sealed this row."""


@dataclass(frozen=True, slots=True)
class _Ring:
    told: tuple[str, ...]
    secrets: MultiFernet
    people: tuple[AESSIV, ...]


class _Process:
    ring: _Ring | None = None
    seals_people = False
    ask: Callable[[], Sequence[str]] | None = None
    asked_at = float("-inf")
    setting = "CHORUS_SECRET_KEYS"  # which names the keys


def load_keys(
    keys: Sequence[str],
    *,
    seals_people: bool = False,
    ask: Callable[[], Sequence[str]] | None = None,
    setting: str = "CHORUS_SECRET_KEYS",
) -> None:
    """Make `keys` (URL-safe base64, 32 bytes each, newest first) the ring of this process. `seals_people`: whether
    names and addresses are sealed, too; `ask` tells the keys anew, where they may change while the process runs;
    `setting`: what to name where a key is missing or wrong. Raises KeyRingError."""
    _Process.setting = setting
    _Process.ring, _Process.seals_people = _ring_of(keys), seals_people
    _Process.ask, _Process.asked_at = ask, float("-inf")


def refresh_keys() -> bool:
    """Ask for the keys where `load_keys` was told how; whether they are others now. Raises what asking raises."""
    if _Process.ask is None:
        return False
    _Process.asked_at = monotonic()
    keys = _Process.ask()
    if tuple(keys) == _ring().told:
        return False
    _Process.ring = _ring_of(keys)
    return True


def new_key() -> str:
    return Fernet.generate_key().decode()


def _ring_of(keys: Sequence[str]) -> _Ring:
    if not keys:
        raise KeyRingError(f"{_Process.setting} tells no key: make one with `chorus secrets new-key`.")
    try:
        return _Ring(tuple(keys), MultiFernet([Fernet(key) for key in keys]), tuple(map(_for_people, keys)))
    except ValueError as cause:
        raise KeyRingError(
            f"{_Process.setting} tells something that is no key: make one with `chorus secrets new-key`."
        ) from cause


def _for_people(key: str) -> AESSIV:
    derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"chorus: names and addresses, 1")
    return AESSIV(derived.derive(base64.urlsafe_b64decode(key)))


def _ring() -> _Ring:
    if _Process.ring is None:
        raise KeyRingError("No key has been loaded: set CHORUS_SECRET_KEYS.")
    return _Process.ring


def _with_newest(open_it: Callable[[_Ring], T]) -> T:
    """Opened with the keys of the process or, where none of them opens, with those that are told by now. Raises
    KeyRingError."""
    try:
        return open_it(_ring())
    except (InvalidToken, InvalidTag) as cause:
        if monotonic() - _Process.asked_at > ASK_AGAIN and refresh_keys():
            return _with_newest(open_it)
        raise KeyRingError(
            f"What is stored cannot be opened with the keys of {_Process.setting}: add the one that sealed it, after "
            "the new one, with a comma or a new line between them."
        ) from cause


# -- Secrets ------------------------------------------------------------------------------------------------


def seal_secret(plain: str) -> bytes:
    return _ring().secrets.encrypt(plain.encode())


def open_secret(sealed: bytes) -> str:
    return _with_newest(lambda ring: ring.secrets.decrypt(sealed)).decode()


def reseal_secret(sealed: bytes) -> bytes:
    """The same secret under the newest key of the ring."""
    return _with_newest(lambda ring: ring.secrets.rotate(sealed))


# -- Names and addresses: AES-SIV (RFC 5297), which needs no nonce where the same text must give the same ---------


def seals_people() -> bool:
    return _Process.seals_people


def store_personal(plain: str, place: str, *, is_found: bool) -> str:
    """As it is stored in the column `place`: sealed where that is set, and whatever looks as if it were. `is_found`:
    the same text gives the same, so that it can be looked for; else nobody sees that two are alike."""
    if not plain or not (_Process.seals_people or plain.startswith(MARK)):
        return plain
    return _sealed(_ring().people[0], plain, place, b"" if is_found else os.urandom(NONCE))


def read_personal(stored: str, place: str) -> str:
    """Raises KeyRingError for what was sealed elsewhere, or with another key."""
    if not stored.startswith(MARK):
        return stored
    return _with_newest(lambda ring: _opened(ring.people, stored, place))


def forms_of(plain: str, place: str) -> list[str]:
    """All the ways in which a text that is looked for may stand in the column `place`."""
    forms = [_sealed(key, plain, place, b"") for key in _ring().people] if plain and _Process.ring else []
    return forms if plain.startswith(MARK) else [plain, *forms]


def is_as_set(stored: str, place: str) -> bool:
    """Whether it is sealed, with the newest key, just where names and addresses are to be."""
    if not stored.startswith(MARK):
        return not stored or not _Process.seals_people
    try:
        plain = _opened(_ring().people[:1], stored, place)
    except InvalidTag:
        return False
    return _Process.seals_people or plain.startswith(MARK)


def _sealed(key: AESSIV, plain: str, place: str, nonce: bytes) -> str:
    closed = nonce + key.encrypt(plain.encode(), [place.encode(), nonce])
    return f"{MARK}{len(nonce)}:{base64.urlsafe_b64encode(closed).decode()}"


def _opened(keys: Sequence[AESSIV], stored: str, place: str) -> str:
    length, _, words = stored.removeprefix(MARK).partition(":")
    try:
        closed = base64.urlsafe_b64decode(words)
    except binascii.Error as cause:
        raise InvalidTag from cause
    nonce = closed[:NONCE] if length == str(NONCE) else b""
    for key in keys:
        try:
            return key.decrypt(closed[len(nonce) :], [place.encode(), nonce]).decode()
        except (InvalidTag, ValueError):
            continue
    raise InvalidTag
