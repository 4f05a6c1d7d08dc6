"""The web's own pages: tracked links and what counts as a click, charts, health, the playground's walls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2 as http
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from adapters.app import build
from adapters.demo.organisation import MEMBERS
from adapters.playground.receive import PlaygroundReceiver
from adapters.playground.send import PlaygroundPlatform
from adapters.server import MAX_BODY, WebServer
from adapters.settings import load_settings
from adapters.web import calendar, front, health, privacy
from adapters.web.links import LinkService
from adapters.web.pictures import SealedPictures
from adapters.web.retry import retry_after
from bot.core.cards import Form, Quote, TextField, card, text
from bot.core.db_executor import DbExecutor
from bot.core.events import Command, Event, Pressed, Submitted
from bot.core.ports import PermanentFailure, Sent
from bot.core.turn_processor import Response
from storage.database_faults import NoAnswer
from storage.secrets import new_key
from storage.sharing.links import TrackedLink
from storage.sharing.shares import Share
from tests.adapters.asking import Asker
from tests.stage import MONDAY, Stage

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"}
PREVIEWS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mastodon/4.2.0 (http.rb/5.1.1; +https://mastodon.social/)",
    "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0)",
    "DuckDuckBot/1.1",
    "Applebot/0.1",
    "Baiduspider",
    "Pinterestbot/1.0",
    "redditbot/1.0",
    "Embedly/0.2",
    "curl/8.5.0",
    "Wget/1.21",
    "python-requests/2.32",
    "python-httpx/0.28",
    "Go-http-client/2.0",
    "Java/17.0",
    "okhttp/4.12",
    "Mozilla/5.0 HeadlessChrome/120.0",
    "",
]


@pytest.fixture
def shared(stage: Stage) -> Stage:
    """Aino has confirmed a share."""
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    form = stage.presses("aino", "Share…").form
    stage.submits("aino", form, stage.newest("aino"), channel="linkedin", text="Mine?")
    stage.presses("aino", "Yes, posted")
    stage.now += timedelta(seconds=10)
    return stage


def share_of(stage: Stage) -> Share:
    with stage.database.transaction() as session:
        return session.query(Share).one()


class Desk:
    """The links of a stage, asked as the web asks them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.links = LinkService(stage.db_executor, now=lambda: stage.now)
        app = Starlette(routes=[Route("/r/{code}", self.links.redirect, methods=["GET", "HEAD"])])
        self.asker = Asker(app, "203.0.113.9")

    def get(self, path: str, method: str = "GET", **headers: str) -> http.Response:
        answer = self.asker.request(
            method, path, headers={**PERSON, **{k.replace("_", "-"): v for k, v in headers.items()}}
        )
        self.asker.run(self.links.close())
        return answer

    def counts(self) -> tuple[int, int, int]:
        link = share_of(self.stage).link
        return link.raw_clicks, link.automated_clicks, link.unique_clicks


@pytest.fixture
def desk(shared: Stage) -> Iterator[Desk]:
    desk = Desk(shared)
    with desk.asker:
        yield desk


class TestRedirect:
    def test_leads_to_the_stored_target_and_counts(self, desk: Desk) -> None:
        share = share_of(desk.stage)
        answer = desk.get(f"/r/{share.code}")
        assert (answer.status_code, answer.headers["location"]) == (302, share.link.target)
        assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
        assert desk.counts() == (1, 0, 1)

    def test_one_person_a_hundred_times_is_one(self, desk: Desk) -> None:
        for _time in range(100):
            desk.asker.get(f"/r/{share_of(desk.stage).code}", headers=PERSON)
        desk.asker.run(desk.links.close())
        assert desk.counts() == (100, 0, 1)

    def test_head_is_no_click(self, desk: Desk) -> None:
        assert desk.get(f"/r/{share_of(desk.stage).code}", "HEAD").status_code == 302
        assert desk.counts() == (0, 0, 0)

    @pytest.mark.parametrize("agent", PREVIEWS)
    def test_previews_and_robots_are_no_people(self, desk: Desk, agent: str) -> None:
        assert desk.get(f"/r/{share_of(desk.stage).code}", User_Agent=agent).status_code == 302
        assert desk.counts() == (1, 1, 0)

    @pytest.mark.parametrize(
        "header", [{"Purpose": "prefetch"}, {"Sec_Purpose": "prefetch;prerender"}, {"X_Purpose": "preview"}]
    )
    def test_prefetching_is_no_click(self, desk: Desk, header: dict[str, str]) -> None:
        desk.get(f"/r/{share_of(desk.stage).code}", **header)
        assert desk.counts() == (1, 1, 0)

    @pytest.mark.parametrize(("wanted_as", "people"), [("image", 0), ("script", 0), ("empty", 0), ("document", 1)])
    def test_who_only_sees_it_as_a_picture_of_another_page_reads_nothing(
        self, desk: Desk, wanted_as: str, people: int
    ) -> None:
        desk.get(f"/r/{share_of(desk.stage).code}", Sec_Fetch_Dest=wanted_as)
        assert desk.counts() == (1, 1 - people, people)

    def test_a_hit_within_two_seconds_of_posting_is_a_machine(self, desk: Desk) -> None:
        desk.stage.now = MONDAY + timedelta(seconds=1)
        with desk.stage.database.transaction() as session:
            session.query(TrackedLink).one().posted_at = MONDAY
        desk.get(f"/r/{share_of(desk.stage).code}")
        assert desk.counts() == (1, 1, 0)

    def test_works_while_clicks_cannot_be_written(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        code = share_of(desk.stage).code
        desk.get(f"/r/{code}")

        async def broken(_work: Any) -> Any:
            raise OSError("disk full")

        monkeypatch.setattr(desk.links, "_db_executor", broken)
        assert desk.asker.get(f"/r/{code}", headers=PERSON).status_code == 302
        monkeypatch.undo()
        desk.asker.run(desk.links.close())
        assert desk.counts()[0] == 2  # kept, and written once it could be

    def test_recall_is_heeded(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        code = share_of(desk.stage).code
        desk.get(f"/r/{code}")
        with desk.stage.database.transaction() as session:
            session.query(TrackedLink).one().live = False
        monkeypatch.setattr("adapters.web.links.monotonic", lambda: 1e12)  # what was known has grown old
        assert desk.get(f"/r/{code}").status_code == 404

    def test_what_may_have_been_recalled_leads_nowhere_while_the_database_is_away(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It leads on for two minutes after it was last looked up: whoever recalled it since is heeded."""
        path, began = f"/r/{share_of(desk.stage).code}", monotonic()
        assert desk.get(path).status_code == 302

        async def away(*_work: object, **_within: float) -> None:
            raise NoAnswer

        monkeypatch.setattr(desk.links._db_executor, "ask", away)
        monkeypatch.setattr("adapters.web.links.monotonic", lambda: began + 100)
        assert desk.get(path).status_code == 302
        monkeypatch.setattr("adapters.web.links.monotonic", lambda: began + 200)
        assert desk.get(path).status_code == 503

    def test_an_expired_link_leads_nowhere(self, desk: Desk) -> None:
        with desk.stage.database.transaction() as session:
            session.query(TrackedLink).one().expires_at = desk.stage.now
        assert desk.get(f"/r/{share_of(desk.stage).code}").status_code == 404

    @pytest.mark.parametrize(
        "path",
        [
            "/r/unknown",
            "/r/%2F%2Fevil.example",
            "/r/javascript:alert(1)",
            "/r/%0d%0aLocation:%20https://evil.example",
            "/r/?url=https://evil.example",
            "/r/..%2f..%2fetc",
            "/r/%2525",
            "/r/" + "a" * 5000,
            "/r/\u202e",
        ],
    )
    def test_nothing_else_redirects(self, desk: Desk, path: str) -> None:
        answer = desk.get(path)
        assert answer.status_code == 404
        assert "location" not in answer.headers

    def test_the_end_page_speaks_the_readers_language(self, desk: Desk) -> None:
        assert "Tämä linkki ei toimi" in desk.get("/r/unknown", Accept_Language="fi-FI,fi").text


def test_an_address_that_leads_nowhere_says_so_in_words(stage: Stage) -> None:
    """To a browser in its language, whatever is asked of it; to a program as FastAPI does."""
    app = FastAPI()
    app.add_exception_handler(HTTPException, front.nothing_here)
    app.include_router(front.router("/console"))

    @app.post("/do")
    async def do() -> None: ...

    finn = {"Accept": "text/html,*/*", "Accept-Language": "fi-FI,fi;q=0.9"}
    with Asker(app) as asker:
        for path, code, said in (("/nowhere", 404, "Sivua ei löydy"), ("/do", 405, "ei ole mitään nähtävää")):
            page = asker.get(path, headers=finn)
            assert page.status_code == code
            assert said in page.text
            assert 'lang="fi"' in page.text
            assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert asker.get("/do", headers=finn).headers["allow"] == "POST"
        assert asker.get("/nowhere").json() == {"detail": "Not Found"}


@pytest.mark.parametrize("home", ["/playground", "/console"])
def test_the_front_leads_to_what_there_is(home: str) -> None:
    app = FastAPI()
    app.include_router(front.router(home))
    with Asker(app, "203.0.113.9") as asker:
        for method in ("GET", "HEAD"):
            answer = asker.request(method, "/")
            assert (answer.status_code, answer.headers["location"]) == (302, home)
        icon = asker.get("/favicon.ico")
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
        assert icon.content.startswith(b"<svg")


def test_charts_are_drawn_from_sealed_figures_only() -> None:
    pictures = SealedPictures("key", "")
    app = FastAPI()
    app.include_router(pictures.router())
    with Asker(app) as asker:
        url = pictures.url_of("Otsikko ä", [("Nudges sent", 4), ("Shared", 1)])
        answer = asker.get(url)
        assert (answer.status_code, answer.headers["content-type"], answer.content[:4]) == (
            200,
            "image/png",
            b"\x89PNG",
        )
        assert "Nudges sent" not in url
        stages = [(f"Factor {number}", number % 4 + 1 if number else None) for number in range(8)]
        rows = [("Sales", [(62, "62"), None]), ("Field ä", [(55, "mixed"), (80, "80")])]
        for other in (
            pictures.culture_url("Profile", stages, "too few answers yet"),
            pictures.heat_url("Units", ["Goals", "Ownership"], rows, "too few answers yet"),
        ):
            assert asker.get(other).content[:4] == b"\x89PNG"
        assert asker.get("/charts/forged.png").status_code == 404
        assert asker.get(SealedPictures("other key", "").url_of("x", [("a", 1)])).status_code == 404
    assert len(url) < 3000


def test_health(stage: Stage) -> None:
    app = Starlette(routes=health.routes(stage.database))
    with Asker(app) as asker:
        assert asker.get("/healthz").json() == {"status": "alive"}
        assert asker.get("/readyz").status_code == 200
        stage.database.engine.dispose()
        stage.database.engine.url = None  # type: ignore[assignment]
        assert asker.get("/healthz").status_code == 200


def test_the_page_behind_privacy_in_both_languages() -> None:
    app = FastAPI()
    app.include_router(privacy.router("Koivu <b>"))
    with Asker(app) as asker:
        assert "Chorus works for Koivu &lt;b&gt;." in asker.get("/privacy").text
        assert "Chorus ja yksityisyytesi" in asker.get("/privacy", headers={"Accept-Language": "fi-FI"}).text


def test_a_calendar_is_read_by_whoever_has_its_address(stage: Stage) -> None:
    stage.hires("aino")
    stage.types("aino", "calendar")
    stage.pressed("aino", "calendar.address", 0)
    address = next(part.text for part in stage.cards("aino")[-1].body if isinstance(part, Quote))
    app = FastAPI()
    app.include_router(calendar.router(stage.db_executor, "Koivu", lambda: stage.now))
    with Asker(app) as asker:
        found = asker.get(address.removeprefix("https://chorus.example"))
        assert found.status_code == 200
        assert found.headers["content-type"] == "text/calendar; charset=utf-8"
        assert found.text.startswith("BEGIN:VCALENDAR")
        for other in ("nobody", "x" * 5000, "%00", "é", "..%2F.."):
            assert asker.get(f"/calendar/{other}.ics").status_code == 404


def test_large_bodies_are_refused_while_they_arrive(tmp_path: Path) -> None:
    settings = load_settings(
        database_url=f"sqlite:///{tmp_path}/chorus.db",
        secret_keys=new_key(),
        slack_signing_secret="s",
        slack_bot_token="x",
    )
    parts = build(settings, base_url="http://127.0.0.1:8000")
    with Asker(WebServer(parts).app) as asker:
        for door in ("/slack/events", "/api/v1/leads", "/console/do"):
            assert asker.post(door, content=b"x" * MAX_BODY).status_code < 500
            assert asker.post(door, content=b"x" * (MAX_BODY + 1)).status_code == 413, door
        asker.run(parts.close())


class TestPlayground:
    @pytest.fixture
    def events(self) -> list[Event]:
        return []

    def asker(self, events: list[Event], answer: Response | None = None, client: str = "127.0.0.1") -> Asker:
        async def handle(event: Event) -> Response:
            events.append(event)
            return answer or Response()

        app = FastAPI()
        app.include_router(
            PlaygroundReceiver(
                handle=handle,
                platform=PlaygroundPlatform(MEMBERS),
                commands={"share": "approved content you can share now"},
            ).router()
        )
        return Asker(app, client)

    def test_the_page_in_both_languages(self, events: list[Event]) -> None:
        with self.asker(events) as asker:
            english, finnish = asker.get("/playground").text, asker.get("/playground?lang=fi").text
        assert "Aino Virtanen – Service engineer" in english
        assert "Aino Virtanen – Huoltoinsinööri" in finnish
        assert 'lang="fi"' in finnish

    def test_acts_become_events(self, events: list[Event]) -> None:
        acts = [
            {"kind": "say", "user": "aino", "text": "/chorus share now"},
            {"kind": "press", "user": "aino", "action": "nudge.later", "ref": 3, "message": "playground:demo:aino:1"},
            {"kind": "submit", "user": "aino", "form": "share", "ref": 3, "values": {"text": "x"}},
        ]
        with self.asker(events, Response(form=Form("f", 1, "F", (TextField("a", "A"),), "ok", "no"))) as asker:
            assert all('data-form="f"' in asker.post("/playground/act", json=act).json()["form"] for act in acts)
        assert [type(event) for event in events] == [Command, Pressed, Submitted]
        assert isinstance(events[0], Command)
        assert (events[0].name, events[0].text) == ("share", "now")

    @pytest.mark.parametrize(
        ("headers", "client"),
        [
            ({"Host": "evil.example"}, "127.0.0.1"),
            ({"Origin": "https://evil.example"}, "127.0.0.1"),
            ({}, "203.0.113.9"),
            ({"Origin": "null"}, "127.0.0.1"),
        ],
    )
    def test_nobody_else_gets_in(self, events: list[Event], headers: dict[str, str], client: str) -> None:
        with self.asker(events, client=client) as asker:
            assert (
                asker.post(
                    "/playground/act", json={"kind": "say", "user": "aino", "text": "hi"}, headers=headers
                ).status_code
                == 403
            )
            assert asker.get("/playground/stream?user=aino", headers=headers).status_code == 403
        assert events == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"{",
            b"{}",
            b'{"kind":"press","user":"aino","ref":"x"}',
            b'{"kind":"say","user":"nobody","text":"x"}',
            b'{"kind":"submit","user":"aino","ref":1,"values":3}',
            b'{"kind":"press","user":"aino","ref":true}',
            b'{"kind":"say","user":"aino","text":""}',
            b'{"a":' * 9999,
        ],
    )
    def test_nonsense_is_a_4xx(self, events: list[Event], body: bytes) -> None:
        with self.asker(events) as asker:
            assert 400 <= asker.post("/playground/act", content=body).status_code < 500
        assert events == []

    def test_conversations_are_streamed_and_replaced(self) -> None:
        with Asker(None) as loop:
            platform = PlaygroundPlatform(MEMBERS)
            sent = loop.run(platform.send("playground:demo:aino", card("a", text("<b>one</b>")), mark=""))
            assert isinstance(sent, Sent)
            stream = platform.stream("aino")
            first = loop.run(anext(stream))
            assert first.html == "<p>&lt;b&gt;one&lt;/b&gt;</p>"
            loop.run(platform.update(sent.message, card("a", text("two"))))
            assert loop.run(anext(stream)).html == "<p>two</p>"
            platform.end_streams()
            assert [loop.run(anext(one, None)) for one in (stream, platform.stream("aino"))] == [None, None]
            assert loop.run(platform.send("playground:demo:nobody", card("a"), mark="")) == PermanentFailure(
                "no such member", parks="person"
            )
            assert loop.run(platform.update("playground:demo:aino:99", card("a"))) == PermanentFailure(
                "no such message"
            )


def test_executor_tries_again_what_collided(stage: Stage) -> None:
    from sqlalchemy.exc import IntegrityError

    tries: list[int] = []

    def work(_session: object) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError("x", None, Exception())
        return "done"

    db_executor = DbExecutor(stage.database)
    with Asker(None) as loop:
        assert loop.run(db_executor(work)) == "done"
    db_executor.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5), ("", 30), (None, 30), ("-3", 30), ("soon", 30), ("1e9", 3600), ("nan", 30), ("Wed, 21 Oct 2026", 30)],
)
def test_retry_after(value: str | None, seconds: float) -> None:
    assert retry_after(value, otherwise=30) == seconds
