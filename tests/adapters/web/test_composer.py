"""The composer's page: what is written is never lost, pictures are made anew, and nothing is stored by a stranger."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from fastapi import FastAPI
from PIL import Image

from adapters.web import post_pictures as picture_pages
from adapters.web.console.receive import Console
from bot.core.rules import Rules
from content.reading import Reader
from storage.database import Database
from storage.sharing import posts
from storage.sharing.posts import Post, PostState
from tests.adapters.asking import Asker
from tests.adapters.web.test_console import HOME, OWN, comes_in, form_of
from tests.stage import Stage

PAGE = 'enctype="multipart/form-data"'
WORDS = {"title": "Our new office", "summary": "We moved in on Monday. There are plants.", "address": ""}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("mikko", roles=("employee", "owner"))
        yield stage


@pytest.fixture
def asker(stage: Stage, reader: Reader) -> Iterator[Asker]:
    dependencies = replace(stage.dependencies, rules=Rules(base_url=HOME))
    console = Console(dependencies, handle=stage.shell.handle, base_url=HOME, reader=reader)
    app = FastAPI(max_body_size=1024 * 1024)
    app.include_router(console.router())
    app.include_router(picture_pages.router(stage.db_executor))
    with Asker(app) as asker:
        yield asker


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    into = BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(into, kind, **more)
    return into.getvalue()


def tokens(asker: Asker, post: int = 0) -> dict[str, str]:
    return form_of(asker.get(f"/console/compose/{post}" if post else "/console/compose").text, having=PAGE)


def stores(asker: Asker, post: int = 0, *files: tuple[str, bytes], do: str = "save", **values: str):  # type: ignore[no-untyped-def]
    sent = [("pictures", (name, content, "image/jpeg")) for name, content in files]
    filled = {**tokens(asker, post), **({} if post else WORDS), **values, "do": do}
    return asker.post(f"/console/compose/{post}", data=filled, files=sent or [("pictures", ("", b""))], headers=OWN)


def newest(stage: Stage) -> Post:
    with stage.database.transaction() as session:
        found = posts.listed(session, limit=1)[0]
        session.refresh(found, ["pictures"])
        session.expunge_all()
        return found


def count(stage: Stage) -> int:
    with stage.database.transaction() as session:
        return len(posts.listed(session))


class TestStoring:
    def test_from_nothing_to_a_live_post_with_a_picture(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        answer = stores(asker, 0, ("plants.jpg", picture()))
        post = newest(stage)
        assert answer.headers["location"] == f"/console/compose/{post.id}"
        alt = f"alt_{post.pictures[0].id}"
        answer = stores(asker, post.id, do="review.approve")
        assert newest(stage).state == PostState.IN_REVIEW
        assert "Describe each picture" in answer.text
        assert f'<a href="#f-{alt}">' in answer.text
        answer = stores(asker, post.id, do="review.approve", **{alt: "Plants on a desk"})
        assert answer.headers["location"] == "/console/library"
        assert (newest(stage).state, newest(stage).pictures[0].alt) == (PostState.LIVE, "Plants on a desk")

    def test_before_its_time_it_is_called_scheduled_everywhere(self, asker: Asker, stage: Stage) -> None:
        post = stage.publishes("Storm")
        with stage.database.transaction() as session:
            session.get_one(Post, post).embargo_until = stage.now + timedelta(days=8)
        comes_in(asker, stage)
        for page in (f"/console/compose/{post}", f"/console/library/{post}"):
            told = asker.get(page).text
            assert ("Scheduled" in told, "Out for sharing" in told) == (True, False), page

    def test_what_is_wrong_is_said_and_nothing_is_lost(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        answer = stores(asker, title="", summary="Some words", video="ftp://x", question="Who’d have thought?")
        assert answer.status_code == 422
        assert '<a href="#f-title">' in answer.text
        assert '<a href="#f-video">' in answer.text
        for kept in ("Some words", "ftp://x", "Who’d have thought?"):
            assert kept in answer.text
        assert count(stage) == 0

    def test_what_is_withdrawn_is_never_said_to_be_saved(self, asker: Asker, stage: Stage) -> None:
        post = stage.publishes("Storm")
        comes_in(asker, stage)
        opened = tokens(asker, post)
        stage.types("laura", "posts")
        stage.presses("laura", "Withdraw")
        stage.presses("laura", "Yes, withdraw it")
        for _try in range(2):
            answer = asker.post(
                f"/console/compose/{post}", data={**opened, "summary": "My new words", "do": "save"}, headers=OWN
            )
            assert answer.status_code == 409
            assert "My new words" in answer.text
            assert "This post is withdrawn. Put it back before you change it." in answer.text
            opened = form_of(answer.text, having=PAGE)
        assert "Put it back before you change it." in asker.get(f"/console/compose/{post}").text
        stage.presses("laura", "Put it back…")
        stage.presses("laura", "Yes, put it back")
        answer = asker.post(
            f"/console/compose/{post}",
            data={**tokens(asker, post), "summary": "My new words", "do": "save"},
            headers=OWN,
        )
        assert answer.status_code == 303
        assert newest(stage).summary == "My new words"

    def test_sent_twice_is_one_post(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        filled = {**tokens(asker), **WORDS, "do": "save"}
        for _time in range(2):
            asker.post("/console/compose/0", data=filled, headers=OWN)
        assert count(stage) == 1

    def test_starters_for_each_channel(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        stores(asker, **{"question": "Who wants to see?", "plain@x": "Plants!", "plain@nowhere": "No"})
        post = newest(stage)
        with stage.database.transaction() as session:
            found = session.get_one(Post, post.id)
            assert {(one.channel, one.kind, one.text) for one in found.captions} == {
                (None, "question", "Who wants to see?"),
                ("x", "plain", "Plants!"),
            }
        answer = stores(asker, post.id, **{"plain@x": "x" * 400})
        assert "too long" in answer.text

    def test_several_units(self, asker: Asker, stage: Stage) -> None:
        for number in range(6):  # a post for five or fewer would say who shared it
            stage.hires(f"seller{number}", unit="Sales")
            stage.hires(f"pilot{number}", unit="Pilots")
        comes_in(asker, stage)
        filled = [*tokens(asker).items(), *WORDS.items(), ("units", ""), ("units", "1"), ("units", "2"), ("do", "save")]
        body = "&".join(f"{name}={value}".replace(" ", "+") for name, value in filled)
        asker.post(
            "/console/compose/0",
            content=body,
            headers={**OWN, "Content-Type": "application/x-www-form-urlencoded"},
        )
        assert newest(stage).units == [1, 2]

    @pytest.mark.parametrize("post", ["1.5", "-1", "x", "٣", "9" * 30])
    def test_an_address_of_no_post(self, asker: Asker, stage: Stage, post: str) -> None:
        comes_in(asker, stage)
        stored_ones = asker.get("/console/library").text
        assert asker.get(f"/console/compose/{post}").status_code == 404
        assert asker.get("/console/library").text.count("/console/library/") == stored_ones.count("/console/library/")

    def test_two_leads_at_once(self, asker: Asker, stage: Stage) -> None:
        """Who saves second is told, and neither's words are lost."""
        stage.hires("matti", roles=("employee", "lead"))
        comes_in(asker, stage)
        stores(asker)
        post = newest(stage).id
        mine = tokens(asker, post)
        form = stage.pressed("matti", "review.edit", post).form
        stage.submits("matti", form, summary="Matti was faster.")
        answer = asker.post(
            f"/console/compose/{post}", data={**mine, **WORDS, "title": "Laura’s", "do": "save"}, headers=OWN
        )
        assert answer.status_code == 409
        assert "Laura’s" in answer.text
        assert newest(stage).summary == "Matti was faster."
        again = form_of(answer.text, having=PAGE)
        asker.post(f"/console/compose/{post}", data={**again, **WORDS, "title": "Laura’s", "do": "save"}, headers=OWN)
        assert newest(stage).title == "Laura’s"


class TestPictures:
    def test_nothing_but_the_picture_is_kept(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        exif = Image.Exif()
        exif[0x010E], exif[0x0112] = "CANARY at home", 6  # described, and turned
        stores(asker, 0, ("x.jpg", picture(exif=exif.tobytes(), comment=b"CANARY")))
        (kept,) = newest(stage).pictures
        served = asker.get(kept.path)
        assert served.headers["content-type"] == "image/jpeg"
        assert served.headers["x-content-type-options"] == "nosniff"
        assert b"CANARY" not in served.content
        assert (kept.width, kept.height) == (40, 60)
        assert asker.get(kept.small_path).headers["content-type"] == "image/jpeg"
        assert len(kept.key) >= 20

    def test_a_withdrawn_posts_picture_is_gone(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        stores(asker, 0, ("x.jpg", picture()))
        post = newest(stage)
        assert asker.get(post.pictures[0].path).status_code == 200
        stage.pressed("laura", "review.decline", post.id)
        stage.submits("laura", stage.pressed("laura", "review.decline", post.id).form, reason="No")
        assert asker.get(post.pictures[0].path).status_code == 404
        assert asker.get("/pictures/nothing.jpg").status_code == 404

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("page.jpg", b"<html><script>alert(1)</script>"),
            ("vector.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
            ("cut.jpg", picture()[:200]),
            ("empty.jpg", b""),
            ("tiff.jpg", picture("TIFF")),
        ],
    )
    def test_what_is_no_picture(self, asker: Asker, stage: Stage, name: str, content: bytes) -> None:
        comes_in(asker, stage)
        stores(asker, 0, (name, content))
        post = newest(stage)
        assert post.pictures == []
        assert name in asker.get(f"/console/compose/{post.id}").text

    def test_a_bomb(self, asker: Asker, stage: Stage) -> None:
        """A PNG of 30,000 × 30,000 in some hundred bytes of header."""
        comes_in(asker, stage)
        header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
        chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
        stores(asker, 0, ("bomb.png", b"\x89PNG\r\n\x1a\n" + chunk))
        assert newest(stage).pictures == []

    def test_a_moving_one_stands_still_and_it_is_said(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (0, 120, 240)]
        into = BytesIO()
        frames[0].save(into, "GIF", save_all=True, append_images=frames[1:])
        stores(asker, 0, ("dance.gif", into.getvalue()))
        assert len(newest(stage).pictures) == 1
        assert "dance.gif" in asker.get(f"/console/compose/{newest(stage).id}").text

    def test_four_and_no_more(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        stores(asker, 0, *((f"{number}.jpg", picture()) for number in range(6)))
        assert len(newest(stage).pictures) == 4

    def test_larger_than_the_limit(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        stores(asker, 0, ("large.jpg", picture() + bytes(11 * 1024 * 1024)))
        assert newest(stage).pictures == []
        assert "10 MB" in asker.get(f"/console/compose/{newest(stage).id}").text
        answer = stores(asker, newest(stage).id, ("huge.jpg", bytes(45 * 1024 * 1024)))
        assert answer.status_code == 413

    def test_of_another_post_none_is_removed(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        stores(asker, 0, ("x.jpg", picture()))
        first = newest(stage)
        stores(asker, title="Another")
        other = newest(stage)
        stores(asker, other.id, do=f"remove {first.pictures[0].id}")
        assert asker.get(first.pictures[0].path).status_code == 200
        stores(asker, first.id, do=f"remove {first.pictures[0].id}")
        assert asker.get(first.pictures[0].path).status_code == 404

    def test_a_new_one_on_a_live_post_is_approved_first(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        stores(asker, do="review.approve")
        post = newest(stage)
        assert post.state == PostState.LIVE
        stores(asker, post.id, ("late.jpg", picture()))
        assert newest(stage).state == PostState.IN_REVIEW


class TestStrangers:
    def test_who_is_no_lead(self, asker: Asker, stage: Stage) -> None:
        assert asker.get("/console/compose").headers["location"] == "/console/sign-in"
        comes_in(asker, stage, "mikko")
        assert asker.get("/console/compose").status_code == 403
        assert asker.post("/console/compose/0", data=WORDS, headers=OWN).status_code == 403
        assert count(stage) == 0

    def test_a_form_from_elsewhere(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        filled = {**tokens(asker), **WORDS}
        assert (
            asker.post("/console/compose/0", data=filled, headers={"Origin": "https://evil.example"}).status_code == 403
        )
        assert asker.post("/console/compose/0", data={**filled, "csrf": "0" * 64}, headers=OWN).status_code == 403
        assert count(stage) == 0

    @pytest.mark.parametrize("post", ["999999", "abc", "-1", "9" * 30, "1%2F..", "²"])
    def test_a_post_that_is_not_there(self, asker: Asker, stage: Stage, post: str) -> None:
        comes_in(asker, stage)
        assert asker.get(f"/console/compose/{post}").status_code in (200, 404)  # what is no number is a new post
        filled = {**tokens(asker), **WORDS, "do": "review.approve"}
        assert asker.post(f"/console/compose/{post}", data=filled, headers=OWN).status_code in (303, 404, 422)

    def test_words_are_shown_as_words(self, asker: Asker, stage: Stage) -> None:
        comes_in(asker, stage)
        hostile = '"><script>alert(1)</script>'
        stores(asker, title=hostile, summary=hostile, question=hostile)
        page = asker.get(f"/console/compose/{newest(stage).id}").text
        assert "<script>alert" not in page
        ours = [f'<script src="/console/static/{name}.js" defer>' for name in ("console", "compose")]
        assert re.findall(r"<script[^>]*>", page) == ours
