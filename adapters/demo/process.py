"""`chorus demo`: the whole bot with a made-up organisation, in a database of its own, gone when it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import webbrowser
from datetime import UTC, datetime
from functools import partial

from adapters import logs
from adapters.app import Chorus, build
from adapters.cli.terminal import fail, out
from adapters.demo import articles, culture, history, organisation, reader
from adapters.demo.practice_network import PracticeNetwork
from adapters.processes import LOCAL_HOSTS, check_port, serve_app
from adapters.server import WebServer
from adapters.settings import load_settings
from bot.features.questions.jobs import training
from storage import demo as demo_marks
from storage.secrets import new_key

AT_HAND = 0.4  # seconds: somebody is watching


def demo(host: str, port: int, *, open_page: bool) -> None:
    """Serve it on loopback until a signal comes."""
    if host not in LOCAL_HOSTS:
        fail("The playground is never served on a public address: leave out --host.")
    check_port(host, port)
    logs.only_warnings()  # while the made-up organisation's year is made
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
            tick_seconds=1.0,
            networks="mastodon",
            mastodon_host=f"{host}:{port}/practice",
            **organisation.AT_ANY_HOUR,
        )
        practice = PracticeNetwork(f"{base_url}/practice")
        pages = (articles.router(base_url), practice.router("/practice"))
        chorus = build(settings, base_url=base_url, members=organisation.MEMBERS, polling=AT_HAND)
        practice.describe = partial(articles.card_of, chorus.database)
        make_up(chorus, base_url)
        server = WebServer(chorus, pages=pages, with_worker=True, with_clock=True)
        if server.playground is not None:
            server.playground.on_language(lambda language: _speak(chorus, language))
            server.playground.on_read(partial(reader.read, chorus.dependencies.db_executor, base_url))
            practice.language = partial(getattr, server.playground, "language")
        page = f"{base_url}/playground"
        logs.configure(json=False)

        def ready() -> None:
            out.print(f"\n  Chorus is ready: [bold]{page}[/bold]   (stop with Ctrl+C)\n")
            if open_page and sys.stdout.isatty():
                webbrowser.open(page)

        serve_app(chorus, server.app, host, port, ready=ready)


def make_up(chorus: Chorus, base_url: str) -> None:
    """The organisation, and what it has done so far."""
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


async def _speak(chorus: Chorus, language: str) -> None:
    """Switch the made-up people's language; twice, for the cards that were leaving at that very moment."""
    await chorus.application.run_job(organisation.speak(language))
    await asyncio.sleep(1.0)
    await chorus.application.run_job(organisation.speak(language))
