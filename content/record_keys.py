"""Keys of records in the AT Protocol: timestamp identifiers (atproto.com/specs/tid)."""

from __future__ import annotations

from datetime import datetime

_SIGNS = "234567abcdefghijklmnopqrstuvwxyz"


def record_key(moment: datetime, clock: int) -> str:
    """A TID: microseconds since 1970 and ten bits of `clock`, as 13 signs that sort by time."""
    number = (int(moment.timestamp() * 1_000_000) << 10) | (clock & 0x3FF)
    return "".join(_SIGNS[(number >> shift) & 31] for shift in range(60, -1, -5))
