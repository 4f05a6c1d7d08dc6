"""The processes that run until they are stopped: the web server, a worker, a clock. Each loads what it needs: a clock
takes much less memory than a worker."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from importlib.metadata import version
from threading import Event, Timer
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from adapters import footprint, logs, traces
from adapters.cli.context import built, built_clock
from adapters.cli.terminal import fail
from adapters.settings import checked_settings
from adapters.web import health
from storage.database import Database
from storage.people import workspaces

if TYPE_CHECKING:
    from adapters.app import Chorus

log = structlog.get_logger()

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
ENDS_WITHIN = 15.0  # seconds after the signal: deploy/ gives 30


def serve(host: str, port: int, *, all_in_one: bool, health_at: str = "") -> None:
    """`health_at`: HOST:PORT where it tells of itself to whoever may reach that; to tokens alone if empty."""
    from adapters.server import WebServer  # not for workers and clocks

    settings = checked_settings()
    if settings.playground and not settings.teams_app_id and host not in LOCAL_HOSTS:
        fail("CHORUS_PLAYGROUND=1 lets unauthenticated clients in: it goes with 127.0.0.1 only.")
    logs.configure(json=not sys.stderr.isatty())
    check_port(host, port)
    side = _health_place(health_at)
    traces.configure("web")
    chorus = built(settings, base_url=f"http://{host}:{port}")
    chorus.database.check_writable()
    _refuse_unless_it_speaks_to_all(chorus)
    web = WebServer(chorus, with_worker=all_in_one, with_clock=all_in_one)
    role = "web+worker+clock" if all_in_one else "web"
    serve_app(
        chorus,
        web.app,
        host,
        port,
        side=side,
        ready=lambda: _say_that_it_runs(role, side, listening=f"{host}:{port}"),
    )


def _refuse_unless_it_speaks_to_all(chorus: Chorus) -> None:
    """Every platform on which somebody has the bot is to be set up: what is to be sent there would wait, or go out only
    by chance, from a process that has other settings."""
    with chorus.database.transaction() as session:
        installed = workspaces.installed(session)
    for workspace in installed:
        if chorus.dependencies.platform_of(workspace.id) is None:
            name = workspace.platform
            fail(
                f"The bot is installed in {workspace.id}, and this process has no settings of {name.capitalize()}: set "
                f"CHORUS_{name.upper()}… as for the other processes, or run `chorus workspaces remove {workspace.id}`."
            )


def _say_that_it_runs(role: str, side: tuple[str, int] | None, **where: str) -> None:
    told = {"health": f"{side[0]}:{side[1]}"} if side is not None else {}
    log.info("running", role=role, version=version("chorus-bot"), **where, **told)


def check_port(host: str, port: int) -> None:
    """Says in a sentence, before anything is started, that nobody can listen there."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, OverflowError) as cause:
        fail(f"Nothing can listen at {host}:{port}: {getattr(cause, 'strerror', None) or cause}. Name another.")


def _ends_anyway(failed: Event) -> None:
    """Called at the signal. However long requests, jobs, threads or the database take, also while it starts: it is gone
    before whoever stopped it kills it. What was under way is taken over like that of a process that died."""

    def end() -> None:
        log.warning("ended before all was done: it took too long", seconds=ENDS_WITHIN)
        os._exit(1 if failed.is_set() else 0)

    timer = Timer(ENDS_WITHIN, end)
    timer.daemon = True
    timer.start()


class _Server(uvicorn.Server):
    """Says when it can be reached, and ends in time, with an exit code: uvicorn's own ends by the signal that it got,
    which systemd takes for an end that was meant, also after a fault."""

    chorus: Chorus
    ready: Callable[[], None]
    side: tuple[str, int] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        _ends_anyway(self.chorus.failed)
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.side is not None:
            self._stop = asyncio.Event()
            self._telling = await _telling_of_health(self.chorus.database, *self.side, self._stop)
        if self.started:
            footprint.keep_what_is_here()
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.side is not None:
            self._stop.set()
            await self._telling
        self.chorus.end_streams()
        await super().shutdown(sockets)
        log.info("ended")


class _SideServer(uvicorn.Server):
    """Beside a role, which has its own way of hearing signals."""

    listens: asyncio.Event
    stop: asyncio.Event

    async def main_loop(self) -> None:
        """Uvicorn's own looks ten times a second whether it is to end, two fifths of what a clock does at rest."""
        stopping = asyncio.create_task(self.stop.wait())
        while not stopping.done():
            await self.on_tick(0)  # the date of its answers
            await asyncio.wait([stopping], timeout=1.0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def serve_app(
    chorus: Chorus,
    app: ASGIApp,
    host: str,
    port: int,
    *,
    ready: Callable[[], None] = lambda: None,
    side: tuple[str, int] | None = None,
) -> None:
    """Serve until a signal comes; `ready` is called once it can be reached. `side`: where it tells
    of its health. Exit code 1 where it ends for a fault."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
    )
    server = _Server(config)
    server.chorus, server.ready, server.side = chorus, ready, side
    server.run()
    if not server.started or chorus.failed.is_set():
        raise SystemExit(1)


def worker(*, health_at: str = "") -> None:
    """`health_at`: HOST:PORT where it tells of itself; nowhere if empty."""
    side = _prepare("worker", health_at)
    chorus = built(checked_settings())
    _refuse_unless_it_speaks_to_all(chorus)
    from adapters.app import running  # by now it is loaded

    work = running(chorus, with_worker=True, with_clock=False)
    _run("worker", work, chorus.database, chorus.failed, lambda: chorus.heartbeat.is_well, side)


def clock(*, health_at: str = "") -> None:
    """`health_at`: HOST:PORT where it tells of itself; nowhere if empty."""
    side = _prepare("clock", health_at)
    process = built_clock(checked_settings())
    from adapters.clock import ticking

    _run("clock", ticking(process), process.database, process.failed, lambda: process.heartbeat.is_well, side)


def _prepare(role: str, health_at: str) -> tuple[str, int] | None:
    logs.configure(json=not sys.stderr.isatty())
    side = _health_place(health_at)
    traces.configure(role)
    return side


def _run(
    role: str,
    work: AbstractAsyncContextManager[None],
    database: Database,
    failed: Event,
    is_well: Callable[[], bool],
    side: tuple[str, int] | None,
) -> None:
    """Until a signal comes. Exit code 1 where it ends for a fault. `side`: where it tells of its health."""
    database.check_writable()

    async def run() -> None:
        stop = asyncio.Event()

        def end() -> None:
            _ends_anyway(failed)
            stop.set()

        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, end)
        async with work:
            footprint.keep_what_is_here()
            telling = await _telling_of_health(database, *side, stop, own=is_well) if side is not None else None
            _say_that_it_runs(role, side)
            await stop.wait()
            if telling is not None:
                await telling

    asyncio.run(run())
    log.info("ended")
    if failed.is_set():
        raise SystemExit(1)


def _health_place(said: str) -> tuple[str, int] | None:
    if not said:
        return None
    try:
        place = urlsplit(f"//{said}")
        host, port = place.hostname, place.port
    except ValueError:  # a port that is none
        host = port = None
    if not host or not port:
        fail(f"--health is written as 127.0.0.1:8001, not {said}.")
    check_port(host, port)
    return host, port


async def _telling_of_health(
    database: Database, host: str, port: int, stop: asyncio.Event, *, own: Callable[[], bool] | None = None
) -> asyncio.Task[None]:
    """A server of `/healthz`, `/readyz` and `/metrics` alone, which listens by now, until `stop`."""
    app = Starlette(routes=health.routes(database, own=own))
    server = _SideServer(uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False))
    server.listens, server.stop = asyncio.Event(), stop
    telling = asyncio.create_task(server.serve())
    await server.listens.wait()
    return telling
