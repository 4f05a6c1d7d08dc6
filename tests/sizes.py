"""How much a test tries: a sample in the everyday run, which must stay short, or the whole by `make full`."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

IS_FULL = os.environ.get("CHORUS_TESTS") == "full"


def size(sample: T, full: T) -> T:
    return full if IS_FULL else sample
