"""A small load generator on loopback: prepared requests over a few connections, latencies kept."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as http


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, and latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    statuses: dict[int, int]


def request(method: str, path: str, port: int, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request, ready to be written to a socket."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def closed_loop(port: int, requests: Sequence[bytes], connections: int = 16) -> Measured:
    """As fast as the server answers, `connections` at a time."""
    return asyncio.run(_closed(port, requests, connections))


def open_loop(port: int, requests: Sequence[bytes], per_second: float) -> Measured:
    """At a fixed rate, whatever the server does; latency counts from when a request was due."""
    return asyncio.run(_open(port, requests, per_second))


async def _closed(port: int, requests: Sequence[bytes], connections: int) -> Measured:
    waiting, latencies, statuses = iter(requests), list[float](), dict[int, int]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for raw in waiting:
            started = time.perf_counter()
            status = await _ask(reader, writer, raw)
            latencies.append(time.perf_counter() - started)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return _measured(latencies, time.perf_counter() - started, statuses)


async def _open(port: int, requests: Sequence[bytes], per_second: float) -> Measured:
    latencies, statuses, idle = (
        list[float](),
        dict[int, int](),
        asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]](),
    )
    for _ in range(32):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    started = time.perf_counter()

    async def one(number: int, raw: bytes) -> None:
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        connection = await idle.get()
        status = await _ask(*connection, raw)
        latencies.append(time.perf_counter() - due)
        statuses[status] = statuses.get(status, 0) + 1
        idle.put_nowait(connection)

    await asyncio.gather(*(one(number, raw) for number, raw in enumerate(requests)))
    seconds = time.perf_counter() - started
    while not idle.empty():
        idle.get_nowait()[1].close()
    return _measured(latencies, seconds, statuses)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> int:
    writer.write(raw)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    if length:
        await reader.readexactly(length)
    return int(head[9:12])


def _measured(latencies: list[float], seconds: float, statuses: dict[int, int]) -> Measured:
    ordered = sorted(latencies)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)  # noqa: E731
    return Measured(round(len(ordered) / seconds, 1), at(0.5), at(0.95), at(0.99), statuses)


@contextmanager
def server(*words: str, port: int) -> Iterator[int]:
    """A server of `tests.benchmarks.servers` for as long as the block lasts; its process id."""
    # the log goes where a service manager would take it: it is written, and its cost is measured
    command = [sys.executable, "-m", "tests.benchmarks.servers", *words, str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                http.get(f"http://127.0.0.1:{port}/", timeout=1)
                break
            except http.TransportError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def in_a_process(script: str, *words: str, stderr: int | None = None) -> dict[str, Any]:
    """What a case of `script` found, run in a process of its own: the JSON of its last line."""
    done = subprocess.run(
        [sys.executable, script, *words], check=True, stdout=subprocess.PIPE, stderr=stderr, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_mb() -> int:
    """Of this process so far. (What `getrusage` says of a child may be its parent's.)"""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def report(**figures: object) -> None:
    print(
        json.dumps(
            figures, indent=2, default=lambda value: value.__dict__ if hasattr(value, "__dict__") else str(value)
        )
    )
