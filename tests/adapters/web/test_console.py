"""The console: who gets in, what they see, that an action is their own, and that nothing hostile is ever run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI

from adapters.exports import EXPORTS
from adapters.web.console.all_pages import PAGES
from adapters.web.console.fields import is_path_of_ours
from adapters.web.console.receive import Console
from bot.core.rules import Rules
from bot.core.tokens import digest_of
from bot.features.digest.domain.compute_facts import last_week
from bot.features.digest.jobs import sending
from storage.database import Database
from storage.people import employees
from storage.questions.topics import Topic
from storage.sharing import posts
from storage.sharing.posts import Post, PostState
from storage.web import console_sessions
from storage.web.console_sessions import ConsoleLink, ConsoleSession
from tests.adapters.asking import Asker
from tests.stage import Stage

HOME = "http://127.0.0.1"
ENDED = "/console/sign-in?refused=ended"
OWN = {"Origin": HOME}
BEFORE_SIGN_IN = (
    "/console/in/{token}",
    "/console/in/{token}/account",
    "/console/oidc",
)  # there is no session yet whose token could be asked for


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("mikko", roles=("employee", "owner"))
        stage.hires("aino")
        yield stage


@pytest.fixture
def site(stage: Stage) -> Console:
    dependencies = replace(stage.dependencies, rules=Rules(base_url=HOME))
    return Console(dependencies, handle=stage.shell.handle, base_url=HOME)


@pytest.fixture
def asker(site: Console) -> Iterator[Asker]:
    app = FastAPI()
    app.include_router(site.router())
    with Asker(app) as asker:
        yield asker


def comes_in(asker: Asker, stage: Stage, user: str = "laura") -> int:
    """By a link of the bot; the status of the first page."""
    stage.types(user, "console")
    found = re.search(r"/console/in/([\w-]+)", str(stage.cards(user)[-1]))
    assert found is not None
    door = asker.get(f"/console/in/{found[1]}")
    assert door.status_code == 200  # looking uses nothing up
    assert stage.person(user).name in door.text
    asker.post(f"/console/in/{found[1]}", headers=OWN)
    return asker.get("/console").status_code


def proofs(asker: Asker) -> dict[str, str]:
    """The hidden fields that make an action this session's own."""
    page = asker.get("/console/digests").text
    return form_of(page, having="Sign out") | {"back": "/console/digests", "once": "abc"}


def form_of(page: str, *, having: str) -> dict[str, str]:
    """The hidden fields of the form that has these words in it."""
    form = next(found for found in re.findall(r"<form.*?</form>", page, re.DOTALL) if having in found)
    return dict(re.findall(r'<input type="hidden" name="([\w@-]+)" value="([^"]*)"', form))


def test_a_link_opens_once_and_not_for_long(asker: Asker, stage: Stage) -> None:
    assert comes_in(asker, stage) == 200
    stage.types("laura", "console")
    token = re.findall(r"/console/in/([\w-]+)", str(stage.cards("laura")[-1]))[-1]
    assert asker.post(f"/console/in/{token}", headers=OWN).headers["location"] == "/console"
    assert "refused" in asker.post(f"/console/in/{token}", headers=OWN).headers["location"]
    stage.types("laura", "console")
    late = re.findall(r"/console/in/([\w-]+)", str(stage.cards("laura")[-1]))[-1]
    stage.now += timedelta(minutes=11)
    assert "refused" in asker.post(f"/console/in/{late}", headers=OWN).headers["location"]
    assert "refused" in asker.post("/console/in/nonsense", headers=OWN).headers["location"]
    assert asker.post(f"/console/in/{late}", headers={"Origin": "https://evil.example"}).status_code == 403


def test_the_cookie_and_its_headers(asker: Asker, stage: Stage) -> None:
    stage.types("laura", "console")
    token = re.findall(r"/console/in/([\w-]+)", str(stage.cards("laura")[-1]))[-1]
    answer = asker.post(f"/console/in/{token}", headers=OWN)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = asker.get("/console")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/console/static/console.js" defer>']
    assert not re.search(r"\sstyle=|\son\w+=", page.text)


def test_signing_in_gives_a_new_session_and_out_ends_it(asker: Asker, stage: Stage) -> None:
    comes_in(asker, stage)
    comes_in(asker, stage)
    with stage.database.transaction() as session:
        assert session.query(ConsoleSession).count() == 1
    fields = form_of(asker.get("/console").text, having="Sign out")
    asker.post("/console/out", data=fields, headers=OWN)
    assert asker.get("/console").headers["location"] == "/console/sign-in"


def test_a_session_ends_with_time_and_with_the_role(asker: Asker, stage: Stage) -> None:
    comes_in(asker, stage)
    stage.now += timedelta(hours=3)
    assert asker.get("/console").status_code == 303
    comes_in(asker, stage)
    for _hour in range(12):
        stage.now += timedelta(hours=1, minutes=1)
        last = asker.get("/console").status_code
    assert last == 303
    comes_in(asker, stage)
    laura = stage.person("laura")
    with stage.database.transaction() as session:
        session.merge(laura).roles = ["employee"]
    assert asker.get("/console").headers["location"] == "/console/digests"
    assert asker.get("/console/library").status_code == 403
    with stage.database.transaction() as session:
        session.merge(laura).leave(stage.now)
    assert asker.get("/console").headers["location"] == ENDED
    assert "You were signed out" in asker.get(ENDED).text


@pytest.mark.parametrize("user", ["laura", "mikko", "aino", None])
def test_every_page_by_role(asker: Asker, stage: Stage, user: str | None) -> None:
    if user is not None:
        comes_in(asker, stage, user)
    roles = {"laura": {"employee", "lead"}, "mikko": {"employee", "owner"}, "aino": {"employee"}}.get(user or "", set())
    for name, page in PAGES.items():
        expected = 303 if not roles else 200 if roles & set(page.roles) else 403 if name else 303
        assert asker.get(f"/console/{name}".rstrip("/")).status_code == expected, name
    for name in EXPORTS:
        expected = 303 if not roles else 200 if "lead" in roles else 403
        assert asker.get(f"/console/export/{name}.csv").status_code == expected
    if roles:
        assert asker.get("/console/nowhere").status_code == 404
        assert asker.get("/console/export/people.csv").status_code == 404


def test_a_post_is_approved_by_its_own_button_only(asker: Asker, stage: Stage) -> None:
    post = stage.publishes("Storm", state="in_review")
    comes_in(asker, stage)
    fields = form_of(asker.get("/console/library").text, having="review.approve")
    press = {"do": f"review.approve {post}"}
    for wrong in ({**fields, "csrf": "0" * 64}, {**fields, "csrf": ""}, {}):
        assert asker.post("/console/do", data={**wrong, **press}, headers=OWN).status_code == 403
    for origin in ({"Origin": "https://evil.example"}, {}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert asker.post("/console/do", data={**fields, **press}, headers=origin).status_code == 403
    with stage.database.transaction() as session:
        assert posts.post(session, post).state == "in_review"
    done = asker.post("/console/do", data={**fields, **press}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, "/console/library")
    assert "Out for sharing · until" in asker.get("/console/library").text
    with stage.database.transaction() as session:
        assert posts.post(session, post).state == PostState.LIVE


def test_every_door_that_changes_anything_refuses_strangers(asker: Asker, stage: Stage, site: Console) -> None:
    comes_in(asker, stage)
    fields = form_of(asker.get("/console").text, having="Sign out")
    doors = [route.path for route in site.router().routes if "POST" in route.methods]  # type: ignore[attr-defined]
    assert len(doors) >= 5
    for door in doors:
        path = door.replace("{token}", "abc")
        for origin in ({"Origin": "https://evil.example"}, {}, {"Origin": "null"}):
            assert asker.post(path, data=fields, headers=origin).status_code == 403, (door, origin)
        if door not in BEFORE_SIGN_IN:
            for token in ("", "0" * 64):
                assert asker.post(path, data={**fields, "csrf": token}, headers=OWN).status_code == 403, (door, token)
    assert asker.get("/console").status_code == 200  # nobody was signed out


def test_a_form_in_the_console_is_the_form_of_chat(asker: Asker, stage: Stage) -> None:
    post = stage.publishes("Storm")
    comes_in(asker, stage)
    fields = form_of(asker.get(f"/console/library/{post}").text, having="post.recall")
    page = asker.post("/console/do", data={**fields, "do": f"post.edit {post}"}, headers=OWN)
    assert page.headers["location"] == f"/console/compose/{post}"


def test_declining_in_the_console(asker: Asker, stage: Stage) -> None:
    post = stage.publishes("Storm", state="in_review")
    comes_in(asker, stage)
    fields = form_of(asker.get("/console/library").text, having="review.decline")
    page = asker.post("/console/do", data={**fields, "do": f"review.decline {post}"}, headers=OWN)
    filled = form_of(page.text, having='value="post_decline"')
    asker.post("/console/form", data={**filled, "reason": "We had that."}, headers=OWN)
    with stage.database.transaction() as session:
        assert posts.post(session, post).state == "declined"


def test_an_owner_does_what_an_owner_may(asker: Asker, stage: Stage) -> None:
    post = stage.publishes("Storm", state="in_review")
    comes_in(asker, stage, "mikko")
    fields = proofs(asker)
    asker.post("/console/do", data={**fields, "do": f"review.approve {post}"}, headers=OWN)
    assert "Only comms leads can do that" in asker.get("/console").text
    with stage.database.transaction() as session:
        assert posts.post(session, post).state == "in_review"


@pytest.mark.parametrize(
    "back",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/consolex", "/r/abc", ""],
)
def test_an_action_leads_back_to_the_console_only(asker: Asker, stage: Stage, back: str) -> None:
    assert not is_path_of_ours(back) or back.startswith("/console")
    comes_in(asker, stage)
    fields = proofs(asker)
    done = asker.post("/console/do", data={**fields, "back": back, "do": "show.goals 0"}, headers=OWN)
    assert done.headers["location"].startswith("/console")


@pytest.mark.parametrize(
    "body", [b"", b"do=%ff%00&csrf=x", b"a=" + b"b" * 200_000, b"&".join(b"a%d=1" % n for n in range(500))]
)
def test_malformed_actions_are_refused(asker: Asker, stage: Stage, body: bytes) -> None:
    comes_in(asker, stage)
    answer = asker.post(
        "/console/do", content=body, headers={**OWN, "Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "?after=-1",
        "?after=9999999999999",
        "?after=x&state=nowhere",
        "?after=1.9999999",
        "?after=99.1&order=shared",
        "?q=%27%22%3C%3E%00",
        "?state=live",
        "?unit=x&topic=%25&lang=zz&role=root",
        "?day=2026-02-30&look=week",
        "?day=0001-01-01",
        "?day=9999-12-31",
        "?from=0001-01-01&to=9999-12-31",
        "?from=2026-11-01&to=2026-10-01",
        "?period=decade",
        "?tray=late",
    ],
)
def test_odd_addresses(asker: Asker, stage: Stage, query: str) -> None:
    comes_in(asker, stage)
    for name in ("library", "people", "questions", "questions/knowledge", "listening", "calendar", ""):
        assert asker.get(f"/console/{name}".rstrip("/") + query).status_code == 200


@pytest.mark.parametrize("order", ["", "newest", "shared"])
def test_lists_go_on_where_they_end(asker: Asker, stage: Stage, order: str) -> None:
    """Each post once, on whatever page, though a new one comes while somebody turns them."""
    for number in range(60):
        stage.publishes(f"Post number {number}", state="expired" if number % 3 else "live")
    comes_in(asker, stage)
    address, found = f"/console/library?order={order}", list[str]()
    while address:
        page = asker.get(address).text
        found += re.findall(r"/console/library/\d+\">(Post number \d+)<", page)
        following = re.search(r'href="(/console/library\?[^"]*after=[\d.]+)"', page)
        if following and "after" not in address:
            stage.publishes("A new one")
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(found) == sorted(f"Post number {number}" for number in range(60))


def test_people_are_found_by_name(asker: Asker, stage: Stage) -> None:
    comes_in(asker, stage)
    page = asker.get("/console/people?q=AIN").text
    assert "aino@koivu.example" in page
    assert "mikko@koivu.example" not in page


def test_the_exports_agree_with_the_facts(asker: Asker, stage: Stage) -> None:
    stage.publishes("=HYPERLINK(1)")
    stage.shares("aino", "=HYPERLINK(1)")
    stage.now += timedelta(days=7)
    with stage.database.transaction() as session:
        sending.digest_of_week(session, last_week(stage.now), k=5, now=stage.now)
    comes_in(asker, stage)
    weeks = asker.get("/console/export/weeks.json").json()
    assert (weeks[0]["shared"], weeks[0]["sharers"]) == (1, 1)
    assert "'=HYPERLINK(1)" in asker.get("/console/export/posts.csv").text
    kinds = {row["kind"]: row["number"] for row in asker.get("/console/export/events.json").json()}
    assert kinds["shared"] == 1
    assert asker.get("/console/export/events.xlsx").content.startswith(b"PK")
    assert asker.get("/console/export/units.json").json() == []  # of one person nothing is shown


def test_what_is_kept_opens_nothing(asker: Asker, stage: Stage) -> None:
    comes_in(asker, stage)
    with stage.database.transaction() as session:
        kept = session.query(ConsoleSession).one().digest
        assert console_sessions.signed_in(session, digest_of(kept)) is None
        session.add(
            ConsoleLink(digest=digest_of("x"), employee_id=1, mandate=[], expires_at=stage.now + timedelta(minutes=1))
        )
        console_sessions.prune(session, before=stage.now + timedelta(hours=1), now=stage.now + timedelta(hours=1))
        assert session.query(ConsoleLink).count() == session.query(ConsoleSession).count() == 0


def test_hostile_text_is_shown_as_it_is(asker: Asker, stage: Stage) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
    with stage.database.transaction() as session:
        session.add(
            Post(
                url="https://k.example",
                canonical_url="https://k.example",
                title=hostile,
                summary=hostile,
                source=hostile,
                topic=hostile,
                state="in_review",
                created_at=stage.now,
            )
        )
    comes_in(asker, stage)
    page = asker.get("/console/library").text
    assert "<script>" not in page
    assert "onerror=alert(1)>" not in page
    assert "&lt;script&gt;" in page
    assert "49" not in re.findall(r"\{\{.*?\}\}", page)


class TestRolesGivenLater:
    """Whoever was joined to a colleague by an address string and came in while that colleague had no role stays without
    one: neither a session nor a link gains what it did not begin with."""

    def gives(self, stage: Stage, what: str) -> None:
        with stage.database.transaction() as session:
            aino = employees.identity(session, "fake:T1", "aino").employee
            if what == "role":
                aino.roles = ["employee", "lead"]
            else:
                session.add(Topic(id="pictures", names={"en": "Pictures"}, deputy=aino))

    @pytest.mark.parametrize("what", ["role", "topic"])
    def test_a_session_ends(self, asker: Asker, stage: Stage, what: str) -> None:
        post = stage.publishes("Storm", state="in_review")
        comes_in(asker, stage, "aino")
        fields = proofs(asker)
        assert asker.get("/console/digests").status_code == 200
        self.gives(stage, what)
        answer = asker.post("/console/do", data={**fields, "do": f"review.approve {post}"}, headers=OWN)
        assert answer.headers["location"] == ENDED
        assert asker.get("/console/digests").headers["location"] == ENDED
        with stage.database.transaction() as session:
            assert posts.post(session, post).state == "in_review"

    @pytest.mark.parametrize("what", ["role", "topic"])
    def test_a_link_is_refused(self, asker: Asker, stage: Stage, what: str) -> None:
        stage.types("aino", "console")
        token = re.findall(r"/console/in/([\w-]+)", str(stage.cards("aino")[-1]))[-1]
        self.gives(stage, what)
        assert "refused" in asker.post(f"/console/in/{token}", headers=OWN).headers["location"]
        assert comes_in(asker, stage, "aino") == (200 if what == "role" else 303)  # with a link of now

    def test_a_role_that_is_taken_goes_at_once(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage, "mikko")
        with stage.database.transaction() as session:
            employees.identity(session, "fake:T1", "mikko").employee.roles = ["employee"]
        assert asker.get("/console").headers["location"] == "/console/digests"
