"""The file with everything that is kept of somebody: whoever has the link, once, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI

from adapters.web import own_data
from bot.core.cards import Link
from tests.adapters.asking import Asker
from tests.stage import Stage

HERE = "https://chorus.example"
OWN_FORM = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def asked(stage: Stage) -> Iterator[tuple[Stage, Asker, str]]:
    """Somebody who asked for their data; the path of their link."""
    stage.hires("aino", unit="Sales")
    stage.publishes("Storm")
    stage.ticks()
    stage.shares("aino")
    stage.types("aino", "my data")
    body = stage.cards("aino")[-1].body
    url = next(item.url for part in body for item in getattr(part, "items", ()) if isinstance(item, Link))
    app = FastAPI()
    app.include_router(own_data.router(stage.db_executor, HERE, lambda: stage.now))
    with Asker(app) as asker:
        yield stage, asker, url.removeprefix(HERE)


def test_looking_uses_nothing_up_and_the_button_gives_it_once(asked: tuple[Stage, Asker, str]) -> None:
    _stage, asker, path = asked
    for _look in range(2):
        page = asker.get(path)
        assert page.status_code == 200
        assert "Aino" in page.text
        assert page.headers["cache-control"] == "private, no-store"
        assert page.headers["referrer-policy"] == "same-origin"  # else no browser could press the button
    answer = asker.post(path, headers=OWN_FORM)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; ")
    kept = {kind["table"]: kind for kind in json.loads(answer.text)}
    assert kept["employees"]["rows"][0]["name"] == "Aino"
    assert kept["shares"]["rows"]
    again = asker.post(path, headers=OWN_FORM)
    assert (again.status_code, "no longer works" in again.text) == (410, True)


def test_in_ones_own_language(asked: tuple[Stage, Asker, str]) -> None:
    _stage, asker, path = asked
    finnish = path.replace("lang=en", "lang=fi")
    assert "Lataa kaikki" in asker.get(finnish).text
    assert "jaot: mitä" in asker.post(finnish, headers=OWN_FORM).text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_no_other_site_can_press_the_button(asked: tuple[Stage, Asker, str], headers: dict[str, str]) -> None:
    _stage, asker, path = asked
    assert asker.post(path, headers=headers).status_code == 410
    assert asker.post(path, headers=OWN_FORM).status_code == 200  # nothing was used up


def test_ten_minutes_later_it_is_over(asked: tuple[Stage, Asker, str]) -> None:
    stage, asker, path = asked
    stage.now += timedelta(minutes=11)
    assert asker.get(path).status_code == 410
    assert asker.post(path, headers=OWN_FORM).status_code == 410


@pytest.mark.parametrize("token", ["x", "..", "%00", "a" * 500])
def test_made_up_links(asked: tuple[Stage, Asker, str], token: str) -> None:
    _stage, asker, _path = asked
    assert asker.get(f"/my-data/{token}").status_code in (404, 410)
    assert asker.post(f"/my-data/{token}", headers=OWN_FORM).status_code in (404, 410)
