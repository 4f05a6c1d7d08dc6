"""Teams' edge: whose token counts, the shapes of activities, and every way in which sending can go wrong."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import Any, Self

import jwt
import pytest
import requests
from botframework.connector.auth import microsoft_app_credentials
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters import token_refusals
from adapters.teams import directory, parse, render
from adapters.teams.address import TeamsPlace, place
from adapters.teams.manifest import manifest, package
from adapters.teams.receive import TeamsReceiver
from adapters.teams.send import TeamsPlatform, authentication
from bot.core import measures
from bot.core.cards import Choice, Form, Option, Suggestion, Suggestions, TextField, card, text
from bot.core.events import Changed, Command, Event, Joined, Left, Message, Pressed, Submitted
from bot.core.ports import (
    Calls,
    DirectoryUnavailable,
    Outcome,
    OutcomeUnknown,
    PermanentFailure,
    Profile,
    RetryAfter,
    Sent,
)
from bot.core.router import Router
from bot.core.turn_processor import Response
from bot.routes import FEATURES
from tests.adapters.asking import Asker, MemoryVault, Server, ok

HELLO = card("Hello", text("Hello"))
FORM = Form("share", 5, "Share", (TextField("text", "Words"),), "Done", "Cancel")
TENANT = "tenant-1"

COMMANDS = Router(FEATURES).command_infos()


def activity(kind: str = "message", **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "id": "a1",
        "channelId": "msteams",
        "serviceUrl": "http://127.0.0.1:9",
        "locale": "fi-FI",
        "from": {"id": "29:u1", "name": "Aino"},
        "recipient": {"id": "28:bot"},
        "conversation": {"id": "c1", "conversationType": "personal", "tenantId": TENANT},
        **more,
    }


def invoke(verb: str, data: dict[str, Any]) -> dict[str, Any]:
    return activity(
        "invoke", name="adaptiveCard/action", replyToId="m1", value={"action": {"verb": verb, "data": data}}
    )


def _actions(node: Any) -> list[dict[str, Any]]:
    """All buttons of a card, in its order."""
    if isinstance(node, list):
        return [action for one in node for action in _actions(one)]
    if not isinstance(node, dict):
        return []
    return [*node.get("actions", []), *_actions(list(node.values()) if node.get("type") != "ActionSet" else [])]


class Core:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.answer = Response()

    async def __call__(self, event: Event, *, in_place: bool = False) -> Response:
        self.events.append(event)
        return Response() if isinstance(event, Joined) else self.answer


class TestParse:
    def test_a_press(self) -> None:
        event = parse.event(invoke("nudge.later", {"ref": 7}))
        where = TeamsPlace(TENANT, "c1", "http://127.0.0.1:9", "28:bot")
        assert event == Pressed(
            workspace="teams:tenant-1",
            user="29:u1",
            address=str(where),
            keys=("teams:tenant-1:c1:a1:invoke",),
            locale="fi-FI",
            action="nudge.later",
            ref=7,
            message=str(where.with_activity("m1")),
        )

    def test_a_form(self) -> None:
        event = parse.event(invoke("submit.share", {"ref": 7, "text": "Mine", "channel": "x", "nothing": None}))
        assert isinstance(event, Submitted)
        assert (event.form, event.ref, event.values) == ("share", 7, {"text": "Mine", "channel": "x"})

    def test_a_form_that_is_filled_in(self) -> None:
        """The buttons of a live form bring what stands in its inputs, and what was chosen by buttons before."""
        form = Form(
            "share",
            7,
            "Share",
            (
                TextField("text", "Words", is_live=True),
                Choice("channel", "Channel", (Option("linkedin", "LinkedIn"), Option("x", "X")), "x", is_live=True),
            ),
            "Done",
            "Cancel",
            suggestions=Suggestions("starter", "Or start from", (Suggestion("plain", "Facts", "A starter"),)),
        )
        actions = {action["title"]: action for action in _actions(render.form_card(form))}
        assert list(actions) == ["LinkedIn", "Facts", "Done", "Cancel"]  # X is chosen already
        assert actions["Done"]["data"] == {"ref": 7, "channel": "x"}
        event = parse.event(invoke(actions["Facts"]["verb"], {**actions["Facts"]["data"], "text": "Mine"}))
        assert isinstance(event, Changed)
        assert (event.form, event.changed, event.chosen) == ("share", "starter", "plain")
        assert event.values == {"text": "Mine", "channel": "x"}
        event = parse.event(invoke(actions["LinkedIn"]["verb"], {**actions["LinkedIn"]["data"], "text": "Mine"}))
        assert isinstance(event, Changed)
        assert (event.changed, event.chosen, event.values["channel"]) == ("channel", "linkedin", "linkedin")

    @pytest.mark.parametrize("data", [{}, {"ref": "7"}, {"ref": True}, {"ref": -1}, {"ref": 2**40}, {"ref": None}])
    def test_a_forged_reference(self, data: dict[str, Any]) -> None:
        assert parse.event(invoke("nudge.later", data)) is None

    @pytest.mark.parametrize(
        ("words", "plain"),
        [
            ("<at>Chorus</at> help", "help"),
            ("a &lt;b&gt; <div>c</div>", "a <b>  c"),
            ("", ""),
            (" results ", "results"),
        ],
    )
    def test_words(self, words: str, plain: str) -> None:
        event = parse.event(activity(text=words))
        assert isinstance(event, Message)
        assert event.text == plain

    def test_comings_and_goings(self) -> None:
        added = parse.event(activity("installationUpdate", action="add"))
        assert isinstance(added, Joined)
        assert added.user == "29:u1"
        assert isinstance(parse.event(activity("installationUpdate", action="remove")), Left)
        in_team = activity(
            "installationUpdate",
            action="add",
            conversation={"id": "c", "conversationType": "channel", "tenantId": TENANT},
        )
        team = parse.event(in_team)
        assert isinstance(team, Joined)
        assert team.user == ""

    @pytest.mark.parametrize("action", ["suggest", "ask_about"])
    def test_an_action_on_a_message(self, action: str) -> None:
        value = {"commandId": action, "messagePayload": {"body": {"content": "<p>see https://a.example</p>"}}}
        event = parse.event(activity("invoke", name="composeExtension/fetchTask", value=value))
        assert isinstance(event, Command)
        assert (event.name, event.text) == (action, "see https://a.example")

    def test_a_mention_in_a_channel_is_answered_there(self) -> None:
        there = {"id": "19:c;messageid=1", "conversationType": "channel", "tenantId": TENANT}
        event = parse.event(activity(text="<at>Chorus</at> May I?", conversation=there))
        assert isinstance(event, Message)
        assert (event.text, event.place) == ("May I?", event.address)
        alone = parse.event(activity(text="May I?"))
        assert isinstance(alone, Message)
        assert alone.place == ""

    @settings(max_examples=200)
    @given(
        st.dictionaries(
            st.sampled_from(["type", "name", "value", "conversation", "from", "membersAdded", "channelData"]),
            st.recursive(
                st.none() | st.text(max_size=20) | st.integers(),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["id", "action", "verb", "data", "ref", "tenantId", "commandId"]),
                        inner,
                        max_size=3,
                    )
                ),
            ),
        )
    )
    def test_any_shape_is_an_event_or_not(self, body: dict[str, Any]) -> None:
        for kind in ("message", "invoke", "conversationUpdate", "installationUpdate"):
            event = parse.event({**body, "type": kind})
            assert event is None or isinstance(event, Event)

    @given(st.text(), st.text(), st.text(), st.text())
    def test_addresses_come_back(self, conversation: str, url: str, bot: str, message: str) -> None:
        there = TeamsPlace("t1", conversation, url, bot, message)
        assert place(str(there)) == there


@pytest.mark.parametrize(
    ("change", "is_employee"),
    [
        ({}, True),
        ({"userRole": "guest"}, False),
        ({"userRole": "user"}, True),
        ({"id": "28:bot"}, False),
        ({"tenantId": "other"}, False),
    ],
)
def test_who_is_an_employee(change: dict[str, Any], is_employee: bool) -> None:
    assert (
        directory.profile({"id": "29:u1", "name": "Aino", "tenantId": TENANT} | change, tenant=TENANT).is_employee
        is is_employee
    )


class TestReceiving:
    def asker(self, core: Core, *, app_id: str = "", tenant: str = "", client: str = "127.0.0.1") -> Asker:
        auth = authentication(app_id, "password" if app_id else "", tenant)
        self.platform = TeamsPlatform(token_store=MemoryVault(), auth=auth, app_id=app_id)
        app = FastAPI()
        receiver = TeamsReceiver(handle=core, platform=self.platform, auth=auth, app_id=app_id, tenant=tenant)
        app.include_router(receiver.router())
        return Asker(app, client)

    def test_a_press_is_answered_with_the_card_in_its_place(self) -> None:
        core = Core()
        core.answer = Response(card=HELLO)
        with self.asker(core) as asker:
            answer = asker.post("/api/messages", json=invoke("nudge.later", {"ref": 7}))
        assert answer.status_code == 200
        assert answer.json()["type"] == "application/vnd.microsoft.card.adaptive"
        assert answer.json()["value"]["fallbackText"] == "Hello"
        assert [type(event) for event in core.events] == [Joined, Pressed]

    def test_a_form_takes_the_place_of_the_card(self) -> None:
        core = Core()
        core.answer = Response(form=FORM)
        with self.asker(core) as asker:
            answer = asker.post("/api/messages", json=invoke("share.open", {"ref": 7}))
        verbs = [action["verb"] for node in answer.json()["value"]["body"] for action in node.get("actions", [])]
        assert verbs == ["submit.share", "cancel.share"]

    def test_the_message_action_answers_in_words(self) -> None:
        core = Core()
        core.answer = Response(card=card("Thank you", text("Thank you")))
        value = {"commandId": "suggest", "messagePayload": {"body": {"content": "https://a.example"}}}
        with self.asker(core) as asker:
            answer = asker.post(
                "/api/messages", json=activity("invoke", name="composeExtension/fetchTask", value=value)
            )
        assert answer.json() == {"task": {"type": "message", "value": "Thank you"}}

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"a":' * 50_000, b"\xff", b'{"type": NaN}'])
    def test_malformed_bodies_are_a_4xx(self, body: bytes) -> None:
        with self.asker(Core()) as asker:
            answer = asker.post("/api/messages", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400

    def test_size(self) -> None:
        with self.asker(Core()) as asker:
            assert asker.post("/api/messages", content=b" " * 300_000).status_code == 413

    def test_without_an_app_id_only_this_machine(self) -> None:
        core = Core()
        with self.asker(core, client="192.0.2.7") as asker:
            assert asker.post("/api/messages", json=activity(text="help")).status_code == 401
        assert core.events == []

    @pytest.mark.parametrize(
        ("headers", "change"),
        [
            ({"Host": "evil.example"}, {}),
            ({"Host": "127.0.0.1.evil.example"}, {}),
            ({"Origin": "https://evil.example"}, {}),
            ({"Origin": "null"}, {}),
            ({"Content-Type": "text/plain"}, {}),
            ({"Content-Type": "application/x-www-form-urlencoded"}, {}),
            ({"X-Forwarded-For": "203.0.113.9"}, {}),
            ({"Forwarded": "for=203.0.113.9"}, {}),
            ({}, {"serviceUrl": "https://evil.example/"}),
            ({}, {"serviceUrl": "http://127.0.0.1@evil.example/"}),
            ({}, {"serviceUrl": "http://localhost.evil.example/"}),
            ({}, {"serviceUrl": ""}),
        ],
    )
    def test_without_an_app_id_no_page_or_service_from_elsewhere(
        self, headers: dict[str, str], change: dict[str, str]
    ) -> None:
        core = Core()
        body = json.dumps({**activity(text="console"), **change})
        with self.asker(core) as asker:
            sent = {"Content-Type": "application/json", **headers}
            assert asker.post("/api/messages", content=body, headers=sent).status_code == 401
        assert core.events == []

    @pytest.mark.parametrize(
        "header",
        [
            lambda key: "",
            lambda key: "Bearer",
            lambda key: "Bearer x.y.z",
            lambda key: "Basic abc",
            lambda key: "Bearer " + jwt.encode(_claims(), "", algorithm="none"),
            lambda key: "Bearer " + jwt.encode(_claims(), "s" * 64, algorithm="HS256"),
            lambda key: (
                "Bearer "
                + jwt.encode(_claims(iss="https://sts.windows.net/evil/"), key, algorithm="RS256", headers={"kid": "k"})
            ),
            lambda key: (
                "Bearer "
                + jwt.encode(
                    _claims(iss="https://login.microsoftonline.com/emulator/v2.0"),
                    key,
                    algorithm="RS256",
                    headers={"kid": "k"},
                )
            ),
            lambda key: "Bearer " + jwt.encode(_claims(exp=1), key, algorithm="RS256", headers={"kid": "unknown"}),
            lambda key: "Bearer " + jwt.encode(_claims(), key, algorithm="RS256", headers={"kid": "unknown"}),
        ],
    )
    def test_forged_tokens_reach_nobody(self, header: Any) -> None:
        core = Core()
        with self.asker(core, app_id="app-1", tenant=TENANT) as asker:
            answer = asker.post("/api/messages", json=activity(text="help"), headers={"Authorization": header(_key())})
        assert answer.status_code == 401
        assert core.events == []

    def test_another_tenant_is_refused(self) -> None:
        core = Core()
        with self.asker(core, tenant="somebody-else") as asker:
            assert asker.post("/api/messages", json=activity(text="help")).status_code == 403
        assert core.events == []

    def test_what_could_not_be_stored_is_not_acknowledged(self) -> None:
        async def breaks(event: Event, *, in_place: bool = False) -> Response:
            raise ZeroDivisionError

        with self.asker(breaks) as asker:  # type: ignore[arg-type]
            assert asker.post("/api/messages", json=activity(text="help")).status_code == 503


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _claims(**more: Any) -> dict[str, Any]:
    return {
        "iss": "https://api.botframework.com",
        "aud": "app-1",
        "exp": 4_000_000_000,
        "serviceurl": "http://127.0.0.1:9",
    } | more


def answered(status: int) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    return answer


def at(server: Server) -> str:
    return str(TeamsPlace(TENANT, "c1", server.url, "28:bot"))


class Microsoft:
    """What MSAL makes of Microsoft's answers to an app that signs in, one after the other."""

    def __init__(self, *answers: dict[str, str] | Exception) -> None:
        self.platform = TeamsPlatform(token_store=MemoryVault(), auth=authentication("app", "x", ""), app_id="app")
        self._answers = iter(answers)
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Self:
        self._patch.setattr(microsoft_app_credentials, "ConfidentialClientApplication", lambda **_more: self)
        return self

    def __exit__(self, *_error: object) -> None:
        self._patch.undo()

    def acquire_token_silent(self, _scopes: list[str], account: None) -> None:
        return account

    def acquire_token_for_client(self, scopes: list[str]) -> dict[str, str]:
        assert scopes == ["https://api.botframework.com/.default"]
        answer = next(self._answers, {"access_token": "t"})
        if isinstance(answer, Exception):
            raise answer
        return answer


class TestSending:
    def platform(self, token_store: MemoryVault | None = None) -> TeamsPlatform:
        return TeamsPlatform(token_store=token_store or MemoryVault(), auth=authentication("", "", ""), app_id="")

    def send(self, answer: Any) -> tuple[Outcome, Server]:
        with Server(lambda _method, _path, _fields: answer) as server, Asker(None) as loop:
            where = TeamsPlace(TENANT, "c1", server.url, "28:bot")
            return loop.run(self.platform().send(str(where), HELLO, mark="17")), server

    def test_goes_to_the_conversation_with_its_mark(self) -> None:
        outcome, server = self.send((201, {}, b'{"id": "m1"}'))
        assert isinstance(outcome, Sent)
        assert place(outcome.message).activity == "m1"
        ((sent,),) = server.calls.values()
        assert sent["channelData"] == {"chorus": {"mark": "17"}}
        assert sent["attachments"][0]["content"]["fallbackText"] == "Hello"

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            ((429, {"Retry-After": "7"}, b"{}"), RetryAfter(7.0, "429", Calls.SENDS)),
            ((429, {"Retry-After": "soon"}, b"{}"), RetryAfter(15.0, "429", Calls.SENDS)),
            ((503, {}, b"{}"), RetryAfter(15.0, "503")),
            ((403, {}, b"{}"), PermanentFailure("403", parks="person")),
            ((404, {}, b"{}"), PermanentFailure("404", parks="person")),
            ((500, {}, b"{}"), OutcomeUnknown("500")),
            ((400, {}, b"{}"), PermanentFailure("400")),
            ((429, {"Retry-After": "5"}, b"Too many"), RetryAfter(5.0, "429", Calls.SENDS)),
            ((502, {}, b"<html>Bad gateway</html>"), RetryAfter(15.0, "502")),
            ((503, {"Retry-After": "9"}, b"<html>"), RetryAfter(9.0, "503")),
            ((504, {}, b""), RetryAfter(15.0, "504")),
            ((403, {}, b"<html>"), PermanentFailure("403", parks="person")),
            ((401, {}, b"{}"), RetryAfter(60.0, "401", Calls.SENDS)),
        ],
    )
    def test_faults(self, answer: Any, expected: Outcome) -> None:
        outcome, server = self.send(answer)
        assert outcome == expected
        assert sum(len(calls) for calls in server.calls.values()) == 1

    def test_a_broken_connection_is_unknown(self) -> None:
        outcome, server = self.send(None)
        assert isinstance(outcome, OutcomeUnknown)
        assert sum(len(calls) for calls in server.calls.values()) == 1  # never repeated by the SDK

    @pytest.mark.parametrize("nowhere", ["http://127.0.0.1:9", "http://nowhere.invalid", "https://127.0.0.1:9"])
    def test_nobody_listening_is_later(self, nowhere: str) -> None:
        """Teams does not let us look for what may have arrived: in doubt, a whole outage's messages would be lost."""
        with Asker(None) as loop:
            where = str(TeamsPlace(TENANT, "c1", nowhere, "28:bot"))
            assert isinstance(outcome := loop.run(self.platform().send(where, HELLO, mark="17")), RetryAfter)
            assert outcome.refused == Calls.SENDS

    @pytest.mark.parametrize(
        "fault",
        [
            requests.ConnectionError("login.microsoftonline.com"),
            requests.HTTPError(response=answered(503)),
            requests.Timeout(),
            ValueError("OIDC Discovery failed"),
        ],
    )
    def test_where_microsoft_does_not_answer_a_sign_in_nothing_has_left(self, fault: Exception) -> None:
        with Microsoft(fault) as microsoft, Server(lambda *_: ok(id="m1")) as server, Asker(None) as loop:
            outcome = loop.run(microsoft.platform.send(at(server), HELLO, mark="17"))
            assert isinstance(outcome, RetryAfter)
            assert outcome.refused == Calls.SENDS
            assert not server.calls
            loop.run(microsoft.platform.close())

    def test_a_password_that_has_run_out_is_told_and_loses_nothing(self) -> None:
        """As each does after some months: what is to be said waits for the next."""
        refused = {"error": "invalid_client", "error_description": "AADSTS7000222: The provided client secret keys ..."}
        with (
            Microsoft(refused, refused, {"access_token": "t"}) as microsoft,
            Server(lambda *_: ok(id="m1")) as server,
            Asker(None) as loop,
            capture_logs() as told,
        ):
            shown = measures.REFUSED.labels("teams")._value.get
            waits = RetryAfter(60.0, "invalid_client", Calls.SENDS)
            found = [(loop.run(microsoft.platform.send(at(server), HELLO, mark="17")), shown()) for _ in range(3)]
            loop.run(microsoft.platform.close())
        assert found[:2] == [(waits, 1), (waits, 1)]
        assert (type(found[2][0]), found[2][1]) == (Sent, 0)
        assert [(line["log_level"], line.get("reason")) for line in told] == [
            ("warning", "invalid_client"),
            ("info", None),
        ]

    def test_an_app_that_teams_knows_no_longer_is_asked_about_until_it_does(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its password is taken all the while. A process that has nothing to send would alert all night."""
        monkeypatch.setattr(token_refusals, "TOKEN_AGAIN", 0.02)
        refused = iter([True, True, False])

        def answers(_method: str, _path: str, _fields: dict[str, Any]) -> Any:
            return (401, {}, b"{}") if next(refused, False) else (200, {}, b'{"members": []}')

        with Microsoft() as microsoft, Server(answers) as server, Asker(None) as loop, capture_logs() as told:
            shown = measures.REFUSED.labels("teams")._value.get
            loop.run(microsoft.platform.send(at(server), HELLO, mark="17"))
            assert shown() == 1
            loop.until(lambda: shown() == 0)
            assert shown() == 0
            loop.run(microsoft.platform.close())
        assert [line["log_level"] for line in told] == ["warning", "info"]
        assert len(server.calls["/v3/conversations/c1/pagedmembers"]) == 2

    def test_replacing(self) -> None:
        with Server(lambda _method, _path, _fields: (200, {}, b'{"id": "m1"}')) as server, Asker(None) as loop:
            where = str(TeamsPlace(TENANT, "c1", server.url, "28:bot", "m1"))
            assert loop.run(self.platform().update(where, HELLO)) == Sent(where)
            assert list(server.calls) == ["/v3/conversations/c1/activities/m1"]

    def test_the_directory_is_the_members_of_its_teams_page_by_page(self) -> None:
        def members(_method: str, path: str, _fields: dict[str, Any]) -> Any:
            more = "next" if path.endswith("team-1/pagedmembers") and not members.asked else None  # type: ignore[attr-defined]
            members.asked = True  # type: ignore[attr-defined]
            found = [
                {
                    "id": f"29:{path[-20:-14]}",
                    "name": "Aino",
                    "email": "a@k.example",
                    "userRole": "user",
                    "tenantId": TENANT,
                }
            ]
            return 200, {}, json.dumps({"members": found, "continuationToken": more}).encode()

        members.asked = False  # type: ignore[attr-defined]
        with Server(members) as server, Asker(None) as loop:
            platform = self.platform()
            where = TeamsPlace(TENANT, "c1", server.url)
            loop.run(platform.remember_team(where, "team-1"))
            loop.run(platform.remember_team(where, "team-2"))
            pages, cursor = [], None
            for _page in range(5):
                page = loop.run(platform.directory(where.workspace, cursor))
                pages.append(page)
                cursor = page.next_cursor
                if cursor is None:
                    break
        assert [page.next_cursor for page in pages] == ["0|next", "1|", None]
        assert pages[0].profiles[0].email == "a@k.example"

    def test_a_profile_of_somebody_never_seen(self) -> None:
        with Asker(None) as loop:
            assert loop.run(self.platform().profile(f"teams:{TENANT}", "29:u9")) is None

    def test_a_profile(self) -> None:
        with (
            Server(
                lambda *_: ok(id="29:u1", name="Aino", email="a@k.example", userRole="user", tenantId=TENANT)
            ) as server,
            Asker(None) as loop,
        ):
            platform = self.platform()
            where = TeamsPlace(TENANT, "c1", server.url)
            platform.saw(where, "29:u1")
            assert loop.run(platform.profile(where.workspace, "29:u1")) == Profile(
                "29:u1", "Aino", "a@k.example", address=str(where)
            )

    def test_a_profile_that_teams_does_not_give(self) -> None:
        with Server(lambda *_: (500, {}, b"{}")) as server, Asker(None) as loop:
            platform = self.platform()
            where = TeamsPlace(TENANT, "c1", server.url)
            platform.saw(where, "29:u1")
            with pytest.raises(DirectoryUnavailable):
                loop.run(platform.profile(where.workspace, "29:u1"))


def test_the_app_package_is_a_zip_with_icons() -> None:
    made = package("11111111-1111-1111-1111-111111111111", "https://chorus.example", COMMANDS)
    assert made == package("11111111-1111-1111-1111-111111111111", "https://chorus.example", COMMANDS)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert archive.read("color.png")[:4] == b"\x89PNG"
        found = json.loads(archive.read("manifest.json"))
    assert found == manifest("11111111-1111-1111-1111-111111111111", "https://chorus.example", COMMANDS)
    assert len(found["name"]["short"]) <= 30
    assert len(found["description"]["short"]) <= 80
    assert found["validDomains"] == ["chorus.example"]
