"""Bodies of requests, parsed only after they were authenticated, and never so deep that a parser breaks."""

from __future__ import annotations

import json
from typing import Any

SURROGATE = "\\ud"  # begins the escape of every surrogate
MAX_DEPTH = 400  # of nesting, well under Python's recursion limit; real payloads stay under 30


class Malformed(ValueError):
    """The body is not what the platform sends."""


def json_object(words: str) -> dict[str, Any]:
    """The JSON object in `words`. Lone surrogates (half an emoji, as "\\ud83d"), which no database and no platform
    takes, are replaced by "?". Raises Malformed."""
    if _depth(words) > MAX_DEPTH:
        raise Malformed("nested too deeply")
    try:
        value = _DECODER.decode(words)
    except (ValueError, RecursionError) as cause:
        raise Malformed(type(cause).__name__) from cause
    if not isinstance(value, dict):
        raise Malformed("no object")
    return _encodable(value) if SURROGATE in words.lower() else value


def _encodable(value: dict[str, Any]) -> dict[str, Any]:
    encoded = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return json.loads(encoded)  # type: ignore[no-any-return]


def text_of(body: bytes) -> str:
    """Raises Malformed when the body is no UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise Malformed("no UTF-8") from cause


def _depth(words: str) -> int:
    """An upper bound of the nesting, without parsing: brackets in strings count too."""
    if words.count("[") + words.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for sign in words:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth = max(0, depth - 1)
    return deepest


def _no_constant(name: str) -> None:
    raise Malformed(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # made once: as costly as reading a press
