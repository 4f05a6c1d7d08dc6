"""Socket Mode: the link that we open to Slack, held open. slack_sdk renews it when Slack asks for that and when it has
been mute, and tries again where Slack does not answer or does not take the token; nobody waits for it meanwhile."""

from __future__ import annotations

import asyncio

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

PING_EVERY = 10.0  # seconds; after four without an answer the link is opened anew


class SocketLink:
    def __init__(self, app: AsyncApp, app_token: str, *, ping_every: float = PING_EVERY) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token, ping_interval=ping_every)
        self._opening: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin; other platforms may be well while Slack is not."""
        self._opening = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        await self._handler.close_async()  # type: ignore[no-untyped-call]
