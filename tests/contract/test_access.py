"""Who gets at what: every command, press, form, page, address and scope, tried by everybody who should not."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from adapters.app import build
from adapters.server import WebServer
from adapters.settings import Settings
from adapters.web import door
from adapters.web.console.all_pages import PAGES as CONSOLE_PAGES
from bot.core.cards import plain_text
from bot.core.events import Changed, Command, Event, Pressed, Submitted
from bot.core.router import SHOW, Router
from bot.core.tokens import digest_of
from bot.core.working_time import utc_now
from bot.routes import FEATURES
from storage.base import Base
from storage.delivery.deliveries import Delivery
from storage.people import workspaces
from storage.people.employees import Employee, Identity
from storage.people.responsibilities import mandate_of
from storage.privacy.data_map import PERSONAL_DATA
from storage.secrets import new_key
from storage.web.api_tokens import SCOPES, ApiToken
from storage.web.console_sessions import ConsoleSession
from tests.adapters.asking import Asker
from tests.contract import who_may
from tests.contract.who_may import LINK, OF_EVERYBODY, OF_LEADS, SIGNED
from tests.stage import WORKSPACE, Stage

ROLES = ("employee", "owner", "lead", "admin")
# What stands for the "*" of a name.
STARS = {
    "settings.language_*": "fi",
    "pulse.rate_*": "3",
    "account.connect_*": "bluesky",
    "account.end_*": "bluesky",
    "workshop.rate_*": "goals_3",
    "part.*": "goals",
    "part_*": "goals",
    "section.*": "goals",
    "part_out.*": "goals",
    "part_gone.*": "goals",
}
NOT_ASKED = ("forget", "own.forget")  # of themselves: whoever says it is gone afterwards
BOOKS = {"handled_events", "audit_entries", "audit_keys", "deliveries", "rate_limits", "runs"}  # what every turn writes


def entries() -> dict[str, str | None]:
    """All that can be asked in chat, with the role that its route names."""
    router = Router(FEATURES)
    presses = {name: route for name, route in router.presses.items() if not name.startswith(SHOW)}
    tables = {"command": router.commands, "press": presses, "form": router.forms, "change": router.changes}
    return {f"{kind} {name}".rstrip(): route.role for kind, table in tables.items() for name, route in table.items()}


def event(entry: str, user: str, ref: int, values: dict[str, str], workspace: str = WORKSPACE) -> Event:
    kind, _, name = entry.partition(" ")
    name = name.replace("*", STARS.get(name, "x"))
    common: dict[str, Any] = {
        "workspace": workspace, "user": user, "address": f"{workspace}:{user}",
        "keys": (f"{entry} {user} {ref} {workspace}",),
    }  # fmt: skip
    match kind:
        case "command":
            return Command(**common, name=name, text="")
        case "press":
            return Pressed(**common, action=name, ref=ref)
        case "form":
            return Submitted(**common, form=name, ref=ref, values=values)
    return Changed(**common, form=name, ref=ref, values=values, changed="channel", chosen="linkedin")


def test_each_entry_has_a_row() -> None:
    found = entries()
    assert set(found) == OF_LEADS | OF_EVERYBODY, "write into tests/contract/who_may.py who may"
    assert {name for name, role in found.items() if role == "lead"} == OF_LEADS
    assert set(found.values()) == {None, "lead"}
    assert {name: page.roles[0] for name, page in CONSOLE_PAGES.items()} == who_may.PAGES


def rows(stage: Stage, left_out: frozenset[str] = frozenset(BOOKS)) -> dict[str, list[str]]:
    with stage.database.transaction() as session:
        return {
            table.name: sorted(
                str([value for column, value in row._mapping.items() if column not in ("last_used_at", "seen_at")])
                for row in session.execute(select(table))
            )
            for table in Base.metadata.sorted_tables
            if table.name not in left_out
        }


@pytest.fixture
def world(stage: Stage) -> Stage:
    """Aino has one of everything; Eve is a colleague of her unit who answers for nothing."""
    stage.hires("laura", roles=("employee", "lead"), unit="Sales")
    stage.hires("mikko", roles=("employee", "owner"), unit="Sales")
    for user in ("aino", "eve", "olli", "matti", "veera"):
        stage.hires(user, unit="Sales")
    stage.publishes("Storm")
    stage.publishes("Wind")
    for _day in range(3):
        stage.ticks(60 * 24)
    stage.shares("aino", "Storm")
    stage.says("aino", "May I show the turbine to visitors of my own?")
    stage.ticks()
    stage.types("aino", "suggest https://koivu.example/a-page")
    stage.submits(
        "aino", stage.types("aino", "heard The bill was hard to read, says my neighbour").form, channel="linkedin"
    )
    stage.connects("aino", "bluesky")
    stage.types("aino", "calendar")
    stage.types("laura", "workshop Sales")
    return stage


WRITTEN = {
    **dict.fromkeys(
        ("text", "answer", "question", "note", "reply", "name", "title", "why"), "EVE was here, and said so"
    ),
    "channel": "linkedin",
    "url": "https://eve.example/p",
    "person": "1",
    "to": "1",
    "roles": "admin",
    "unit": "0",
}


def test_who_is_no_lead_changes_nothing_of_a_leads(world: Stage) -> None:
    before = rows(world)
    for entry in sorted(OF_LEADS):
        for user in ("eve", "mikko"):
            answer = world.handle(event(entry, user, 1, WRITTEN), in_place=True)
            said = plain_text(answer.card) if answer.card else ""
            assert "Only comms leads can do that" in said, (entry, user, said)
            assert answer.form is None, entry
        assert rows(world) == before, entry


def test_who_does_not_belong_is_not_answered_at_all(world: Stage) -> None:
    world.leaves("olli")
    world.only_hears(WORKSPACE)
    before = rows(world)
    for user, workspace in {"olli": WORKSPACE, "guest": WORKSPACE, "laura": "fake:T2"}.items():
        for entry in sorted((OF_LEADS | OF_EVERYBODY) - {"command console"}):
            answer = world.handle(event(entry, user, 1, WRITTEN, workspace), in_place=True)
            assert (answer.form, answer.card) == (None, None), (entry, user)
        assert rows(world) == before, user


def theirs(stage: Stage, user: str) -> dict[str, list[str]]:
    """All rows that say that they are the person's, but for messages to them: colleagues may write."""
    number = stage.person(user).id
    with stage.database.transaction() as session:
        return {
            f"{kind.table}.{kind.of}": sorted(
                str({name: value for name, value in row._mapping.items() if name not in ("last_used_at", "seen_at")})
                for row in session.execute(select(kind.rows).where(kind.rows_of(number)))
            )
            for kind in PERSONAL_DATA
            if kind.model is not Delivery
        }


THERE_IS = {
    *("employees.id", "identities.employee_id", "nudges.employee_id", "shares.employee_id", "questions.asker_id"),
    *("posts.suggested_by_id", "mentions.heard_by_id", "connected_accounts.employee_id"),
}


def test_nobody_changes_what_is_anothers(world: Stage) -> None:
    """Everything that everybody may, by a colleague, with the number of every row that Aino has."""
    before = theirs(world, "aino")
    assert {name for name, found in before.items() if found} >= THERE_IS  # so that this test can fail
    for entry in sorted(OF_EVERYBODY):
        if entry.endswith(NOT_ASKED):
            continue
        for ref in (1, 2, 3):  # hers among them
            world.handle(event(entry, "eve", ref, WRITTEN), in_place=True)
        after = theirs(world, "aino")
        assert after == before, (entry, _difference(before, after))


def _difference(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, Any]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


FILLED = {"week": "2026-W47", "name": "weeks", "ending": "json", "post": "0", "action": "part.goals", "ref": "0"}
REFUSED = (401, 403)


# -- The web server -----------------------------------------------------------------------------------------


class Site:
    """The whole server of an installation with everything switched on, and somebody of each role."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(
            _env_file=None, secret_keys=new_key(), database_url=f"sqlite:///{folder}/chorus.db",
            slack_client_id="1", slack_client_secret="s", slack_signing_secret="s", teams_app_id="a",
            teams_app_password="p", teams_tenant_id="t", oidc_issuer="https://login.koivu.example", oidc_client_id="c",
        )  # type: ignore[call-arg]  # fmt: skip
        self.parts = build(settings, base_url="http://127.0.0.1")
        self.parts.database.upgrade()
        server = WebServer(self.parts)
        self.app, self.served = server.app, server.routes
        self.asker = Asker(self.app)
        with self.parts.database.transaction() as session:
            workspaces.install(session, "slack:T1", now=utc_now())
            for role in ROLES:
                held = sorted({"employee", role}, key=ROLES.index)
                person = Employee(name=role, email=f"{role}@koivu.example", joined_at=utc_now(), roles=held)
                place = {"workspace_id": "slack:T1", "user": role, "address": f"slack:T1:{role}"}
                session.add(Identity(**place, employee=person, last_used_at=utc_now()))
            for scope in SCOPES:
                digest = digest_of(f"chorus_{scope}")
                session.add(ApiToken(name=scope, digest=digest, scopes=[scope], made_at=utc_now()))

    def asks(self, route: str, role: str = "", token: str = "") -> int:
        """The status for somebody with that role who is signed in, or for a program with that token."""
        method, _, path = route.partition(" ")
        path = re.sub(r"{(\w+)}", lambda found: FILLED.get(found[1], "x"), path)
        method, path = ("GET", "/scim/v2/Users") if method == "*" else (method, path)
        headers = {"Origin": "http://127.0.0.1", "Accept": "*/*"}
        fields = {}
        if role:
            secret = f"secret of {role}"
            self._signs_in(role, secret)
            headers["Cookie"] = f"chorus={secret}"
            fields = {"csrf": hmac.new(secret.encode(), b"form", sha256).hexdigest(), "once": "1"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        sent = {"data": fields} if method == "POST" and role else {"json": {}} if method == "POST" else {}
        answer = self.asker.request(method, path, headers=headers, **sent)
        is_sign_in = answer.headers.get("location", "").startswith("/console/sign-in")
        return 401 if is_sign_in and not (role and path == "/console/out") else answer.status_code

    def _signs_in(self, role: str, secret: str) -> None:
        with self.parts.database.transaction() as session:
            person = session.scalars(select(Employee).where(Employee.name == role)).one()
            row = ConsoleSession(
                digest=digest_of(secret), employee_id=person.id, mandate=mandate_of(session, person),
                began_at=utc_now(), seen_at=utc_now(),
            )  # fmt: skip
            session.merge(row)

    def routes(self) -> set[str]:
        return set(_routes(self.served))


def _routes(routes: Any, prefix: str = "") -> Iterator[str]:
    for one in routes:
        if (inner := getattr(one, "original_router", None)) is not None:
            yield from _routes(inner.routes, prefix)
        elif isinstance(one, APIRoute) or getattr(one, "methods", None):
            for method in sorted(set(one.methods) - {"HEAD"}):
                yield f"{method} {prefix}{one.path}"
        elif below := getattr(one, "routes", None):
            yield from _routes(below, prefix + one.path)
        else:
            yield f"{'*' if one.path == '/scim' else 'GET'} {prefix}{one.path}"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Where whoever is refused may go on asking: test_door.py has the pace."""
    monkeypatch.setattr(door, "PACES", dict.fromkeys(door.PACES, door.Pace(1e6, 1.0)))
    made = Site(tmp_path)
    with made.asker:
        yield made
        made.asker.run(made.parts.close())


def test_each_address_has_a_row(site: Site) -> None:
    assert site.routes() == set(who_may.WEB), "write into tests/contract/who_may.py who may"


def test_each_page_is_for_its_roles(site: Site) -> None:
    for name, least in who_may.PAGES.items():
        for role in ROLES:
            is_let_in = ROLES.index(role) >= ROLES.index(least)
            status = site.asks(f"GET /console/{name}".rstrip("/"), role)
            expected = (200,) if is_let_in else (403,) if name else (303,)  # "/console" leads to a page of theirs
            assert status in expected, (name, role, status)


def test_each_address_of_the_console_is_for_its_roles(site: Site) -> None:
    for route, least in who_may.WEB.items():
        if least not in ROLES or ("{name}" in route and "export" not in route):  # pages: above
            continue
        assert site.asks(route) in REFUSED, route
        for role in ROLES:
            is_let_in = ROLES.index(role) >= ROLES.index(least)
            status = site.asks(route, role)
            assert (status not in REFUSED) == is_let_in, (route, role, status)


def test_each_address_of_programs_is_for_its_scope(site: Site) -> None:
    of_scopes = {route: who for route, who in who_may.WEB.items() if who in SCOPES}
    assert set(of_scopes.values()) == set(SCOPES)  # no scope without something that it opens
    for route, wanted in of_scopes.items():
        assert site.asks(route) == 401, route
        assert site.asks(route, "admin") == 401, route  # a session is no token
        for scope in SCOPES:
            status = site.asks(route, token=f"chorus_{scope}")
            assert (status not in REFUSED) == (scope == wanted), (route, scope, status)


def test_what_is_signed_or_a_link_opens_for_nobody_else(site: Site) -> None:
    """A secret that is guessed, a signature that is missing, as an administrator with every token."""
    for route, who in who_may.WEB.items():
        if who in (LINK, SIGNED):
            status = site.asks(route, token="chorus_content:write")
            assert status in (303, 400, 401, 403, 404, 405, 410), (route, status)


def test_without_a_session_nothing_of_the_console_is_told(site: Site) -> None:
    for route, who in who_may.WEB.items():
        if who in ROLES:
            assert site.asks(route, token="chorus_people:read") in REFUSED, route
