"""Redirects of a tracked link, counted, beside a bare FastAPI route that answers 302. Mark: half its rate."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from storage.secrets import new_key
from tests.benchmarks.load import closed_loop, report, request, server
from tests.benchmarks.servers import CODE
from tests.ports import free_port

HITS = 10_000
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/{}.0"


def hits(port: int, number: int) -> list[bytes]:
    return [request("GET", f"/r/{CODE}", port, {"User-Agent": AGENT.format(hit % 500)}) for hit in range(number)]


def main() -> None:
    bare, ours = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        with server("bare_redirect", port=bare):
            closed_loop(bare, hits(bare, 500))
            baseline = closed_loop(bare, hits(bare, HITS))
        with server("chorus", f"sqlite:///{folder}/bench.db", new_key(), "9", port=ours):
            closed_loop(ours, hits(ours, 500))
            chorus = closed_loop(ours, hits(ours, HITS))
    report(
        benchmark="redirects",
        hits=HITS,
        baseline_per_second=baseline.per_second,
        chorus_per_second=chorus.per_second,
        ratio=round(chorus.per_second / baseline.per_second, 2),
        baseline_p99_ms=baseline.p99_ms,
        chorus_p99_ms=chorus.p99_ms,
        statuses=[baseline.statuses, chorus.statuses],
    )


if __name__ == "__main__":
    main()
