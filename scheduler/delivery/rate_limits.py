"""Paces all calls to a platform (waves, replies, replacements, lookups) so that none of its rate limits is exceeded.

What the platform counts apart is paced apart: a refusal of one kind of call holds up no other.

A moment to leave at is reserved in the database, in the transaction that takes the message, so that all processes
together keep the platform's limits; a process that is late for its moments does not make up for it in a rush. A pause
that the platform asked for is known at once in this process, and in the others from their next reservation on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil

from bot.core.ports import Calls, Limits, Rate, bucket_of
from storage.database import Session
from storage.delivery import rate_limits

REMEMBERED = 4096  # buckets, beyond which those that are free again are forgotten
LONGEST_WINDOW = 2.0  # seconds: n gaps are less
AT_ONCE = 0.0001  # seconds: nearer than that, a moment has come


class SendWindow:
    """What left this process lately, by bucket: n in any n gaps, which are a second or a little more."""

    def __init__(self) -> None:
        self._left: dict[str, deque[float]] = {}

    def earliest(self, bucket: str, gap: float) -> float:
        """When the next may leave (seconds since 1970, UTC)."""
        left = self._left.get(bucket)
        return left[0] + gap * len(left) if left is not None and len(left) == left.maxlen else 0.0

    def leave(self, bucket: str, gap: float, now: float) -> None:
        if len(self._left) > REMEMBERED:
            self._left = {name: left for name, left in self._left.items() if now - left[-1] < LONGEST_WINDOW}
        if bucket not in self._left:
            self._left[bucket] = deque(maxlen=ceil(1 / gap))
        self._left[bucket].append(now)


class Pacer:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._paused: dict[str, float] = {}
        self._departures = SendWindow()

    def sends(self, session: Session, workspace: str, addresses: Sequence[str], limits: Limits) -> list[float]:
        """When each of these new messages may leave (seconds since 1970, UTC)."""
        if not addresses:
            return []
        moments = self._of_workspace(session, workspace, len(addresses), limits.sends)
        return rate_limits.reserve_conversations(session, addresses, moments, limits.conversation_gap)

    def calls(self, session: Session, workspace: str, calls: Calls, count: int, limits: Limits) -> list[float]:
        """When each of these calls may be made; no conversation's own limit is kept, nor written down whose it is."""
        if not count:
            return []
        return self._of_workspace(session, bucket_of(workspace, calls), count, limits.rate(calls))

    def silent_for(self, workspace: str, *, stored: float) -> float:
        """Seconds for which the platform takes no new messages for the workspace; `stored`: until when, as it says
        there (seconds since 1970)."""
        return max(0.0, max(stored, self._paused.get(workspace, 0.0)) - self._now().timestamp())

    def pause_local(self, workspace: str, calls: Calls, seconds: float) -> None:
        """Make no such calls from this process; `pause` stores it for the others."""
        bucket, until = bucket_of(workspace, calls), self._now().timestamp() + seconds
        self._paused[bucket] = max(until, self._paused.get(bucket, 0.0))

    def pause(self, session: Session, workspace: str, calls: Calls) -> None:
        if (until := self._paused.get(bucket := bucket_of(workspace, calls))) is not None:
            rate_limits.pause(session, bucket, until)

    def is_paused_local(self, workspace: str, calls: Calls) -> float:
        """Seconds for which this process makes no such calls."""
        until = self._paused.get(bucket_of(workspace, calls))
        return 0.0 if until is None else max(0.0, until - self._now().timestamp())

    async def depart(self, moment: float, workspace: str, address: str, limits: Limits) -> None:
        """Wait for the message's moment, and longer if earlier ones left late."""
        gaps = ((workspace, limits.sends.gap), (address, limits.conversation_gap))
        buckets = [(bucket, gap) for bucket, gap in gaps if gap > 0]
        if not buckets:
            await self.until(moment)
            return
        while True:
            now = self._now().timestamp()
            wait = max(moment, *(self._departures.earliest(*bucket) for bucket in buckets), 0.0) - now
            if wait < AT_ONCE:
                break
            await asyncio.sleep(wait)
        for bucket, gap in buckets:
            self._departures.leave(bucket, gap, now)

    async def until(self, moment: float) -> None:
        """Sleep until `moment`."""
        wait = moment - self._now().timestamp()
        if wait > 0:
            await asyncio.sleep(wait)

    def _of_workspace(self, session: Session, bucket: str, count: int, rate: Rate) -> list[float]:
        now = self._now().timestamp()
        return rate_limits.reserve(session, bucket, count, gap=rate.gap, burst=rate.burst, now=now)
