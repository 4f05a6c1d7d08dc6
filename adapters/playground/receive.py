"""The playground's page and its few endpoints. For this machine only: loopback, own origin, nothing else."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import escape

from adapters.playground import directory, parse, render
from adapters.playground.send import PlaygroundPlatform, Said
from adapters.playground.tour import tour_steps
from adapters.web.local import NotLocal, check_local
from adapters.web.request_body import Malformed, json_object, text_of
from bot.core.i18n import DEFAULT, Words, languages
from bot.core.ports import Handle

STATIC = Path(__file__).parent / "static"
MAX_BYTES = 256 * 1024
KEEP_ALIVE = 15.0  # seconds


class PlaygroundReceiver:
    def __init__(self, *, handle: Handle, platform: PlaygroundPlatform, commands: Mapping[str, str]) -> None:
        """`commands`: those that are suggested where people type, and what each does (keys of the catalogue)."""
        self._handle = handle
        self._platform = platform
        self._commands = commands
        self._read: Callable[[str], Awaitable[bool]] | None = None
        templates = Environment(loader=FileSystemLoader(STATIC), autoescape=select_autoescape())
        self._speak: Callable[[str], Awaitable[object]] | None = None
        self.language = DEFAULT
        self._page = templates.get_template("page.html")

    def on_language(self, speak: Callable[[str], Awaitable[object]]) -> None:
        """What to do when the page is asked for in another language than before."""
        self._speak = speak

    def on_read(self, read: Callable[[str], Awaitable[bool]]) -> None:
        """How somebody reads what that user has posted last; False where there is nothing."""
        self._read = read

    def static_files(self) -> StaticFiles:
        return StaticFiles(directory=STATIC)

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/playground", include_in_schema=False)

        @router.get("")
        async def page(request: Request, lang: str = "") -> Response:
            _only_here(request)
            language = lang if lang in languages() else self.language
            if lang and language != self.language and self._speak is not None:
                self.language = language
                await self._speak(language)
            words = Words(language)
            html = self._page.render(
                w=words,
                language=language,
                languages=languages(),
                members=self._platform.members,
                text=_texts(words),
                commands=[(words.t(typed), words.t(meaning)) for typed, meaning in self._commands.items()],
                tour=tour_steps(words),
            )
            return HTMLResponse(html, headers={"Cache-Control": "no-store", "Content-Security-Policy": _CSP})

        @router.get("/stream")
        async def stream(request: Request, user: str) -> StreamingResponse:
            _only_here(request)
            return StreamingResponse(
                _events(self._platform.stream(user)),
                media_type="text/event-stream",
                headers={"Cache-Control": "no-store"},
            )

        @router.post("/act")
        async def act(request: Request) -> JSONResponse:
            _only_here(request)
            body = await _body(request)
            if body.get("kind") == "read":
                is_read = self._read is not None and await self._read(str(body.get("user"))[:40])
                return JSONResponse({}, status_code=200 if is_read else 409)
            event = parse.event(body, secrets.token_hex(8))
            if event is None or directory.find(self._platform.members, event.user) is None:
                raise HTTPException(422)
            if body.get("kind") == "say":
                self._platform.hear(event.user, str(escape(str(body.get("text"))[: parse.MAX_TEXT])))
            answer = await self._handle(event)
            form = render.form_html(answer.form, f"{event.user}-form") if answer.form else None
            return JSONResponse({"form": form})

        return router


_CSP = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https: data:"


def _texts(words: Words) -> dict[str, str]:
    """The few words that the page's script says."""
    return {
        "copy": words.t("Copy"),
        "copied": words.t("Copied"),
        "failed": words.t("I could not save that, so nothing has happened. Try again in a minute."),
        "lost": words.t("The connection was lost. Trying again…"),
    }


async def _events(said: AsyncIterator[Said]) -> AsyncIterator[str]:
    """Server-sent events, with a sign of life when nothing is said."""
    following = asyncio.ensure_future(_next(said))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=KEEP_ALIVE)
            if not done:
                yield ": still here\n\n"
                continue
            item = following.result()
            if item is None:
                return
            following = asyncio.ensure_future(_next(said))
            yield f"data: {json.dumps({'id': item.id, 'html': item.html, 'mine': item.mine})}\n\n"
    finally:
        following.cancel()


async def _next(said: AsyncIterator[Said]) -> Said | None:
    return await anext(said, None)


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if len(raw) > MAX_BYTES:
        raise HTTPException(413)
    try:
        return json_object(text_of(raw))
    except Malformed as cause:
        raise HTTPException(400) from cause


def _only_here(request: Request) -> None:
    try:
        check_local(request)
    except NotLocal as reason:
        raise HTTPException(403) from reason
