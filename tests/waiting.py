"""Waiting for what happens in another process."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(found: Callable[[], bool], seconds: float) -> bool:
    """Whether it happened within that time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not found():
        time.sleep(0.3)
    return found()
