"""Liveness, readiness and metrics endpoints for operators."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core import measures
from bot.core.working_time import utc_now
from storage.database import Database, DatabaseError, Session, reading
from storage.database_faults import SILENT as NO_ANSWER
from storage.delivery import queues, worker_leases
from storage.delivery.deliveries import DeliveryState
from storage.jobs import runs
from storage.jobs.runs import RunState
from storage.people import workspaces

STATES = {
    "queued": DeliveryState.PLANNED,
    "sending": DeliveryState.SENDING,
    "failed": DeliveryState.FAILED,
    "unknown": DeliveryState.UNKNOWN,
}
ROLES = ("web", "worker", "clock")
WAIT = 2.0  # seconds for the database, less than whoever asks waits for an answer
WAIT_FOR_WRITER = 1.5  # of these, for whoever else holds a lock
LATELY = timedelta(days=7)  # for which failed messages are counted

Seen = TypeVar("Seen")


class Look(Generic[Seen]):
    """A question to the database, asked once at a time: whoever asks meanwhile gets the same answer, and whoever gets
    none in time leaves no thread behind but that one."""

    def __init__(self, look: Callable[[], Seen]) -> None:
        self._look = look
        self._under_way: asyncio.Task[Seen] | None = None

    async def __call__(self) -> Seen:
        """Raises DatabaseError, also where there is no answer within WAIT."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(asyncio.to_thread(self._look))
            self._under_way.add_done_callback(lambda task: task.cancelled() or task.exception())
        done, _waiting = await asyncio.wait({self._under_way}, timeout=WAIT)
        if not done:
            raise DatabaseError(NO_ANSWER)
        return self._under_way.result()


async def _everybody(_request: Request) -> bool:
    return True


def routes(
    database: Database,
    *,
    own: Callable[[], bool] | None = None,
    may_look: Callable[[Request], Awaitable[bool]] = _everybody,
) -> list[BaseRoute]:
    """`own`: of a worker or a clock, whether it does its own work; without it, of the web server, all roles count.
    `may_look`: who may see metrics, and what is not well and why; everybody on a port of its own."""

    roles_of = Look(lambda: living(database))
    metrics_of = Look(lambda: exposition(database))

    async def sees(request: Request) -> bool:
        try:
            return await asyncio.wait_for(may_look(request), WAIT)
        except (DatabaseError, TimeoutError):
            return False  # whose token it is cannot be told

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(request: Request) -> Response:
        """`?of=process`: whether this process can work, whoever else lives: what decides if it is asked anything."""
        try:
            roles = await roles_of()
        except DatabaseError as cause:
            why = {"reason": str(cause)} if may_look is _everybody else {}
            return JSONResponse({"status": "not ready", **why}, status_code=503)
        if own is not None:
            reason = None if own() else "this process holds no lease"
        else:
            reason = None if request.query_params.get("of") == "process" else what_is_missing(roles)
        status = "ready" if reason is None else "not ready"
        details = {"reason": reason, "roles": roles} if await sees(request) else {}
        shown = {name: value for name, value in details.items() if value is not None}
        return JSONResponse({"status": status, **shown}, status_code=200 if reason is None else 503)

    async def metrics(request: Request) -> Response:
        if not await sees(request):
            said = {"error": "metrics are for a token with the scope metrics:read, or at the port of --health"}
            return JSONResponse(said, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        try:
            written = await metrics_of()
        except DatabaseError:
            written = _in_prometheus_words(None)
        return Response(written, media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def living(database: Database) -> dict[str, int]:
    """How many processes of each role live. Raises DatabaseError."""
    database.check_writable(wait=WAIT_FOR_WRITER)
    with reading(database.engine) as connection, Session(connection) as session:
        database.check_schema(session)
        found = worker_leases.living(session)
    return {role: found.get(role, 0) for role in ROLES}


def what_is_missing(roles: Mapping[str, int]) -> str | None:
    """Which role lives nowhere, without which nothing is sent or started; None where all do."""
    if not roles["worker"]:
        return "no worker lives: nothing is sent"
    return None if roles["clock"] else "no clock lives: no job starts"


def exposition(database: Database) -> bytes:
    """The metrics as Prometheus reads them: what the database says of all, and what this process counted. While the
    database is away, the latter alone."""
    try:
        database.ping()
        with reading(database.engine) as connection, Session(connection) as session:
            figures = _Figures(_read(session, utc_now()))
    except DatabaseError:
        figures = None
    return _in_prometheus_words(figures)


def _in_prometheus_words(figures: _Figures | None) -> bytes:
    """None where the database does not answer."""
    registry = CollectorRegistry()
    Gauge("chorus_database_up", "Whether the database answered", registry=registry).set(figures is not None)
    if figures is not None:
        registry.register(figures)
    return generate_latest(registry) + generate_latest(measures.REGISTRY)


@dataclass(frozen=True, slots=True)
class _Read:
    backlog: Mapping[str, Mapping[str, int]]
    lags: Mapping[str, float]
    living: Mapping[str, int]
    troubled: list[RunState]
    missing_people: Mapping[str, int]
    tick_age: float | None


def _read(session: Session, now: datetime) -> _Read:
    ticked = runs.newest_done(session, "routine")
    return _Read(
        queues.backlog(session, since=now - LATELY),
        queues.overdue(session, now=now),
        worker_leases.living(session),
        [row.state for row in runs.troubled(session)],
        workspaces.missing_people(session),
        (now - ticked).total_seconds() if ticked is not None else None,
    )


class _Figures(Collector):
    def __init__(self, read: _Read) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "chorus_deliveries",
            "Messages that are not out; failed and unknown: of 7 days",
            labels=["workspace", "state"],
        )
        lag = GaugeMetricFamily(
            "chorus_delivery_lag_seconds", "Age of the oldest message that is overdue", labels=["workspace"]
        )
        for workspace in sorted({*self._read.backlog, *self._read.lags}):
            for name, state in STATES.items():
                messages.add_metric([workspace, name], self._read.backlog.get(workspace, {}).get(state, 0))
            lag.add_metric([workspace], self._read.lags.get(workspace, 0.0))
        yield messages
        yield lag
        processes = GaugeMetricFamily("chorus_processes", "Processes that live, by role", labels=["role"])
        for role in ROLES:
            processes.add_metric([role], self._read.living.get(role, 0))
        yield processes
        failed = GaugeMetricFamily("chorus_failed_runs", "Scheduled runs that failed (at most 100)", labels=["state"])
        for name, outcome in (("tried_again", RunState.WAITING), ("given_up", RunState.FAILED)):
            failed.add_metric([name], self._read.troubled.count(outcome))
        yield failed
        missing = GaugeMetricFamily(
            "chorus_missing_people",
            "Too many to be gone: missing in the directory when it was read last",
            labels=["workspace"],
        )
        for workspace, number in sorted(self._read.missing_people.items()):
            missing.add_metric([workspace], number)
        yield missing
        if self._read.tick_age is not None:
            yield GaugeMetricFamily(
                "chorus_tick_age_seconds", "Since the newest routine run that was done was due", self._read.tick_age
            )
