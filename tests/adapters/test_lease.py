"""A process that ends gives its lease back, also where a fault ends it: else others wait until they take it for dead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from adapters import app, clock
from adapters.settings import Settings, load_settings
from storage.database import Database
from storage.delivery import worker_leases
from tests.keys import KEY


def a_command(settings: Settings) -> AbstractAsyncContextManager[None]:
    chorus = app.build(settings, base_url="http://127.0.0.1:8000")
    return app.running(chorus, with_worker=False, with_clock=False)


def a_clock(settings: Settings) -> AbstractAsyncContextManager[None]:
    return clock.ticking(clock.build(settings))


@pytest.mark.parametrize("work", [a_command, a_clock])
def test_a_fault_gives_the_lease_back(
    sqlite: Database, work: Callable[[Settings], AbstractAsyncContextManager[None]]
) -> None:
    async def fails() -> None:
        async with work(load_settings(database_url=sqlite.engine_url, secret_keys=KEY)):
            with sqlite.transaction() as session:
                assert len(worker_leases.occupied(session)) == 1
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(fails())
    with sqlite.transaction() as session:
        assert worker_leases.occupied(session) == []
        assert len(worker_leases.vacant(session)) == 1
