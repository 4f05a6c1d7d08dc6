"""Slack's edge: the gate before bolt, the shapes of its payloads, and every way in which sending can go wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.routing import Route
from structlog.testing import capture_logs

from adapters import token_refusals
from adapters.slack import directory, parse
from adapters.slack.address import SlackPlace, place
from adapters.slack.manifest import manifest
from adapters.slack.receive import SlackReceiver
from adapters.slack.request_verifier import MAX_BYTES, RequestVerifier
from adapters.slack.send import SlackPlatform
from adapters.token_refusals import TokenRefusals
from adapters.web.replay_protection import Rejected
from adapters.web.retry import retry_after
from bot.core import measures
from bot.core.cards import Card, Choice, Form, Image, Option, Suggestion, Suggestions, Text, TextField, card, text
from bot.core.events import Changed, Command, Event, Joined, Left, Message, Pressed, Submitted
from bot.core.ports import Calls, DirectoryUnavailable, Outcome, OutcomeUnknown, PermanentFailure, RetryAfter, Sent
from bot.core.router import Router
from bot.core.turn_processor import Response
from bot.routes import FEATURES
from tests.adapters.asking import Answer, Asker, MemoryVault, Server, conversation_of, ok, slack_answers
from tests.e2e.slack_client import form_body, press_payload, signed

SECRET = "signing-secret"
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}
HELLO = card("Hello", text("Hello"))


def _is_utf8(body: bytes | bytearray) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class TestGate:
    @pytest.fixture
    def gate(self) -> RequestVerifier:
        return RequestVerifier(SECRET, clock=lambda: 1_000_000)

    def headers(self, body: bytes, at: float = 1_000_000) -> dict[str, str]:
        return {name.lower(): value for name, value in signed(SECRET, body, at).items()} | {
            "content-type": "application/json"
        }

    def test_lets_in_what_is_signed_and_a_replay_without_effect(self, gate: RequestVerifier) -> None:
        assert gate.admit(b"{}", self.headers(b"{}")) == {}
        assert [gate.admit(b"{}", self.headers(b"{}")) for _ in range(1000)] == [None] * 1000

    def test_remembers_no_more_than_it_must(self) -> None:
        now = [1_000_000.0]
        gate = RequestVerifier(SECRET, clock=lambda: now[0])
        for number in range(50):
            gate.admit(f'{{"n":{number}}}'.encode(), self.headers(f'{{"n":{number}}}'.encode()))
        now[0] += 1000
        gate.admit(b"{}", self.headers(b"{}", now[0]))
        assert len(gate._replays._seen) == 1

    def test_every_mutation_is_refused(self, gate: RequestVerifier) -> None:
        body, rng = b'{"type":"event_callback","n":1}', random.Random(1)
        good = self.headers(body)
        for _number in range(2000):
            mutated, headers = bytearray(body), dict(good)
            match rng.randrange(6):
                case 0:
                    mutated[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
                case 1:
                    position = rng.randrange(3, 67)
                    sign = "0" if headers["x-slack-signature"][position] != "0" else "1"
                    headers["x-slack-signature"] = (
                        good["x-slack-signature"][:position] + sign + good["x-slack-signature"][position + 1 :]
                    )
                case 2:
                    headers["x-slack-request-timestamp"] = rng.choice(
                        ["", "abc", "9" * 5000, "-1", "1e6", "١٢٣", "1000000.0", " 1000000"]
                    )
                case 3:
                    headers["x-slack-signature"] = rng.choice(
                        ["", "v0=", "é" * 67, "v1=" + "0" * 64, good["x-slack-signature"].upper()]
                    )
                case 4:
                    headers = self.headers(body, 1_000_000 + rng.choice([-301, 301, -86400, 10**9]))
                case 5:
                    del headers[rng.choice(["x-slack-signature", "x-slack-request-timestamp"])]
            with pytest.raises(Rejected) as caught:
                gate.admit(bytes(mutated), headers)
            assert caught.value.status == (401 if _is_utf8(mutated) else 400)

    def test_two_headers_are_one_too_many(self, gate: RequestVerifier) -> None:
        with pytest.raises(Rejected):
            gate.admit(b"{}", self.headers(b"{}"), signatures=2)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"3",
            b'"x"',
            b"{",
            b'{"a":NaN}',
            b'{"a":Infinity}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"\xff\xfe",
            b"\x1f\x8b" + bytes(100),
            b"payload=null",
            b"payload=%7B",
            b"x" * 1000,
        ],
    )
    @pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
    def test_malformed_bodies_are_a_4xx(self, gate: RequestVerifier, body: bytes, kind: str) -> None:
        headers = self.headers(body) | {"content-type": kind}
        with pytest.raises(Rejected) as caught:
            gate.admit(body, headers)
        assert caught.value.status == 400

    def test_size_is_looked_at_before_anything(self, gate: RequestVerifier) -> None:
        with pytest.raises(Rejected) as caught:
            gate.admit(b"x" * (MAX_BYTES + 1), {})
        assert caught.value.status == 413


class TestParse:
    def test_a_button_on_a_message(self) -> None:
        body = press_payload("T1", "U1", "nudge.later#1", "7", channel={"id": "D1"}, message={"ts": "1700.1"})
        assert parse.pressed(body) == Pressed(
            workspace="slack:T1",
            user="U1",
            address="slack:T1:U1",
            action="nudge.later",
            ref=7,
            message="slack:T1:D1:1700.1",
            keys=(f"slack:T1:press:U1:{body['actions'][0]['action_ts']}",),
        )

    @pytest.mark.parametrize(
        ("action", "value"),
        [("link#0", ""), ("", "1"), ("x#0", "1; DROP"), ("x#0", "-1"), ("x#0", "9" * 30), ("x#0", "²"), ("x#0", "")],
    )
    def test_a_button_that_means_nothing(self, action: str, value: str) -> None:
        assert parse.pressed(press_payload("T1", "U1", action, value)) is None

    def test_a_modal(self) -> None:
        view = {
            "id": "V1",
            "callback_id": "share",
            "private_metadata": json.dumps({"ref": 5, "message": "slack:T1:D1:1.1"}),
            "state": {
                "values": {
                    "channel": {"channel": {"type": "static_select", "selected_option": {"value": "x"}}},
                    "text": {"text": {"type": "plain_text_input", "value": None}},
                }
            },
        }
        body = {"team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t", "view": view}
        assert parse.submitted(body) == Submitted(
            workspace="slack:T1",
            user="U1",
            address="slack:T1:U1",
            keys=("slack:T1:submit:V1:t",),
            form="share",
            ref=5,
            values={"channel": "x", "text": ""},
            message="slack:T1:D1:1.1",
        )

    def test_a_command(self) -> None:
        body = {"team_id": "T1", "user_id": "U1", "trigger_id": "t", "text": " Suggest  https://a.example "}
        assert parse.command(body) == Command(
            workspace="slack:T1",
            user="U1",
            address="slack:T1:U1",
            keys=("slack:T1:command:t",),
            name="suggest",
            text="https://a.example",
        )

    def test_a_room_is_where_the_command_was_typed(self) -> None:
        body = {"team_id": "T1", "user_id": "U1", "trigger_id": "t", "text": "room linkedin", "channel_id": "C7"}
        assert parse.command(body).place == "slack:T1:C7"
        assert parse.command({**body, "channel_id": "D7"}).place == ""
        asked = Router(FEATURES).understood(parse.command({**body, "text": "ask May I?"}))
        assert (asked.name, asked.place) == ("ask", "")  # a command's words are seen by nobody else

    @pytest.mark.parametrize(("thread", "place"), [({}, "slack:T1:C1:1.1"), ({"thread_ts": "0.9"}, "slack:T1:C1:0.9")])
    def test_a_mention_has_a_thread_to_answer_in(self, thread: dict[str, str], place: str) -> None:
        inner = {"type": "app_mention", "user": "U1", "text": "<@U9> May I?", "ts": "1.1", "channel": "C1", **thread}
        assert parse.event({"team_id": "T1", "event_id": "E1", "event": inner}) == Message(
            workspace="slack:T1",
            user="U1",
            address="slack:T1:U1",
            text="May I?",
            place=place,
            keys=("slack:T1:event:E1", "slack:T1:C1:1.1:U1:app_mention"),
        )

    def test_a_shortcut(self) -> None:
        body = {
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "trigger_id": "t",
            "callback_id": "suggest",
            "message": {"text": "see https://a.example"},
        }
        assert parse.shortcut(body).text == "see https://a.example"
        assert parse.shortcut({**body, "callback_id": "ask_about"}).name == "ask_about"

    @pytest.mark.parametrize(
        ("inner", "expected"),
        [
            (
                {
                    "type": "message",
                    "channel_type": "im",
                    "user": "U1",
                    "text": "a &lt;b&gt;",
                    "ts": "1.1",
                    "channel": "D1",
                },
                "a <b>",
            ),
            ({"type": "app_mention", "user": "U1", "text": "<@U9> help", "ts": "1.1", "channel": "C1"}, "help"),
        ],
    )
    def test_words(self, inner: dict[str, Any], expected: str) -> None:
        event = parse.event({"team_id": "T1", "event_id": "E1", "event": inner})
        assert isinstance(event, Message)
        assert event.text == expected
        again = parse.event({"team_id": "T1", "event_id": "E2", "event": inner})
        assert again is not None
        assert again.keys[1] == event.keys[1]  # the same message under another event id

    @pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
    def test_what_a_person_wrote_is_heard_whatever_is_with_it(self, subtype: str) -> None:
        inner = {
            "type": "message",
            "channel_type": "im",
            "channel": "D1",
            "ts": "1.1",
            "user": "U1",
            "subtype": subtype,
            "text": "May I post this?",
            "files": [{"id": "F1"}],
        }
        event = parse.event({"team_id": "T1", "event_id": "E1", "event": inner})
        assert isinstance(event, Message)
        assert event.text == "May I post this?"

    @pytest.mark.parametrize(
        ("marked_up", "words"),
        [
            ("see <https://a.example/?a=1&amp;b=2|a.example>", "see https://a.example/?a=1&b=2"),
            ("<https://a.example/?a=1&amp;b=2>", "https://a.example/?a=1&b=2"),
            ("R&amp;D &lt;3 &amp;amp;", "R&D <3 &amp;"),
            ("ask <@U1|aino> in <#C1|general> <!subteam^S1|@comms> <@U2>.", "ask @aino in #general @comms ."),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ],
    )
    def test_slacks_markup_is_taken_back(self, marked_up: str, words: str) -> None:
        command = {"team_id": "T1", "user_id": "U1", "trigger_id": "1", "text": f"suggest {marked_up}"}
        assert parse.command(command).text == words
        shortcut = {
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "trigger_id": "1",
            "callback_id": "suggest",
            "message": {"text": marked_up},
        }
        assert parse.shortcut(shortcut).text == words
        inner = {"type": "message", "channel_type": "im", "channel": "D1", "ts": "1.1", "user": "U1", "text": marked_up}
        event = parse.event({"team_id": "T1", "event_id": "E1", "event": inner})
        assert isinstance(event, Message)
        assert event.text == words

    @pytest.mark.parametrize(
        ("tokens", "is_gone"),
        [({"oauth": ["U1"], "bot": []}, False), ({"oauth": ["U1"]}, False), ({"bot": ["U0"]}, True), ({}, False)],
    )
    def test_only_the_bots_own_token_ends_the_installation(self, tokens: dict[str, Any], is_gone: bool) -> None:
        inner = {"type": "tokens_revoked", "tokens": tokens}
        event = parse.event({"team_id": "T1", "event_id": "E1", "event": inner})
        assert isinstance(event, Left) is is_gone

    @pytest.mark.parametrize(
        "inner",
        [
            {"type": "message", "channel_type": "im", "bot_id": "B1", "user": "U1", "text": "x"},
            {"type": "message", "channel_type": "im", "subtype": "message_changed"},
            {"type": "message", "channel_type": "channel", "user": "U1", "text": "x"},
            {"type": "app_home_opened", "tab": "messages", "user": "U1"},
            {"type": "reaction_added", "user": "U1"},
            {},
            {"type": None},
        ],
    )
    def test_what_is_not_for_us(self, inner: dict[str, Any]) -> None:
        assert parse.event({"team_id": "T1", "event_id": "E1", "event": inner}) is None

    def test_comings_and_goings(self) -> None:
        gone = parse.event({"team_id": "T1", "event_id": "E1", "event": {"type": "app_uninstalled"}})
        assert gone == Left(workspace="slack:T1", user="", address="", keys=("slack:T1:event:E1",))
        changed = parse.event(
            {"team_id": "T1", "event_id": "E1", "event": {"type": "user_change", "user": {"id": "U1"}}}
        )
        assert isinstance(changed, Joined)
        home = parse.event(
            {"team_id": "T1", "event_id": "E1", "event": {"type": "app_home_opened", "user": "U1", "tab": "home"}}
        )
        assert home is not None
        assert home.address == "slack:T1:home:U1"

    @given(st.text("ABCD123", min_size=1), st.text("ABCD123", min_size=1), st.text("123.", max_size=5))
    def test_addresses_come_back(self, team: str, conversation: str, ts: str) -> None:
        there = SlackPlace(team, conversation, ts)
        assert place(str(there)) == there

    def test_foreign_addresses_are_refused(self) -> None:
        with pytest.raises(ValueError, match="teams"):
            place("teams:x:y")


@pytest.mark.parametrize(
    ("change", "is_employee"),
    [
        ({}, True),
        ({"deleted": True}, False),
        ({"is_bot": True}, False),
        ({"is_restricted": True}, False),
        ({"is_ultra_restricted": True}, False),
        ({"is_stranger": True}, False),
        ({"team_id": "T2"}, False),
        ({"id": "USLACKBOT"}, False),
    ],
)
def test_who_is_an_employee(change: dict[str, Any], is_employee: bool) -> None:
    member = {"id": "U1", "team_id": "T1", "profile": {"real_name": "Aino", "email": "a@k.example"}} | change
    assert directory.profile(member, "T1").is_employee is is_employee


def test_an_address_that_is_not_confirmed_is_not_used() -> None:
    member = {"id": "U1", "is_email_confirmed": False, "profile": {"email": "a@k.example"}}
    assert directory.profile(member, "T1").email is None


class TestReceiving:
    """Requests through the gate and bolt; what reaches the core, and what Slack is answered."""

    @pytest.fixture
    def core(self) -> Core:
        return Core()

    @pytest.fixture
    def slack(self) -> Iterator[Server]:
        with Server(slack_answers) as server:
            yield server

    @pytest.fixture
    def asker(self, core: Core, slack: Server) -> Iterator[Asker]:
        token_store = MemoryVault(slack_T1=json.dumps({"bot_token": "xoxb-1"}))
        platform = SlackPlatform(token_store=token_store, api_url=f"{slack.url}/api/")
        receiver = SlackReceiver(handle=core, platform=platform, signing_secret=SECRET)
        app = Starlette(routes=[Route("/slack/events", receiver.hear, methods=["POST"])])
        with Asker(app) as asker:
            yield asker
            asker.run(platform.close())

    def post(self, asker: Asker, body: bytes, **headers: str) -> Any:
        return asker.post("/slack/events", content=body, headers={**FORM_TYPE, **signed(SECRET, body), **headers})

    def test_a_press_reaches_the_core_once_and_is_acknowledged(self, asker: Asker, core: Core) -> None:
        body = form_body(press_payload("T1", "U1", "nudge.later#0", "7"))
        once = signed(SECRET, body)  # a replay bears the signature of the first, and so its second
        assert [self.post(asker, body, **once).status_code for _time in range(3)] == [200] * 3
        assert [type(event) for event in core.events] == [Pressed]

    def test_a_header_that_nobody_signed_keeps_no_press_from_the_core(self, asker: Asker, core: Core) -> None:
        """bolt answers 200 without its listener where a header says that it is done already."""
        body = form_body(press_payload("T1", "U1", "nudge.later#0", "7"))
        assert self.post(asker, body, **{"X-Slack-Bolt-Lazy-Only": "1"}).status_code == 200
        assert [type(event) for event in core.events] == [Pressed]

    def test_a_form_is_opened_for_the_trigger(self, asker: Asker, core: Core, slack: Server) -> None:
        core.answer = Response(form=Form("share", 5, "Share", (TextField("text", "Words"),), "Done", "Cancel"))
        self.post(
            asker,
            form_body(press_payload("T1", "U1", "share.open#0", "5", channel={"id": "D1"}, message={"ts": "1.1"})),
        )
        view = self.view_of(asker, slack, "open")
        assert json.loads(view["private_metadata"]) == {"ref": 5, "message": "slack:T1:D1:1.1", "filling": 0}

    def view_of(self, asker: Asker, slack: Server, method: str) -> dict[str, Any]:
        """The modal that views.open or views.update was asked for."""
        calls = slack.calls[f"/api/views.{method}"]
        asker.until(lambda: calls)
        (call,) = calls
        view = call["view"]
        return {**call, **(json.loads(view) if isinstance(view, str) else view)}

    def updated(self, asker: Asker, slack: Server, payload: dict[str, Any]) -> dict[str, Any]:
        """The modal as it is drawn anew, after that payload."""
        assert self.post(asker, form_body(payload)).status_code == 200
        return self.view_of(asker, slack, "update")

    def test_another_channel_draws_the_modal_anew_and_keeps_what_is_typed(
        self, asker: Asker, core: Core, slack: Server
    ) -> None:
        """Slack keeps what is typed as long as the block's id stays the same."""
        core.answer = Response(form=_live_form("My words", "x"))
        call = self.updated(
            asker, slack, _change("channel", {"selected_option": {"value": "x"}, "type": "static_select"})
        )
        assert core.events == [
            Changed(
                workspace="slack:T1",
                user="U1",
                address="slack:T1:U1",
                keys=("slack:T1:change:V1:t",),
                form="share",
                ref=5,
                values={"text": "My words", "channel": "x"},
                message="slack:T1:D1:1.1",
                changed="channel",
                chosen="x",
            )
        ]
        assert (call["view_id"], call["hash"]) == ("V1", "h1")
        inputs = {block["block_id"]: block for block in call["blocks"] if block["type"] == "input"}
        assert list(inputs) == ["text", "channel"]
        assert inputs["channel"]["dispatch_action"] is True
        assert "dispatch_action" not in inputs["text"]  # one call a key would soon be refused

    def test_a_starter_is_written_into_the_field(self, asker: Asker, core: Core, slack: Server) -> None:
        """A block with a new id shows its initial value."""
        core.answer = Response(form=_live_form("A starter", "x"))
        call = self.updated(asker, slack, _change("change.starter#0", {"value": "plain", "type": "button"}))
        (event,) = core.events
        assert isinstance(event, Changed)
        assert (event.changed, event.chosen) == ("starter", "plain")
        block = next(block for block in call["blocks"] if block["type"] == "input")
        assert (block["block_id"], block["element"]["initial_value"]) == ("text#1", "A starter")
        metadata = json.loads(call["private_metadata"])
        assert metadata == {"ref": 5, "message": "slack:T1:D1:1.1", "filling": 1}

    def test_errors_find_a_field_that_was_written_into(self, asker: Asker, core: Core) -> None:
        core.answer = Response(form=replace(_live_form("A starter", "x"), errors=(("text", "Too long."),)))
        submission = _submission()
        submission["view"]["private_metadata"] = '{"ref": 5, "filling": 2}'
        assert self.post(asker, form_body(submission)).json()["errors"] == {"text#2": "Too long."}

    def test_wrong_input_is_answered_beside_the_field(self, asker: Asker, core: Core) -> None:
        core.answer = Response(
            form=Form(
                "share", 5, "Share", (TextField("text", "Words"),), "Done", "Cancel", errors=(("text", "Too long."),)
            )
        )
        answer = self.post(asker, form_body(_submission()))
        assert answer.json() == {"response_action": "errors", "errors": {"text": "Too long."}}

    def test_a_following_form_takes_the_place(self, asker: Asker, core: Core) -> None:
        core.answer = Response(form=Form("next", 5, "Next", (TextField("text", "Words"),), "Done", "Cancel"))
        assert self.post(asker, form_body(_submission())).json()["response_action"] == "update"

    def test_a_form_that_comes_again_shows_what_was_written_for_the_person(self, asker: Asker, core: Core) -> None:
        """As where names were masked: with the old id Slack would show what they typed."""
        core.answer = Response(form=Form("share", 5, "Share", (TextField("text", "Words", "▒▒▒"),), "Done", "Cancel"))
        (block,) = self.post(asker, form_body(_submission())).json()["view"]["blocks"]
        assert (block["block_id"], block["element"]["initial_value"]) == ("text#1", "▒▒▒")

    def test_a_press_that_could_not_be_stored_is_admitted(self, asker: Asker, core: Core, slack: Server) -> None:
        core.fails = True
        payload = press_payload("T1", "U1", "nudge.later#0", "7", response_url=f"{slack.url}/actions/1")
        assert self.post(asker, form_body(payload)).status_code == 503
        (whispered,) = slack.calls["/actions/1"]
        assert whispered["response_type"] == "ephemeral"
        assert "Try again in a minute." in whispered["text"]
        assert "Yritä uudelleen" in whispered["text"]

    def test_a_press_in_the_home_that_could_not_be_stored_is_admitted(
        self, asker: Asker, core: Core, slack: Server
    ) -> None:
        """The Home has no `response_url`."""
        core.fails = True
        self.post(asker, form_body(press_payload("T1", "U1", "nudge.later#0", "7", view={"type": "home"})))
        view = self.view_of(asker, slack, "open")
        assert "Try again in a minute." in json.dumps(view["blocks"])
        assert "submit" not in view

    def test_a_form_that_could_not_be_opened_is_admitted(self, core: Core) -> None:
        def answers(method: str, path: str, fields: dict[str, Any]) -> Answer:
            return (500, {}, b"oops") if path.endswith("views.open") else slack_answers(method, path, fields)

        core.answer = Response(form=_live_form("", "x"))
        with Server(answers) as slack:
            token_store = MemoryVault(slack_T1=json.dumps({"bot_token": "xoxb-1"}))
            platform = SlackPlatform(token_store=token_store, api_url=f"{slack.url}/api/")
            receiver = SlackReceiver(handle=core, platform=platform, signing_secret=SECRET)
            with Asker(Starlette(routes=[Route("/slack/events", receiver.hear, methods=["POST"])])) as asker:
                address = f"{slack.url}/actions/1"
                self.post(asker, form_body(press_payload("T1", "U1", "share.open#0", "7", response_url=address)))
                asker.until(lambda: slack.calls["/actions/1"])
                asker.run(platform.close())
        (whispered,) = slack.calls["/actions/1"]
        assert "could not open the form" in whispered["text"]

    def test_a_command_and_a_form_that_could_not_be_stored_are_admitted(self, asker: Asker, core: Core) -> None:
        core.fails = True
        command = {"command": "/chorus", "text": "share", "team_id": "T1", "user_id": "U1", "trigger_id": "1.1"}
        body = urlencode(command).encode()
        assert "Try again in a minute." in self.post(asker, body).text
        answer = self.post(asker, form_body(_submission())).json()
        assert answer["response_action"] == "errors"
        assert "Try again in a minute." in next(iter(answer["errors"].values()))

    def test_slack_holding_events_back_is_acknowledged(self, asker: Asker, core: Core) -> None:
        said = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820, "api_app_id": "A1"}
        body = json.dumps(said).encode()
        answer = self.post(asker, body, **{"Content-Type": "application/json"})
        assert answer.status_code == 200
        assert core.events == []

    def test_what_could_not_be_stored_is_not_acknowledged(
        self, asker: Asker, core: Core, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "ts": "1.1", "text": "help"}
        message = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": said}

        async def full(_self: Core, event: Event, *, at_once: Any = None) -> Response:
            raise OSError("disk full")

        monkeypatch.setattr(Core, "__call__", full)
        assert self.post(asker, form_body(press_payload("T1", "U1", "nudge.later#0", "7"))).status_code == 503
        assert self.post(asker, json.dumps(message).encode(), **{"Content-Type": "application/json"}).status_code == 503

    def test_home_is_drawn_anew_after_a_press_in_it(self, asker: Asker, core: Core) -> None:
        self.post(asker, form_body(press_payload("T1", "U1", "nudge.later#0", "7", view={"type": "home"})))
        asker.until(lambda: len(core.events) == 2)
        assert [type(event) for event in core.events] == [Pressed, Command]
        assert core.events[1].address == "slack:T1:home:U1"

    def test_home_is_drawn_anew_after_a_form_that_was_opened_in_it(
        self, asker: Asker, core: Core, slack: Server
    ) -> None:
        """Slack says nothing of where a modal was opened; and the page below it comes back as it was."""
        core.answer = Response(form=_live_form("My words", "x"))
        self.post(asker, form_body(press_payload("T1", "U1", "share.open#0", "5", view={"type": "home"})))
        opened = self.view_of(asker, slack, "open")["private_metadata"]
        change = _change("channel", {"selected_option": {"value": "x"}, "type": "static_select"})
        change["view"]["private_metadata"] = opened
        redrawn = self.updated(asker, slack, change)["private_metadata"]
        submission = _submission()
        submission["view"]["private_metadata"] = redrawn
        core.answer, core.events[:] = Response(), []
        self.post(asker, form_body(submission))
        asker.until(lambda: len(core.events) == 2)
        assert [type(event) for event in core.events] == [Submitted, Command]
        assert core.events[1].address == "slack:T1:home:U1"

    def test_url_verification(self, asker: Asker) -> None:
        body = json.dumps({"type": "url_verification", "challenge": "c"}).encode()
        answer = self.post(asker, body, **{"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()) == (200, {"challenge": "c"})

    def test_unsigned_requests_reach_nobody(self, asker: Asker, core: Core) -> None:
        assert asker.post("/slack/events", content=b"{}").status_code == 401
        assert core.events == []

    def test_two_signatures_are_refused(self, asker: Asker, core: Core) -> None:
        body = b"{}"
        headers = [*signed(SECRET, body).items(), ("X-Slack-Signature", "v0=00")]
        assert asker.post("/slack/events", content=body, headers=headers).status_code == 401

    def test_a_form_of_very_many_fields_is_not_read(self, asker: Asker, core: Core) -> None:
        body = form_body(press_payload("T1", "U1", "nudge.later#0", "7"))
        assert self.post(asker, b"&".join([body, *[b"a=1"] * 100])).status_code == 400
        assert self.post(asker, b"&".join([body, *[b"a=1"] * 99])).status_code == 200
        assert len(core.events) == 1

    @pytest.mark.parametrize("beside", [b"a&", b"&", b"a=1&&"])
    def test_a_form_that_is_none_is_not_read(self, asker: Asker, core: Core, beside: bytes) -> None:
        body = beside + form_body(press_payload("T1", "U1", "nudge.later#0", "7"))
        assert self.post(asker, body).status_code == 400
        assert core.events == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"command": "/chorus"},
            {"payload": "{}"},
            {"payload": '{"type":"block_actions"}'},
            {"payload": '{"type":"view_submission"}'},
            {"payload": '{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"actions":[]}'},
            {"payload": '{"type":"message_action","team":{"id":"T1"},"user":{"id":"U1"}}'},
        ],
    )
    def test_signed_nonsense_is_no_5xx(self, asker: Asker, fields: dict[str, str]) -> None:
        assert self.post(asker, urlencode(fields).encode()).status_code < 500

    @pytest.mark.parametrize("event", [None, 3, [], {}, {"type": 5}, {"type": "message"}, {"type": "user_change"}])
    def test_signed_nonsense_events_are_no_5xx(self, asker: Asker, event: object) -> None:
        body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "E", "event": event}).encode()
        assert self.post(asker, body, **{"Content-Type": "application/json"}).status_code < 500

    @settings(max_examples=80, deadline=None)
    @given(
        payload=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["type", "team", "user", "actions", "view", "event", "id", "state"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        )
    )
    def test_signed_fuzz_is_no_5xx(self, payload: object) -> None:
        platform = SlackPlatform(
            token_store=MemoryVault(slack_T1='{"bot_token": "x"}'), api_url="http://127.0.0.1:9/api/"
        )
        receiver = SlackReceiver(handle=Core(), platform=platform, signing_secret=SECRET)
        app = Starlette(routes=[Route("/slack/events", receiver.hear, methods=["POST"])])
        with Asker(app) as asker:
            body = form_body({"type": "block_actions", **payload} if isinstance(payload, dict) else payload)  # type: ignore[arg-type]
            assert self.post(asker, body).status_code < 500


class Core:
    """The core as the receiver sees it: takes events, answers as told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.answer = Response()
        self.fails = False

    async def __call__(self, event: Event, *, at_once: Any = None) -> Response:
        if self.fails:
            raise OperationalError("INSERT", {}, Exception("the database is away"))
        self.events.append(event)
        return self.answer


def _submission() -> dict[str, Any]:
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "share",
        "private_metadata": '{"ref": 5}',
        "state": {"values": {"text": {"text": {"type": "plain_text_input", "value": "My words"}}}},
    }
    return {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "t", "view": view}


def _live_form(words: str, channel: str) -> Form:
    return Form(
        "share",
        5,
        "Share",
        (
            TextField("text", "Words", words, is_live=True),
            Choice("channel", "Channel", (Option("linkedin", "LinkedIn"), Option("x", "X")), channel, is_live=True),
        ),
        "Done",
        "Cancel",
        suggestions=Suggestions("starter", "Or start from", (Suggestion("plain", "Facts", "A starter"),)),
    )


def _change(action_id: str, action: dict[str, Any]) -> dict[str, Any]:
    """A block action in an open modal (docs.slack.dev, "block_actions payload")."""
    values = {
        "text": {"text": {"type": "plain_text_input", "value": "My words"}},
        "channel": {"channel": {"type": "static_select", "selected_option": {"value": "x"}}},
    }
    view = {
        "id": "V1",
        "type": "modal",
        "hash": "h1",
        "callback_id": "share",
        "private_metadata": '{"ref": 5, "message": "slack:T1:D1:1.1"}',
        "state": {"values": values},
    }
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "trigger_id": "t",
        "container": {"type": "view", "view_id": "V1"},
        "view": view,
        "actions": [{"action_id": action_id, "block_id": "b", "action_ts": "1.1", **action}],
    }


class TestSending:
    def send(self, answer: Any, said: Card = HELLO, to: str = "slack:T1:U1") -> tuple[Outcome, Server]:
        """What becomes of one message when chat.postMessage answers like that."""

        def answers(method: str, path: str, fields: dict[str, Any]) -> Any:
            return answer(fields) if path.endswith("chat.postMessage") else slack_answers(method, path, fields)

        with Server(answers) as server, Asker(None) as loop:
            platform = SlackPlatform(
                token_store=MemoryVault(slack_T1='{"bot_token": "xoxb-1"}'), api_url=f"{server.url}/api/"
            )
            outcome = loop.run(platform.send(to, said, mark="17"))
            loop.run(platform.close())
            return outcome, server

    def test_goes_to_the_direct_conversation_with_its_mark(self) -> None:
        outcome, server = self.send(lambda fields: ok(channel=conversation_of(fields["channel"]), ts="1700.1"))
        assert outcome == Sent("slack:T1:DU1:1700.1")
        assert server.calls["/api/conversations.open"] == []  # it has a limit of its own: some fifty a minute
        (call,) = server.calls["/api/chat.postMessage"]
        assert json.dumps(call["metadata"]).replace("\\", "").count('"mark": "17"') == 1
        assert str(call["unfurl_links"]).lower() in ("false", "0")

    def test_goes_below_a_message_where_the_address_names_one(self) -> None:
        outcome, server = self.send(lambda fields: ok(channel=fields["channel"], ts="1700.1"), to="slack:T1:C1:1.5")
        assert outcome == Sent("slack:T1:C1:1700.1")
        (call,) = server.calls["/api/chat.postMessage"]
        assert (call["channel"], call["thread_ts"]) == ("C1", "1.5")

    @pytest.mark.parametrize(("status", "is_done"), [(200, True), (404, False), (500, False), (302, False), (0, False)])
    def test_a_pressed_card_is_replaced_through_the_address_of_the_press(self, status: int, is_done: bool) -> None:
        def answers(_method: str, _path: str, _fields: dict[str, Any]) -> Any:
            return (status, {"Location": "/elsewhere"}, b"ok") if status else None

        with Server(answers) as server, Asker(None) as loop:
            platform = SlackPlatform(token_store=MemoryVault(), api_url=f"{server.url}/api/")
            replace = platform.replacing(f"{server.url}/responses/1")
            assert replace is not None
            assert loop.run(replace(HELLO)) is is_done
            loop.run(platform.close())
            (call,) = server.calls["/responses/1"]
            assert call["replace_original"] is True
            assert "/elsewhere" not in server.calls

    @pytest.mark.parametrize(
        "address",
        [
            None,
            7,
            "",
            "http://hooks.slack.com/x",
            "https://hooks.slack.com.evil.example/x",
            "https://evil.example/",
            "https://hooks.slack.com@evil.example/",
            "https://slack.com:1@evil.example/",
            "//hooks.slack.com/x",
        ],
    )
    def test_nothing_is_sent_to_an_address_that_is_not_slacks(self, address: object) -> None:
        platform = SlackPlatform(token_store=MemoryVault(), api_url="https://slack.com/api/")
        assert platform.replacing(address) is None
        assert platform.replacing("https://hooks.slack.com/actions/T1/2/3") is not None

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            ("channel_not_found", PermanentFailure("channel_not_found", parks="person")),
            ("user_disabled", PermanentFailure("user_disabled", parks="person")),
            ("account_inactive", RetryAfter(60.0, "account_inactive", Calls.SENDS)),
            ("token_revoked", RetryAfter(60.0, "token_revoked", Calls.SENDS)),
            ("msg_blocks_too_long", PermanentFailure("msg_blocks_too_long")),
            ("internal_error", OutcomeUnknown("internal_error")),
            ("service_unavailable", RetryAfter(10.0, "service_unavailable")),
        ],
    )
    def test_errors_that_slack_names(self, error: str, expected: Outcome) -> None:
        outcome, server = self.send(lambda _fields: (200, {}, json.dumps({"ok": False, "error": error}).encode()))
        assert outcome == expected
        assert len(server.calls["/api/chat.postMessage"]) == 1  # never repeated by the SDK

    def test_a_token_that_is_refused_for_a_moment_is_told_and_removes_nothing(self) -> None:
        """As while a token is changed, or Slack is not well: what is to be said waits."""
        said = ["invalid_auth", "token_revoked", "", "invalid_auth"]

        def answers(method: str, path: str, fields: dict[str, Any]) -> Any:
            if path.endswith("chat.postMessage") and (error := said.pop(0)):
                return 200, {}, json.dumps({"ok": False, "error": error}).encode()
            return slack_answers(method, path, fields)

        with Server(answers) as server, Asker(None) as loop, capture_logs() as told:
            platform = SlackPlatform(token_store=MemoryVault(), api_url=f"{server.url}/api/", single_token="xoxb-1")
            shown = measures.REFUSED.labels("slack")._value.get
            found = [(loop.run(platform.send("slack:T1:U1", HELLO, mark="17")), shown()) for _ in range(4)]
            loop.run(platform.close())
        waits = [RetryAfter(60.0, error, Calls.SENDS) for error in ("invalid_auth", "token_revoked")]
        assert found[:2] == [(waits[0], 1), (waits[1], 1)]
        assert isinstance(found[2][0], Sent)
        assert (found[2][1], found[3]) == (0, (waits[0], 1))
        assert [line["log_level"] for line in told] == ["warning", "info", "warning"]

    def test_a_refused_token_is_asked_for_again_though_nothing_is_to_be_said(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process that has nothing to send would alert all night."""
        monkeypatch.setattr(token_refusals, "TOKEN_AGAIN", 0.02)
        refused = iter([True, True, False])

        def answers(_method: str, path: str, _fields: dict[str, Any]) -> Answer:
            if next(refused, False):
                return 200, {}, b'{"ok":false,"error":"invalid_auth"}'
            return ok(team_id="T1") if path.endswith("auth.test") else ok(channel="D1", ts="1.1")

        with Server(answers) as server, Asker(None) as loop:
            platform = SlackPlatform(token_store=MemoryVault(), api_url=f"{server.url}/api/", single_token="xoxb-1")
            shown = measures.REFUSED.labels("slack")._value.get
            loop.run(platform.send("slack:T1:U1", HELLO, mark="17"))
            assert shown() == 1
            loop.until(lambda: shown() == 0)
            assert shown() == 0
            loop.run(platform.close())

    def test_a_refused_token_is_asked_for_again_though_that_failed_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(token_refusals, "TOKEN_AGAIN", 0.02)
        fails = iter([True])

        async def ask(_team: str) -> bool:
            if next(fails, False):
                raise OperationalError("SELECT", {}, Exception("the database is away"))
            return True

        async def refused() -> TokenRefusals:
            made = TokenRefusals("elsewhere", ask)
            made.refused("T1", "invalid_auth")
            return made

        with Asker(None) as loop:
            refusals, shown = loop.run(refused()), measures.REFUSED.labels("elsewhere")._value.get
            loop.until(lambda: shown() == 0)
            assert shown() == 0
            loop.run(refusals.close())

    @pytest.mark.parametrize(
        "header", [{"Retry-After": "7"}, {}, {"Retry-After": "-1"}, {"Retry-After": "abc"}, {"Retry-After": "1e9"}]
    )
    def test_too_many_requests(self, header: dict[str, str]) -> None:
        outcome, _server = self.send(lambda _fields: (429, header, b'{"ok":false,"error":"ratelimited"}'))
        assert outcome == RetryAfter(retry_after(header.get("Retry-After"), otherwise=30), "ratelimited", Calls.SENDS)

    @pytest.mark.parametrize(
        "answer",
        [
            *((500, {}, b"oops"), (502, {}, b"<html>"), (200, {}, b"no json"), (200, {}, b'{"ok": tr'), None),
            *((500, {"Content-Type": "text/plain"}, b"oops"), (200, {}, b"[1]"), (500, {}, b'"oops"')),
            *((200, {}, b'{"ok": true}'), (200, {}, b'{"ok": true, "channel": "D1", "ts": null}')),
        ],
    )
    def test_what_cannot_be_known_is_unknown(self, answer: Any) -> None:
        outcome, server = self.send(lambda _fields: answer)
        assert isinstance(outcome, OutcomeUnknown)
        assert len(server.calls["/api/chat.postMessage"]) == 1

    def test_a_home_that_may_not_have_been_drawn_is_not_in_doubt_for_long(self) -> None:
        """It is drawn anew whenever it is opened; an older one is not to take the place of a newer."""
        with Server(slack_answers) as server, Asker(None) as loop:
            platform = SlackPlatform(token_store=MemoryVault(), api_url=f"{server.url}/api/", single_token="xoxb-1")
            assert isinstance(loop.run(platform.find("slack:T1:home:U1", "17")), Sent)
            loop.run(platform.close())
        assert not server.calls["/api/views.publish"]

    def test_a_refusal_in_plain_words_is_one(self) -> None:
        outcome, _server = self.send(lambda _fields: (429, {"Retry-After": "7", "Content-Type": "text/plain"}, b"slow"))
        assert outcome == RetryAfter(7.0, "ratelimited", Calls.SENDS)

    def test_nobody_listening_is_later(self) -> None:
        with Asker(None) as loop:
            platform = SlackPlatform(
                token_store=MemoryVault(slack_T1='{"bot_token": "x"}'), api_url="http://127.0.0.1:9/api/"
            )
            assert isinstance(loop.run(platform.send("slack:T1:D1", HELLO, mark="")), RetryAfter)
            loop.run(platform.close())

    def test_a_picture_that_slack_cannot_fetch_does_not_cost_the_message(self) -> None:
        def picky(fields: dict[str, Any]) -> Any:
            if '"image"' in json.dumps(fields["blocks"]).replace("\\", ""):
                return 200, {}, b'{"ok": false, "error": "invalid_blocks"}'
            return ok(channel=fields["channel"], ts="1.1")

        outcome, server = self.send(picky, Card("x", (Image("https://a.example/x.png", "x"), Text(("Words",)))))
        assert isinstance(outcome, Sent)
        assert len(server.calls["/api/chat.postMessage"]) == 2

    def test_a_team_that_is_not_installed(self) -> None:
        with Asker(None) as loop:
            platform = SlackPlatform(token_store=MemoryVault(), api_url="http://127.0.0.1:9/api/")
            assert loop.run(platform.send("slack:T1:D1", HELLO, mark="")) == PermanentFailure(
                "not installed", parks="workspace"
            )
            with pytest.raises(DirectoryUnavailable):
                loop.run(platform.directory("slack:T1", None))


@pytest.mark.parametrize("socket_mode", [False, True])
def test_the_manifest_asks_for_what_is_used(socket_mode: bool) -> None:
    made = manifest("https://chorus.example", Router(FEATURES).command_infos(), socket_mode=socket_mode)
    assert made["settings"]["socket_mode_enabled"] is socket_mode
    assert ("request_url" in made["settings"]["interactivity"]) is not socket_mode
    assert made["features"]["slash_commands"][0]["command"] == "/chorus"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"status_emoji": ":palm_tree:", "status_expiration": 1796000000}, datetime.fromtimestamp(1796000000, UTC)),
        ({"status_emoji": ":palm_tree:", "status_expiration": 0}, None),
        ({"status_emoji": ":coffee:", "status_expiration": 1796000000}, None),
        ({"status_emoji": ":palm_tree:", "status_expiration": 10**18}, None),
        ({"status_emoji": None, "status_expiration": "soon"}, None),
    ],
    ids=["on leave", "without an end", "at coffee", "no date", "odd"],
)
def test_a_status_of_absence_is_heeded(status: dict[str, Any], expected: datetime | None) -> None:
    assert directory.profile({"id": "U1", "team_id": "T1", "profile": status}, "T1").away_until == expected
