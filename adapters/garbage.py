"""How often Python looks for garbage: as it comes it looks through all that was imported and prepared again and again,
which is no small part of the start of a process, and once more as it ends, a third of a short command."""

from __future__ import annotations

import atexit
import gc

NEW_OBJECTS = 50_000  # after which the youngest are looked through (700 as Python comes)
YOUNG, MIDDLE = 20, 50  # looks at a generation, until the next older one is looked through


def look_rarely() -> None:
    """Called before anything large is imported. What is there when the process ends is not looked through."""
    gc.set_threshold(NEW_OBJECTS, YOUNG, MIDDLE)
    atexit.register(gc.freeze)


def keep_what_is_here() -> None:
    """Called once a process is ready: what it was made of stays until its end, and is not looked through any more."""
    gc.collect()
    gc.freeze()
