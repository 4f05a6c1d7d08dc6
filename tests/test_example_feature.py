"""CONTRIBUTING, proved: a feature made of the documented rooms works on all platforms, and no adapter knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from adapters.playground import parse as playground_parse
from adapters.playground import render as playground_render
from adapters.slack import manifest as slack_manifest
from adapters.slack import parse as slack_parse
from adapters.slack import render as slack_render
from adapters.teams import manifest as teams_manifest
from adapters.teams import parse as teams_parse
from adapters.teams import render as teams_render
from adapters.web.console.receive import Console
from bot.core.events import Command, Event, Pressed, Submitted
from bot.core.i18n import Words
from bot.core.router import Router
from bot.routes import FEATURES
from storage.database import Database
from tests.adapters.asking import Asker
from tests.adapters.web.test_console import HOME, comes_in
from tests.fixtures.example_feature.routes import ROUTES
from tests.fixtures.example_feature.samples import examples_of_forms, samples
from tests.stage import Stage, buttons
from tests.test_shape import ROOMS

ALL = (*FEATURES, ROUTES)
ROUTER = Router(ALL)


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite, features=ALL, messages_a_day=9, messages_a_week=9) as stage:
        for user, roles in (("aino", ("employee",)), ("laura", ("employee", "lead"))):
            stage.hires(user, roles=roles)
        yield stage


def test_command_press_and_form(stage: Stage) -> None:
    stage.types("aino", "lunch")
    stage.presses("aino", "canteen")
    assert stage.sees("aino")[-1].startswith("1 colleague was asked: canteen.")
    stage.types("aino", "lunch market hall")
    assert "market hall" in stage.sees("aino")[-1]
    stage.types("aino", "lunch")
    form = stage.presses("aino", "Somewhere else…").form
    assert stage.submits("aino", form, place=" ").form is not None
    stage.submits("aino", form, place="by the river")
    stage.ticks(minutes=600)
    assert any("Aino eats here today: by the river" in seen for seen in stage.sees("laura"))


def test_plain_words_and_help(stage: Stage) -> None:
    stage.says("aino", "lunch canteen")
    assert "canteen" in stage.sees("aino")[-1]
    stage.types("aino", "help")
    assert "/chorus lunch – eat with colleagues" in stage.sees("aino")[-1]


def test_the_job_within_the_budget(sqlite: Database) -> None:
    with Stage(sqlite, features=ALL) as stage:
        stage.hires("aino")
        for _day in range(3):
            stage.ticks(minutes=24 * 60)
        stage.ticks(minutes=24 * 60)
        assert sum("Nobody has asked you to lunch yet." in seen for seen in stage.sees("aino")) == 2  # a week


def test_its_page_in_the_console(stage: Stage) -> None:
    app = FastAPI()
    console = Console(stage.dependencies, handle=stage.shell.handle, base_url=HOME)
    app.include_router(console.router())
    with Asker(app) as asker:
        comes_in(asker, stage)
        page = asker.get("/console/lunch")
    assert page.status_code == 200
    assert "Somewhere else…" in page.text


def test_its_cards_and_forms_are_rendered_everywhere() -> None:
    words = Words()
    for card in samples(words).values():
        assert slack_render.message(card)["blocks"]
        assert teams_render.adaptive_card(card)["body"]
        assert "<" in playground_render.card_html(card)
    (form,) = examples_of_forms(words).values()
    assert slack_render.modal(form, message=None)["callback_id"] == "lunch"
    assert "submit.lunch" in str(teams_render.form_card(form))
    assert "lunch" in playground_render.form_html(form, "p")


def test_the_manifests_have_it() -> None:
    infos = ROUTER.command_infos()
    slack = slack_manifest.manifest("https://chorus.example", infos, socket_mode=False)["features"]
    assert "lunch PLACE" in slack["slash_commands"][0]["usage_hint"]
    assert "Lunch there" in [shortcut["name"] for shortcut in slack["shortcuts"]]
    teams = teams_manifest.manifest("a", "https://chorus.example", infos)
    assert {"title": "lunch", "description": "Eat with colleagues"} in teams["bots"][0]["commandLists"][0]["commands"]
    assert "lunch" in [command["id"] for command in teams["composeExtensions"][0]["commands"]]


SLACK: tuple[Event | None, ...] = (
    slack_parse.command(
        {"team_id": "T1", "user_id": "U1", "channel_id": "D1", "trigger_id": "1", "text": "lunch hall"}
    ),
    slack_parse.shortcut({"team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "1", "callback_id": "lunch"}),
    slack_parse.pressed(
        {
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "actions": [{"type": "button", "action_id": "lunch.at_canteen#1", "value": "0", "action_ts": "1"}],
        }
    ),
    slack_parse.submitted(
        {
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "trigger_id": "1",
            "view": {"id": "V1", "callback_id": "lunch", "private_metadata": "{}", "state": {"values": {}}},
        }
    ),
)
TEAMS_COMMON = {
    "id": "1",
    "from": {"id": "u"},
    "recipient": {"id": "bot"},
    "serviceUrl": "https://smba.example/",
    "conversation": {"id": "c", "tenantId": "t", "conversationType": "personal"},
}
TEAMS = (
    teams_parse.event({**TEAMS_COMMON, "type": "message", "text": "lunch hall"}),
    teams_parse.event(
        {**TEAMS_COMMON, "type": "invoke", "name": "composeExtension/fetchTask", "value": {"commandId": "lunch"}}
    ),
    *(
        teams_parse.event(
            {
                **TEAMS_COMMON,
                "type": "invoke",
                "name": "adaptiveCard/action",
                "value": {"action": {"verb": verb, "data": {"ref": 0}}},
            }
        )
        for verb in ("lunch.at_canteen", "submit.lunch")
    ),
)
PLAYGROUND = tuple(
    playground_parse.event({"user": "aino", **said}, "1")
    for said in (
        {"kind": "say", "text": "/chorus lunch hall"},
        {"kind": "press", "action": "lunch.at_canteen", "ref": 0},
        {"kind": "submit", "form": "lunch", "ref": 0, "values": {}},
    )
)


@pytest.mark.parametrize("event", [*SLACK, *TEAMS, *PLAYGROUND])
def test_what_people_do_on_any_platform_reaches_it(event: Event | None) -> None:
    assert event is not None
    understood = ROUTER.with_argument(ROUTER.understood(event))
    assert ROUTER.name_of(understood) in ("command lunch", "press lunch.at_*", "form lunch")
    if isinstance(understood, Pressed):
        assert understood.argument == "canteen"
    assert isinstance(understood, Command | Pressed | Submitted)


def test_every_button_of_it_leads_somewhere() -> None:
    actions = {button.action for card in samples(Words()).values() for button in buttons(card)}
    unknown = [
        action
        for action in actions
        if ROUTER.name_of(Pressed(workspace="w", user="u", address="a", keys=("k",), action=action, ref=0)).endswith(
            "?"
        )
    ]
    assert unknown == []


def test_it_has_the_documented_rooms_alone() -> None:
    folder = Path(__file__).parent / "fixtures" / "example_feature"
    assert {path.stem for path in folder.iterdir() if not path.name.startswith("__")} <= ROOMS
    named = [path for path in (Path(__file__).parents[1] / "adapters").rglob("*.py") if "lunch" in path.read_text()]
    assert named == []
