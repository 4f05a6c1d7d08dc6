"""Secrets at rest, and names and addresses where that is set: one ring of keys, the first of which seals while all of
them open. Whoever has the database alone reads none of it."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from storage.key_ring import KeyRing

T = TypeVar("T")

MARK = "sealed:1:"  # what a sealed name begins with
KEY = 32  # bytes
ASK_AGAIN = 10.0  # seconds at least between two times that the keys are asked for because one does not open


class KeyRingError(Exception):
    """CHORUS_SECRET_KEYS is missing, malformed, or does not hold the key that sealed this row."""


class _Process:
    keys: tuple[str, ...] = ()
    ring: KeyRing | None = None  # made of them when something is first sealed or opened
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
    _hold(keys)
    _Process.seals_people = seals_people
    _Process.ask, _Process.asked_at = ask, float("-inf")


def refresh_keys() -> bool:
    """Ask for the keys where `load_keys` was told how; whether they are others now. Raises what asking raises."""
    if _Process.ask is None:
        return False
    _Process.asked_at = monotonic()
    keys = _Process.ask()
    if tuple(keys) == _Process.keys:
        return False
    _hold(keys)
    return True


def new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(KEY)).decode()


def _hold(keys: Sequence[str]) -> None:
    if not keys:
        raise KeyRingError(f"{_Process.setting} tells no key: make one with `chorus secrets new-key`.")
    if not all(map(_is_key, keys)):
        raise KeyRingError(
            f"{_Process.setting} tells something that is no key: make one with `chorus secrets new-key`."
        )
    _Process.keys, _Process.ring = tuple(keys), None


def _is_key(said: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(said)) == KEY
    except ValueError:  # no base64, or not even ASCII
        return False


def _ring() -> KeyRing:
    """Of the keys as they are now: both are read once, for they may be others in a moment."""
    if (ring := _Process.ring) is not None:
        return ring
    if not (keys := _Process.keys):
        raise KeyRingError("No key has been loaded: set CHORUS_SECRET_KEYS.")
    from storage.key_ring import KeyRing

    ring = KeyRing(keys)
    if keys is _Process.keys:
        _Process.ring = ring
    return ring


def _with_newest(open_it: Callable[[KeyRing], T]) -> T:
    """Opened with the keys of the process or, where none of them opens, with those that are told by now. Raises
    KeyRingError."""
    from storage.key_ring import NotOpened

    try:
        return open_it(_ring())
    except NotOpened as cause:
        if monotonic() - _Process.asked_at > ASK_AGAIN and refresh_keys():
            return _with_newest(open_it)
        raise KeyRingError(
            f"What is stored cannot be opened with the keys of {_Process.setting}: add the one that sealed it, after "
            "the new one, with a comma or a new line between them."
        ) from cause


# -- Secrets ------------------------------------------------------------------------------------------------


def seal_secret(plain: str) -> bytes:
    return _ring().seal_secret(plain)


def open_secret(sealed: bytes) -> str:
    return _with_newest(lambda ring: ring.open_secret(sealed))


def reseal_secret(sealed: bytes) -> bytes:
    """The same secret under the newest key of the ring."""
    return _with_newest(lambda ring: ring.reseal_secret(sealed))


# -- Names and addresses ------------------------------------------------------------------------------------


def seals_people() -> bool:
    return _Process.seals_people


def store_personal(plain: str, place: str, *, is_found: bool) -> str:
    """As it is stored in the column `place`: sealed where that is set, and whatever looks as if it were. `is_found`:
    the same text gives the same, so that it can be looked for; else nobody sees that two are alike."""
    if not plain or not (_Process.seals_people or plain.startswith(MARK)):
        return plain
    return MARK + _ring().seal_personal(plain, place, is_found=is_found)


def read_personal(stored: str, place: str) -> str:
    """Raises KeyRingError for what was sealed elsewhere, or with another key."""
    if not stored.startswith(MARK):
        return stored
    return _with_newest(lambda ring: ring.open_personal(stored.removeprefix(MARK), place))


def forms_of(plain: str, place: str) -> list[str]:
    """All the ways in which a text that is looked for may stand in the column `place`."""
    sealed = [MARK + form for form in _ring().forms_of(plain, place)] if plain and _Process.keys else []
    return sealed if plain.startswith(MARK) else [plain, *sealed]


def is_as_set(stored: str, place: str) -> bool:
    """Whether it is sealed, with the newest key, just where names and addresses are to be."""
    if not stored.startswith(MARK):
        return not stored or not _Process.seals_people
    from storage.key_ring import NotOpened

    try:
        plain = _ring().open_personal(stored.removeprefix(MARK), place, with_newest=True)
    except NotOpened:
        return False
    return _Process.seals_people or plain.startswith(MARK)
