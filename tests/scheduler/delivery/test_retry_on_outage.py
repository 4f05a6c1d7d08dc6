"""Work that waits for the database does so quietly: of the outage the heartbeat tells, once."""

from __future__ import annotations

import asyncio
import logging

import pytest
from structlog.testing import capture_logs

from scheduler.delivery import retry_on_outage as module
from scheduler.delivery.retry_on_outage import retry_on_outage
from storage.database_faults import NoAnswer


def test_a_piece_of_work_that_waits_warns_of_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.002)
    tries = 0

    async def work() -> str:
        nonlocal tries
        tries += 1
        if tries < 9:
            raise NoAnswer
        return "done"

    with capture_logs() as said, caplog.at_level(logging.DEBUG):
        assert asyncio.run(retry_on_outage(work, what="a wave")) == "done"
    assert [line["log_level"] for line in said] == ["info"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_other_faults_are_raised_at_once() -> None:
    async def work() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        asyncio.run(retry_on_outage(work, what="a wave"))
