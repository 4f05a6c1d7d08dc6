"""Parses Retry-After headers."""

from __future__ import annotations

LONGEST_WAIT = 3600.0  # seconds


def retry_after(value: str | None, *, otherwise: float) -> float:
    """Seconds of a Retry-After header; `otherwise` where it is missing, negative or cannot be read."""
    try:
        seconds = float(value or "")
    except ValueError:
        return otherwise
    return min(seconds, LONGEST_WAIT) if seconds > 0 else otherwise
