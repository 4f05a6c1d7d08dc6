"""What whoever runs it sees: deliveries, the plan, the effect, the metrics."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import time_machine

from adapters.web.health import exposition
from bot.core.ports import OutcomeUnknown, PermanentFailure
from bot.features.sharing.domain.effect import effect, estimate
from storage.sharing import plans
from storage.sharing.links import TrackedLink
from storage.sharing.plans import ExperimentArm
from storage.sharing.shares import Share
from tests.adapters.cli.shell import Shell
from tests.stage import MONDAY, Stage


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """A nudge that arrived, one that was refused, one in doubt, and one that waits."""
    for user in ("aino", "mikko", "petra"):
        stage.hires(user)
    stage.chat.outcomes.extend([PermanentFailure("user_not_found", parks="person"), OutcomeUnknown("TimeoutError")])
    stage.publishes("Storm")
    stage.ticks()
    return stage


@pytest.fixture
def shell(busy: Stage) -> Shell:
    path = busy.database.engine.url.database
    assert path is not None
    return Shell(Path(path).parent, NUDGE_DAYS="mon-sun", NO_NUDGE_SHARE="0")


def test_deliveries_by_workspace_with_what_went_wrong(shell: Shell) -> None:
    shown = json.loads(shell.run("deliveries", "--json"))
    (queue,) = shown["workspaces"]
    assert (queue["workspace"], queue["sent"], queue["failed"], queue["unknown"]) == ("fake:T1", 1, 1, 1)
    assert {row["reason"] for row in shown["troubled"]} == {"user_not_found", "TimeoutError"}
    assert "fake:T1" in shell.run("deliveries")


def test_the_plan_is_shown_with_reasons_and_not_carried_out(shell: Shell, busy: Stage) -> None:
    busy.publishes("Grid")
    for _time in range(2):  # the same twice: nothing is stored
        rows = json.loads(shell.run("nudge", "plan", "--date", "2026-12-02", "--dry-run", "--json"))
        assert [row["post"] for row in rows] == ["Grid", "Grid"]  # the one who was refused is out of reach
        assert {row["slot"] for row in rows} == {"wed-morning"}
        assert all(row["due"] and row["reason"] == "newest" for row in rows)
    assert "is no date" in shell.run("nudge", "plan", "--date", "tomorrow", fails=True)


def test_the_effect_of_nothing_is_not_knowable(shell: Shell) -> None:
    shown = json.loads(shell.run("nudge", "effect", "--json"))
    assert (shown["known"], shown["difference"]) == (False, None)
    assert "Not yet knowable" in shell.run("nudge", "effect")


def test_metrics_for_each_workspace(busy: Stage) -> None:
    with time_machine.travel(busy.now, tick=False):
        text = exposition(busy.database).decode()
    assert 'chorus_deliveries{state="unknown",workspace="fake:T1"} 1.0' in text
    assert 'chorus_deliveries{state="failed",workspace="fake:T1"} 1.0' in text
    assert 'chorus_delivery_lag_seconds{workspace="fake:T1"} 0.0' in text
    assert 'chorus_processes{role="web"}' in text
    assert 'state="sent"' not in text  # history: each process counts what it sends itself


class TestEffect:
    def test_counts_weeks_with_a_share_in_both_arms(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.hires("mikko")
        stage.publishes("Storm")
        stage.ticks()
        weeks = [
            ("2026-W40", ExperimentArm.NUDGE, 8),
            ("2026-W41", ExperimentArm.NONE, 7),
            ("2026-W42", ExperimentArm.NUDGE, 6),
        ]
        with stage.database.transaction() as session:
            nudge = session.query(plans.Nudge).first()
            assert nudge is not None
            for employee_id in (1, 2):
                plans.add_weeks(
                    session,
                    [
                        {
                            "employee_id": employee_id,
                            "week": week,
                            "arm": arm,
                            "policy": "fixed",
                            "allowed": [],
                            "slots": [],
                            "probability": 1.0,
                            "unit_id": None,
                            "starts_at": MONDAY - timedelta(weeks=ago),
                        }
                        for week, arm, ago in weeks
                    ],
                )
            session.add(
                TrackedLink(
                    code="c",
                    target="https://k.example",
                    created_at=MONDAY,
                    raw_clicks=0,
                    automated_clicks=0,
                    unique_clicks=0,
                )
            )
            session.flush()
            session.add(
                Share(
                    employee_id=1,
                    post_id=1,
                    nudge_id=nudge.id,
                    channel="x",
                    language="en",
                    text="x",
                    own_words=True,
                    code="c",
                    opener="o",
                    created_at=MONDAY,
                    state="confirmed",
                    confirmed_at=MONDAY - timedelta(weeks=8) + timedelta(days=6),
                )
            )
            session.flush()
            found = effect(session, now=MONDAY)
        assert (found.nudge_weeks, found.other_weeks) == (4, 2)
        assert (found.with_nudges, found.without, found.difference) == (0.25, 0.0, 0.25)
        assert not found.is_known or found.low is not None

    def test_the_interval_covers_the_truth_as_often_as_it_says(self) -> None:
        random, covered = np.random.default_rng(5), 0
        for trial in range(100):
            own = random.beta(2, 8, size=300)
            counts = np.column_stack(
                [
                    np.full(300, 8),
                    random.binomial(8, np.clip(own + 0.05, 0, 1)),
                    np.full(300, 2),
                    random.binomial(2, own),
                ]
            ).astype(float)
            found = estimate(counts, seed=trial)
            assert found.low is not None
            assert found.high is not None
            covered += found.low <= 0.05 <= found.high
        assert 88 <= covered <= 100

    def test_nothing_is_claimed_of_a_small_trial(self) -> None:
        counts = np.array([[8, 2, 2, 0]] * 10 + [[8, 1, 2, 1]] * 10, dtype=float)
        assert not estimate(counts, seed=1).is_known
