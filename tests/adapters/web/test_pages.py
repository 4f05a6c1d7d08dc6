"""The console's pages as strangers, leads and machines try them: what each must show, and must never show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import unescape

import httpx2 as http
import pytest
from fastapi import FastAPI

from adapters.web.console.all_pages import PAGES
from adapters.web.console.receive import Console
from adapters.web.console.resume import TO
from bot.core.i18n import languages
from bot.core.rules import Rules
from content.reading import Reader
from storage.audit import entries
from storage.database import Database
from storage.digest import digests
from storage.people import employees, organisation
from storage.people.employees import Employee
from storage.privacy import erasure
from storage.sharing import posts
from storage.sharing.posts import PostState
from tests.adapters.asking import Asker
from tests.adapters.web.test_console import HOME, OWN, comes_in, form_of, proofs
from tests.stage import Stage

MACHINE = re.compile(
    r"<(built-in|function|bound method|class) |object at 0x|\bundefined\b|\bNaN\b|\{[a-z_]+\}|\bFREQ=|"
    r"\b\d{4}-\d\d-\d\dT\d\d:\d\d|(^|[\s:(])None($|[\s.,)])|\b\d{4}-W\d\d\b"
)
MOST_BYTES = 100 * 1024
HOSTILE = '"><script>alert(1)</script>‮{{7*7}} 👩‍👩‍👧'


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("mikko", roles=("employee", "owner"))
        stage.hires("aino", unit="Sales")
        yield stage


@cache
def stage_reader() -> Reader:
    return Reader()


def console_of(stage: Stage) -> Console:
    dependencies = replace(stage.dependencies, rules=Rules(base_url=HOME))
    return Console(dependencies, handle=stage.shell.handle, base_url=HOME, reader=stage_reader(), shows_components=True)


@pytest.fixture
def site(stage: Stage) -> Console:
    return console_of(stage)


@pytest.fixture
def asker(site: Console) -> Iterator[Asker]:
    app = FastAPI()
    app.include_router(site.router())
    with Asker(app) as asker:
        yield asker


def addresses(asker: Asker) -> list[str]:
    """All pages that can be reached from the overview by links, forms at addresses of their own included."""
    seen, waiting = dict.fromkeys(["/console"]), ["/console"]
    while waiting:
        page = asker.get(waiting.pop(0))
        assert page.status_code == 200, page.url
        for found in re.findall(r'href="(/console[^"#]*)"', page.text):
            address = unescape(found)
            is_file = address.startswith(("/console/static", "/console/export"))
            kind = re.sub(r"\d+|[?].*", "*", address)
            if not is_file and kind not in seen:
                seen[kind] = None
                waiting.append(address)
                seen[address] = None
    return [address for address in seen if "*" not in address]


def said_on(html: str) -> str:
    """The text that a person reads."""
    body = re.sub(r"<(script|style|svg|title)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "\n", body))


def fills(stage: Stage, *, name: str = "Storm") -> None:
    """One of everything."""
    stage.publishes(name)
    stage.publishes(f"{name} again", state="in_review")
    stage.shares("aino", name)
    stage.types("aino", "ask May I name a customer?")
    stage.now += timedelta(days=8)


class TestWhatIsShown:
    def test_no_page_asks_another_host_for_anything(self, asker: Asker, stage: Stage) -> None:
        """Neither by what it names nor by what its policy allows; the picture of a post's page least of all."""
        fills(stage)
        with stage.database.transaction() as session:
            for post in posts.listed(session):
                post.image_url = f"{HOME}/r/abc" if post.id == 1 else "https://tracker.example/pixel.png"
        comes_in(asker, stage)
        for address in [*addresses(asker), "/console/compose/1"]:
            page = asker.get(address)
            assert "https:" not in page.headers["content-security-policy"], address
            asks = re.findall(r"""(?:src|srcset|data|poster)="([^"]*)"|url\(([^)]*)\)""", page.text)
            strange = re.compile(r"tracker\.example|^//|/r/")
            assert not [one for pair in asks for one in pair if strange.search(one)], address

    def test_dates_of_figures_are_those_asked_for(self, asker: Asker, stage: Stage) -> None:
        fills(stage)
        stage.publishes("Wind")
        stage.shares("aino", "Wind")
        stage.now += timedelta(days=1)
        comes_in(asker, stage)
        page = asker.get("/console/settings/exports?from=2026-11-24&to=2026-12-01").text
        link = unescape(re.findall(r'href="(/console/export/events.json[^"]*)"', page)[0])
        assert {row["day"] for row in asker.get("/console/export/events.json").json()} == {"2026-11-23", "2026-12-01"}
        assert {row["day"] for row in asker.get(link).json()} == {"2026-12-01"}
        assert asker.get("/console/export/weeks.csv?from=no-day&to=%00").status_code == 200

    def test_the_language_is_switched_on_every_page(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        fields = form_of(asker.get("/console/goals").text, having="settings.language_fi")
        done = asker.post("/console/do", data={**fields, "do": "settings.language_fi"}, headers=OWN)
        assert done.headers["location"] == "/console/goals"
        page = asker.get("/console/goals").text
        assert 'lang="fi"' in page
        assert "Tavoitteet" in page
        assert 'role="status"' not in page

    @pytest.mark.parametrize("language", languages())
    @pytest.mark.parametrize("is_filled", [True, False])
    def test_no_page_speaks_like_a_machine_and_each_is_light(
        self, asker: Asker, stage: Stage, language: str, is_filled: bool
    ) -> None:
        if is_filled:
            fills(stage)
        stage.types("laura", f"language {language}")
        comes_in(asker, stage)
        looked_at = addresses(asker)
        assert len(looked_at) > len(PAGES)
        for address in looked_at:
            html = asker.get(address).text
            found = MACHINE.search(said_on(html))
            assert found is None, (address, found and found.group())
            assert len(html.encode()) < MOST_BYTES, address
            assert not re.search(r"\sstyle=|\son[a-z]+=", html), address

    def test_no_english_is_left_on_a_finnish_page(self, asker: Asker, stage: Stage) -> None:
        """Every sentence of the templates is in the catalogue: none of them stands there as it does in English."""
        fills(stage)
        comes_in(asker, stage)
        english = {address: set(said_on(asker.get(address).text).split("\n")) for address in addresses(asker)}
        stage.types("laura", "language fi")
        allowed = {"Chorus", "Storm", "Storm again", "LinkedIn"}
        for address, sentences in english.items():
            if address == "/console/components":
                continue
            finnish = set(said_on(asker.get(address).text).split("\n"))
            same = {one.strip() for one in sentences & finnish if len(one.split()) > 3} - allowed
            assert not same, (address, same)

    def test_hostile_names_are_shown_as_they_are(self, asker: Asker, stage: Stage) -> None:
        with stage.database.transaction() as session:
            aino = employees.identity(session, "fake:T1", "aino").employee
            aino.name = HOSTILE
            organisation.unit(session, "Sales").name = HOSTILE * 3
        fills(stage, name=HOSTILE)
        comes_in(asker, stage)
        seen = 0
        for address in addresses(asker):
            html = asker.get(address).text
            assert "<script>alert" not in html, address
            assert "49" not in re.findall(r"\{\{.*?\}\}", html)
            seen += html.count("&lt;script&gt;")
        assert seen > 5

    def test_a_thousand_of_everything(self, asker: Asker, stage: Stage) -> None:
        with stage.database.transaction() as session:
            for number in range(300):
                unit = organisation.unit(session, f"Unit {number}")
                person = employees.newcomer(session, stage.now, name=f"Person {number}")
                person.unit_id = unit.id
        for number in range(120):
            stage.publishes(f"Post {number}", state="in_review" if number % 2 else "live")
        stage.hires("olli", roles=("employee", "admin"))
        comes_in(asker, stage, "olli")
        for name in PAGES:
            page = asker.get(f"/console/{name}".rstrip("/"))
            assert page.status_code == 200
            assert len(page.content) < 4 * MOST_BYTES, name


class TestOverview:
    def test_the_figures_are_those_of_the_digest(self, asker: Asker, stage: Stage) -> None:
        fills(stage)
        comes_in(asker, stage)
        asker.get("/console/digests")
        text = said_on(asker.get("/console").text)
        with stage.database.transaction() as session:
            assert digests.newest(session, 1)[0] is not None
        assert "1 person shared" in text
        assert "of 3" in text
        assert "Too early" in text  # a figure alone is not said to be usual

    def test_the_first_steps_go_when_they_are_done(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        first = asker.get("/console").text
        assert "First steps" in first
        assert "/console/compose" in first
        stage.publishes("Storm")
        assert re.search(r"Get the first post out</strong>\s*<p>Done", asker.get("/console").text)

    def test_an_owner_sees_what_waits_for_them_and_no_leads_work(self, asker: Asker, stage: Stage) -> None:
        fills(stage)
        comes_in(asker, stage, "mikko")
        text = said_on(asker.get("/console").text)
        assert "to approve" not in text
        assert "First steps" not in text
        assert "/console/library" not in asker.get("/console").text


class TestReaders:
    def test_a_digest_is_read_by_whoever_signs_in_and_comes_back_to_it(self, asker: Asker, stage: Stage) -> None:
        fills(stage)
        comes_in(asker, stage)
        week = re.search(r"/console/digests/(\d{4}-W\d\d)", asker.get("/console/digests").text)
        assert week is not None
        asker.post("/console/out", data=form_of(asker.get("/console/digests").text, having="Sign out"), headers=OWN)
        assert asker.get(week[0]).headers["location"] == "/console/sign-in"
        stage.types("aino", "console")
        token = re.findall(r"/console/in/([\w-]+)", str(stage.cards("aino")[-1]))[-1]
        assert asker.post(f"/console/in/{token}", headers=OWN).headers["location"] == week[0]
        page = asker.get(week[0])
        assert page.status_code == 200
        assert not re.search(r'href="/console/(library|people|settings)', page.text)
        for name in ("library", "people", "people/1", "settings", "deliveries", "rollout", "questions", "goals"):
            assert asker.get(f"/console/{name}").status_code == 403
        assert asker.get("/console").headers["location"] == "/console/digests"

    @pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/consolex", "/r/x"])
    def test_nobody_is_sent_elsewhere_after_signing_in(self, asker: Asker, stage: Stage, wanted: str) -> None:
        stage.types("laura", "console")
        token = re.findall(r"/console/in/([\w-]+)", str(stage.cards("laura")[-1]))[-1]
        headers = {**OWN, "Cookie": f"chorus-wanted={wanted}"}
        assert asker.post(f"/console/in/{token}", headers=headers).headers["location"] == "/console"

    @pytest.mark.parametrize("week", ["2026-W99", "x", "2026-W1", "1999-W01", "2031-W01"])
    def test_a_week_that_there_is_not(self, asker: Asker, stage: Stage, week: str) -> None:
        comes_in(asker, stage)
        assert asker.get(f"/console/digests/{week}").status_code == 404


class TestBulk:
    def test_several_are_approved_once_it_was_asked(self, asker: Asker, stage: Stage) -> None:
        chosen = [stage.publishes(f"Post {number}", state="in_review") for number in range(3)]
        comes_in(asker, stage)
        ticked = {**proofs(asker), "back": "/console/library", "do": "review.approve", "chosen": [*map(str, chosen)]}
        asked = asker.post("/console/bulk", data=ticked, headers=OWN)
        assert "Approve 3 posts?" in asked.text
        assert all(f"Post {number}" in asked.text for number in range(3))
        with stage.database.transaction() as session:
            assert all(posts.post(session, one).state == "in_review" for one in chosen)
        done = asker.post("/console/bulk", data={**ticked, "sure": "yes"}, headers=OWN)
        assert done.headers["location"] == "/console/library"
        assert "3 posts approved." in asker.get("/console/library").text
        with stage.database.transaction() as session:
            assert all(posts.post(session, one).state == PostState.LIVE for one in chosen)

    def test_what_cannot_be_done_is_named_and_the_rest_is_done(self, asker: Asker, stage: Stage) -> None:
        good, late = (stage.publishes(name, state="in_review") for name in ("Good", "Too late"))
        with stage.database.transaction() as session:
            posts.post(session, late).expires_at = stage.now - timedelta(days=1)
        comes_in(asker, stage)
        sure = {**proofs(asker), "do": "review.approve", "chosen": [str(good), str(late)], "sure": "yes"}
        asker.post("/console/bulk", data=sure, headers=OWN)
        text = said_on(asker.get("/console/library").text)
        assert "1 post approved." in text
        assert "Too late: The time for sharing it is over already. Set another." in text

    def test_declined_with_a_reason_and_ended(self, asker: Asker, stage: Stage) -> None:
        waiting, live = stage.publishes("Waiting", state="in_review"), stage.publishes("Live")
        comes_in(asker, stage)
        for do, one in (("review.decline", waiting), ("post.end", live)):
            fields = {**proofs(asker), "do": do, "chosen": str(one), "sure": "yes", "reason": "We had that."}
            asker.post("/console/bulk", data=fields, headers=OWN)
        with stage.database.transaction() as session:
            declined, ended = (posts.post(session, one) for one in (waiting, live))
            assert (declined.state, declined.decline_reason) == (PostState.DECLINED, "We had that.")
            assert ended.state == PostState.EXPIRED

    @pytest.mark.parametrize("do", ["post.recall_now", "round.close", "", "review.approve 1"])
    def test_only_what_is_meant_for_many(self, asker: Asker, stage: Stage, do: str) -> None:
        post = stage.publishes("Storm")
        comes_in(asker, stage)
        asker.post("/console/bulk", data={**proofs(asker), "do": do, "chosen": str(post), "sure": "yes"}, headers=OWN)
        with stage.database.transaction() as session:
            assert posts.post(session, post).state == PostState.LIVE

    def test_an_owner_does_nothing_by_it(self, asker: Asker, stage: Stage) -> None:
        post = stage.publishes("Storm", state="in_review")
        comes_in(asker, stage, "mikko")
        fields = {**proofs(asker), "do": "review.approve", "chosen": str(post), "sure": "yes"}
        assert asker.post("/console/bulk", data=fields, headers=OWN).status_code == 403


class TestForms:
    def test_a_form_has_an_address_and_opens_nothing_else(self, asker: Asker, stage: Stage) -> None:
        post = stage.publishes("Storm")
        comes_in(asker, stage)
        page = asker.get("/console/open/part.activities/0?starts=2026-12-01").text
        assert 'value="2026-12-01T09:00"' in page
        for action in ("post.recall_now", "round.open", "post.end", "settings.nudges_off", "review.approve"):
            assert asker.get(f"/console/open/{action}/{post}").status_code == 404
        with stage.database.transaction() as session:
            assert posts.post(session, post).state == PostState.LIVE
            assert employees.identity(session, "fake:T1", "laura").employee.nudges_wanted is not False

    def test_a_part_that_is_gone_is_said(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        assert asker.get("/console/open/part.goals/12345").status_code == 404
        assert asker.get("/console/open/part.nothing/0").status_code == 404
        assert asker.get("/console/open/person.edit/999").status_code == 404

    def test_what_is_wrong_is_named_at_the_top_by_its_field(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        form = form_of(asker.get("/console/open/part.goals/0").text, having="part_goals")
        page = asker.post("/console/form", data={**form, "name": "", "target": "many"}, headers=OWN)
        assert page.status_code == 422
        assert "<title>Error: New goal" in page.text
        summary = said_on(page.text.split('role="alert"')[1].split("</section>")[0]).split()
        assert "Name : Fill this in." in " ".join(summary)
        assert "Target : Write a number" in " ".join(summary)

    def test_words_outlive_the_session(self, asker: Asker, stage: Stage) -> None:
        """Signed out in the middle of a form: what was written is shown, and goes on after signing in again."""
        comes_in(asker, stage)
        form = form_of(asker.get("/console/open/part.goals/0").text, having="part_goals")
        goal = {"metric": "shares", "target": "10", "baseline": "0", "starts": "2026-11-23", "due": "2026-12-31"}
        written = {**form, **goal, "name": "More of us share"}
        stage.now += timedelta(hours=3)
        page = asker.post("/console/form", data=written, headers=OWN)
        assert page.status_code == 401
        assert "More of us share" in said_on(page.text)
        kept = form_of(page.text, having="/console/again")
        again = asker.post("/console/again", data=kept, headers=OWN)
        assert again.status_code == 401  # still nobody
        comes_in(asker, stage)
        asked = asker.post("/console/again", data=kept, headers=OWN)
        assert "Send what you wrote?" in asked.text
        assert "More of us share" in said_on(asked.text)
        asker.post("/console/form", data=form_of(asked.text, having="part_goals"), headers=OWN)
        assert "More of us share" in asker.get("/console/goals").text

    @pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {}, {"Origin": "null"}])
    def test_words_of_strangers_are_not_taken_on(self, asker: Asker, stage: Stage, origin: dict[str, str]) -> None:
        comes_in(asker, stage)
        fields = {"form": "part_goals", "name": "Evil"}
        for target in ("/console/form", "https://evil.example", "//evil.example/console"):
            answer = asker.post("/console/again", data={**fields, TO: target}, headers=origin)
            assert answer.status_code == 403
        stage.now += timedelta(hours=3)  # signed out by now
        assert "Evil" not in asker.post("/console/form", data=fields, headers=origin).text


class TestTwoAtOnce:
    def test_a_goal_keeps_the_words_of_both(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        new = form_of(asker.get("/console/open/part.goals/0").text, having="part_goals")
        goal = {"metric": "shares", "target": "10", "baseline": "0", "starts": "2026-11-23", "due": "2026-12-31"}
        asker.post("/console/form", data={**new, **goal, "name": "More of us share"}, headers=OWN)
        edit = re.search(r"/console/open/part\.goals/[1-9]\d*", asker.get("/console/goals").text)
        assert edit is not None
        one, other = (form_of(asker.get(edit[0]).text, having="part_goals") for _turn in range(2))
        asker.post("/console/form", data={**one, **goal, "name": "More of us share", "target": "20"}, headers=OWN)
        told = asker.post("/console/form", data={**other, **goal, "name": "Half of us share", "why": "B"}, headers=OWN)
        assert "Somebody changed it while you were writing" in told.text
        assert 'value="Half of us share"' in told.text
        again = form_of(told.text, having="part_goals")
        asker.post("/console/form", data={**again, **goal, "name": "Half of us share"}, headers=OWN)
        assert "Half of us share" in asker.get("/console/goals").text

    def test_two_tabs_of_the_composer(self, asker: Asker, stage: Stage) -> None:
        post = stage.publishes("Storm", state="in_review")
        comes_in(asker, stage)
        one, other = (form_of(asker.get(f"/console/compose/{post}").text, having="seen") for _turn in range(2))
        address = {"address": "https://koivu.example/storm"}
        asker.post(
            f"/console/compose/{post}", data={**one, **address, "title": "Of the first", "do": "save"}, headers=OWN
        )
        told = asker.post(
            f"/console/compose/{post}", data={**other, **address, "title": "Of the second", "do": "save"}, headers=OWN
        )
        assert told.status_code == 409
        assert "Of the second" in told.text
        with stage.database.transaction() as session:
            assert posts.post(session, post).title == "Of the first"

    def test_a_flood_is_said_where_it_was_pressed(self, stage: Stage) -> None:
        app = FastAPI()
        stage.limits(3)
        app.include_router(console_of(stage).router())
        with Asker(app) as asker:
            comes_in(asker, stage)
            fields = proofs(asker)
            for number in range(4):
                asker.post("/console/do", data={**fields, "once": f"n{number}", "do": "show.goals 0"}, headers=OWN)
            assert "too fast" in said_on(asker.get("/console/digests").text)


class TestOddAddresses:
    @pytest.mark.parametrize(
        "path", ["/console/ж", "/console/€", "/console/library/😀", "/console/%00", "/console/ä?q=ö"]
    )
    def test_a_stranger_is_asked_to_sign_in_and_comes_back(self, asker: Asker, stage: Stage, path: str) -> None:
        assert asker.get(path).headers["location"] == "/console/sign-in"
        stage.types("laura", "console")
        token = re.findall(r"/console/in/([\w-]+)", str(stage.cards("laura")[-1]))[-1]
        back = asker.post(f"/console/in/{token}", headers=OWN)
        assert back.status_code == 303
        assert asker.get(back.headers["location"]).status_code in (200, 404)

    @pytest.mark.parametrize("back", ["/console/digests?x=\r\nSet-Cookie:a=b", "/console/\x00", "/console/\u202ex"])
    def test_no_header_is_broken_by_where_one_goes_back_to(self, asker: Asker, stage: Stage, back: str) -> None:
        comes_in(asker, stage)
        answer = asker.post("/console/do", data={**proofs(asker), "back": back, "do": "show.goals 0"}, headers=OWN)
        assert answer.status_code == 303
        assert "set-cookie" not in answer.headers
        assert asker.get("/console").status_code == 200

    @pytest.mark.parametrize("name", ["do", "form", "bulk", "again"])
    def test_what_only_takes_is_no_page(self, asker: Asker, stage: Stage, name: str) -> None:
        comes_in(asker, stage)
        assert asker.get(f"/console/{name}").headers["location"] == "/console"

    def test_a_used_link_says_so_before_anybody_clicks(self, asker: Asker, stage: Stage) -> None:
        assert "refused" in asker.get("/console/in/invented").headers["location"]


class TestHonestFigures:
    @pytest.mark.parametrize("query", ["from=2031-01-01&to=2031-01-31", "from=2026-11-23&to=2099-11-29"])
    def test_what_is_not_over_is_not_compared(self, asker: Asker, stage: Stage, query: str) -> None:
        fills(stage)
        comes_in(asker, stage)
        text = said_on(asker.get(f"/console?{query}").text)
        assert "An ordinary" not in text
        assert "Usual:" not in text


class TestPeople:
    def test_found_by_what_they_are(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        for query, there, gone in (
            ("?q=AIN", "aino", "mikko"),
            ("?role=owner", "mikko", "aino"),
            ("?lang=fi", "Nobody matches", "aino"),
            ("?state=left", "Nobody matches", "aino"),
        ):
            page = asker.get(f"/console/people{query}").text
            assert there in page, query
            assert f"{gone}@koivu.example" not in page, query

    def test_a_lead_makes_an_owner_and_no_lead(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        with stage.database.transaction() as session:
            aino = employees.identity(session, "fake:T1", "aino").employee.id
        form = form_of(asker.get(f"/console/open/person.edit/{aino}").text, having='value="person"')
        asker.post("/console/form", data={**form, "roles": "owner"}, headers=OWN)
        with stage.database.transaction() as session:
            assert employees.employee(session, aino).roles == ["employee", "owner"]
        form = form_of(asker.get(f"/console/open/person.edit/{aino}").text, having='value="person"')
        for roles in ("lead", "admin", "owner,admin"):
            asker.post("/console/form", data={**form, "roles": roles}, headers=OWN)
        with stage.database.transaction() as session:
            assert employees.employee(session, aino).roles == ["employee", "owner"]

    def test_a_lead_moves_nobody_to_see_what_a_units_sums_lose(self, asker: Asker, stage: Stage) -> None:
        """Neither the unit nor the language of somebody else, by whatever is sent; an administrator sets units."""
        comes_in(asker, stage)
        before = stage.person("aino")
        form = form_of(asker.get(f"/console/open/person.edit/{before.id}").text, having='value="person"')
        assert not {"unit", "language"} & form.keys()
        for unit in ("0", "1", "999"):
            sent = {**form, "roles": "", "unit": unit, "language": "fi"}
            asker.post("/console/form", data=sent, headers=OWN)
        assert (stage.person("aino").unit_id, stage.person("aino").language) == (before.unit_id, before.language)
        with stage.database.transaction() as session:
            employees.employee(session, stage.person("laura").id).roles = ["employee", "lead", "admin"]
        comes_in(asker, stage)
        for unit, found in (("999", before.unit_id), ("0", None)):
            form = form_of(asker.get(f"/console/open/person.edit/{before.id}").text, having='value="person"')
            asker.post("/console/form", data={**form, "unit": unit}, headers=OWN)
            assert stage.person("aino").unit_id == found

    def test_nobody_takes_their_own_role_and_nobody_overwrites(self, asker: Asker, stage: Stage) -> None:
        with stage.database.transaction() as session:
            laura, aino = (employees.identity(session, "fake:T1", one).employee for one in ("laura", "aino"))
            laura.roles = ["employee", "admin"]
        comes_in(asker, stage)
        form = form_of(asker.get(f"/console/open/person.edit/{laura.id}").text, having='value="person"')
        asker.post("/console/form", data={**form, "roles": "", "language": "en"}, headers=OWN)
        form = form_of(asker.get(f"/console/open/person.edit/{aino.id}").text, having='value="person"')
        with stage.database.transaction() as session:
            session.get(type(aino), aino.id).roles = ["employee", "lead"]
        told = asker.post("/console/form", data={**form, "roles": "owner", "language": "en"}, headers=OWN)
        assert "Somebody changed this while you were looking" in told.text
        with stage.database.transaction() as session:
            assert session.get(type(aino), aino.id).roles == ["employee", "lead"]
            assert session.get(type(aino), laura.id).roles == ["employee", "admin"]

    def test_an_owner_opens_no_person(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage, "mikko")
        assert asker.get("/console/people/1").status_code == 403
        assert asker.get("/console/open/person.edit/1").status_code == 404


def test_the_audit_log_is_for_administrators(stage: Stage, asker: Asker, site: Console) -> None:
    stage.hires("olli", roles=("employee", "admin"))
    comes_in(asker, stage, "laura")
    assert asker.get("/console/audit").status_code == 403
    assert "/console/audit" not in asker.get("/console").text
    asker.forget_cookies()
    comes_in(asker, stage, "olli")
    page = asker.get("/console/audit").text
    assert "Signed in" in page
    assert "Olli, in the console" in unescape(page)
    narrowed = asker.get("/console/audit?act=signed+in+to+the+console&q=olli@koivu.example").text
    assert "Channel: changed" not in said_on(narrowed).partition("Details")[2]
    assert "Nobody has that name or address." in asker.get("/console/audit?q=nobody@koivu.example").text
    assert "Write whose, too" in asker.get("/console/audit?whose=concerned").text
    assert "Signed in" in said_on(asker.get("/console/audit?q=oLLi").text).partition("Details")[2]
    assert asker.get("/console/audit?lang=fi&after=3").status_code == 200
    aino = stage.person("aino").id
    assert asker.get(f"/console/people/{aino}").status_code == 200
    for address, is_there in (("aino", True), ("laura", False)):
        for whose in ("&whose=concerned", ""):
            concerned = said_on(asker.get(f"/console/audit?q={address}@koivu.example{whose}").text)
            assert ("Looked at a person" in concerned.partition("Details")[2]) is is_there
    assert asker.get(f"/console/open/person.edit/{aino}").status_code == 200
    with stage.database.transaction() as session:
        looked, page = entries.entries(session, act="looked at a person")  # the form shows who they are, too
        assert (looked.about, looked.by_id) == (page.about, page.by_id)
        assert entries.personal_of(session, looked) == {"name": "Aino", "email": "aino@koivu.example"}
        assert "Aino" not in looked.details + looked.about
        erasure.erase(session, session.get_one(Employee, aino), now=stage.now)
    after = asker.get("/console/audit").text
    assert "Somebody who was deleted" in after
    assert f"/console/people/{aino}" not in after  # a link that would lead nowhere
    with stage.database.transaction() as session:
        looked, _page = entries.entries(session, act="looked at a person")
        assert entries.personal_of(session, looked) is None
        assert entries.verify(session).fault is None


def test_people_come_from_a_file_once_it_was_looked_at(stage: Stage, asker: Asker, site: Console) -> None:
    stage.hires("olli", roles=("employee", "admin"))
    content = b"email;unit;role\nnew@koivu.example;Sales > Nordics;owner\nnobody;;\n"

    def sends(path: str = "/console/import", file: bytes = content, **more: str) -> http.Response:
        fields = {**proofs(asker), **more}
        sent = {} if more.get("kept") else {"files": {"file": ("people.csv", file, "text/csv")}}
        return asker.post(path, data=fields, headers=OWN, **sent)

    comes_in(asker, stage, "laura")
    assert asker.get("/console/import").status_code == 403
    assert asker.post("/console/import", data={}, headers=OWN).status_code == 403
    asker.forget_cookies()
    comes_in(asker, stage, "olli")
    shown = sends().text
    assert "1 new, 0 changed, 0 left, 0 unchanged. 1 line refused." in shown
    assert "“nobody” isn’t an email address" in unescape(shown)
    with stage.database.transaction() as session:
        assert employees.by_email(session, "new@koivu.example") is None  # shown, not done
    kept, seen = (re.search(rf'name="{name}" value="([^"]+)"', shown)[1] for name in ("kept", "seen"))  # type: ignore[index]
    assert "This is what would change now" in sends(kept=kept, seen="another").text
    done = unescape(sends(kept=kept, seen=seen).text)
    assert "Done: 1 new" in done
    assert "“nobody” isn’t an email address" in done  # what is still to be mended stays in view
    with stage.database.transaction() as session:
        made = employees.by_email(session, "new@koivu.example")
        assert made is not None
        assert (made.roles, made.unit and made.unit.name) == (["employee", "owner"], "Nordics")
    for wrong in (b"", b"PK\x03\x04junk", b"name\nAino\n"):
        assert sends(file=wrong).status_code == 422
    assert sends(kept="eJwDAAAAAAE=", seen="x").status_code == 422
    assert asker.post("/console/import", data={"kept": kept, "seen": seen}, headers=OWN).status_code == 403  # unproved
