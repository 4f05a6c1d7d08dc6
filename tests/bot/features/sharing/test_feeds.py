"""Feeds as a lead adds and stops them, in chat; what they bring waits for approval."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.demo.organisation import FEED
from bot.core.turn_processor import Response
from content.intake import Intake
from content.reading import Reader
from storage.database import Database
from storage.sharing import feeds, posts
from tests.content.web import Web, body
from tests.stage import Stage


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("aino")
        yield stage


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        web.pages["/feed"] = body(FEED.read_bytes(), "application/rss+xml")
        yield web


def reads(stage: Stage) -> None:
    """As the clock does."""
    reader = Reader(also_allow=["127.0.0.1/32"])
    intake = Intake(stage.database.run, reader)
    with stage.database.transaction() as session:
        due = [feed.id for feed in feeds.feeds_due(session, stage.now)]
    for feed in due:
        intake.poll(feed, now=stage.now)
    reader.close()


def adds(stage: Stage, address: str) -> Response:
    stage.types("laura", "feeds")
    return stage.submits("laura", stage.presses("laura", "Add a feed…").form, address=address)


def test_from_an_address_to_drafts_and_the_end(stage: Stage, web: Web) -> None:
    adds(stage, f" {web.url}/feed ")
    assert "waits for your approval" in stage.sees("laura")[-1]
    reads(stage)
    with stage.database.transaction() as session:
        brought = len(posts.listed(session))
    assert brought == 5
    stage.types("laura", "feeds")
    assert "5 drafts" in stage.sees("laura")[-1]
    assert "read Mon 23 Nov" in stage.sees("laura")[-1]

    stage.presses("laura", "Stop…")
    stage.presses("laura", "Yes, stop reading it")
    with stage.database.transaction() as session:
        assert feeds.listed(session) == []
        assert len(posts.listed(session)) == brought
    adds(stage, f"{web.url}/feed")  # and again: nothing comes twice
    reads(stage)
    with stage.database.transaction() as session:
        assert len(posts.listed(session)) == brought


def test_what_cannot_be_read_says_so(stage: Stage, web: Web) -> None:
    adds(stage, f"{web.url}/nothing")
    reads(stage)
    stage.types("laura", "feeds")
    assert "can’t be read" in stage.sees("laura")[-1]


@pytest.mark.parametrize("address", ["", "koivu.example", "file:///etc/passwd", "javascript:alert(1)", "https://a b/"])
def test_what_is_no_address_is_refused(stage: Stage, address: str) -> None:
    answer = adds(stage, address)
    assert answer.form is not None
    assert answer.form.errors
    with stage.database.transaction() as session:
        assert feeds.listed(session) == []


def test_the_same_twice_is_refused(stage: Stage, web: Web) -> None:
    adds(stage, f"{web.url}/feed")
    answer = adds(stage, f"{web.url}/feed")
    assert answer.form is not None
    assert answer.form.errors == (("address", "That feed is read already."),)


def test_feeds_are_for_leads(stage: Stage) -> None:
    stage.types("aino", "feeds")
    stage.pressed("aino", "feed.add", 0)
    stage.pressed("aino", "feed.stop_now", 1)
    assert not [said for said in stage.sees("aino") if "Add a feed" in said]


def test_a_feed_that_is_gone_is_not_stopped_twice(stage: Stage, web: Web) -> None:
    adds(stage, f"{web.url}/feed")
    stage.pressed("laura", "feed.stop_now", 1)
    stage.pressed("laura", "feed.stop_now", 1)
    assert "isn’t read any more" in stage.sees("laura")[-1]
