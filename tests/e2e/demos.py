"""Demos of one made-up organisation: made up once for all stories of a test process, as `chorus demo` does it, and then
copied, for that is most of what its start takes. Its address is in what it made up, so all have one port, one after the
other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.app import Chorus
from adapters.demo import process
from storage.secrets import new_key
from tests.forks import Work, command
from tests.ports import free_port


@cache
def port() -> int:
    return free_port()


@cache
def _kept() -> tuple[TemporaryDirectory[str], str]:
    """(where the organisation is kept once it is made up, until the tests end; the key that seals it)."""
    return TemporaryDirectory(prefix="chorus-made-up-"), new_key()


def demo() -> Work:
    """`chorus demo` at `port()`."""
    folder, key = _kept()
    return partial(_demo, Path(folder.name, "made"), key, port())


def _demo(made: Path, key: str, port: int) -> None:
    process.new_key = lambda: key
    process.make_up = partial(_made_up, made, process.make_up)
    command("demo", "--no-open", "--port", str(port))()


def _made_up(made: Path, make_up: Callable[[Chorus, str], None], chorus: Chorus, base_url: str) -> None:
    own = Path(str(chorus.database.engine.url.database)).parent
    if not made.exists():
        make_up(chorus, base_url)
        chorus.database.scrub()  # into the files themselves, which are whole then
        half = made.with_name(f"half-{os.getpid()}")
        shutil.copytree(own, half, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        half.rename(made)
    else:
        shutil.copytree(made, own, dirs_exist_ok=True)
