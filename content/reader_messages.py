"""How a reader and whoever asks it speak, over pipes: a header in JSON and a body, both with their length in front."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from typing import IO, Any

LENGTHS = struct.Struct(">II")  # of header and body, in bytes


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Raises EOFError when the other side has ended."""
    header, body = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    return json.loads(_exactly(stream, header)), _exactly(stream, body)


def write_message(stream: IO[bytes], header: dict[str, Any], body: bytes) -> None:
    words = json.dumps(header, default=_written, ensure_ascii=False).encode("utf-8", "replace")
    stream.write(LENGTHS.pack(len(words), len(body)))
    stream.write(words)
    stream.write(body)
    stream.flush()


def _exactly(stream: IO[bytes], number: int) -> bytes:
    found = stream.read(number)
    if len(found) < number:
        raise EOFError
    return found


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
