"""Processes of this checkout, each forked from one that has imported everything: that is most of what a short command
takes, and a third of what a server takes to start. `tests/adapters/cli/test_main.py` starts whole ones."""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import adapters.cli

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "tests.forks",
        *(f"adapters.cli.{module.name}" for module in pkgutil.iter_modules(adapters.cli.__path__)),
        *("adapters.doctor", "adapters.processes", "adapters.server", "adapters.demo.process"),
        *("storage.tables", "storage.migrations", "scheduler.engine", "adapters.slack.receive"),
        *("scipy.stats", "sklearn.svm", "sklearn.feature_extraction.text"),
    ]
)

Work = Callable[[], None]
PATIENCE = 60  # seconds


class Forked:
    """A process that runs `work`; of `subprocess.Popen`, what tests use. It leads a process group of its own."""

    def __init__(self, work: Work, *, env: Mapping[str, str], cwd: Path, out: Path, err: Path) -> None:
        """`work` can be pickled. `out`, `err`: files to which it prints, which may be the same."""
        self._process = _FORKING.Process(target=_carry_out, args=(work, dict(env), cwd, out, err))
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
        return self._process.exitcode

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def says(path: Path, word: str, process: Forked, *, seconds: float = 60.0) -> bool:
    """Whether it prints `word` before it ends."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if path.exists() and word in path.read_text(errors="replace"):
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def ended(*words: str, env: Mapping[str, str], cwd: Path) -> tuple[int, str, str]:
    """(exit code, what it printed, what it said of itself) of `chorus` with these words."""
    printed, said = cwd / ".stdout", cwd / ".stderr"
    process = Forked(command(*words), env=env, cwd=cwd, out=printed, err=said)
    try:
        code: int | None = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        code = None
    out, err = (path.read_text("utf-8") for path in (printed, said))
    printed.unlink()
    said.unlink()
    assert code is not None, f"still running after {PATIENCE} s: {out}{err}"
    return code, out, err


def command(*words: str) -> Work:
    """What `chorus` with these words does."""
    return partial(_command, words)


def _command(words: tuple[str, ...]) -> None:
    sys.argv = ["chorus", *words]
    from adapters.cli.main import main

    main()


def _carry_out(work: Work, env: dict[str, str], cwd: Path, out: Path, err: Path) -> None:
    os.setsid()
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    work()
