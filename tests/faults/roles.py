"""A process of Chorus's, as somebody at the terminal starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from storage import demo
from storage.database import Database
from tests.keys import KEY

ROOT = Path(__file__).parents[2]


class Started(NamedTuple):
    process: subprocess.Popen[str]
    said: list[str]  # before it ran: lines of its log
    again: tuple[list[str], dict[str, str]]  # its words and settings, to start it once more


@contextmanager
def started(database: Database, *words: str, **settings: str) -> Iterator[Started]:
    """`chorus WORDS` on a demo's database, which runs by now; it is killed, should it live at the end."""
    with database.transaction() as session:
        demo.mark(session, now=datetime.now(UTC))
    env = {
        "PATH": "/usr/bin:/bin",
        "CHORUS_DATABASE_URL": database.engine_url,
        "CHORUS_SECRET_KEYS": KEY,
        "CHORUS_PLAYGROUND": "1",
        **settings,
    }
    line = [sys.executable, "-m", "adapters.cli.main", *words]
    with subprocess.Popen(line, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            yield Started(process, list(takewhile(lambda said: '"running"' not in said, process.stderr)), (line, env))
        finally:
            process.kill()
