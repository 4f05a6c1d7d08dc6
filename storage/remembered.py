"""Sums over long histories, remembered by the process where they took long to compute.

For a minute they are shown as they are; after that, until the next morning, they are shown once more while they are
computed anew behind the page. What is quick is always computed anew, so small organisations never see an old figure.
Only values without rows may be remembered: a row belongs to the session that loaded it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storage.database import reading

T = TypeVar("T")

FRESH, SHOWN = 60.0, 16 * 3600.0  # seconds: shown without a second thought; shown while the next is computed
SLOW = 0.03  # seconds, from which on a result is remembered
MOST = 200  # results of a database; the oldest go first

log = structlog.get_logger()


@dataclass(slots=True)
class _Result:
    made_at: float
    value: Any
    is_renewed: bool = False  # somebody computes it anew just now


_lock = Lock()
_known: WeakKeyDictionary[Engine, dict[Hashable, _Result]] = WeakKeyDictionary()
_behind = ThreadPoolExecutor(1, thread_name_prefix="figures")


def remembered(session: Session, key: Hashable, compute: Callable[[Session], T]) -> T:
    """The result of `compute`. `key` names all that it depends on, beside the database. `compute` takes the session to
    read with: this one, or behind the page one of its own."""
    engine = session.get_bind().engine
    now = monotonic()
    with _lock:
        found = _known.setdefault(engine, {}).get(key)
        is_due = found is not None and FRESH <= now - found.made_at < SHOWN and not found.is_renewed
        if found is not None and is_due:
            found.is_renewed = True
    if found is None or now - found.made_at >= SHOWN:
        return _computed(engine, key, compute, session)
    if is_due:
        _behind.submit(_renew, engine, key, compute)
    return found.value  # type: ignore[no-any-return]


def forget(engine: Engine) -> None:
    """Compute everything anew."""
    with _lock:
        _known.pop(engine, None)


def _renew(engine: Engine, key: Hashable, compute: Callable[[Session], Any]) -> None:
    try:
        with reading(engine) as connection, Session(connection) as session:
            _computed(engine, key, compute, session)
    except Exception:
        log.exception("figures not computed", key=str(key))
        with _lock:
            _known.setdefault(engine, {}).pop(key, None)  # the next who asks sees the fault


def _computed(engine: Engine, key: Hashable, compute: Callable[[Session], T], session: Session) -> T:
    began = monotonic()
    made = compute(session)
    with _lock:
        known = _known.setdefault(engine, {})
        known.pop(key, None)
        if monotonic() - began > SLOW:
            known[key] = _Result(monotonic(), made)
            for old in list(known)[:-MOST]:
                del known[old]
    return made
