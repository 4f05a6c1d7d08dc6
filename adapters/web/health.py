"""Liveness, readiness and metrics endpoints for operators."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from storage.database import Database, DatabaseError
from storage.delivery import deliveries, worker_leases
from storage.delivery.deliveries import DeliveryState, Queue
from storage.jobs import runs
from storage.jobs.runs import RunState

STATES = {
    "queued": DeliveryState.PLANNED,
    "sending": DeliveryState.SENDING,
    "sent": DeliveryState.SENT,
    "failed": DeliveryState.FAILED,
    "unknown": DeliveryState.UNKNOWN,
}


def router(database: Database) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        try:
            await asyncio.to_thread(database.check_writable)
        except DatabaseError as cause:
            return JSONResponse({"status": "not ready", "reason": str(cause)}, status_code=503)
        return JSONResponse({"status": "ready"})

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        try:
            text = await asyncio.to_thread(exposition, database)
        except DatabaseError as cause:
            return JSONResponse({"status": "not ready", "reason": str(cause)}, status_code=503)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router


def exposition(database: Database) -> bytes:
    """The metrics as Prometheus reads them. Raises DatabaseError."""
    database.ping()
    with database.transaction() as session:
        queues = deliveries.queues(session, now=datetime.now(UTC))
        living = [worker.id for worker in worker_leases.occupied(session)]
        troubled = [row.state for row in runs.troubled(session)]
    registry = CollectorRegistry()
    registry.register(_Figures(queues, living, troubled))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, queues: list[Queue], living: list[str], troubled: list[RunState]) -> None:
        self._queues = queues
        self._living = living
        self._troubled = troubled

    def collect(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "chorus_deliveries", "Messages by how far they came", labels=["workspace", "state"]
        )
        lag = GaugeMetricFamily(
            "chorus_delivery_lag_seconds", "Age of the oldest message that is overdue", labels=["workspace"]
        )
        for queue in self._queues:
            for name, state in STATES.items():
                messages.add_metric([queue.workspace, name], queue.states.get(state, 0))
            lag.add_metric([queue.workspace], queue.lag)
        yield messages
        yield lag
        processes = GaugeMetricFamily("chorus_processes", "Processes that hold a worker", labels=["role"])
        for role in ("web", "worker"):
            processes.add_metric([role], sum(worker.startswith(f"{role}-") for worker in self._living))
        yield processes
        failed = GaugeMetricFamily("chorus_failed_runs", "Scheduled runs that failed (at most 100)", labels=["state"])
        for name, outcome in (("tried_again", RunState.WAITING), ("given_up", RunState.FAILED)):
            failed.add_metric([name], self._troubled.count(outcome))
        yield failed
