"""The engine: DBOS carries out later work, in the app's own database. The only file that knows DBOS.

Traps it minds (see docs/decisions): every worker has an executor id of its own, the name of its leased worker; the
application version is fixed, so that a deploy strands nothing; arguments are names only.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from dbos import DBOS, DBOSClient, EnqueueOptions

from scheduler.delivery.retry_on_outage import retry_on_outage
from scheduler.polling import Polling, Queue
from storage.database import Database, Session
from storage.database_faults import is_outage
from storage.delivery.worker_leases import LeaseLost

log = structlog.get_logger()

VERSION = "chorus-1"  # raised only when waiting work could not be carried out by newer code as it stands
FORMER: tuple[str, ...] = ()  # versions before it: their waiting work is enqueued anew, see `adopt`
WAVES, SINGLES, RUNS = "waves", "singles", "runs"
JOBS = "jobs"  # where processes of 0.1.0 enqueue runs; nothing else does
CARRY, LOOK, RUN = "carry", "look", "run"
AT_ONCE = 64  # workflows of a queue in one worker
BATCH = 500
FORMER_POLLING = 15.0  # seconds between two looks for what only processes of another version enqueue
MOVING = 4.0  # seconds between two looks for delayed work that is due, at rest; DBOS holds a lock for 5 s at most
RARELY = 60.0  # the same, for what Chorus does not use: schedules, and queues that come later
POLLING = 1.0  # seconds between two looks for work; what is said at once (replies) does not wait for it
RESTING = 7.0  # the same, while there is none

Carry = Callable[[str, str, bool], Awaitable[None]]
Look = Callable[[str], Awaitable[None]]
RunJob = Callable[[str], Awaitable[None]]


class DurableEngine:
    """Enqueues in any process; carries out in those that `start` it."""

    def __init__(self, database: Database, *, polling: float = POLLING) -> None:
        self._url = database.shared_url
        self._client = DBOSClient(system_database_url=self._url, lazy=True)
        self._polling = polling
        self._following: asyncio.Task[None] | None = None
        self._is_running = False
        logging.getLogger("dbos").setLevel(logging.ERROR)

    def prepare(self) -> None:
        """Create or migrate the engine's own tables, and take what waits for former versions."""
        DBOS.migrate(self._url)
        while self.adopt():
            """There may be more than one batch."""

    # -- Enqueuing, in the transaction of the cause

    def enqueue(self, session: Session, wave: str, workspace: str, *, delay: float, mass: bool, tag: str = "") -> None:
        options = self._options(CARRY, WAVES if mass else SINGLES, f"{wave}{tag}", delay)
        if mass:
            options["queue_partition_key"] = workspace
        self._client.enqueue_in_transaction(session, options, wave, workspace, mass)

    def look(self, session: Session, workspace: str, *, delay: float) -> None:
        at = int(datetime.now().astimezone().timestamp() + delay)
        options = self._options(LOOK, SINGLES, f"look:{workspace}:{at}", delay)
        self._client.enqueue_in_transaction(session, options, workspace)

    def run(self, session: Session, key: str, *, alone: str, delay: float = 0.0, tag: str = "") -> None:
        """Have the job run that `key` names, one at a time of those with the same `alone`; `tag` tells one try from
        another, `delay` is in seconds."""
        options = self._options(RUN, RUNS, f"{key}{tag}", delay)
        options["queue_partition_key"] = alone
        self._client.enqueue_in_transaction(session, options, key)

    # -- Carrying out

    async def start(self, *, worker: str, drain_batch: Carry, look: Look, run: RunJob) -> None:
        """Start executing enqueued work in the running event loop, under the worker's name."""
        dbos = DBOS(
            config={
                "name": "chorus",
                "system_database_url": self._url,
                "executor_id": worker,
                "application_version": VERSION,
                "log_level": "ERROR",
                "console_log_level": "ERROR",
                "enable_otlp": False,
                # Nobody here waits for an event, a message or a schedule of DBOS's. To listen takes a connection and
                # ten looks a second; without, and with nobody waiting, the database is asked nothing.
                "use_listen_notify": False,
                "notification_listener_polling_interval_sec": POLLING,
                "scheduler_polling_interval_sec": RARELY,
            }
        )
        _log_like_the_rest(logging.getLogger("dbos"))  # it has made a handler of its own
        every, queues = self._polling, list[Queue]()
        polling = Polling(queues, busy=every, resting=RESTING if every >= POLLING else every)
        for name, work in ((CARRY, drain_batch), (LOOK, look), (RUN, run)):
            DBOS.workflow(name=name)(_named(name, work, polling))
        # Three threads of DBOS's look once a second, and no setting says how often: for delayed work, for queues that
        # are new, and into a queue of its own, which only its schedules and forks fill. They cost more than all else
        # that a worker does at rest.
        own_threads = dbos._background_threads  # noqa: SLF001
        polling.lengthen(dbos._background_jobs_stop_event, MOVING, own_threads)  # noqa: SLF001
        dbos._registry.get_internal_queue()._polling_interval_sec = RARELY  # noqa: SLF001
        DBOS.launch()
        for event in dbos.background_thread_stop_events:
            polling.lengthen(event, RARELY, own_threads)  # the queues' threads, which wait on it, too, are none of them
        self._is_running = True
        queues += [
            await DBOS.register_queue_async(
                WAVES, partition_concurrency=1, worker_concurrency=AT_ONCE, polling_interval_sec=every
            ),
            await DBOS.register_queue_async(SINGLES, worker_concurrency=AT_ONCE, polling_interval_sec=every),
            await DBOS.register_queue_async(
                RUNS, partition_concurrency=1, worker_concurrency=8, polling_interval_sec=every
            ),
        ]
        await DBOS.register_queue_async(JOBS, worker_concurrency=8, polling_interval_sec=max(every, FORMER_POLLING))
        self._following = asyncio.create_task(polling.follow())

    def stop(self) -> None:
        if self._is_running:
            if self._following is not None:
                self._following.get_loop().call_soon_threadsafe(self._following.cancel)
            logging.getLogger("dbos").addFilter(_is_no_parting)
            DBOS.destroy(workflow_completion_timeout_sec=5, destroy_registry=True)
            self._is_running = False

    def close(self) -> None:
        self._client.destroy()

    def adopt(self) -> int:
        """Enqueue what waits for former versions anew, for this one: DBOS gives work only to the version that it was
        enqueued for. Returns how much there was. Idempotent. What an older process begins at this very moment may be
        carried out twice: waves are saved by their rows, a run by its key once it is done."""
        if not FORMER:
            return 0
        waiting = self._client.list_workflows(
            app_version=list(FORMER), status=["ENQUEUED", "DELAYED"], limit=BATCH, load_output=False
        )
        for work in waiting:
            delay = max(0.0, (work.delay_until_epoch_ms or 0) / 1000 - time.time())
            options = self._options(work.name, work.queue_name or SINGLES, f"{work.workflow_id}@{VERSION}", delay)
            if work.queue_partition_key is not None:
                options["queue_partition_key"] = work.queue_partition_key
            self._client.enqueue(options, *(work.input["args"] if work.input else ()))
        if waiting:
            self._client.cancel_workflows([work.workflow_id for work in waiting])
            log.info("work of former versions enqueued anew", number=len(waiting))
        return len(waiting)

    async def take_over(self, workers: Sequence[str]) -> int:
        """Requeue the unfinished work of dead workers, and what waits for former versions. Returns how much there was.
        Idempotent."""
        adopted = await asyncio.to_thread(self.adopt)
        found = await self._client.list_workflows_async(status="PENDING", executor_id=list(workers), load_input=False)
        for queue in (WAVES, SINGLES, RUNS, JOBS):
            ids = [workflow.workflow_id for workflow in found if workflow.queue_name == queue]
            if ids:
                await self._client.resume_workflows_async(ids, queue_name=queue)
        return adopted + len(found)

    async def prune(self, *, before: datetime) -> int:
        """Delete finished work. Returns how much there was."""
        forgotten = 0
        while True:
            found = await self._client.list_workflows_async(
                status=["SUCCESS", "ERROR", "CANCELLED"],
                end_time=before.isoformat(),
                limit=BATCH,
                load_input=False,
                load_output=False,
            )
            if not found:
                return forgotten
            await asyncio.to_thread(self._client.delete_workflows, [workflow.workflow_id for workflow in found])
            forgotten += len(found)

    def _options(self, workflow: str, queue: str, name: str, delay: float) -> EnqueueOptions:
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": name,
            "app_version": VERSION,
        }
        if delay > 0:
            options["delay_seconds"] = delay
        return options


def _log_like_the_rest(logger: logging.Logger) -> None:
    """What DBOS says goes the way of what other libraries say. Of an outage the heartbeat tells, once."""
    logger.setLevel(logging.ERROR)
    logger.handlers.clear()
    logger.propagate = True
    logger.addFilter(_is_no_outage)


def _is_no_outage(record: logging.LogRecord) -> bool:
    fault = record.exc_info[1] if record.exc_info else None
    return fault is None or not is_outage(fault)


def _is_no_parting(record: logging.LogRecord) -> bool:
    """Of a process that ends: what it was at somebody else takes over, and the rows say how far it came."""
    fault = record.exc_info[1] if record.exc_info else None
    return not (isinstance(fault, RuntimeError) and "after shutdown" in str(fault))


def _named(name: str, work: Callable[..., Awaitable[None]], polling: Polling) -> Callable[..., Awaitable[None]]:
    """A function of our own, for DBOS marks what it is given; a fault is logged, and the rows say what is left. While
    the database is away the work waits: doing it again does no harm."""

    async def workflow(*arguments: object) -> None:
        of = str(arguments[0]) if arguments else ""
        try:
            with polling.working():
                await retry_on_outage(lambda: work(*arguments), what=f"{name} {of}")
        except LeaseLost:  # whoever took it does the work
            log.info("work left to another process", work=name, of=of)
        except Exception:
            log.exception("work failed", work=name, of=of)

    workflow.__qualname__ = workflow.__name__ = name
    return workflow
