"""A fake of a vendor's server on loopback, in a thread, with faults put between it and whoever calls."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Thread
from time import monotonic, sleep
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse

Scope, Receive, Send = dict[str, Any], Callable[..., Any], Callable[..., Any]
FAULTS = ("broken_before", "broken_after", "error_before", "error_after", "limit", "away")


class Faults:
    """Between the wire and the app: `share` of the calls that `concerns` names fail, each in one of the ways."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.share = 0.0
        self.random = Random(7)
        self.concerns: Callable[[str, str], bool] = lambda _method, _path: True
        self.next: list[str] = []  # faults of the next calls, before any by chance
        self.seen: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fault = ""
        if self.concerns(scope["method"], scope["path"]):
            if self.next:
                fault = self.next.pop(0)
            elif self.random.random() < self.share:
                fault = self.random.choice(FAULTS)
        self.seen[fault or "fine"] += 1
        match fault:
            case "":
                await self.app(scope, receive, send)
            case "broken_before":
                await _breaks_off(send)
            case "broken_after":
                await self.app(scope, receive, _nobody)
                await _breaks_off(send)
            case "error_before":
                await JSONResponse({"error": "InternalServerError"}, 500)(scope, receive, send)
            case "error_after":
                await self.app(scope, receive, _nobody)
                await JSONResponse({"error": "InternalServerError"}, 502)(scope, receive, send)
            case "limit":
                await JSONResponse({"error": "RateLimitExceeded"}, 429, {"Retry-After": "30"})(scope, receive, send)
            case "away":
                await JSONResponse({"error": "Unavailable"}, 503)(scope, receive, send)


async def _nobody(_message: Any) -> None:
    return


async def _breaks_off(send: Send) -> None:
    """Half an answer, and the end of the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    await asyncio.sleep(0)
    raise ConnectionAbortedError


@contextmanager
def served(app: FastAPI | Faults) -> Iterator[str]:
    """The address at which it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until = monotonic() + 10
    while not server.started and monotonic() < until:
        sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
