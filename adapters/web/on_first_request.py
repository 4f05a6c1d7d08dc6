"""An ASGI application that is made when the first request comes: most installations never send it one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class OnFirstRequest:
    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        """`make` may take its time: it runs in a thread, once."""
        self._make = make
        self._made: ASGIApp | None = None
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
        await self._made(scope, receive, send)
