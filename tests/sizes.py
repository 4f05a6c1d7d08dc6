"""How much the tests try: in the everyday run, which must stay short, samples, and of the long tests (`in_turn`) one in six,
others with each commit; all of it by `make full`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

IS_FULL = os.environ.get("CHORUS_TESTS") == "full"
TURNS = 6


def size(sample: T, full: T) -> T:
    return full if IS_FULL else sample


def of_this_turn(names: Iterable[str]) -> set[str]:
    """Which of the long tests with these names are tried with the commit that is checked out; CHORUS_TURN names another
    turn, from 0 on, or "all"."""
    turn = os.environ.get("CHORUS_TURN") or str(_commits())
    listed = sorted(names)
    return set(listed if IS_FULL or turn == "all" else listed[int(turn) % TURNS :: TURNS])


@cache
def _commits() -> int:
    command = ["git", "rev-list", "--count", "HEAD"]
    told = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return int(told.stdout or 0)  # outside of a checkout always the same
