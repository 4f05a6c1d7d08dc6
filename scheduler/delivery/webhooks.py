"""Calls the webhooks that others registered: signed, with bounded retries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import structlog

from bot.core.db_executor import DbExecutor
from bot.core.webhook_signing import signed_headers
from content.errors import FetchError
from content.reading import Reader
from storage.web import webhooks
from storage.web.webhooks import Call, CallState

log = structlog.get_logger()

AT_ONCE = 20  # calls of one look
MOST_ATTEMPTS = 6
FIRST_WAIT = timedelta(seconds=30)  # doubled with each attempt, with jitter


class WebhookCalls:
    def __init__(
        self, *, db_executor: DbExecutor, reader: Reader, now: Callable[[], datetime], random: Random | None = None
    ) -> None:
        self._db_executor = db_executor
        self._reader = reader
        self._now = now
        self._random = random or Random()

    async def tell(self) -> None:
        """Make all calls that are due, concurrently; a slow receiver delays no other."""
        now = self._now()
        due = await self._db_executor(lambda session: list(webhooks.take_due(session, now, AT_ONCE)))
        await asyncio.gather(*(self._tell(call) for call in due))

    async def _tell(self, call: Call) -> None:
        body = call.body.encode()
        signed = signed_headers(call.webhook.secret, f"msg_{call.webhook_id}_{call.id}", body, self._now())
        headers = {"Content-Type": "application/json", **signed}
        reason = None
        try:
            status = await asyncio.to_thread(self._reader.post, call.webhook.url, body, headers)
            if status >= 300:
                reason = f"it answered {status}"
        except FetchError as fault:
            reason = str(fault)
        await self._note(call, reason)

    async def _note(self, call: Call, reason: str | None) -> None:
        if reason is None:
            await self._db_executor(lambda session: webhooks.note(session, call.id, CallState.TOLD))
            return
        if call.attempts + 1 >= MOST_ATTEMPTS:
            log.warning("webhook given up", webhook=call.webhook_id, call=call.id, reason=reason)
            await self._db_executor(lambda session: webhooks.note(session, call.id, CallState.GIVEN_UP, reason=reason))
            return
        wait = FIRST_WAIT * 2**call.attempts * (0.5 + self._random.random())
        due = self._now() + wait
        await self._db_executor(
            lambda session: webhooks.note(session, call.id, CallState.WAITING, due=due, reason=reason)
        )
