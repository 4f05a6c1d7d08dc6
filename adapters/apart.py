"""Work that takes much memory: done by a process of its own, which takes all that it loaded with it when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import anyio
import anyio.to_process


async def done_apart(work: Callable[[], object]) -> object:
    """What the work returns; it raises what the work raises, and `anyio.BrokenWorkerProcess` where that process died.

    The work and its result are pickled on their way: `work` is a function of a module, or a partial of one. A loop of
    its own, in a thread, because anyio keeps its processes until their loop ends, and 200 MB are not to wait for the
    next training.
    """
    return await asyncio.to_thread(anyio.run, partial(anyio.to_process.run_sync, work))
