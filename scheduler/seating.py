"""Holding a seat: taken at the start, renewed while the process lives, and the dead's work taken over by the living."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from secrets import token_hex

import structlog

from bot.crossing import Crossing
from bot.outgoing import Engine
from scheduler.waves import LOOK_AFTER
from storage import deliveries, seats
from storage.database import Session
from storage.seats import Seat, Sitting

log = structlog.get_logger()

BEAT = 2.0  # seconds
LEASE = timedelta(seconds=12)  # without a beat for so long, a seat counts as dead
TakeOver = Callable[[Sequence[str]], Awaitable[int]]


class Seating:
    """One process's seat."""

    def __init__(
        self, *, crossing: Crossing, engine: Engine, now: Callable[[], datetime], look_after: timedelta = LOOK_AFTER
    ) -> None:
        self._crossing = crossing
        self._engine = engine
        self._now = now
        self._look_after = look_after
        self._host = _host()
        self.sitting: Sitting | None = None

    async def take(self, role: str) -> Sitting:
        """A seat for this process; what its dead owner left in doubt is given up first."""
        await self._bury(None)
        self.sitting = await self._crossing(
            lambda session: seats.take(
                session, role, token=token_hex(8), host=self._host, pid=os.getpid(), now=self._now()
            )
        )
        return self.sitting

    async def hold(self, take_over: TakeOver | None) -> None:
        """Beat until cancelled. Workers (with `take_over`) also see after the seats of the dead."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                if not await self._renew():
                    log.error("seat lost", seat=self.sitting.seat if self.sitting else None)
                    return
                if take_over is not None:
                    await self._bury(take_over)
            except Exception:
                log.exception("no beat")

    async def leave(self) -> None:
        sitting = self.sitting
        if sitting is not None:
            await self._crossing(lambda session: seats.vacate(session, sitting))

    async def _renew(self) -> bool:
        sitting = self.sitting
        return sitting is not None and await self._crossing(
            lambda session: seats.renew(session, sitting, now=self._now())
        )

    async def _bury(self, take_over: TakeOver | None) -> None:
        dead = await self._crossing(lambda session: [seat.id for seat in self._dead(session)])
        if not dead:
            return
        if take_over is not None:
            log.warning("taking over", seats=dead, work=await take_over(dead))
        await self._crossing(lambda session: self._give_up(session, dead))

    def _give_up(self, session: Session, dead: Sequence[str]) -> None:
        now = self._now()
        gone = [seat for seat in self._dead(session) if seat.id in dead]
        tokens = [seat.token for seat in gone if seat.token]
        for workspace in deliveries.give_up_on(session, tokens, now=now):
            self._engine.look(session, workspace, delay=self._look_after.total_seconds())
        for seat in gone:
            seat.token = None

    def _dead(self, session: Session) -> list[Seat]:
        now = self._now()
        return [seat for seat in seats.occupied(session) if now - seat.renewed_at > LEASE or self._is_gone(seat)]

    def _is_gone(self, seat: Seat) -> bool:
        """Whether the process is known to be dead, without waiting for its lease to end: it was on this machine."""
        if seat.host != self._host:
            return False
        try:
            os.kill(seat.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            """It lives, as somebody else's."""
        return False


def _host() -> str:
    """This machine, or rather: where a process id means the same process."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
