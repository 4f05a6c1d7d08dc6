"""The page that a share leads to: looked at by anybody it changes nothing, and it says the whole text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI

from adapters.web.share_page import SharePage
from bot.core.events import Event, Pressed
from bot.core.turn_processor import Response
from content.channels import KINDS
from storage.sharing import shares
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.posts import PostState
from storage.sharing.shares import Share
from storage.web.webhooks import Call
from tests.adapters.asking import Asker
from tests.stage import MONDAY, Stage

TEXT = "Mine & <b>yours</b>? “Kyllä” 👍🏽"


class Desk:
    """The page of the one share of a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.pressed: list[Event] = []

        async def handle(event: Event) -> Response:
            self.pressed.append(event)
            return Response()

        self.page = SharePage(
            stage.db_executor, base_url="https://chorus.example", handle=handle, now=lambda: stage.now
        )
        app = FastAPI()
        app.mount("/o/static", self.page.static_files())
        app.include_router(self.page.router())
        self.asker = Asker(app, "203.0.113.9")

    def share(self) -> Share:
        with self.stage.database.transaction() as session:
            return session.query(Share).one()

    @property
    def path(self) -> str:
        return f"/o/{self.share().opener}"


@pytest.fixture
def desk(stage: Stage) -> Iterator[Desk]:
    stage.hires("aino")
    stage.publishes("Storm", image_url="https://koivu.example/storm.png")
    stage.ticks()
    form = stage.presses("aino", "Share…").form
    stage.submits("aino", form, stage.newest("aino"), channel="bluesky", text=TEXT)
    desk = Desk(stage)
    with desk.asker:
        yield desk


def test_it_shows_the_whole_text_and_the_way_into_the_network(desk: Desk) -> None:
    answer = desk.asker.get(desk.path)
    assert answer.status_code == 200
    shown = re.search(r'<div class="text"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    assert shown is not None
    assert unescape(shown[1]) == f"{TEXT}\n\nhttps://chorus.example/r/{desk.share().code}"
    assert "https://bsky.app/intent/compose?text=Mine%20%26%20%3Cb%3E" in answer.text
    assert "https://koivu.example/storm.png" in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_looking_changes_nothing_whoever_looks(desk: Desk) -> None:
    for agent in ("Slackbot 1.0", "Mozilla/5.0 (Windows NT 10.0) Firefox/132.0"):
        desk.asker.get(desk.path, headers={"User-Agent": agent})
        desk.asker.request("HEAD", desk.path)
        assert (desk.share().state, desk.share().opened_at) == ("prepared", None)
    assert desk.pressed == []


def test_opening_the_network_is_no_share(desk: Desk) -> None:
    assert desk.asker.post(f"{desk.path}/opened").status_code == 204
    assert (desk.share().state, desk.share().confirmed_at) == ("opened", None)
    with desk.stage.database.transaction() as session:
        assert shares.funnel_by_post(session, MONDAY - timedelta(days=1))[0].confirmed == 0
        assert session.query(Nudge).one().state == NudgeState.TAKEN


def test_posted_is_the_press_on_the_card_in_chat(desk: Desk) -> None:
    answer = desk.asker.post(f"{desk.path}/posted")
    assert (answer.status_code, answer.headers["location"]) == (303, desk.path)
    (event,) = desk.pressed
    assert isinstance(event, Pressed)
    desk.stage.handle(event)
    assert desk.share().state == "confirmed"
    assert "Thank you! Shared on Bluesky" in desk.stage.sees("aino")[0]  # the card in chat
    assert len(desk.stage.sees("aino")) == 1
    again = desk.asker.get(desk.path).text
    assert "Thank you! Shared on Bluesky" in again
    assert "Yes, posted" not in again


def test_posted_twice_is_one_share(desk: Desk) -> None:
    for _tap in range(2):
        desk.asker.post(f"{desk.path}/posted")
    for event in desk.pressed:
        desk.stage.handle(event)
    with desk.stage.database.transaction() as session:
        assert shares.funnel_by_post(session, MONDAY - timedelta(days=1))[0].confirmed == 1
        assert session.query(Call).count() <= 1


@pytest.mark.parametrize(("ending", "status"), [("", 410), ("/opened", 404), ("/posted", 410)])
def test_a_recalled_post_leads_nowhere(desk: Desk, ending: str, status: int) -> None:
    path = desk.path + ending
    with desk.stage.database.transaction() as session:
        session.query(Share).one().post.state = PostState.RECALLED
    answer = desk.asker.post(path) if ending else desk.asker.get(path)
    assert answer.status_code == status
    assert ("please delete your post" in answer.text) is (status == 410)
    assert "location" not in answer.headers
    assert desk.pressed == []


@pytest.mark.parametrize("path", ["/o/unknown", "/o/%2F%2Fevil", "/o/" + "a" * 3000, "/o/%00", "/o/%F0%9F%91%8D"])
def test_an_address_that_nobody_gave(desk: Desk, path: str) -> None:
    assert desk.asker.get(path).status_code == 404


def test_it_speaks_the_persons_language(desk: Desk) -> None:
    with desk.stage.database.transaction() as session:
        session.query(Share).one().employee.language = "fi"
    page = desk.asker.get(desk.path).text
    assert '<html lang="fi">' in page
    assert "Avaa Bluesky" in page


@pytest.mark.parametrize("channel", sorted(KINDS))
def test_each_network_gets_what_its_page_can_take(desk: Desk, channel: str) -> None:
    with desk.stage.database.transaction() as session:
        session.query(Share).one().channel = channel
    page = desk.asker.get(desk.path).text
    link = f"https%3A%2F%2Fchorus.example%2Fr%2F{desk.share().code}"
    address = re.search(r'href="([^"]*)"[^>]* data-open', page)
    assert address is not None
    assert link in address[1]
    says_paste = "Only the link is filled in there" in page
    assert says_paste is (channel in {"facebook", "xing"})
    assert ("on a phone, paste it" in page) is (channel == "linkedin")


class TestStraightToTheNetwork:
    @pytest.mark.parametrize("channel", ["x", "bluesky", "mastodon", "threads", "whatsapp"])
    def test_where_the_whole_text_is_filled_in(self, desk: Desk, channel: str) -> None:
        with desk.stage.database.transaction() as session:
            session.query(Share).one().channel = channel
        answer = desk.asker.get(f"{desk.path}/go")
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(KINDS[channel].share_page("", "", "")[:20])
        assert desk.share().state == "prepared"  # looking at a link changes nothing

    def test_not_once_it_is_withdrawn(self, desk: Desk) -> None:
        with desk.stage.database.transaction() as session:
            session.query(Share).one().post.state = PostState.RECALLED
        assert desk.asker.get(f"{desk.path}/go").status_code == 410
        assert desk.asker.get("/o/nobodys/go").status_code == 404

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "", None])
    def test_a_post_leads_nowhere_but_to_a_web_address(self, desk: Desk, url: str | None) -> None:
        with desk.stage.database.transaction() as session:
            session.query(Share).one().public_url = url
        assert desk.asker.get(f"{desk.path}/post").status_code == 404

    def test_the_writer_is_no_reader_of_their_own_link_and_of_that_one_only(self, desk: Desk) -> None:
        cookie = desk.asker.get(desk.path).headers["set-cookie"]
        assert f"Path=/r/{desk.share().code}" in cookie
        assert "HttpOnly" in cookie
        assert "Secure" in cookie
