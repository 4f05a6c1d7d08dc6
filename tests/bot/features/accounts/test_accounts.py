"""A person's own accounts in chat: what is offered, asked for, and said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import Database
from tests.stage import FakeNetwork, Stage


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    networks = {name: FakeNetwork(name) for name in ("bluesky", "mastodon", "linkedin")}
    networks["mastodon"].usual_host = "social.koivu.example"
    with Stage(sqlite, networks=networks) as stage:
        stage.hires("aino")
        yield stage


def test_each_network_that_is_set_up_is_offered(stage: Stage) -> None:
    stage.types("aino", "accounts")
    for name in ("Bluesky", "Mastodon", "LinkedIn"):
        assert f"Connect {name}…" in stage.sees("aino")[-1]


def test_none_is_set_up(sqlite: Database) -> None:
    with Stage(sqlite) as stage:
        stage.hires("aino")
        stage.types("aino", "accounts")
        assert "No network is set up for this yet." in stage.sees("aino")[-1]
        stage.pressed("aino", "account.connect_mastodon", 0)
        assert "Mastodon is not set up here any more." in stage.sees("aino")[-1]


def test_the_organisations_own_instance_is_proposed(stage: Stage) -> None:
    stage.types("aino", "accounts")
    form = stage.presses("aino", "Connect Mastodon…").form
    assert form.fields[0].value == "social.koivu.example"


def test_no_server_no_link(stage: Stage) -> None:
    stage.types("aino", "accounts")
    form = stage.presses("aino", "Connect Mastodon…").form
    again = stage.submits("aino", form, host="   ").form
    assert "Type the name of your server" in again.error_of("host")


@pytest.mark.parametrize("name", ["connect_", "connect_facebook", "connect_*", "end_facebook", "end_", "end_bluesky"])
def test_presses_that_nobody_offered(stage: Stage, name: str) -> None:
    stage.pressed("aino", f"account.{name}", 0)
    assert stage.sees("aino")[-1]


def test_the_link_is_a_new_one_each_time_and_stands_in_ones_own_chat_only(stage: Stage) -> None:
    stage.types("aino", "accounts", place="fake:T1:general")
    stage.presses("aino", "Connect LinkedIn…")
    first = stage.sees("aino")[-1]
    stage.presses("aino", "Back to your accounts")
    stage.presses("aino", "Connect LinkedIn…")
    assert "/connect/" in first
    assert first != stage.sees("aino")[-1]
    assert {address for address, _message in stage.chat.sent} == {"fake:T1:aino"}
