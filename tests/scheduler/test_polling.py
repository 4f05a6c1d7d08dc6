"""How often workers look for work: seldom at rest, often as soon as there is some."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from scheduler import polling as module
from scheduler.polling import Polling


class Queue:
    def __init__(self) -> None:
        self.every, self.is_away = 1.0, False

    async def get_polling_interval_sec_async(self) -> float:
        if self.is_away:
            raise OSError("away")
        return self.every

    async def set_polling_interval_sec_async(self, value: float) -> None:
        self.every = value

    async def until(self, every: float) -> None:
        async with asyncio.timeout(10):
            while self.every != every:
                await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NOTICE", 0.01)


def played(story: Callable[[Queue, Polling, Polling], Awaitable[None]]) -> None:
    """With two workers of one queue."""

    async def play() -> None:
        queue = Queue()
        one, other = (Polling([queue], busy=1.0, resting=0.1, calm=0.05) for _worker in range(2))
        following = [asyncio.create_task(worker.follow()) for worker in (one, other)]
        await story(queue, one, other)
        assert not any(task.done() for task in following)
        for task in following:
            task.cancel()

    asyncio.run(play())


def test_it_rests_wakes_for_work_and_rests_again() -> None:
    async def story(queue: Queue, one: Polling, _other: Polling) -> None:
        await queue.until(0.1)
        with one.working():
            await queue.until(1.0)
            await asyncio.sleep(0.2)
            assert queue.every == 1.0  # for as long as the work goes on
        await queue.until(0.1)

    played(story)


def test_who_has_work_is_not_put_to_rest_by_who_has_none() -> None:
    async def story(queue: Queue, one: Polling, other: Polling) -> None:
        await queue.until(0.1)
        with one.working():
            with other.working():
                await queue.until(1.0)
            await queue.until(0.1)  # says the other, who is done
            await queue.until(1.0)

    played(story)


def test_it_outlives_a_database_that_is_away() -> None:
    async def story(queue: Queue, one: Polling, _other: Polling) -> None:
        await queue.until(0.1)
        queue.is_away = True
        with one.working():
            await asyncio.sleep(0.3)
            queue.is_away = False
            await queue.until(1.0)

    played(story)


def test_what_looks_by_itself_waits_longer_at_rest_and_at_once_no_more_when_work_comes() -> None:
    async def story(queue: Queue, one: Polling, _other: Polling) -> None:
        waits, waited, its_own = threading.Event(), list[float](), list[threading.Thread]()
        one.lengthen(waits, 0.4, its_own)

        def wait_once() -> None:
            began = time.monotonic()
            waits.wait(0.02)
            waited.append(time.monotonic() - began)

        def begun() -> threading.Thread:
            its_own.append(threading.Thread(target=wait_once))
            its_own[-1].start()
            return its_own[-1]

        with one.working():
            await queue.until(1.0)
            await asyncio.to_thread(begun().join)
        async with asyncio.timeout(10):
            while not one.rests:
                await asyncio.sleep(0.005)
        await asyncio.to_thread(begun().join)
        thread = begun()
        with one.working():
            await asyncio.to_thread(thread.join)
        assert waited[0] < 0.35 < waited[1]
        assert waited[2] < waited[1]

    played(story)


def test_a_queue_that_waits_on_the_same_event_is_looked_into_as_often_as_before() -> None:
    async def story(_queue: Queue, one: Polling, _other: Polling) -> None:
        waits = threading.Event()
        one.lengthen(waits, 60.0, [])
        async with asyncio.timeout(10):
            while not one.rests:
                await asyncio.sleep(0.005)
            assert not await asyncio.to_thread(waits.wait, 0.02)

    played(story)


def test_who_waits_longer_is_told_to_stop_at_once() -> None:
    waits = threading.Event()
    Polling([], busy=1.0, resting=5.0).lengthen(waits, 60.0, [threading.current_thread()])
    threading.Timer(0.05, waits.set).start()
    began = time.monotonic()
    assert waits.wait(30.0)
    assert time.monotonic() - began < 10
