"""Reading what strangers wrote, in processes of their own that can be ended: addresses, feeds and pages.

A parser that a page keeps busy for hours, and a server that sends its headers a byte at a time, cost a reader its
process and nobody anything else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock, Timer
from typing import Any
from weakref import finalize

from pydantic import TypeAdapter

from content import errors
from content.errors import ContentError, FetchError, NoAnswer, NotSent, TooMuch
from content.read_results import MAX_SECONDS, Called, Fetched, PageMetadata, ParsedFeed, PictureInfo, Row
from content.reader_messages import read_message, write_message

AT_ONCE = 8  # processes; each takes some 50 MB while it lives, and ends when there is nothing to read
FETCHING = MAX_SECONDS + 1.0  # seconds: for name, headers, redirects and body together
PARSING = 2.0  # seconds
DECODING = 10.0  # seconds, for a picture
WAITING = 30.0  # seconds until a process is free; beyond, what was asked is given up
STARTING = 20.0  # seconds that a new process may take before its first task begins, on a busy machine
KEPT_BACK = ("CHORUS_", "OPENAI_")  # of the environment: what secrets' names begin with

_FEED, _PAGE = TypeAdapter(ParsedFeed), TypeAdapter(PageMetadata)


class Reader:
    """Threads may share it. `also_allow` names networks that count as public (for tests on loopback)."""

    def __init__(self, *, also_allow: Iterable[str] = (), parsing: float = PARSING) -> None:
        self._also_allow = list(also_allow)
        self._parsing = parsing
        self._places = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._idle: list[_Process] = []
        self._is_closed = False
        finalize(self, _end_all, self._idle)

    def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, accept: str = "*/*"
    ) -> Fetched:
        """Raises PrivateAddress, FetchError."""
        asked = {"url": url, "etag": etag, "last_modified": last_modified, "accept": accept}
        answer, body = self._ask("fetch", asked, b"", FETCHING, FetchError("it took too long"))
        return Fetched(body=body, **answer)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """POST `body` to an address that somebody else chose. Returns the status. Raises PrivateAddress, FetchError."""
        asked = {"url": url, "headers": headers}
        return int(self._ask("post", asked, body, FETCHING, FetchError("it took too long"))[0])

    def call(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Called:
        """One request to an interface. Raises NotSent, also for an address inside a network, and NoAnswer."""
        asked = {"method": method, "url": url, "headers": headers}
        try:
            answer, content = self._ask("call", asked, body, FETCHING, NoAnswer("it took too long"), tries=1)
        except TooMuch as cause:
            raise NoAnswer(str(cause)) from cause
        return Called(body=content, **answer)

    def feed(self, body: bytes, *, base_url: str = "", name: str = "", content_type: str = "") -> ParsedFeed:
        """Raises NotAFeed, TooMuch."""
        asked = {"base_url": base_url, "name": name, "content_type": content_type}
        return _FEED.validate_python(self._parse("feed", asked, body))

    def page(self, html: bytes, *, url: str) -> PageMetadata:
        """Raises TooMuch."""
        return _PAGE.validate_python(self._parse("page", {"url": url}, html))

    def picture(self, content: bytes, side: int | None = None) -> tuple[PictureInfo, bytes]:
        """The picture made anew (`pictures.remake`). Raises NotAPicture, TooMuch."""
        late = TooMuch("it takes too long to read")
        info, made = self._ask("picture", {"side": side} if side else {}, content, DECODING, late)
        return PictureInfo(**info), made

    def table(self, content: bytes) -> list[Row]:
        """The rows of a CSV or XLSX file, the names of its columns first. Raises NotATable, TooMuch."""
        late = TooMuch("it takes too long to read")
        return [(line, cells) for line, cells in self._ask("table", {}, content, DECODING, late)[0]]

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            _end_all(self._idle)

    def _parse(self, task: str, asked: dict[str, Any], body: bytes) -> Any:
        return self._ask(task, asked, body, self._parsing, TooMuch("it takes too long to read"))[0]

    def _ask(
        self, task: str, asked: dict[str, Any], body: bytes, seconds: float, late: ContentError, tries: int = 2
    ) -> tuple[Any, bytes]:
        """`tries`: a process that had just ended, for it was idle, is replaced where asking twice does no harm."""
        message = {"task": task, "asked": asked, "seconds": seconds}
        if not self._places.acquire(timeout=WAITING):
            raise NotSent("all readers are busy")
        try:
            for _try in range(tries):
                process = self._taken()
                try:
                    header, content = process.ask(message, body, seconds)
                except _Ended:
                    process.end()
                    if process.is_late:
                        raise late from None
                    continue
                self._given_back(process)
                if "answer" in header:
                    return header["answer"], content
                raise _fault(header)
        finally:
            self._places.release()
        raise TooMuch("its reader broke down")

    def _taken(self) -> _Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.is_alive:
                    return process
                process.end()  # it was idle for so long that it ended by itself; its pipes are ours to close
        return _Process(self._also_allow)

    def _given_back(self, process: _Process) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(process)
                return
        process.end()


def _end_all(processes: list[_Process]) -> None:
    while processes:
        processes.pop().end()


class _Ended(Exception):
    """The process is gone, of itself or because its time was over."""


def without_secrets() -> dict[str, str]:
    """Of the environment, what a process may know that does a part of our work."""
    return {name: value for name, value in os.environ.items() if not name.startswith(KEPT_BACK)}


class _Process:
    def __init__(self, also_allow: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- networks that our own code names
            [sys.executable, "-m", "content.reader", *also_allow],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a parser says as it breaks may be words of the page
            env=without_secrets(),
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:  # they are pipes
            raise RuntimeError
        self._input, self._output = self._process.stdin, self._process.stdout
        self._is_ready = False
        self.is_late = False

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, message: dict[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Raises _Ended."""
        if not self._is_ready:
            with self._ending_after(STARTING):
                read_message(self._output)
            self._is_ready = True
        with self._ending_after(seconds):
            write_message(self._input, message, body)
            return read_message(self._output)

    def end(self) -> None:
        self._process.kill()
        for stream in (self._input, self._output):
            with suppress(OSError):
                stream.close()
        self._process.wait()

    @contextmanager
    def _ending_after(self, seconds: float) -> Iterator[None]:
        """The process is killed if the block takes longer. Raises _Ended."""
        timer = Timer(seconds, self._stop)
        timer.start()
        try:
            yield
        except (EOFError, OSError, ValueError) as cause:
            raise _Ended from cause
        finally:
            timer.cancel()

    def _stop(self) -> None:
        self.is_late = True
        self._process.kill()


def _fault(header: dict[str, Any]) -> ContentError:
    kind = getattr(errors, str(header.get("fault")), None)
    if isinstance(kind, type) and issubclass(kind, ContentError):
        return kind(header["reason"])
    return TooMuch(f"it cannot be read ({header['reason']})")
