"""What Chorus costs at rest: processor and memory of each role, its start, and short commands.

    python tests/benchmarks/bench_idle.py [--seconds 60] [--beside CHECKOUT]

`--beside`: another checkout of this repository, measured in the same run (its commit's own code in this environment).
Each line is JSON. `cpu`: per cent of one core; `rss`: MB; `ready`: seconds from the command to the first answer;
`start`: seconds of processor until then.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.fernet import Fernet

from tests.benchmarks.databases import POSTGRESQL, SQLITE, databases
from tests.ports import free_port

HERE = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
WARM = 65.0  # seconds in which a process comes to rest: DBOS looks for schedules often in its first minute
SHORT = (("--help",), ("jobs",), ("deliveries",), ("people", "list"), ("nudge", "--help"))


def command(checkout: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "adapters.cli.main", *words]


def environment(checkout: Path, url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/tmp"),
        "PYTHONPATH": str(checkout),
        "CHORUS_DATABASE_URL": url,
        "CHORUS_SECRET_KEYS": KEY,
        "CHORUS_PLAYGROUND": "1",
    }


KEY = Fernet.generate_key().decode()


def cpu(pid: int) -> float:
    """Seconds of processor that the process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid: int) -> int:
    """MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    raise LookupError(pid)


@contextmanager
def started(checkout: Path, words: list[str], url: str, port: int) -> Iterator[tuple[int, float]]:
    """(pid, seconds until it answers)."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command(checkout, *words), env=environment(checkout, url), cwd=checkout, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                break
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
            time.sleep(0.05)
        yield process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(30)


def at_rest(checkout: Path, role: str, url: str, seconds: float) -> dict[str, object]:
    port = free_port()
    words = {
        "demo": ["demo", "--port", str(port), "--no-open"],
        "web": ["serve", "--port", str(port)],
        "all": ["serve", "--all", "--port", str(port)],
        "worker": ["worker", "--health", f"127.0.0.1:{port}"],
        "clock": ["clock", "--health", f"127.0.0.1:{port}"],
    }[role]
    with started(checkout, words, url, port) as (pid, ready):
        start = cpu(pid)
        time.sleep(WARM)
        before, began = cpu(pid), time.perf_counter()
        time.sleep(seconds)
        share = (cpu(pid) - before) / (time.perf_counter() - began)
        return {"cpu": round(100 * share, 2), "rss": rss(pid), "ready": round(ready, 1), "start": round(start, 1)}


def short(checkout: Path, words: tuple[str, ...], url: str) -> float:
    """Seconds of processor for a command; the least of three."""
    least = float("inf")
    for _each in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            command(checkout, *words),
            env=environment(checkout, url),
            cwd=checkout,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return round(least, 2)


def prepared(checkout: Path, url: str) -> None:
    subprocess.run(
        command(checkout, "db", "upgrade"),
        env=environment(checkout, url),
        cwd=checkout,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--beside", type=Path)
    options = asked.parse_args()
    checkouts = {"this": HERE} | ({"beside": options.beside.resolve()} if options.beside else {})
    with databases() as empty:
        for name, checkout in checkouts.items():
            lite, post = empty(SQLITE, name), empty(POSTGRESQL, name)
            prepared(checkout, lite)
            prepared(checkout, post)
            for words in SHORT:
                tell(code=name, command=" ".join(words), cpu_seconds=short(checkout, words, lite))
            for role, engine, url in (
                ("demo", SQLITE, lite),
                ("all", SQLITE, lite),
                ("web", POSTGRESQL, post),
                ("worker", POSTGRESQL, post),
                ("clock", POSTGRESQL, post),
            ):
                tell(code=name, role=role, database=engine, **at_rest(checkout, role, url, options.seconds))


def tell(**figures: object) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
