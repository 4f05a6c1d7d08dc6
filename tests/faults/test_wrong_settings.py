"""One process is started with the settings of another installation, or with none: the others go on, nothing is removed and
nothing that waits is lost."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bot.core import outbox
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.cards import Heading, card
from bot.core.context import Send
from scheduler.delivery.at_once import Deliverer
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.sender import Sender
from storage.database import Database
from storage.delivery import history
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.people import workspaces
from storage.people.employees import Employee
from storage.people.workspaces import WorkspaceState
from tests.adapters.asking import Server, slack_answers
from tests.faults.roles import started
from tests.faults.test_told_in_words import chorus
from tests.ports import free_port
from tests.stage import MONDAY, WORKSPACE, Stage


@pytest.mark.parametrize("words", [["worker"], ["serve", "--port", "8199"], ["serve", "--all", "--port", "8199"]])
def test_who_has_no_settings_of_a_platform_in_use_does_not_start(sqlite: Database, words: list[str]) -> None:
    with sqlite.transaction() as session:
        workspaces.install(session, "slack:T1", now=MONDAY).credentials = "xoxb"
    code, said = chorus(sqlite.engine_url, *words)
    assert code == 1
    assert "The bot is installed in slack:T1, and this process has no settings of Slack" in " ".join(said.split())
    assert "Traceback" not in said
    with sqlite.transaction() as session:
        row = workspaces.workspace(session, "slack:T1")
        assert row is not None
        assert (row.state, row.credentials) == (WorkspaceState.INSTALLED, "xoxb")


def test_a_start_removes_nothing(sqlite: Database) -> None:
    """It may be the settings that are wrong: the workspace is left alone, and whoever runs it is told."""
    other = {"CHORUS_SLACK_SIGNING_SECRET": "s", "CHORUS_SLACK_CLIENT_ID": "1", "CHORUS_SLACK_CLIENT_SECRET": "c"}
    with sqlite.transaction() as session:
        workspaces.install(session, "slack:T1", now=MONDAY).credentials = "xoxb"
    code, said = chorus(sqlite.engine_url, "people", "sync", CHORUS_WORKSPACES="slack:T2", **other)
    assert "slack:T1" in said, (code, said)
    _code, said = chorus(sqlite.engine_url, "doctor", CHORUS_WORKSPACES="slack:T2", **other)
    assert "chorus workspaces remove" in " ".join(said.split())
    with sqlite.transaction() as session:
        row = workspaces.workspace(session, "slack:T1")
        assert row is not None
        assert (row.state, row.credentials) == (WorkspaceState.INSTALLED, "xoxb")


@pytest.mark.parametrize("lacks", ["the platform", "the workspace"])
def test_what_one_process_may_not_send_waits_for_another(
    stage: Stage, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aino = stage.hires("aino")
    allowed = AllowedWorkspaces([WORKSPACE] if lacks == "the platform" else ["fake:T2"])
    sending = Sender(stage.dependencies, allowed)
    with monkeypatch.context() as here:
        if lacks == "the platform":
            here.setattr(type(stage.dependencies), "platform_of", lambda *_: None)
        drainer = BatchDrainer(stage.dependencies, sending, stage.held)
        at_once = Deliverer(stage.dependencies, sending, stage.held)
        with stage.database.transaction() as session:
            effect = Send(to=session.get_one(Employee, aino), key="k", card=card("News", Heading("News")))
            outbox.plan(session, [effect], None, stage.now, engine=stage.engine, cause="test")
        with stage.database.transaction() as session:
            (row,) = session.query(Delivery)
        before = len(stage.engine.waves)
        stage.run(at_once.deliver([row.id]))
        stage.run(drainer.drain_batch(row.wave, WORKSPACE, mass=False))
        stage.run(drainer.look(WORKSPACE))
        assert len(stage.engine.waves) > before  # it is asked for again
    assert stage.chat.sent == []
    with stage.database.transaction() as session:
        assert history.counts(session) == {DeliveryState.PLANNED: 1}
    stage.sends()
    assert len(stage.chat.sent) == 1


def test_nothing_waits_where_all_was_cancelled(stage: Stage) -> None:
    drainer: Any = BatchDrainer(stage.dependencies, Sender(stage.dependencies, AllowedWorkspaces()), stage.held)
    stage.run(drainer.drain_batch("w", WORKSPACE, mass=False))
    assert stage.engine.waves == []


TOKEN = {"CHORUS_SLACK_BOT_TOKEN": "xoxb-1", "CHORUS_SLACK_SIGNING_SECRET": "s"}  # Slack says that it is of T1


def test_the_token_of_another_team_is_told_of_and_reaches_nobody_elsewhere(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        workspaces.install(session, "slack:T2", now=MONDAY)
    with Server(slack_answers) as slack:
        settings = {**TOKEN, "CHORUS_SLACK_API_URL": f"{slack.url}/api/"}
        _code, said = chorus(sqlite.engine_url, "people", "sync", **settings)
        assert "the workspace has the bot and does not belong" in said
        assert "slack:T2" in said
        assert len(slack.calls["/api/users.list"]) == 1  # of T1
        code, said = chorus(sqlite.engine_url, "doctor", **settings)
        assert (code, "installed, but not among yours: slack:T2" in " ".join(said.split())) == (1, True)
        code, said = chorus(sqlite.engine_url, "doctor", CHORUS_WORKSPACES="slack:T2", **settings)
        said = " ".join(said.split())
        assert (code, "CHORUS_SLACK_BOT_TOKEN is that of slack:T1" in said) == (1, True), said


@pytest.mark.timeout(120)
def test_who_is_stopped_while_the_database_is_away_ends_well(sqlite: Database) -> None:
    """A stop that was meant is no fault: a supervisor would start it again. Nor are faults of jobs told in tracebacks."""
    file = Path(str(sqlite.engine.url.database))
    with started(sqlite, "serve", "--all", "--port", str(free_port()), CHORUS_TICK_SECONDS="0.5") as (process, *_more):
        file.rename(file.with_suffix(".aside"))
        time.sleep(6)
        process.terminate()
        _nothing, said = process.communicate(timeout=30)
    assert "Traceback" not in said, said
    assert not file.exists()
    assert "moved, deleted or replaced" in said
    assert process.returncode == 0
