"""The crossing: once and only once, all or nothing, and always a sentence."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog.testing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.core.cards import Form, TextField
from bot.core.events import Command, Left, Message
from bot.core.outbox import GRACE
from bot.core.ports import OutcomeUnknown, PermanentFailure, RetryAfter
from bot.core.router import Router
from bot.core.routes import CommandRoute
from bot.routes import FEATURES
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.people import employees, workspaces
from tests.stage import WORKSPACE, Stage


def deliveries_of(stage: Stage) -> list[tuple[str, str, str | None]]:
    with stage.database.transaction() as session:
        return [(row.kind, row.state, row.reason) for row in session.query(Delivery).order_by(Delivery.id)]


def test_the_same_event_has_one_effect(stage_on_both: Stage) -> None:
    stage = stage_on_both
    stage.hires("aino")
    event = Command(
        workspace=WORKSPACE, user="aino", address=f"{WORKSPACE}:aino", keys=("id-1", "business-1"), name="help"
    )
    for again in (
        event,
        event,
        replace(event, keys=("id-2", "business-1")),
        replace(event, keys=("id-1", "business-2")),
    ):
        stage.handle(again)
    assert len(stage.sees("aino")) == 1


def test_a_fault_changes_nothing_and_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.hires("aino")

    def breaks(context: object, event: object) -> list[object]:
        context.person.nudges_wanted = False  # type: ignore[attr-defined]
        raise ZeroDivisionError

    monkeypatch.setitem(stage.dependencies.router.commands, "settings", CommandRoute(handler=breaks))  # type: ignore[arg-type]
    stage.types("aino", "settings")
    assert stage.sees("aino")[0].startswith("Something went wrong on our side, and nothing was changed. Try again.")
    assert stage.person("aino").nudges_wanted is True


@pytest.mark.parametrize(
    "action", ["nothing.such", "", "nudge", "nudge.", "share.xyz", "settings.zzz", "show.nothing", "x" * 500]
)
def test_unknown_buttons_get_a_sentence(stage: Stage, action: str) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    stage.pressed("aino", action, 1)
    assert len(stage.sees("aino")) == 2


@pytest.mark.parametrize(
    ("words", "name", "rest"),
    [
        ("help", "help", ""),
        ("/chorus home", "home", ""),
        ("Chorus Results", "results", ""),
        ("suggest https://x.example why", "suggest", "https://x.example why"),
        ("language FI", "language", "FI"),
        ("viikkokooste", "digest", ""),
        ("/chorus saapuneet", "inbox", ""),
    ],
)
def test_plain_words_that_are_a_command(words: str, name: str, rest: str) -> None:
    event = Router(FEATURES).understood(Message(workspace=WORKSPACE, user="a", address="a", keys=("k",), text=words))
    assert isinstance(event, Command)
    assert (event.name, event.text) == (name, rest)


@pytest.mark.parametrize("words", ["share of the market?", "help me with this", "results are what I want"])
def test_plain_words_that_only_begin_like_one(words: str) -> None:
    assert isinstance(
        Router(FEATURES).understood(Message(workspace=WORKSPACE, user="a", address="a", keys=("k",), text=words)),
        Message,
    )


def test_a_workspace_that_leaves_in_mid_flow(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.run(stage.shell.run_job(stage.dependencies.router.tick_jobs["plan_news"]))
    stage.handle(Left(workspace=WORKSPACE, user="", address="", keys=("gone",)))
    stage.sends()
    stage.types("aino", "help")
    assert stage.sees("aino") == []
    assert deliveries_of(stage) == [("nudge", DeliveryState.CANCELLED, "the workspace removed the bot")]


class TestDelivery:
    def test_later_is_tried_again_with_growing_waits_and_then_given_up(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.chat.outcomes.extend([RetryAfter(1.0, "503")] * 200)
        stage.types("aino", "help")
        waits = []
        for _try in range(200):
            with stage.database.transaction() as session:
                row = session.query(Delivery).one()
                if row.state != DeliveryState.PLANNED:
                    break
                waits.append((row.due_at - stage.now).total_seconds())
                stage.now = row.due_at + GRACE
            stage.sends()
        assert row.state == DeliveryState.FAILED
        growing = waits[:5]
        assert growing == sorted(growing)
        assert timedelta(days=1) < timedelta(seconds=sum(waits)) < timedelta(days=1.5)

    def test_an_unknown_outcome_is_kept_and_not_repeated(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.chat.outcomes.append(OutcomeUnknown("TimeoutError"))
        stage.types("aino", "help")
        stage.now = stage.now.replace(hour=12)
        stage.sends()
        assert deliveries_of(stage) == [("reply", DeliveryState.UNKNOWN, "TimeoutError")]
        assert stage.sees("aino") == []

    def test_a_person_who_is_gone_is_parked(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.chat.outcomes.append(PermanentFailure("user_not_found", parks="person"))
        stage.types("aino", "help")
        stage.publishes("Storm")
        stage.ticks()
        assert stage.chat.sent == []
        assert deliveries_of(stage) == [("reply", DeliveryState.FAILED, "user_not_found")]

    def test_a_workspace_without_a_token_is_parked(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.chat.outcomes.append(PermanentFailure("not installed", parks="workspace"))
        stage.types("aino", "help")
        stage.types("aino", "help")
        assert stage.chat.sent == []

    def test_what_the_deciding_process_left_lying_is_sent_by_a_worker(self, stage: Stage) -> None:
        stage.hires("aino")
        with stage.database.transaction() as session:
            session.add(
                Delivery(
                    key="k",
                    wave="w",
                    workspace_id=WORKSPACE,
                    address=f"{WORKSPACE}:aino",
                    kind="reply",
                    state=DeliveryState.PLANNED,
                    card={"summary": "Hello", "body": []},
                    due_at=stage.now,
                    changed_at=stage.now,
                    attempts=0,
                )
            )
            stage.engine.enqueue(session, "w", WORKSPACE, delay=0, mass=False)
        stage.sends()
        assert deliveries_of(stage) == [("reply", DeliveryState.SENT, None)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=400), action=st.text(max_size=40), ref=st.integers(0, 2**31 - 1))
def test_whatever_people_do_there_is_an_answer_and_no_fault(stage: Stage, words: str, action: str, ref: int) -> None:
    if "aino" not in stage.chat.profiles:
        stage.hires("aino")
    for sent in (
        stage.says("aino", words),
        stage.pressed("aino", action, ref),
        stage.types("aino", f"suggest {words}"),
    ):
        assert sent.duplicate is False
    assert not any("Something went wrong" in card for card in stage.sees("aino"))
    assert isinstance(stage.newest("aino"), str)


def test_an_answer_that_nobody_foresaw_leaves_the_send_in_doubt(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.hires("aino")

    async def breaks(_address: str, _card: object, *, mark: str) -> object:
        raise TypeError("string indices must be integers")

    monkeypatch.setattr(stage.chat, "send", breaks)
    stage.types("aino", "help")
    assert deliveries_of(stage) == [("reply", DeliveryState.UNKNOWN, "TypeError")]


@pytest.mark.parametrize(
    "typed", ["my-boss-Pekka-is-unfair", "canaryword morewords", "sharx", "Pekka Virtanen earnings"]
)
def test_no_word_that_somebody_wrote_is_logged(stage: Stage, typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    stage.hires("aino")
    stage.types("aino", typed)
    stage.says("aino", typed)
    stage.submits("aino", Form(typed[:20], 0, "x", (TextField("text", "x", value=typed),), "Send", "Cancel"))
    stage.pressed("aino", f"pulse.{typed}", 7)
    logged = capsys.readouterr()
    for word in typed.split():
        assert word not in logged.out + logged.err


def test_no_line_of_the_log_has_a_platforms_name_of_anybody(stage: Stage) -> None:
    """A platform's keys hold the id of who acted: beside the number of a person it would say for good who they are."""
    stage.hires("aino")
    event = Command(
        workspace=WORKSPACE, user="aino", address=f"{WORKSPACE}:aino", keys=("slack:T1:press:UCANARY:1.2",), name="help"
    )
    with structlog.testing.capture_logs() as lines:
        stage.handle(event)
    (turn,) = (line for line in lines if line["event"] == "turn")
    assert turn["event_key"]
    assert "UCANARY" not in str(lines)


class TestWhereAPersonIs:
    """As Teams tells it with whatever somebody does."""

    def test_their_app_says_when_it_is_their_morning_and_which_language_they_read(self, stage: Stage) -> None:
        stage.hires("aino", language="en")
        stage.types("aino", "help", locale="fi-FI", time_zone="Europe/Helsinki")
        assert stage.person("aino").time_zone == "Europe/Helsinki"
        assert stage.person("aino").language == "fi"
        assert "Kysy" in stage.sees("aino")[-1]

    def test_what_they_chose_themselves_holds(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.types("aino", "language en")
        stage.types("aino", "help", locale="fi-FI", time_zone="Europe/Helsinki")
        assert stage.person("aino").language == "en"

    def test_nonsense_changes_nothing(self, stage: Stage) -> None:
        stage.hires("aino")
        before = stage.person("aino").time_zone
        stage.types("aino", "help", locale="!", time_zone="Mars/Base")
        assert stage.person("aino").time_zone == before

    def test_who_speaks_can_be_written_to_again(self, stage: Stage) -> None:
        """The platform refused one message, as of somebody who had removed the bot."""
        stage.hires("aino")
        stage.chat.outcomes.append(PermanentFailure("403", parks="person"))
        stage.types("aino", "help")
        stage.types("aino", "settings")
        with stage.database.transaction() as session:
            assert employees.reachable(session, 1) is not None


def test_the_log_tells_no_act_that_was_undone(stage: Stage) -> None:
    """Whoever keeps it as an anchor would find the audit log tampered with."""
    with capture_logs() as told, suppress(ZeroDivisionError), stage.database.transaction() as session:
        workspaces.install(session, "fake:T9", now=stage.now)
        session.flush()
        raise ZeroDivisionError
    assert not [line for line in told if line["event"] == "audit"]
    with capture_logs() as told, stage.database.transaction() as session:
        workspaces.install(session, "fake:T9", now=stage.now)
    assert [line["act"] for line in told if line["event"] == "audit"] == ["workspaces made"]
