"""Workers killed in mid-send: nobody is sent to twice, nothing is lost, and the living take over."""

from __future__ import annotations

import pytest

from scheduler.delivery.batches import CHUNK
from storage.database import Database
from tests.faults.kills import WORKSPACES, send_under_kills
from tests.sizes import size


@pytest.mark.in_turn
@pytest.mark.timeout(330)
def test_killing_workers_loses_and_repeats_nothing(database: Database) -> None:
    recipients, kills = size(600, 5000), size(2, 20)
    workers = 1 if database.one_writer else 2
    report = send_under_kills(
        database, recipients=recipients, kills=kills, workers=workers, seed=7, waits=0.5, limit=300
    )
    assert (report.kills, report.sent_once, report.repeated, report.lost) == (kills, recipients, [], 0)
    assert report.unknown_left == 0
    assert report.unknown_seen <= kills * WORKSPACES * CHUNK
    assert report.slowest_resume < size(120, 30)  # the sample shares its machine with other tests
