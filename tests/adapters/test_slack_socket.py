"""Socket Mode: the same listeners, over a WebSocket that Slack's stand-in opens; one token, one team."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from adapters.slack.receive import SlackReceiver
from adapters.slack.send import SlackPlatform
from bot.deciding import Answer
from bot.events import Event, Joined, Pressed
from tests.adapters.asking import MemoryVault
from tests.e2e.slack_client import press_payload


def test_envelopes_reach_the_core_and_are_acknowledged() -> None:
    asyncio.run(_story())


async def _story() -> None:
    events: list[Event] = []
    acknowledged: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def handle(event: Event, *, at_once: object = None) -> Answer:
        events.append(event)
        return Answer()

    async def open_connection(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{port}/link"})

    async def auth_test(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team_id": "T1", "team": "Koivu", "user_id": "UBOT"})

    async def link(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        payload = press_payload("T1", "U1", "nudge.later#0", "7")
        await socket.send_json(
            {"type": "interactive", "envelope_id": "envelope-1", "payload": payload, "accepts_response_payload": True}
        )
        async for message in socket:
            if message.type is WSMsgType.TEXT and not acknowledged.done():
                acknowledged.set_result(json.loads(message.data))
        return socket

    app = web.Application()
    app.router.add_post("/api/apps.connections.open", open_connection)
    app.router.add_post("/api/auth.test", auth_test)
    app.router.add_get("/link", link)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    platform = SlackPlatform(vault=MemoryVault(), api_url=f"http://127.0.0.1:{port}/api/", single_token="xoxb-1")
    receiver = SlackReceiver(handle=handle, platform=platform, signing_secret="")
    await receiver.meet_own_team()
    handler = receiver.socket("xapp-1")
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        assert (await asyncio.wait_for(acknowledged, 10))["envelope_id"] == "envelope-1"
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await platform.close()
        await runner.cleanup()
    assert [type(event) for event in events] == [Joined, Pressed]
    assert isinstance(events[0], Joined)
    assert (events[0].workspace, events[0].workspace_name) == ("slack:T1", "Koivu")
