"""Politeness: platforms that count every call find no violation, whatever Retry-After they answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import cycle
from random import Random
from typing import Any

import pytest

from adapters.slack.send import LIMITS as SLACK
from adapters.teams.send import LIMITS as TEAMS
from adapters.web.retry import retry_after
from bot.core.cards import Card
from bot.core.dependencies import Dependencies
from bot.core.ports import Calls, Limits, Outcome, PermanentFailure, Rate, RetryAfter, Sent
from bot.core.router import Router
from bot.core.rules import Rules
from bot.routes import FEATURES
from bot.samples import FixedPictures
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.sender import Sender
from storage.database import Database
from storage.delivery import deliveries, history, rate_limits, worker_leases
from storage.delivery.deliveries import DeliveryState
from storage.delivery.worker_leases import HeldLease
from storage.people import workspaces
from storage.pulse.round_store import RoundStore
from tests.scheduler.delivery.virtual import START, Inline, VirtualLoop, play
from tests.stage import FakeEngine

RETRY_AFTER = ["1", "7", "60", "23", None, "Wed, 25 Nov 2026 08:00:00 GMT", "-1", "abc", "1e9", "2.5", ""]


class Strict:
    """A chat platform that keeps a record of every call, and of calls that it should not have had."""

    name = "fake"

    def __init__(self, limits: Limits, loop: VirtualLoop, refuses: float = 0.0) -> None:
        self.limits = limits
        self.calls: dict[str, list[float]] = defaultdict(list)
        self.arrived: list[str] = []
        self.too_early = 0
        self._loop, self._refuses, self._random = loop, refuses, Random(3)
        self._paused: dict[str, float] = {}
        self._headers = cycle(RETRY_AFTER)
        self.takes_no: Calls | None = None  # calls of this kind, until then (seconds)
        self.until = 0.0
        self.knows_none = False  # of what it is asked to find

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        workspace, now = ":".join(address.split(":")[:2]), self._loop.time()
        if now < self._paused.get(workspace, 0.0) - 1e-6:
            self.too_early += 1
        self.calls[workspace].append(now)
        self.calls[address].append(now)
        refuses = self._random.random() < self._refuses
        await asyncio.sleep(0.15)
        if refuses:
            seconds = retry_after(next(self._headers), otherwise=30.0)
            self._paused[workspace] = max(self._paused.get(workspace, 0.0), self._loop.time() + seconds)
            return RetryAfter(seconds, "429", Calls.SENDS)
        self.arrived.append(mark)
        return Sent(mark)

    async def update(self, message: str, card: Card) -> Outcome:
        kind = Calls.PAGES if ":home:" in message else Calls.UPDATES
        self.calls[kind].append(self._loop.time())
        if kind is self.takes_no and self._loop.time() < self.until:
            return RetryAfter(10.0, "429", kind)
        return Sent(message)

    async def find(self, address: str, mark: str) -> Outcome:
        return PermanentFailure("not there") if self.knows_none else Sent(mark)

    async def profile(self, workspace: str, user: str) -> Any: ...

    async def directory(self, workspace: str, cursor: str | None) -> Any: ...

    async def close(self) -> None: ...


def sent_by(
    database: Database,
    limits: Limits,
    addresses: list[str],
    *,
    refuses: float = 0.0,
    replaced: Sequence[str] = (),
    takes_no: Calls | None = None,
    until: float = 0.0,
    paused: float = 0.0,
) -> tuple[Strict, float, dict[str, int]]:
    """Everything to these addresses and all these replacements, in one wave a workspace; the platform, the seconds it
    took, and the states. `paused`: seconds for which no new messages are taken, as another process heard."""
    loop = VirtualLoop()
    platform, engine = Strict(limits, loop, refuses), FakeEngine(loop.now)
    platform.takes_no, platform.until = takes_no, until
    db_executor: Any = Inline(database)
    dependencies = Dependencies(
        db_executor=db_executor,
        platforms={"fake": platform},
        engine=engine,
        router=Router(FEATURES),
        rules=Rules(),
        pictures=FixedPictures(),
        ballots=RoundStore(database),
        now=loop.now,
    )
    held = HeldLease()
    waves = BatchDrainer(dependencies, Sender(dependencies), held)
    with database.transaction() as session:
        for workspace in {":".join(address.split(":")[:2]) for address in addresses}:
            workspaces.install(session, workspace, now=START)
            engine.enqueue(session, f"w:{workspace}", workspace, delay=0, mass=True)
        if paused:
            rate_limits.pause(session, "fake:T1", START.timestamp() + paused)
        held.current = worker_leases.take(session, "worker", token="t", host="h", pid=1)
        rows = [row(number, address) for number, address in enumerate(addresses)]
        rows += [{**row(len(rows) + number, message), "replaces": message} for number, message in enumerate(replaced)]
        deliveries.add(session, rows)

    async def carry_all() -> None:
        while engine.waves:
            due = min(item[0] for item in engine.waves)
            await asyncio.sleep(max(0.0, (due - loop.now()).total_seconds()))
            ready = [item for item in engine.waves if item[0] <= loop.now()]
            for item in ready:
                engine.waves.remove(item)
            await asyncio.gather(*(waves.drain_batch(*item[1:]) for item in ready))

    play(loop, carry_all())
    with database.transaction() as session:
        return platform, loop.time(), history.counts(session)


def row(number: int, address: str) -> dict[str, Any]:
    workspace = ":".join(address.split(":")[:2])
    return {
        "key": f"k{number}",
        "workspace_id": workspace,
        "employee_id": None,
        "address": address,
        "kind": "notice",
        "subject_id": None,
        "card": {"summary": "Hello", "body": []},
        "replaces": None,
        "cause": "c",
        "wave": f"w:{workspace}",
        "state": DeliveryState.PLANNED,
        "due_at": START,
        "attempts": 0,
        "changed_at": START,
    }


def most_in_a_window(moments: list[float], seconds: float) -> int:
    """The most calls that fall in any window of that length."""
    moments, start, most = sorted(moments), 0, 0
    for end, moment in enumerate(moments):
        while moment - moments[start] >= seconds - 1e-9:
            start += 1
        most = max(most, end - start + 1)
    return most


@pytest.mark.parametrize(("limits", "a_second"), [(SLACK, 5), (TEAMS, 50)], ids=["slack", "teams"])
def test_a_wave_keeps_the_limit_and_uses_it(sqlite: Database, limits: Limits, a_second: int) -> None:
    addresses = [f"fake:T1:U{number}" for number in range(a_second * 60)]
    platform, seconds, states = sent_by(sqlite, limits, addresses)
    assert states == {"sent": len(addresses)}
    assert most_in_a_window(platform.calls["fake:T1"], 1.0) <= a_second
    assert len(addresses) / seconds >= 0.95 * a_second


def test_a_conversation_hears_one_message_a_second(sqlite: Database) -> None:
    addresses = [f"fake:T1:U{number % 3}" for number in range(90)]
    platform, _seconds, states = sent_by(sqlite, SLACK, addresses)
    assert states == {"sent": 90}
    assert all(most_in_a_window(platform.calls[f"fake:T1:U{number}"], 1.0) == 1 for number in range(3))


@pytest.mark.parametrize(("limits", "a_second"), [(SLACK, 5), (TEAMS, 50)], ids=["slack", "teams"])
def test_a_storm_of_refusals_loses_nothing_and_calls_no_paused_bucket(
    sqlite: Database, limits: Limits, a_second: int
) -> None:
    addresses = [f"fake:T{number % 2}:U{number}" for number in range(300)]
    platform, _seconds, states = sent_by(sqlite, limits, addresses, refuses=0.5)
    assert states == {"sent": 300}
    assert len(set(platform.arrived)) == len(platform.arrived) == 300
    assert all(most_in_a_window(platform.calls[f"fake:T{number}"], 1.0) <= a_second for number in range(2))
    assert platform.too_early == 0


CARDS = [f"fake:T1:D{number}:1.5" for number in range(200)]
HOMES = [f"fake:T1:home:U{number}" for number in range(200)]


def test_each_method_is_paced_by_its_own_tier(sqlite: Database) -> None:
    """Slack counts them apart: 50 replacements and 100 pages a minute, beside the messages."""
    addresses = [f"fake:T1:U{number}" for number in range(900)]
    platform, _seconds, states = sent_by(sqlite, SLACK, addresses, replaced=CARDS + HOMES)
    assert states == {"sent": len(addresses) + len(CARDS) + len(HOMES)}
    assert most_in_a_window(platform.calls["fake:T1"], 60.0) <= 300
    burst = 20  # tiers allow bursts, of which Slack says no more
    assert most_in_a_window(platform.calls[Calls.UPDATES], 60.0) <= 50 + burst
    assert most_in_a_window(platform.calls[Calls.PAGES], 60.0) <= 100 + burst


@pytest.mark.parametrize("refused", [Calls.UPDATES, Calls.PAGES])
def test_a_refusal_of_one_kind_of_call_holds_up_no_other(sqlite: Database, refused: Calls) -> None:
    addresses = [f"fake:T1:U{number}" for number in range(300)]
    quiet, undisturbed, _states = sent_by(sqlite, SLACK, addresses)
    for table in ("deliveries", "rate_limits"):
        with sqlite.engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")
    platform, _seconds, states = sent_by(
        sqlite,
        SLACK,
        addresses,
        replaced=(CARDS if refused is Calls.UPDATES else HOMES)[:40],
        takes_no=refused,
        until=45.0,
    )
    assert set(states) == {"sent"}
    assert max(platform.calls["fake:T1"]) - min(platform.calls["fake:T1"]) < 1.1 * undisturbed
    early = [moment for moment in platform.calls[refused] if moment < 45.0]
    assert len(early) <= 6 * 20  # a few together at each end of a pause, not one after the other all the time
    assert len(quiet.calls["fake:T1"]) == 300


def test_a_recall_does_not_wait_until_new_messages_are_taken_again(sqlite: Database) -> None:
    platform, _seconds, states = sent_by(sqlite, SLACK, ["fake:T1:U1"], replaced=CARDS[:50], paused=900.0)
    assert states == {"sent": 51}
    assert min(platform.calls["fake:T1"]) >= 900.0
    assert max(platform.calls[Calls.UPDATES]) < 120.0


@pytest.mark.parametrize("made", [lambda: Rate(0.25), lambda: Rate(1.2, burst=20)])
def test_reservations_of_two_processes_share_one_bucket(database: Database, made: Callable[[], Rate]) -> None:
    rate = made()
    moments: list[float] = []
    for number in range(40):
        with database.transaction() as session:
            moments += rate_limits.reserve(session, "b", 1 + number % 3, gap=rate.gap, burst=rate.burst, now=1000.0)
    after_burst = moments[rate.burst :]
    assert moments[: rate.burst] == pytest.approx([1000.0] * rate.burst)
    assert all(
        abs(later - earlier - rate.gap) < 1e-6 for earlier, later in zip(after_burst, after_burst[1:], strict=False)
    )


def test_a_pause_holds_for_the_whole_workspace_and_is_known_to_others(database: Database) -> None:
    with database.transaction() as session:
        rate_limits.pause(session, "slack:T1", 2000.0)
        rate_limits.pause(session, "slack:T1", 1500.0)
    with database.transaction() as session:
        assert rate_limits.reserve(session, "slack:T1", 2, gap=1.0, now=1000.0) == [2000.0, 2001.0]
        assert rate_limits.reserve(session, "slack:T2", 1, gap=1.0, now=1000.0) == [1000.0]
        rate_limits.prune(session, before=5000.0)
        assert rate_limits.paused_until(session, "slack:T1") == 0.0


def test_what_was_not_used_is_not_saved_up(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        rate_limits.reserve(session, "b", 1, gap=0.2, now=0.0)
        moments = rate_limits.reserve(session, "b", 10, gap=0.2, now=60.0)
    assert most_in_a_window(moments, 1.0) <= 5
