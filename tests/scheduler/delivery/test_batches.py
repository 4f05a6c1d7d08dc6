"""A wave is left to others only with work enqueued for them: the engine takes what returns for done."""

from __future__ import annotations

import pytest

from storage.delivery import worker_leases
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.delivery.worker_leases import LeaseLost
from tests.stage import WORKSPACE, Stage


def left_behind(stage: Stage, state: DeliveryState) -> None:
    """One message that waits, or is in doubt, and a process whose lease somebody else took while it stood still."""
    stage.hires("aino")
    with stage.database.transaction() as session:
        session.add(
            Delivery(
                key="k",
                workspace_id=WORKSPACE,
                address=f"{WORKSPACE}:aino",
                kind="notice",
                wave="w",
                state=state,
                due_at=stage.now,
                changed_at=stage.now,
            )
        )
        assert stage.held.current is not None
        worker_leases.vacate(session, stage.held.current)


def test_a_wave_whose_worker_lost_its_lease_goes_on(stage_on_both: Stage) -> None:
    """Awake again it finds the lease gone. Whoever took its work over may not have begun: the engine would take the
    work for done, and the messages would wait for the next look of a tick."""
    left_behind(stage_on_both, DeliveryState.PLANNED)
    before = len(stage_on_both.engine.waves)
    with pytest.raises(LeaseLost):
        stage_on_both.run(stage_on_both.waves.drain_batch("w", WORKSPACE, True))
    assert [wave[1:] for wave in stage_on_both.engine.waves[before:]] == [("w", WORKSPACE, True)]


def test_a_look_whose_worker_lost_its_lease_goes_on(stage_on_both: Stage) -> None:
    left_behind(stage_on_both, DeliveryState.UNKNOWN)
    before = len(stage_on_both.engine.looks)
    with pytest.raises(LeaseLost):
        stage_on_both.run(stage_on_both.waves.look(WORKSPACE))
    assert [look[1] for look in stage_on_both.engine.looks[before:]] == [WORKSPACE]
