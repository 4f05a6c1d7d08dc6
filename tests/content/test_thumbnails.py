"""Small pictures of posts' pages: made once, of whatever a stranger's host answers, and never tried for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from fastapi import FastAPI
from PIL import Image

from adapters.web import post_pictures
from bot.core.db_executor import DbExecutor
from content.intake import THUMBNAIL, Intake
from content.reading import Reader
from storage.database import Database
from storage.sharing import thumbnails
from storage.sharing.posts import Post, PostState
from tests.adapters.asking import Asker
from tests.content.web import Web, body, endless, status
from tests.stage import MONDAY

LATER = MONDAY + timedelta(days=1)


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def intake(sqlite: Database) -> Iterator[Intake]:
    reader = Reader(also_allow=["127.0.0.1/32"])
    yield Intake(sqlite.run, reader)
    reader.close()


def png(width: int = 1200, height: int = 630, colour: str = "navy") -> bytes:
    into = BytesIO()
    Image.new("RGB", (width, height), colour).save(into, "PNG")
    return into.getvalue()


def makes(database: Database, intake: Intake, *, now: object = MONDAY) -> int:
    """As the clock does; how many there were to make."""
    with database.transaction() as session:
        due = thumbnails.to_make(session, now)  # type: ignore[arg-type]
    for post, address in due:
        intake.make_thumbnail(post, address, now=now)  # type: ignore[arg-type]
    return len(due)


def adds(database: Database, address: str, **more: object) -> int:
    with database.transaction() as session:
        post = Post(url="https://x.example/1", title="Storm", created_at=MONDAY, image_url=address, **more)
        session.add(post)
        session.flush()
        return post.id


def path_of(database: Database, post: int) -> str | None:
    with database.transaction() as session:
        return thumbnails.paths(session, [post]).get(post)


def asked(database: Database, path: str) -> tuple[int, bytes]:
    app, db_executor = FastAPI(), DbExecutor(database)
    app.include_router(post_pictures.router(db_executor))
    with Asker(app) as asker:
        answer = asker.get(path)
    db_executor.close()
    return answer.status_code, answer.content


def test_a_picture_is_made_small_once(sqlite: Database, intake: Intake, web: Web) -> None:
    web.pages["/p.png"] = body(png(), "image/png")
    post = adds(sqlite, f"{web.url}/p.png", state=PostState.LIVE)
    assert makes(sqlite, intake) == 1
    assert makes(sqlite, intake, now=LATER) == 0
    assert web.hits == ["/p.png"]
    code, content = asked(sqlite, path_of(sqlite, post) or "")
    assert code == 200
    with Image.open(BytesIO(content)) as made:
        assert (made.format, max(made.size)) == ("JPEG", THUMBNAIL)


def test_a_page_is_read_together_with_its_picture(sqlite: Database, intake: Intake, web: Web) -> None:
    web.pages["/p.png"] = body(png(), "image/png")
    web.pages["/page"] = body(f'<title>T</title><meta property="og:image" content="{web.url}/p.png">'.encode())
    with sqlite.transaction() as session:
        session.add(Post(url=f"{web.url}/page", title="127.0.0.1", page_read=False, created_at=MONDAY))
    intake.complete(1, now=MONDAY)
    assert path_of(sqlite, 1) is not None


def test_another_picture_takes_its_place_under_another_address(sqlite: Database, intake: Intake, web: Web) -> None:
    web.pages |= {"/1": body(png(), "image/png"), "/2": body(png(colour="red"), "image/png")}
    post = adds(sqlite, f"{web.url}/1", state=PostState.LIVE)
    makes(sqlite, intake)
    before = path_of(sqlite, post) or ""
    with sqlite.transaction() as session:
        session.get_one(Post, post).image_url = f"{web.url}/2"
    assert makes(sqlite, intake) == 1
    assert path_of(sqlite, post) not in ("", before)
    assert asked(sqlite, before)[0] == 404


def test_a_withdrawn_post_shows_none(sqlite: Database, intake: Intake, web: Web) -> None:
    web.pages["/p.png"] = body(png(), "image/png")
    post = adds(sqlite, f"{web.url}/p.png", state=PostState.LIVE)
    makes(sqlite, intake)
    path = path_of(sqlite, post) or ""
    with sqlite.transaction() as session:
        session.get_one(Post, post).state = PostState.RECALLED
    assert asked(sqlite, path)[0] == 404


@pytest.mark.parametrize(
    "answer",
    [
        status(404),
        status(500),
        body(b"<svg onload=alert(1)>", "image/svg+xml"),
        body(b"", "image/png"),
        body(png()[:80], "image/png"),
        body(png(9000, 9000), "image/png"),
        endless(most=200),
    ],
)
def test_what_is_no_picture_is_tried_three_times_and_hurts_nobody(
    sqlite: Database, intake: Intake, web: Web, answer: object
) -> None:
    web.pages["/p.png"] = answer  # type: ignore[assignment]
    post = adds(sqlite, f"{web.url}/p.png")
    now, tries = MONDAY, 0
    for _day in range(6):
        tries += makes(sqlite, intake, now=now)
        assert makes(sqlite, intake, now=now + timedelta(minutes=1)) == 0
        now += timedelta(days=1)
    assert tries == thumbnails.MOST_TRIES
    assert path_of(sqlite, post) is None


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/p.png", "http://169.254.169.254/latest", "file:///etc/passwd", "data:image/png;,x", "x"],
)
def test_no_address_inside_a_network_is_asked(sqlite: Database, address: str) -> None:
    reader = Reader()
    try:
        post = adds(sqlite, address)
        makes(sqlite, Intake(sqlite.run, reader))
    finally:
        reader.close()
    assert path_of(sqlite, post) is None
