"""The processes that run until they are stopped: the demo, the web server, a worker, a clock."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial

import uvicorn
from fastapi import FastAPI

from adapters import logs
from adapters.app import Chorus, build, running, web
from adapters.cli.context import built
from adapters.cli.terminal import fail, out
from adapters.demo import articles, culture, history, organisation, reader
from adapters.demo.practice_network import PracticeNetwork
from adapters.settings import checked_settings, load_settings
from adapters.web import health
from bot.features.questions.jobs import training
from storage import demo as demo_marks
from storage.secrets import new_key


def demo(host: str, port: int, *, open_page: bool) -> None:
    """A made-up organisation in a database of its own, gone when it ends."""
    if host not in ("127.0.0.1", "localhost", "::1"):
        fail("The playground is never served on a public address: leave out --host.")
    logs.configure(json=False)
    # uvicorn raises the signal again once it has shut down: then this process unwinds, and its folder goes with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="chorus-demo-") as folder:
        base_url = f"http://{host}:{port}"
        settings = load_settings(
            database_url=f"sqlite:///{folder}/demo.db",
            secret_keys=new_key(),
            playground=True,
            base_url=base_url,
            organisation=organisation.NAME,
            tick_seconds=0.5,
            networks="mastodon",
            mastodon_host=f"{host}:{port}/practice",
            **organisation.AT_ANY_HOUR,
        )
        practice = PracticeNetwork(f"{base_url}/practice")
        pages = (articles.router(base_url), practice.router("/practice"))
        chorus = build(settings, base_url=base_url, members=organisation.MEMBERS, pages=pages)
        practice.describe = partial(articles.card_of, chorus.database)
        chorus.database.upgrade()
        with chorus.database.transaction() as session:
            demo_marks.mark(session, now=datetime.now(UTC))
        chorus.engine.prepare()
        organisation.load(chorus.database, chorus.intake, base_url=base_url, now=datetime.now(UTC))
        culture.load(chorus.database, chorus.dependencies.ballots, now=datetime.now(UTC))
        with chorus.database.transaction() as session:
            history.load(session, base_url=base_url, now=datetime.now(UTC))
        with chorus.database.transaction() as session:
            history.digests(session, now=datetime.now(UTC))
        # So that the very first question finds its owner.
        asyncio.run(chorus.application.run_job(training.keep_learning))
        if chorus.playground is not None:
            chorus.playground.on_language(lambda language: _speak(chorus, language))
            chorus.playground.on_read(partial(reader.read, chorus.dependencies.db_executor, base_url))
            practice.language = partial(getattr, chorus.playground, "language")
        page = f"{base_url}/playground"

        def ready() -> None:
            out.print(f"\n  Chorus is ready: [bold]{page}[/bold]   (stop with Ctrl+C)\n")
            if open_page and sys.stdout.isatty():
                webbrowser.open(page)

        _serve(chorus, host, port, with_worker=True, with_clock=True, ready=ready)


def serve(host: str, port: int, *, all_in_one: bool) -> None:
    settings = checked_settings()
    if settings.playground and not settings.teams_app_id and host not in ("127.0.0.1", "localhost", "::1"):
        fail("CHORUS_PLAYGROUND=1 lets unauthenticated clients in: it goes with 127.0.0.1 only.")
    logs.configure(json=not sys.stderr.isatty())
    chorus = built(settings, base_url=f"http://{host}:{port}")
    _serve(chorus, host, port, with_worker=all_in_one, with_clock=all_in_one)


async def _speak(chorus: Chorus, language: str) -> None:
    """Switch the made-up people's language; twice, for the cards that were leaving at that very moment."""
    await chorus.application.run_job(organisation.speak(language))
    await asyncio.sleep(1.0)
    await chorus.application.run_job(organisation.speak(language))


class _Server(uvicorn.Server):
    """Says when it can be reached."""

    ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()


class _SideServer(uvicorn.Server):
    """Beside a role, which has its own way of hearing signals."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def _serve(
    chorus: Chorus,
    host: str,
    port: int,
    *,
    with_worker: bool,
    with_clock: bool,
    ready: Callable[[], None] = lambda: None,
) -> None:
    config = uvicorn.Config(
        web(chorus, with_worker=with_worker, with_clock=with_clock),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
    )
    server = _Server(config)
    server.ready = ready
    with suppress(KeyboardInterrupt):  # it has shut down by then
        server.run()
    if not server.started:
        raise SystemExit(1)
    if chorus.failed.is_set():
        raise SystemExit(1)


def run_role(*, with_worker: bool = False, with_clock: bool = False, health_at: str = "") -> None:
    """`health_at`: HOST:PORT where it tells of itself; nowhere if empty."""
    logs.configure(json=not sys.stderr.isatty())
    host, _, port = health_at.rpartition(":")
    if health_at and not (host and port.isdigit()):
        fail(f"--health is written as 127.0.0.1:8001, not {health_at}.")
    chorus = built(checked_settings())

    async def run() -> None:
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        async with running(chorus, with_worker=with_worker, with_clock=with_clock):
            if health_at:
                await _tell_of_health(chorus, host, int(port), stop)
            await stop.wait()

    asyncio.run(run())
    if chorus.failed.is_set():
        raise SystemExit(1)


async def _tell_of_health(chorus: Chorus, host: str, port: int, stop: asyncio.Event) -> None:
    """A server of `/healthz`, `/readyz` and `/metrics` alone, until `stop`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health.router(chorus.database, own=lambda: chorus.heartbeat.is_well))
    server = _SideServer(uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False))
    serving = asyncio.create_task(server.serve())
    await stop.wait()
    server.should_exit = True
    await serving
