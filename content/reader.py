"""The program that reads what strangers wrote, in a process of its own: `python -m content.reader [NETWORK …]`.

It is given one task after the other over standard input and answers over standard output. It knows no database and no
secret. `content.reading` starts it, and ends it when its time is over.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from content import feeds, metadata
from content.errors import ContentError
from content.fetch import Fetcher
from content.reader_messages import read_message, write_message

GRACE = 1.0  # seconds after a task's time was over
IDLE = 60  # seconds without a task after which it ends
MEMORY = 512 * 1024 * 1024  # bytes of address space

Answer = tuple[Any, bytes]


def carry_out(task: dict[str, Any], body: bytes, fetcher: Fetcher) -> Answer:
    """Raises ContentError, and whatever a parser raises."""
    asked = task["asked"]
    match task["task"]:
        case "fetch":
            fetched = asdict(fetcher.fetch(**asked))
            return fetched, fetched.pop("body")
        case "post":
            return fetcher.post(asked["url"], body, asked["headers"]), b""
        case "call":
            called = asdict(fetcher.call(asked["method"], asked["url"], asked["headers"], body))
            return called, called.pop("body")
        case "feed":
            return asdict(feeds.parse(body, **asked)), b""
        case "picture":
            from content import pictures  # only here: it takes memory that the other tasks need not have

            info, picture = pictures.remake(body, **asked)
            return asdict(info), picture
        case "table":
            from content import table_file

            return table_file.read(body), b""
        case "page":
            return asdict(metadata.read(body, **asked)), b""
    raise ValueError(task["task"])


def main(also_allow: Sequence[str]) -> None:
    """`also_allow`: as `Fetcher` has it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    write_message(sys.stdout.buffer, {"answer": "ready"}, b"")
    fetcher = Fetcher(also_allow=also_allow)
    while select.select([sys.stdin.buffer], [], [], IDLE)[0]:
        try:
            task, body = read_message(sys.stdin.buffer)
            # Whoever asked ends this process after that time; where they died, the kernel does.
            signal.setitimer(signal.ITIMER_REAL, task["seconds"] + GRACE)
            header, content = _answered(task, body, fetcher)
            signal.setitimer(signal.ITIMER_REAL, 0)
            write_message(sys.stdout.buffer, header, content)
        except (EOFError, BrokenPipeError):
            os._exit(0)  # nobody listens any more


def _answered(task: dict[str, Any], body: bytes, fetcher: Fetcher) -> tuple[dict[str, Any], bytes]:
    try:
        answer, content = carry_out(task, body, fetcher)
    except ContentError as fault:
        return {"fault": type(fault).__name__, "reason": str(fault)}, b""
    except Exception as fault:
        return {"fault": "", "reason": type(fault).__name__}, b""
    return {"answer": answer}, content


if __name__ == "__main__":
    main(sys.argv[1:])
