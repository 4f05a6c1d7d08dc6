"""What this process counts and times, for `/metrics`: each process tells of itself. Nothing here names a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

TURNS = Histogram(
    "chorus_turn_seconds", "From an event to its decision, stored", ["kind"], registry=REGISTRY, buckets=SECONDS
)
REQUESTS = Histogram(
    "chorus_requests_seconds", "Requests to a platform", ["platform", "method"], registry=REGISTRY, buckets=SECONDS
)
OUTCOMES = Counter("chorus_request_outcomes", "What came of them", ["platform", "method", "outcome"], registry=REGISTRY)
JOBS = Histogram("chorus_job_seconds", "Scheduled jobs", ["job"], registry=REGISTRY, buckets=SECONDS)
FAILURES = Counter("chorus_job_failures", "Scheduled jobs that failed", ["job"], registry=REGISTRY)
REFUSED = Gauge(
    "chorus_refused_workspaces",
    "Workspaces that refuse our token, or that could not be asked since the start",
    ["platform"],
    registry=REGISTRY,
)
CLOCK = Gauge("chorus_clock_ahead_seconds", "This machine's clock, compared with the database's", registry=REGISTRY)
Gauge("chorus_build_info", "The version", ["version"], registry=REGISTRY).labels(version("chorus-bot")).set(1)


@cache
def turns(kind: str) -> Histogram:
    """The turns of one kind of event; found once."""
    return TURNS.labels(kind)


@contextmanager
def job(name: str) -> Iterator[None]:
    """Time the job, and count it where it fails."""
    started = perf_counter()
    try:
        yield
    except Exception:
        FAILURES.labels(name).inc()
        raise
    finally:
        JOBS.labels(name).observe(perf_counter() - started)
