"""Connecting an account: whose link it is, which browser went, and that nobody comes back twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from fastapi import FastAPI

from adapters.web.connect import Connect
from bot.core.cards import Actions, Link
from storage.database import Database
from storage.publishing import accounts
from tests.adapters.asking import Asker
from tests.stage import FakeNetwork, Stage

HERE = {"Origin": "https://chorus.example"}


class Desk:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        connect = Connect(stage.dependencies, base_url="https://chorus.example", run_job=stage.shell.run_job)
        self.app = FastAPI()
        self.app.include_router(connect.router())
        self.asker = Asker(self.app, "203.0.113.9")

    def link(self, user: str = "aino") -> str:
        """The path of the link in the person's chat."""
        self.stage.types(user, "accounts")
        self.stage.presses(user, "Connect LinkedIn…")
        card = self.stage.cards(user)[-1]
        links = [item for row in card.body if isinstance(row, Actions) for item in row.items if isinstance(item, Link)]
        return urlsplit(links[0].url).path

    def goes(self, path: str) -> tuple[str, str]:
        """(the state, the cookie) with which a browser leaves for the network."""
        answer = self.asker.post(path, headers=HERE)
        assert answer.status_code == 303, answer.text
        state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]
        return state, answer.headers["set-cookie"].partition(";")[0]

    def comes_back(self, state: str, cookie: str, **query: str):
        asked = "&".join(f"{name}={value}" for name, value in {"state": state, "code": "aino", **query}.items())
        return self.asker.get(f"/connect/back?{asked}", headers={"Cookie": cookie})

    def connected(self, user: str = "aino"):
        with self.stage.database.transaction() as session:
            return accounts.accounts_of(session, self.stage.person(user).id)


@pytest.fixture
def desk(sqlite: Database) -> Iterator[Desk]:
    with Stage(sqlite, networks={"linkedin": FakeNetwork("linkedin")}) as stage:
        stage.hires("aino")
        stage.hires("mallory")
        desk = Desk(stage)
        with desk.asker:
            yield desk


def test_there_and_back(desk: Desk) -> None:
    path = desk.link()
    page = desk.asker.get(path).text
    assert "For Aino" in page
    answer = desk.comes_back(*desk.goes(path))
    assert answer.status_code == 200
    assert "LinkedIn is connected" in answer.text
    assert [row.name for row in desk.connected()] == ["@aino.example"]
    desk.stage.sends()
    assert "LinkedIn is connected" in desk.stage.sees("aino")[-1]


def test_looking_changes_nothing_and_sends_nobody_away(desk: Desk) -> None:
    path = desk.link()
    for _ in range(3):
        assert desk.asker.get(path).status_code == 200
    assert desk.stage.dependencies.networks["linkedin"].calls == []
    assert desk.connected() == []


def test_a_link_that_somebody_else_sent_says_whose_it_is(desk: Desk) -> None:
    """Mallory sends Aino a link, so that Aino's account would be Mallory's to post on."""
    page = desk.asker.get(desk.link("mallory")).text
    assert "Mallory" in page
    assert "Posts that Mallory approves in chat will appear on the account you sign in with." in page
    assert "Then close this page." in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://chorus.example.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "https://chorus.example/"},
    ],
)
def test_nobody_is_sent_away_from_another_page(desk: Desk, headers: dict[str, str]) -> None:
    """Mallory's page posts her own link for whoever looks at it: they never see whose Chorus it is."""
    answer = desk.asker.post(desk.link("mallory"), headers=headers)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_an_answer_that_another_browser_brings(desk: Desk) -> None:
    """Mallory signs in herself and has Aino's browser bring the answer, or the other way round."""
    state, _cookie = desk.goes(desk.link("mallory"))
    assert desk.comes_back(state, "").status_code == 404
    assert desk.comes_back(state, "__Host-chorus_connect=other").status_code == 404
    assert desk.comes_back("", "__Host-chorus_connect=").status_code == 404
    assert desk.connected("mallory") == []


def test_an_answer_that_comes_twice(desk: Desk) -> None:
    state, cookie = desk.goes(desk.link())
    assert desk.comes_back(state, cookie).status_code == 200
    assert desk.comes_back(state, cookie).status_code == 404


def test_an_answer_that_comes_late(desk: Desk) -> None:
    state, cookie = desk.goes(desk.link())
    desk.stage.now += timedelta(minutes=11)
    assert desk.comes_back(state, cookie).status_code == 404
    assert desk.connected() == []


def test_a_link_that_is_old(desk: Desk) -> None:
    path = desk.link()
    desk.stage.now += timedelta(minutes=11)
    assert desk.asker.get(path).status_code == 404
    assert desk.asker.post(path, headers=HERE).status_code == 404


def test_only_the_last_way_out_leads_back(desk: Desk) -> None:
    path = desk.link()
    first = desk.goes(path)
    second = desk.goes(path)
    assert desk.comes_back(*first).status_code == 404
    assert desk.comes_back(*second).status_code == 200


def test_said_no_at_the_network(desk: Desk) -> None:
    state, cookie = desk.goes(desk.link())
    answer = desk.asker.get(f"/connect/back?state={state}&error=access_denied", headers={"Cookie": cookie})
    assert answer.status_code == 400
    assert "is not connected" in answer.text
    assert desk.connected() == []


def test_an_account_that_a_colleague_has_connected(desk: Desk) -> None:
    desk.comes_back(*desk.goes(desk.link()))
    answer = desk.comes_back(*desk.goes(desk.link("mallory")))
    assert answer.status_code == 400
    assert "A colleague has connected this account already." in answer.text
    assert desk.connected("mallory") == []


def test_another_account_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.comes_back(*desk.goes(desk.link()))
    with desk.stage.database.transaction() as session:
        accounts.account(session, 1).expire()
    desk.stage.types("aino", "accounts")
    desk.stage.presses("aino", "Sign in again…")
    card = desk.stage.cards("aino")[-1]
    (link,) = [item for row in card.body if isinstance(row, Actions) for item in row.items if isinstance(item, Link)]
    state, cookie = desk.goes(urlsplit(link.url).path)
    desk.comes_back(state, cookie, code="aino2")
    assert [row.name for row in desk.connected()] == ["@aino2.example"]


def test_whoever_has_left_meanwhile(desk: Desk) -> None:
    state, cookie = desk.goes(desk.link())
    desk.stage.leaves("aino")
    assert desk.comes_back(state, cookie).status_code == 400
    assert desk.connected() == []


@pytest.mark.parametrize(
    "path", ["/connect/x", "/connect/" + "a" * 5000, "/connect/%00", "/connect/bluesky/client.json"]
)
def test_what_leads_nowhere(desk: Desk, path: str) -> None:
    assert desk.asker.get(path).status_code == 404


def test_the_cookie_is_for_this_alone(desk: Desk) -> None:
    answer = desk.asker.post(desk.link(), headers=HERE)
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "secure", "samesite=lax", "path=/", "max-age=600"):
        assert part in cookie


def test_no_secret_in_the_log_or_in_the_database(desk: Desk, tmp_path) -> None:
    with structlog.testing.capture_logs() as logged:
        path = desk.link()
        state, cookie = desk.goes(path)
        desk.comes_back(state, cookie)
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("chorus.db*"))
    for secret in ("secret-of-aino", state, path.rpartition("/")[2]):
        assert secret not in str(logged)
        assert secret.encode() not in stored or secret == path.rpartition("/")[2]  # the chat card holds the link


def test_in_the_persons_language(desk: Desk) -> None:
    desk.stage.hires("paula", locale="fi")
    desk.stage.types("paula", "accounts")
    desk.stage.presses("paula", "Yhdistä LinkedIn…")
    card = desk.stage.cards("paula")[-1]
    (link,) = [item for row in card.body if isinstance(row, Actions) for item in row.items if isinstance(item, Link)]
    assert '<html lang="fi">' in desk.asker.get(urlsplit(link.url).path).text
