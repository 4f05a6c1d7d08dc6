"""While the database is away or stands still: whoever opens a page reads a sentence in time, and programs are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.plain_page import plain_page, words_for
from storage.database_faults import DatabaseError, is_outage

log = structlog.get_logger()

SOON = 6.0  # seconds after which it is asked whether the database answers at all
AGAIN = "30"  # seconds, for Retry-After
SAFE = ("GET", "HEAD")  # what may be given up: it changes nothing


class Outage:
    """Around what answers from the database."""

    def __init__(self, app: ASGIApp, look: Callable[[], Awaitable[object]]) -> None:
        """`look` raises DatabaseError where the database does not answer, and takes no longer than two seconds."""
        self.app = app
        self._look = look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send)
        answering = asyncio.ensure_future(self.app(scope, receive, answer.send))
        try:
            while scope["method"] in SAFE and not await answer.begins_within(SOON, answering):
                await self._look_for(answer)
            await answering
        except Exception as error:
            if answer.is_sent or not is_away(error):
                await answer.let_out()
                raise
            log.info("not answered: the database is away", path=f"/{scope['path'].split('/')[1][:40]}")
            await apology(Request(scope))(scope, receive, send)
        else:
            await answer.let_out()
        finally:
            answering.cancel()

    async def _look_for(self, answer: _Answer) -> None:
        """Raises DatabaseError where the database does not answer, and `answer` has not begun meanwhile."""
        try:
            await self._look()
        except DatabaseError:
            if not answer.has_begun:
                raise


class _Answer:
    """What an app sends. A 500 is held back until it is known what came before it: Starlette sends one, and raises."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] = []
        self._begun = asyncio.Event()
        self.is_sent = False

    @property
    def has_begun(self) -> bool:
        return self._begun.is_set()

    async def send(self, message: Message) -> None:
        self._begun.set()
        if self._held or (message["type"] == "http.response.start" and message["status"] == 500):
            self._held.append(message)
            return
        self.is_sent = True
        await self._send(message)

    async def let_out(self) -> None:
        held, self._held = self._held, []
        for message in held:
            await self._send(message)

    async def begins_within(self, seconds: float, answering: asyncio.Future[None]) -> bool:
        """Whether it sent something, or ended, by then."""
        begun = asyncio.ensure_future(self._begun.wait())
        both: set[asyncio.Future[Any]] = {begun, answering}
        try:
            done, _waiting = await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            begun.cancel()
        return bool(done)


def is_away(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) or is_outage(error)


def apology(request: Request) -> Response:
    """503: for a browser a page with a sentence, for programs JSON."""
    again = {"Retry-After": AGAIN}
    if "text/html" not in request.headers.get("accept", ""):
        said = "the database does not answer; nothing was changed: try again in a minute"
        return JSONResponse({"detail": said}, status_code=503, headers=again)
    words = words_for(request)
    return plain_page(
        words,
        words.t("This page can’t be opened right now."),
        words.t("Nothing has been changed. Try again in a minute."),
        status=503,
        headers=again,
    )
