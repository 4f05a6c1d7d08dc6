"""What a process takes beside its work.

How often Python looks for garbage: as it comes it looks through all that was imported and prepared again and again,
which is no small part of the start of a process, and once more as it ends, a third of a short command. And what is
loaded though nobody uses it."""

from __future__ import annotations

import atexit
import gc
import sys

NEW_OBJECTS = 50_000  # after which the youngest are looked through (700 as Python comes)
YOUNG, MIDDLE = 20, 50  # looks at a generation, until the next older one is looked through


def look_rarely() -> None:
    """Called before anything large is imported. What is there when the process ends is not looked through."""
    gc.set_threshold(NEW_OBJECTS, YOUNG, MIDDLE)
    atexit.register(gc.freeze)


def import_structlog_alone() -> None:
    """Called before anything that logs is imported. Where rich can be imported, structlog draws tracebacks with it,
    and loads 40 modules, 2 MB; ours are text (`adapters/logs.py`)."""
    if "structlog" in sys.modules:
        return
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "rich"}
    sys.modules["rich"] = None  # type: ignore[assignment]  # which makes importing it fail
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
        sys.modules.update(hidden)


def keep_what_is_here() -> None:
    """Called once a process is ready: what it was made of stays until its end, and is not looked through any more."""
    gc.collect()
    gc.freeze()
