"""Socket Mode: the same listeners, over a WebSocket that Slack's stand-in opens; and every way in which it falls silent."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from adapters.slack.receive import SlackReceiver
from adapters.slack.send import SlackPlatform
from adapters.slack.socket import PING_EVERY, SocketLink
from bot.core.events import Event, Joined, Pressed
from bot.core.turn_processor import Response
from tests.adapters.asking import MemoryVault
from tests.e2e.slack_client import press_payload

Link = Callable[[web.WebSocketResponse, int], Awaitable[None]]


class Slack:
    """Slack's side of Socket Mode: each link that is opened is played by `link`, which gets the link's number."""

    def __init__(self, link: Link, *, refuses: int = 0) -> None:
        """`refuses`: so many first attempts are refused for their token."""
        self._link, self._refuses = link, refuses
        self.opened, self.refused = list[float](), 0
        self.acknowledged: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.port = 0

    async def open_connection(self, _request: web.Request) -> web.Response:
        if self.refused < self._refuses:
            self.refused += 1
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/link"})

    async def auth_test(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team_id": "T1", "team": "Koivu", "user_id": "UBOT"})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.opened.append(time.monotonic())
        await socket.send_json({"type": "hello", "num_connections": 1})
        await self._link(socket, len(self.opened))
        return socket

    async def talk(self, socket: web.WebSocketResponse) -> None:
        """Send one press, then read and answer pings, as Slack does."""
        payload = press_payload("T1", "U1", "nudge.later#0", "7")
        await socket.send_json(
            {
                "type": "interactive",
                "envelope_id": f"envelope-{len(self.opened)}",
                "payload": payload,
                "accepts_response_payload": True,
            }
        )
        async for message in socket:
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data))

    async def handle(self, event: Event, *, at_once: object = None) -> Response:
        self.events.append(event)
        return Response()

    @asynccontextmanager
    async def linked(self, ping_every: float = 10.0) -> AsyncIterator[SlackReceiver]:
        app = web.Application()
        app.router.add_post("/api/apps.connections.open", self.open_connection)
        app.router.add_post("/api/auth.test", self.auth_test)
        app.router.add_get("/link", self.link)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        platform = SlackPlatform(
            token_store=MemoryVault(), api_url=f"http://127.0.0.1:{self.port}/api/", single_token="xoxb-1"
        )
        receiver = SlackReceiver(handle=self.handle, platform=platform, signing_secret="")
        link = SocketLink(receiver.app, "xapp-1", ping_every=ping_every)
        link.open()
        try:
            yield receiver
        finally:
            await link.close()
            await platform.close()
            await runner.cleanup()

    async def until_acknowledged(self, seconds: float) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while not self.acknowledged:
                await asyncio.sleep(0.01)
        return self.acknowledged[0]


def test_envelopes_reach_the_core_and_are_acknowledged() -> None:
    async def story() -> None:
        slack = Slack(lambda socket, _number: slack.talk(socket))
        async with slack.linked() as receiver:
            await receiver.meet_own_team()
            assert (await slack.until_acknowledged(10))["envelope_id"] == "envelope-1"
        met, pressed = sorted(slack.events, key=lambda event: isinstance(event, Pressed))
        assert isinstance(met, Joined)
        assert (met.workspace, met.workspace_name) == ("slack:T1", "Koivu")
        assert isinstance(pressed, Pressed)

    asyncio.run(story())


def test_a_mute_link_is_opened_anew() -> None:
    """Open, but neither a word nor a pong: noticed after four pings (here of half a second; ten in real life)."""

    async def story() -> None:
        async def mute_at_first(socket: web.WebSocketResponse, number: int) -> None:
            if number == 1:
                await asyncio.sleep(60)
            await slack.talk(socket)

        slack = Slack(mute_at_first)
        async with slack.linked(ping_every=0.5):
            assert (await slack.until_acknowledged(20))["envelope_id"] == "envelope-2"
        assert slack.opened[1] - slack.opened[0] < 120 * 0.5 / PING_EVERY

    asyncio.run(story())


def test_slack_asks_to_come_again() -> None:
    async def story() -> None:
        async def sends_away(socket: web.WebSocketResponse, number: int) -> None:
            if number == 1:
                await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
                await asyncio.sleep(60)
            await slack.talk(socket)

        slack = Slack(sends_away)
        async with slack.linked():
            assert (await slack.until_acknowledged(20))["envelope_id"] == "envelope-2"

    asyncio.run(story())


def test_a_refused_token_is_tried_again_until_it_is_mended() -> None:
    async def story() -> None:
        slack = Slack(lambda socket, _number: slack.talk(socket), refuses=3)
        async with slack.linked(ping_every=0.1):
            await slack.until_acknowledged(20)
        assert slack.refused == 3

    asyncio.run(story())


def test_a_refused_token_stops_nothing_else() -> None:
    """Others have a thousand turns before it is tried again: nobody is held up while it waits."""

    async def story() -> None:
        slack = Slack(lambda socket, _number: slack.talk(socket), refuses=2)
        async with slack.linked(ping_every=60.0):
            async with asyncio.timeout(20):
                while not slack.refused:
                    await asyncio.sleep(0.01)
            for _turn in range(1000):
                await asyncio.sleep(0)
            assert slack.refused == 1

    asyncio.run(story())
