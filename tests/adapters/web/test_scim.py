"""The organisation's directory: the tester of the standard, the quirks of Entra ID and Okta, and what follows for
people here."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx2 as http
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from bot.core.tokens import digest_of
from bot.features.people.domain import roster
from storage.audit.entries import AuditEntry
from storage.people import directory_rules, employees, organisation
from storage.people.directory_records import DirectoryRecord
from storage.people.directory_rules import RuleKind
from storage.people.employees import Employee
from storage.web.api_tokens import ApiToken
from tests.adapters.asking import Asker
from tests.keys import KEY
from tests.stage import Stage

if TYPE_CHECKING:
    from adapters.web.scim.app import ScimApp  # three seconds to import, as `scim2_tester` below is five

TOKEN, OTHER = "chorus_directory", "chorus_content"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def scim_of(stage: Stage, url: str = "https://chorus.koivu.example") -> ScimApp:
    from adapters.web.scim.app import ScimApp

    return ScimApp(stage.db_executor, url, lambda: stage.now)


@pytest.fixture
def app(stage_on_both: Stage) -> FastAPI:
    stage = stage_on_both
    with stage.database.transaction() as session:
        for token, scope in ((TOKEN, "directory:write"), (OTHER, "content:write")):
            session.add(ApiToken(name=scope, digest=digest_of(token), scopes=[scope], made_at=stage.now))
    outer = FastAPI()
    outer.mount("/scim", scim_of(stage))
    return outer


@pytest.fixture
def asker(app: FastAPI) -> Iterator[Asker]:
    with Asker(app) as asker:
        yield asker


class Directory:
    """Requests as a directory sends them."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> http.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
        return self._asker.request(method, f"/scim/v2{path}", json=body, headers=headers)

    def makes(self, name: str, **more: Any) -> dict[str, Any]:
        body = {"schemas": [USER], "userName": f"{name}@koivu.example", "active": True, "displayName": name, **more}
        answer = self.ask("POST", "/Users", body)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def changes(self, path: str, *operations: dict[str, Any]) -> http.Response:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


@pytest.fixture
def directory(asker: Asker) -> Directory:
    return Directory(asker)


@pytest.fixture
def asker_on(stage: Stage) -> Iterator[Directory]:
    with stage.database.transaction() as session:
        session.add(ApiToken(name="d", digest=digest_of(TOKEN), scopes=["directory:write"], made_at=stage.now))
    outer = FastAPI()
    outer.mount("/scim", scim_of(stage))
    with Asker(outer) as asker:
        yield Directory(asker)


def person(stage: Stage, name: str) -> Employee:
    with stage.database.transaction() as session:
        found = employees.by_email(session, f"{name}@koivu.example")
        assert found is not None
        _unit = found.unit
        session.expunge_all()
        return found


def test_the_tester_of_the_standard_finds_nothing(stage: Stage) -> None:
    import scim2_tester  # takes five seconds, which only who runs this test is to wait
    from scim2_client.engines.httpx2 import SyncSCIMClient

    with stage.database.transaction() as session:
        session.add(ApiToken(name="d", digest=digest_of(TOKEN), scopes=["directory:write"], made_at=stage.now))
    outer = FastAPI()
    server = uvicorn.Server(uvicorn.Config(outer, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    outer.mount("/scim", scim_of(stage, f"http://127.0.0.1:{port}"))
    try:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with http.Client(base_url=f"http://127.0.0.1:{port}/scim/v2", headers=headers) as client:
            results = scim2_tester.check_server(SyncSCIMClient(client))
    finally:
        server.should_exit = True
        thread.join()
    wrong = [f"{one.title}: {one.reason}" for one in results if one.status.name in ("ERROR", "CRITICAL", "WARNING")]
    assert not wrong, "\n".join(wrong)
    assert sum(one.status.name == "SUCCESS" for one in results) > 50


def test_only_a_token_of_the_directory_opens_it(directory: Directory, asker: Asker) -> None:
    assert directory.ask("GET", "/Users", token="chorus_guessed").status_code == 401
    assert directory.ask("GET", "/Users", token=OTHER).status_code == 403
    assert asker.get("/scim/v2/Users").status_code == 401
    assert asker.get("/scim/v2/ServiceProviderConfig").status_code == 200


def test_a_person_comes_is_changed_leaves_and_comes_back(directory: Directory, stage_on_both: Stage) -> None:
    stage = stage_on_both
    made = directory.makes(
        "aino",
        preferredLanguage="fi-FI",
        timezone="Europe/Helsinki",
        **{ENTERPRISE: {"department": "Field service", "manager": "somebody"}},
    )
    assert made["meta"]["location"] == f"https://chorus.koivu.example/scim/v2/Users/{made['id']}"
    aino = person(stage, "aino")
    assert (aino.name, aino.language, aino.time_zone, aino.unit and aino.unit.name) == (
        *("aino", "fi", "Europe/Helsinki"),
        "Field service",
    )
    off = {"op": "Replace", "path": "active", "value": "False"}  # as Entra ID writes it
    assert directory.changes(f"/Users/{made['id']}", off).status_code in (200, 204)
    assert not person(stage, "aino").is_active
    again = directory.ask("GET", f"/Users/{made['id']}")
    assert (again.status_code, again.json()["active"]) == (200, False)
    stage.hires("aino")  # Slack's directory still has them
    assert not person(stage, "aino").is_active
    on = {"op": "Replace", "value": {"active": [{"value": "True"}]}}
    assert directory.changes(f"/Users/{made['id']}", on).status_code in (200, 204)
    assert person(stage, "aino").is_active
    assert directory.ask("DELETE", f"/Users/{made['id']}").status_code == 204
    assert not person(stage, "aino").is_active
    assert directory.ask("GET", f"/Users/{made['id']}").status_code == 404


def test_groups_give_roles_and_take_back_only_what_they_gave(directory: Directory, stage_on_both: Stage) -> None:
    stage = stage_on_both
    with stage.database.transaction() as session:
        directory_rules.set_rule(session, RuleKind.GROUP, "Comms Leads", role="lead")
        directory_rules.set_rule(session, RuleKind.GROUP, "Norden", unit=organisation.unit(session, "Nordics"))
    laura, mikko = directory.makes("laura"), directory.makes("mikko")
    with stage.database.transaction() as session:
        held = employees.by_email(session, "mikko@koivu.example")
        assert held is not None
        held.roles = ["employee", "lead"]  # by an administrator
    group = directory.ask("POST", "/Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                                              "displayName": "comms leads"}).json()  # fmt: skip
    both = [{"value": laura["id"]}, {"value": mikko["id"]}]
    directory.changes(f"/Groups/{group['id']}", {"op": "Add", "path": "members", "value": both})
    assert person(stage, "laura").roles == ["employee", "lead"]
    inside = directory.ask("GET", f"/Groups/{group['id']}").json()["members"]
    assert {one["value"] for one in inside} == {laura["id"], mikko["id"]}
    # Entra ID takes members out by naming them in the value
    directory.changes(f"/Groups/{group['id']}", {"op": "Remove", "path": "members", "value": both})
    assert person(stage, "laura").roles == ["employee"]
    assert person(stage, "mikko").roles == ["employee", "lead"]
    # a group in a group, renamed to one with a rule
    outer = directory.ask("POST", "/Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                                              "displayName": "North", "members": [{"value": group["id"]}]}).json()  # fmt: skip
    directory.changes(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": laura["id"]}]})
    directory.changes(f"/Groups/{outer['id']}", {"op": "replace", "path": "displayName", "value": "Norden"})
    unit = person(stage, "laura").unit
    assert unit is not None
    assert unit.name == "Nordics"
    assert directory.ask("DELETE", f"/Groups/{group['id']}").status_code == 204
    assert person(stage, "laura").roles == ["employee"]


def test_a_name_is_found_whatever_its_case_and_is_one_persons(directory: Directory) -> None:
    made = directory.makes("aino", externalId="oid-1")
    for wanted in ('userName eq "AINO@koivu.example"', 'externalId eq "oid-1"', 'displayName sw "ai"'):
        found = directory.ask("GET", f"/Users?filter={wanted}").json()
        assert [one["id"] for one in found["Resources"]] == [made["id"]], wanted
    assert directory.ask("GET", '/Users?filter=userName eq "nobody@koivu.example"').json()["totalResults"] == 0
    again = directory.ask("POST", "/Users", {"schemas": [USER], "userName": "Aino@KOIVU.example"})
    assert again.status_code == 409


def test_who_asked_to_be_forgotten_is_brought_back_by_no_directory(directory: Directory, stage_on_both: Stage) -> None:
    stage = stage_on_both
    stage.hires("kanerva")
    made = directory.makes("kanerva")
    stage.says("kanerva", "forget me")
    stage.presses("kanerva", "Delete it all")
    with stage.database.transaction() as session:
        assert session.scalars(select(DirectoryRecord)).all() == []
    assert directory.ask("GET", f"/Users/{made['id']}").status_code == 404
    refused = directory.ask("POST", "/Users", {"schemas": [USER], "userName": "kanerva@koivu.example"})
    assert (refused.status_code, "forget" in refused.json()["detail"]) == (403, True)
    with stage.database.transaction() as session:
        assert session.scalars(select(DirectoryRecord)).all() == []


def test_what_the_directory_did_is_in_the_audit_log(directory: Directory, stage_on_both: Stage) -> None:
    made = directory.makes("aino", **{ENTERPRISE: {"department": "Sales"}})
    directory.changes(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    with stage_on_both.database.transaction() as session:
        told = {(row.act, row.source) for row in session.scalars(select(AuditEntry))}
    assert ("employees changed", "directory") in told


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"null", b'{"active": [[[]]]}'])
def test_what_is_no_request_is_refused(asker: Asker, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    assert asker.post("/scim/v2/Users", content=body, headers=headers).status_code == 400


FRESH = """
import asyncio, sys
from datetime import UTC, datetime
import httpx2 as http
from adapters.web.scim.app import ScimApp
from bot.core.db_executor import DbExecutor
from storage.database import Database
from storage.secrets import load_keys
load_keys([sys.argv[2]])
database = Database(sys.argv[1])
executor = DbExecutor(database)
app = ScimApp(executor, "https://chorus.koivu.example", lambda: datetime.now(UTC))
async def main():
    key = {"Authorization": "Bearer chorus_directory"}
    async with http.AsyncClient(transport=http.ASGITransport(app=app), base_url="http://x", headers=key) as client:
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "leads",
                "members": [{"value": sys.argv[3]}]}
        made = (await client.post("/v2/Groups", json=body)).json()
        put = (await client.put(f"/v2/Groups/{made['id']}", json=body)).json()
        listed = await client.get("/v2/Groups")
        print([len(one.get("members", [])) for one in (made, put)], listed.status_code, file=sys.stderr)
asyncio.run(main())
executor.close()
"""


def test_the_first_request_of_a_process_keeps_the_members_of_a_group(stage: Stage, asker_on: Directory) -> None:
    """In a process of its own: whatever else has run before may have mended it."""
    made = asker_on.makes("laura")
    with stage.database.transaction() as session:
        directory_rules.set_rule(session, RuleKind.GROUP, "leads", role="lead")
    url = stage.database.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", FRESH, url, KEY, made["id"]], capture_output=True, text=True, timeout=100
    )
    assert done.stderr.endswith("[1, 1] 200\n"), done.stderr
    assert person(stage, "laura").roles == ["employee", "lead"]


def test_nobody_is_taken_for_another_by_an_address_of_theirs(directory: Directory, stage_on_both: Stage) -> None:
    stage = stage_on_both
    stage.hires("carl", roles=("employee", "lead"))
    private = [{"type": "home", "value": "carl@koivu.example", "primary": True}]
    mallory = directory.makes("mallory", emails=private)
    assert person(stage, "carl").name == "Carl"
    directory.changes(f"/Users/{mallory['id']}", {"op": "replace", "path": "active", "value": False})
    assert person(stage, "carl").is_active
    directory.makes("carl")
    body = {"schemas": [USER], "userName": "mal3", "emails": [{"type": "work", "value": "carl@koivu.example"}]}
    assert directory.ask("POST", "/Users", body).status_code == 409  # one record a person


def test_a_name_that_is_anothers_is_refused_and_nothing_is_500(directory: Directory) -> None:
    directory.makes("aino")
    mikko = directory.makes("mikko")
    rename = {"op": "replace", "path": "userName", "value": "aino@koivu.example"}
    assert directory.changes(f"/Users/{mikko['id']}", rename).status_code == 409
    for query in ("count=99999999999999999999", "startIndex=99999999999999999999", "count=-1"):
        assert directory.ask("GET", f"/Users?{query}").status_code < 500
    long = " or ".join(['userName eq "x"'] * 5000)
    assert directory.ask("POST", "/Users/.search", {"filter": long}).status_code == 400
    for empty in ("", "  "):
        assert directory.ask("POST", "/Users", {"schemas": [USER], "userName": empty}).status_code == 400
    wrong = {"schemas": [USER], "userName": f"{'x' * 5000}@a.example"}
    assert directory.ask("POST", "/Users", wrong).status_code == 400


def test_what_moves_a_cursor_is_taken_out_of_names(directory: Directory, stage_on_both: Stage) -> None:
    directory.makes("aino", displayName="Ai\x1b[31mno\u202e \u200bX")
    assert person(stage_on_both, "aino").name == "Ai [31mno X"


def test_a_role_that_an_administrator_gave_too_stays(directory: Directory, stage_on_both: Stage) -> None:
    stage = stage_on_both
    with stage.database.transaction() as session:
        directory_rules.set_rule(session, RuleKind.GROUP, "leads", role="lead")
    laura = directory.makes("laura")
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "leads",
        "members": [{"value": laura["id"]}],
    }
    group = directory.ask("POST", "/Groups", body).json()
    with stage.database.transaction() as session:
        held = employees.by_email(session, "laura@koivu.example")
        assert held is not None
        roster.given_by_hand(session, held)  # as `chorus people set --role lead` does
    directory.ask("DELETE", f"/Groups/{group['id']}")
    assert person(stage, "laura").roles == ["employee", "lead"]
