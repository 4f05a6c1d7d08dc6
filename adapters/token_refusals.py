"""Workspaces that refuse what the bot signs in with: told once, and asked again each minute until they take it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.core import measures

TOKEN_AGAIN = 60.0  # seconds until a token that was refused is shown again

log = structlog.get_logger()


class TokenRefusals:
    """What the gauge `chorus_refused_workspaces` of this process says: also of one that has nothing to send."""

    def __init__(self, platform: str, ask: Callable[[str], Awaitable[bool]]) -> None:
        """`ask`: signs in at a team; whether there is nothing more to ask, for it went well or the team is gone."""
        self._platform = platform
        self._gauge = measures.REFUSED.labels(platform)
        self._ask = ask
        self._asking: dict[str, asyncio.Task[None] | None] = {}  # by team; "": the own one, which has not been met

    def refused(self, team: str, reason: str) -> None:
        if team in self._asking:
            return
        self._asking[team] = asyncio.create_task(self._ask_again(team)) if team else None  # that one is met by trying
        self._gauge.set(len(self._asking))
        log.warning(
            "the platform does not let the bot sign in, or does not answer: what is to be said waits",
            platform=self._platform,
            workspace=self._named(team),
            reason=reason,
        )

    def accepted(self, team: str) -> None:
        if team not in self._asking:
            return
        task = self._asking.pop(team)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        self._gauge.set(len(self._asking))
        log.info("the platform lets the bot sign in", platform=self._platform, workspace=self._named(team))

    def _named(self, team: str) -> str | None:
        return f"{self._platform}:{team}" if team else None

    async def _ask_again(self, team: str) -> None:
        while team in self._asking:
            await asyncio.sleep(TOKEN_AGAIN)
            with suppress(Exception):  # the token may be in a database that is away: then a minute later
                if await self._ask(team):
                    self.accepted(team)

    async def close(self) -> None:
        tasks = [task for task in self._asking.values() if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
