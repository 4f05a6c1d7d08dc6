"""A worker as the app has it, over a chat server of the tests' own: `python -m tests.faults.worker URL SERVER CLOCK SKEW`.

It runs until it is killed. With CLOCK "1" it also ticks, for a thousand jobs that the server counts. Its machine's clock
is SKEW seconds ahead. Tests of one version fork it (`run`), those of two start the older one by that command.
"""

from __future__ import annotations

import asyncio
import sys
import time as clock
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import aiohttp

from adapters import logs
from bot.core import working_time
from bot.core.cards import Card
from bot.core.db_executor import DbExecutor
from bot.core.dependencies import Dependencies
from bot.core.ports import Limits, Outcome, OutcomeUnknown, PermanentFailure, Sent
from bot.core.router import Router
from bot.core.rules import Rules
from bot.core.schedule import Daily
from bot.routes import FEATURES
from bot.samples import FixedPictures
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.delivery.sender import Sender
from scheduler.engine import DurableEngine
from scheduler.jobs.clock import Clock
from storage.database import Database
from storage.delivery.worker_leases import HeldLease
from storage.pulse.round_store import RoundStore
from storage.secrets import load_keys
from tests.keys import KEY

LOOK_AFTER = timedelta(seconds=3)
JOBS = 1000


class CountingPlatform:
    """Chat over HTTP: the server counts what arrives, and can be asked whether it did."""

    name = "fake"
    limits = Limits()

    def __init__(self, server: str) -> None:
        self._server = server
        self._http = aiohttp.ClientSession()

    async def _ask(self, **fields: str) -> Outcome:
        try:
            async with self._http.post(self._server, json=fields) as response:
                message = str((await response.json())["message"])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return OutcomeUnknown(type(error).__name__)
        return Sent(message) if message else PermanentFailure("not there")

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        return await self._ask(send=mark)

    async def update(self, message: str, card: Card) -> Outcome:
        return Sent(message)

    async def find(self, address: str, mark: str) -> Outcome:
        return await self._ask(find=mark)

    async def ran(self, key: str) -> None:
        await self._ask(ran=key)

    async def profile(self, workspace: str, user: str) -> Any: ...

    async def directory(self, workspace: str, cursor: str | None) -> Any: ...

    async def close(self) -> None: ...


async def work(url: str, server: str, with_clock: bool, skew: timedelta) -> None:
    working_time.machine_now = lambda: datetime.now(UTC) + skew
    now = working_time.utc_now
    database, platform = Database(url), CountingPlatform(server)
    db_executor, engine = DbExecutor(database), DurableEngine(database, polling=0.1)
    dependencies = Dependencies(
        db_executor=db_executor,
        platforms={"fake": platform},
        engine=engine,
        router=Router(FEATURES),
        rules=Rules(),
        pictures=FixedPictures(),
        ballots=RoundStore(database),
        now=now,
    )
    held = HeldLease()
    waves = BatchDrainer(dependencies, Sender(dependencies), held, look_after=LOOK_AFTER)
    heartbeat = Heartbeat(db_executor=db_executor, engine=engine, now=now, held=held, look_after=LOOK_AFTER)
    lease = await heartbeat.take("worker")
    await engine.start(worker=lease.worker, drain_batch=waves.drain_batch, look=waves.look, run=platform.ran)
    if with_clock:
        schedules = {f"job{number}": Daily(time(0, 0), local=False) for number in range(JOBS)}
        Clock(db_executor=db_executor, runner=engine, schedules=schedules, seconds=0.5).start()
    print("ready", flush=True)
    await heartbeat.hold(engine.take_over)


def run(url: str, server: str, *, with_clock: bool, skew: timedelta) -> None:
    """`skew`: by how much the clock of the whole process is ahead, the engine's with it."""
    right = clock.time
    clock.time = lambda: right() + skew.total_seconds()
    load_keys([KEY])
    logs.configure(json=True)  # to stderr: nobody reads what comes after "ready", and a full pipe would stop it
    asyncio.run(work(url, server, with_clock, skew))


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], with_clock=sys.argv[3] == "1", skew=timedelta(seconds=float(sys.argv[4])))
