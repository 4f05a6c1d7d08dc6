"""The servers that the benchmarks measure, each in a process of its own: `python -m tests.benchmarks.servers NAME … PORT`."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from itertools import count

import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.types import Receive, Scope, Send

from adapters import footprint, logs
from adapters.app import Chorus, build
from adapters.processes import serve_app
from adapters.server import WebServer
from adapters.settings import load_settings
from bot.core.ports import Profile
from bot.features.people.domain import directory
from storage.people import workspaces
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.posts import Post, PostState
from storage.sharing.shares import Share

SECRET = "signing-secret"
PEOPLE = 2000
CODE = "bench123"


def bare_bolt() -> FastAPI:
    """slack-bolt under FastAPI as its documentation shows it, with one listener that only acknowledges."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-1")

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize)

    @bolt.action(re.compile(".*"))
    async def acknowledge(ack):  # type: ignore[no-untyped-def]
        await ack()

    app, handler = FastAPI(), AsyncSlackRequestHandler(bolt)

    @app.post("/slack/events")
    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return app


def bare_redirect() -> FastAPI:
    app = FastAPI()

    @app.get("/r/{code}")
    async def redirect(code: str) -> Response:
        return Response(status_code=302, headers={"Location": "https://koivu.example/storm"})

    return app


class FakeSlack:
    """Answers every call of the Web API at once, as bare ASGI so that it costs next to nothing beside what is measured.

    `GET /replaced` tells how many cards were replaced through the address of their press.
    """

    def __init__(self) -> None:
        self._numbers, self._replaced = count(1), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        self._replaced += scope["path"].startswith("/actions/")
        channel = '{"id": "D1"}' if scope["path"].endswith("conversations.open") else '"D1"'
        content = f'{{"ok": true, "channel": {channel}, "ts": "1.{next(self._numbers)}", "team_id": "T1", "team": "K"}}'
        body = str(self._replaced) if scope["path"] == "/replaced" else content
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": body.encode()})


def chorus(database_url: str, key: str, slack_port: str, port: int) -> Chorus:
    """Chorus itself, with PEOPLE who each have one nudge, and one tracked link."""
    settings = load_settings(
        database_url=database_url,
        secret_keys=key,
        slack_signing_secret=SECRET,
        slack_bot_token="xoxb-1",
        slack_api_url=f"http://127.0.0.1:{slack_port}/api/",
    )
    parts = build(settings, base_url=f"http://127.0.0.1:{port}")
    parts.database.upgrade()
    parts.engine.prepare()
    now = datetime.now(UTC)
    with parts.database.transaction() as session:
        workspaces.install(session, "slack:T1", now=now)
        post = Post(
            url="https://koivu.example/storm",
            canonical_url="https://koivu.example/storm",
            title="Storm",
            summary="About the storm.",
            state=PostState.LIVE,
            created_at=now,
            decided_at=now,
        )
        session.add(post)
        for number in range(PEOPLE):
            profile = Profile(f"U{number}", f"Person {number}", address=f"slack:T1:U{number}")
            person = directory.upsert_identity(session, "slack:T1", profile, now=now).employee
            nudge = Nudge(employee=person, post=post, why="newest", planned_at=now, sent_at=now, state=NudgeState.SENT)
            session.add(nudge)
        link = TrackedLink(
            code=CODE,
            target="https://koivu.example/storm",
            created_at=now,
            raw_clicks=0,
            automated_clicks=0,
            unique_clicks=0,
        )
        session.add(link)
        session.flush()
        session.add(
            Share(
                employee=person,
                post=post,
                nudge=nudge,
                channel="x",
                language="en",
                text="x",
                own_words=True,
                code=CODE,
                opener="o",
                created_at=now,
                state="confirmed",
                clicks_shown=0,
            )
        )
    return parts


if __name__ == "__main__":
    name, *words, port = sys.argv[1:]
    if name == "chorus":  # as `chorus serve` does it
        footprint.look_rarely()
        parts = chorus(*words, port=int(port))
        logs.configure(json=True)
        serve_app(parts, WebServer(parts).app, "127.0.0.1", int(port))
    else:
        app = {"bare_bolt": bare_bolt, "bare_redirect": bare_redirect, "fake_slack": FakeSlack}[name]()
        uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False)
