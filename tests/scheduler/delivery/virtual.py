"""A loop whose time passes only while it waits: hours of pacing in a moment, exactly."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from storage.database import Database, Session

T = TypeVar("T")
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found and timeout:
            self.passed += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.passed

    def now(self) -> datetime:
        return START + timedelta(seconds=self.time())


class Inline:
    """The Crossing without its thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, work: Callable[[Session], T], *, patience: float = 0.0) -> T:
        with self._database.transaction() as session:
            return work(session)


def play(loop: VirtualLoop, work: Coroutine[Any, Any, T]) -> T:
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
