"""Work in a process of its own: what comes back, what goes wrong, and that nothing of it stays."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from adapters.apart import ProcessDied, done_apart
from tests.waiting import until


def test_it_is_another_process_and_it_is_gone() -> None:
    number = asyncio.run(done_apart(os.getpid))
    assert isinstance(number, int)
    assert number != os.getpid()
    assert not Path(f"/proc/{number}").exists()


def test_what_it_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(done_apart(partial(divmod, 1, 0)))


def test_a_process_that_dies_is_a_fault_of_that_work_alone() -> None:
    with pytest.raises(ProcessDied):
        asyncio.run(done_apart(partial(os._exit, 1)))
    assert asyncio.run(done_apart(partial(abs, -1))) == 1


def test_it_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_SECRET_KEYS", "a key")
    assert asyncio.run(done_apart(partial(os.getenv, "CHORUS_SECRET_KEYS"))) is None


def test_what_it_prints_is_no_answer() -> None:
    assert asyncio.run(done_apart(partial(print, "a library says something"))) is None


def test_it_ends_unfinished_where_who_asked_for_it_was_killed(tmp_path: Path) -> None:
    said = tmp_path / "process"
    program = f"""
import asyncio, sys
from functools import partial
from tests.adapters.test_apart import note_and_wait
from adapters.apart import done_apart
asyncio.run(done_apart(partial(note_and_wait, {str(said)!r})))
"""
    parent = subprocess.Popen([sys.executable, "-c", program])
    try:
        assert until(said.exists, 60)
    finally:
        parent.kill()
        parent.wait(30)
    assert until(lambda: not Path(f"/proc/{said.read_text()}").exists(), 60)


def note_and_wait(said: str) -> None:
    beside = Path(said).with_suffix(".new")
    beside.write_text(str(os.getpid()))
    beside.rename(said)
    time.sleep(600)
