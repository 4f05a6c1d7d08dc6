"""Sums over long histories, remembered for a minute by the process where they took long to compute.

What is quick is always computed anew, so small organisations never see an old figure. Only values without rows may be
remembered: a row belongs to the session that loaded it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

T = TypeVar("T")

FOR = 60.0  # seconds
SLOW = 0.03  # seconds, from which on a result is remembered
MOST = 200  # results of a database; the oldest go first

_lock = Lock()
_known: WeakKeyDictionary[Engine, dict[Hashable, tuple[float, Any]]] = WeakKeyDictionary()


def remembered(session: Session, key: Hashable, compute: Callable[[], T]) -> T:
    """The result of `compute`, at most a minute old. `key` names all that it depends on, beside the database."""
    known = _of(session)
    began = monotonic()
    with _lock:
        found = known.get(key)
    if found is not None and began - found[0] < FOR:
        return found[1]  # type: ignore[no-any-return]
    made = compute()
    if monotonic() - began > SLOW:
        with _lock:
            known.pop(key, None)
            known[key] = (monotonic(), made)
            for old in list(known)[:-MOST]:
                del known[old]
    return made


def _of(session: Session) -> dict[Hashable, tuple[float, Any]]:
    engine = session.get_bind().engine
    with _lock:
        return _known.setdefault(engine, {})
