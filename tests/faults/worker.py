"""A worker as the app has it, over a chat server of the tests' own: `python -m tests.faults.worker URL SERVER CLOCK SKEW`.

It runs until it is killed. With CLOCK "1" it also ticks, for a thousand jobs that the server counts. Its machine's clock
is SKEW seconds ahead.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import aiohttp

from adapters import logs
from bot.core.cards import Card
from bot.core.context import Rules
from bot.core.db_executor import Crossing
from bot.core.ports import Limits, Outcome, Refused, Sent, Unknown
from bot.core.schedule import Daily
from scheduler.batches import Waves
from scheduler.clock import Clock
from scheduler.engine import DurableEngine
from scheduler.heartbeat import Seating
from scheduler.sender import Sending
from storage.ballots import BallotBox
from storage.database import Database
from storage.secrets import load_keys, new_key
from storage.worker_leases import Sitting

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
            return Unknown(type(error).__name__)
        return Sent(message) if message else Refused("not there")

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


async def work(url: str, server: str, with_clock: bool, skew: timedelta) -> None:
    def now() -> datetime:
        return datetime.now(UTC) + skew

    database, platform = Database(url), CountingPlatform(server)
    crossing, engine = Crossing(database), DurableEngine(database, polling=0.1)
    sending = Sending(
        platforms={"fake": platform},
        pictures=None,
        rules=Rules(),
        ballots=BallotBox("sqlite://"),
        engine=engine,
        now=now,
    )  # type: ignore[arg-type,dict-item]
    waves = Waves(crossing=crossing, sending=sending, engine=engine, now=now, look_after=LOOK_AFTER)

    def sit(sitting: Sitting) -> None:
        waves.sitting = sitting

    seating = Seating(crossing=crossing, engine=engine, now=now, on_sitting=sit, look_after=LOOK_AFTER)
    sitting = await seating.take("worker")
    await engine.start(seat=sitting.seat, carry=waves.carry, look=waves.look, run=platform.ran)
    if with_clock:
        schedules = {f"job{number}": Daily(time(0, 0), local=False) for number in range(JOBS)}
        Clock(crossing=crossing, runner=engine, schedules=schedules, seconds=0.5, now=now).start()
    print("ready", flush=True)
    await seating.hold(engine.take_over)


if __name__ == "__main__":
    load_keys([new_key()])
    logs.configure(json=True)  # to stderr: nobody reads what comes after "ready", and a full pipe would stop it
    asyncio.run(work(sys.argv[1], sys.argv[2], sys.argv[3] == "1", timedelta(seconds=float(sys.argv[4]))))
