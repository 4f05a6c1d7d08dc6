"""`chorus demo`, `serve`, `worker`, `clock`: the processes."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated

import typer

from adapters import footprint

Host = Annotated[str, typer.Option(help="Where to listen.")]
Health = Annotated[str, typer.Option(help="HOST:PORT where /healthz, /readyz and /metrics of it are.")]
Port = Annotated[int, typer.Option(help="On which port.", envvar="PORT", min=1, max=65535)]


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """The whole bot on this machine, with a made-up organisation; no account, no key. Starts afresh each time."""
    footprint.import_structlog_alone()
    from adapters.demo import process  # the made-up organisation

    process.demo(host, port, open_page=open_page)


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    all_in_one: Annotated[bool, typer.Option("--all", help="Worker and clock in this process, too.")] = False,
    health: Health = "",
) -> None:
    """The web server: events of Slack and Teams, tracked links, health."""
    _processes().serve(host, port, all_in_one=all_in_one, health_at=health)


def worker(health: Health = "") -> None:
    """Sends what is due. Any number may run on PostgreSQL."""
    _processes().worker(health_at=health)


def clock(health: Health = "") -> None:
    """Starts the jobs: feeds, nudges, reviews, directory."""
    _processes().clock(health_at=health)


def _processes() -> ModuleType:
    footprint.import_structlog_alone()
    from adapters import processes

    return processes
