"""Keeps background tasks referenced until they end; the event loop itself holds only weak references."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

LONGEST_GOODBYE = 10.0  # seconds


class BackgroundTasks:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Wait until all started tasks are done."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LONGEST_GOODBYE)
