"""The playground as a platform: conversations in memory, streamed to the page as they change."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import chain

from adapters.playground import directory, render
from adapters.playground.directory import Member
from adapters.playground.parse import user_of
from bot.core.cards import Card
from bot.core.ports import DirectoryPage, Limits, Outcome, PermanentFailure, Profile, Sent

KEPT = 200  # messages a conversation


@dataclass(slots=True)
class Said:
    """One message: `mine` is the person's own words, else a card of the bot."""

    id: str
    html: str
    mine: bool
    mark: str = ""


class PlaygroundPlatform:
    """Kept in memory; lost when the process ends."""

    name = "playground"
    limits = Limits()

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self._said: dict[str, list[Said]] = defaultdict(list)
        self._listeners: dict[str, set[asyncio.Queue[Said | None]]] = defaultdict(set)
        self._has_ended = False
        self._number = 0

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        user = user_of(address)
        if directory.find(self.members, user) is None:
            return PermanentFailure("no such member", parks="person")
        return Sent(self._add(user, render.card_html(card), mine=False, mark=mark))

    async def find(self, address: str, mark: str) -> Outcome:
        user = user_of(address)
        said = next((said for said in self._said[user] if said.mark == mark), None)
        return Sent(f"playground:demo:{user}:{said.id}") if said else PermanentFailure("not there")

    async def update(self, message: str, card: Card) -> Outcome:
        user, _, said_id = message.removeprefix("playground:demo:").partition(":")
        for said in self._said[user]:
            if said.id == said_id:
                said.html = render.card_html(card)
                self._tell(user, said)
                return Sent(message)
        return PermanentFailure("no such message")

    async def profile(self, workspace: str, user: str) -> Profile | None:
        member = directory.find(self.members, user)
        return directory.profile(member) if member else None

    async def directory(self, workspace: str, cursor: str | None) -> DirectoryPage:
        return DirectoryPage(tuple(directory.profile(member) for member in self.members), None)

    def hear(self, user: str, html: str) -> None:
        """Show what the person typed in their conversation."""
        self._add(user, html, mine=True)

    async def stream(self, user: str) -> AsyncIterator[Said]:
        """All messages so far, then each new or changed one, until `end_streams`."""
        queue: asyncio.Queue[Said | None] = asyncio.Queue()
        for earlier in self._said[user]:
            queue.put_nowait(earlier)
        self._listeners[user].add(queue)
        try:
            while not self._has_ended and (said := await queue.get()) is not None:
                yield said
        finally:
            self._listeners[user].discard(queue)

    async def close(self) -> None:
        self.end_streams()

    def end_streams(self) -> None:
        """Before the server ends, which would wait for whoever listens."""
        self._has_ended = True
        for queue in chain.from_iterable(self._listeners.values()):
            queue.put_nowait(None)

    def _add(self, user: str, html: str, *, mine: bool, mark: str = "") -> str:
        self._number += 1
        said = Said(str(self._number), html, mine, mark)
        self._said[user] = [*self._said[user], said][-KEPT:]
        self._tell(user, said)
        return f"playground:demo:{user}:{said.id}"

    def _tell(self, user: str, said: Said) -> None:
        for queue in self._listeners[user]:
            queue.put_nowait(said)
