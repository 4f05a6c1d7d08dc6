"""Files made to take a reader's time or memory: each ends within two seconds and 200 MB, and harms nobody else."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from content.reading import PARSING, _Ended, _Process
from tests.content.bombs import KINDS
from tests.sizes import size

MOST = 200 * 1024  # kB of memory
SECONDS = PARSING
GOOD = b"<title>A page</title>"


class Watched:
    """A reader's process whose highest use of memory is looked at while it works."""

    def __init__(self) -> None:
        self.process = _Process([])
        self.highest = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.ask({"task": "page", "asked": {"url": "https://a.example/"}, "seconds": 20.0}, GOOD, 20.0)
        self._thread.start()

    def _watch(self) -> None:
        status = Path(f"/proc/{self.process._process.pid}/status")
        while not self._is_over.wait(0.005):
            try:
                found = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            except (FileNotFoundError, ProcessLookupError):
                return
            self.highest = max([self.highest, *(int(line.split()[1]) for line in found)])

    def ask(self, message: dict[str, Any], body: bytes, seconds: float) -> None:
        self.process.ask(message, body, seconds)

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()
        self.process.end()


@pytest.mark.in_turn
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
def test_no_file_takes_more_than_two_seconds_or_200_mb(kind: str) -> None:
    make, task, asked = KINDS[kind]
    bombs = make()
    assert len(bombs) == 20
    beside = Watched()  # another reader, meanwhile
    slow = []
    for number, bomb in list(enumerate(bombs))[:: size(3, 1)]:  # all of them by `make full`
        watched = Watched()
        began = time.process_time(), time.monotonic()
        try:
            watched.ask({"task": task, "asked": asked, "seconds": SECONDS}, bomb, SECONDS)
        except _Ended:
            """Its time was over, or its memory: it was ended."""
        if watched.highest > MOST or time.monotonic() - began[1] > 2 * SECONDS:
            slow.append((number, watched.highest, time.monotonic() - began[1]))
        watched.end()
        beside.ask({"task": "page", "asked": {"url": "https://a.example/"}, "seconds": 20.0}, GOOD, 20.0)
    beside.end()
    assert not slow, f"(which, kB, seconds): {slow}"
