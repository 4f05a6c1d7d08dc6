"""Work that takes much memory: done by a process of its own, which takes all that it loaded with it when it ends."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import sleep

from content.reading import without_secrets

LOOKS_EVERY = 0.5  # seconds between two looks at whether whoever asked for the work is still there


class ProcessDied(Exception):
    """The process ended before its work did: killed, most often for want of memory."""


async def done_apart(work: Callable[[], object]) -> object:
    """What the work returns. It raises what the work raises, and ProcessDied.

    The work and its result are pickled on their way: `work` is a function of a module, or a partial of one. The process
    knows none of our secrets. Where this one is killed, it ends within a second.
    """
    return await asyncio.to_thread(_in_process, work)


def _in_process(work: Callable[[], object]) -> object:
    done = subprocess.run(  # noqa: S603 -- our own module
        [sys.executable, "-m", "adapters.apart", str(os.getpid())],
        input=pickle.dumps(work),
        stdout=subprocess.PIPE,
        env=without_secrets(),
        cwd=Path(__file__).parents[1],
        start_new_session=True,  # Ctrl+C in a terminal is for this one to hear
        check=False,
    )
    if done.returncode:
        raise ProcessDied(f"it ended with {done.returncode}")
    made, fault = pickle.loads(done.stdout)  # noqa: S301 -- our own process's
    if fault is not None:
        raise fault
    return made


def _end_with(asker: int) -> None:
    while os.getppid() == asker:
        sleep(LOOKS_EVERY)
    os._exit(1)


def main() -> None:
    Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    said = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    made = fault = None
    try:
        made = pickle.load(sys.stdin.buffer)()  # noqa: S301 -- our own process's
    except Exception as raised:  # is raised where it was asked for
        fault = raised
    with said:
        pickle.dump((made, fault), said)


if __name__ == "__main__":
    main()
