"""What is read in a process of its own ends when its time is over, and harms nothing else."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from content import feeds, metadata
from content.errors import ContentError, FetchError, NotAFeed, TooMuch
from content.intake import Intake
from content.read_results import MAX_SECONDS
from content.reading import Reader
from storage.database import Database
from storage.people.employees import Employee
from storage.sharing import posts
from storage.sharing.posts import MOST_TRIES, Post, PostState
from tests.content.test_feeds import ATOM, RSS
from tests.content.web import Answer, Web, body
from tests.stage import MONDAY

DEEP = b"<title>x</title>" + b"<div>" * 1_000_000  # 7.6 kB on the wire
GOOD = b"<title>A page</title>"
URL = "https://a.example/"


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader(also_allow=["127.0.0.1/32"])
    yield reader
    reader.close()


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


def trickled(line: bytes, wait: float, most: int) -> Answer:
    """The beginning of an answer, over and over, and never the answer (bounded by `most`)."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        for _line in range(most):
            handler.wfile.write(line)
            handler.wfile.flush()
            time.sleep(wait)

    return answer


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "start",
    [
        trickled(b"HTTP/1.1 100 Continue\r\n\r\n", 0.4, 100),
        trickled(b"X-Header: slow\r\n", 0.4, 100),
    ],
)
def test_headers_without_end_end_with_the_rest(web: Web, reader: Reader, start: Answer) -> None:
    web.pages["/slow"] = start
    began = time.monotonic()
    with pytest.raises(FetchError):
        reader.fetch(f"{web.url}/slow")
    assert time.monotonic() - began < MAX_SECONDS + 4
    web.pages["/good"] = body(GOOD)
    assert reader.fetch(f"{web.url}/good").body == GOOD


@pytest.mark.parametrize(
    "html",
    [
        DEEP,
        b"<b>" * 300_000,
        b"<table><tr><td>" * 60_000,
        b"<svg>" * 300_000,
        b"<a " * 400_000,
        b"<!--" * 400_000,
        b"&amp" * 400_000,
        b"<p " + b"a=1 " * 300_000,
        b"\x00" * 900_000,
    ],
)
def test_a_page_is_read_in_two_seconds_or_not_at_all(reader: Reader, html: bytes) -> None:
    began = time.monotonic()
    try:
        reader.page(html, url=URL)
    except TooMuch:
        """Given up, and said so."""
    assert time.monotonic() - began < 8  # a new process may have to start, on a busy machine
    assert reader.page(GOOD, url=URL).title == "A page"


def test_a_parser_that_is_kept_busy_is_ended() -> None:
    reader = Reader(parsing=0.3)
    many = b"<rss version='2.0'><channel>" + b"<item><title>x &lt;b&gt;</title></item>" * 60_000 + b"</channel></rss>"
    with pytest.raises(TooMuch, match="too long"):
        reader.feed(many)
    assert reader.page(GOOD, url=URL).title == "A page"
    reader.close()


def test_depth_is_told_before_a_parser_is_asked() -> None:
    with pytest.raises(TooMuch):
        metadata.read(DEEP, url=URL)
    with pytest.raises((TooMuch, NotAFeed)):
        feeds.parse(b"<rss version='2.0'><channel>" + b"<item>" * 5000)
    (deep,) = feeds.parse(
        RSS.format(items=f"<item><title>T</title><description>{'&lt;i&gt;' * 5000}</description></item>").encode()
    ).entries
    assert deep.problem == "it is nested too deeply"
    long_page = b"<title>Long</title>" + b"<p>a<li>b<td>c<br>" * 5000 + b"<div><span>x</span></div>" * 5000
    assert metadata.read(long_page, url=URL).title == "Long"


def test_all_that_was_said_comes_back_as_it_was(reader: Reader) -> None:
    for feed in (ATOM.encode(), (Path(__file__).parents[2] / "adapters/demo/feed.xml").read_bytes()):
        assert reader.feed(feed, base_url=URL) == feeds.parse(feed, base_url=URL)
    with pytest.raises(NotAFeed, match="neither RSS"):
        reader.feed(b"hello")


def test_a_draft_whose_page_cannot_be_read_is_not_tried_for_ever(sqlite: Database, web: Web, reader: Reader) -> None:
    web.pages["/deep"] = body(gzip.compress(DEEP), Content_Encoding="gzip")
    intake = Intake(sqlite.run, reader)
    with sqlite.transaction() as session:
        session.add(
            Employee(id=1, joined_at=MONDAY, roles=["employee"], topics_declined=[], topics_wanted=[], tour_step=0)
        )
        session.add(
            Post(
                id=1,
                url=f"{web.url}/deep",
                canonical_url=f"{web.url}/deep",
                title="127.0.0.1",
                state=PostState.DRAFT,
                page_read=False,
                created_at=MONDAY,
                suggested_by_id=1,
            )
        )
    intake.complete(1, now=MONDAY)
    with sqlite.transaction() as session:
        assert session.get_one(Post, 1).page_read is True  # it was read, and said nothing
        session.get_one(Post, 1).page_read = False

    class Breaks(Reader):
        def fetch(self, url: str, **_more: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError

    for _try in range(MOST_TRIES - 1):
        with sqlite.transaction() as session:
            assert [post.id for post in posts.to_complete(session)] == [1]
        with pytest.raises(ZeroDivisionError):
            Intake(sqlite.run, Breaks()).complete(1, now=MONDAY)
    with sqlite.transaction() as session:
        assert posts.to_complete(session) == []


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "cp1252"]
)
def test_encodings(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n'
    item = "<item><title>Sähköä yöllä</title><link>https://k.example/1</link></item>"
    for text, kind in (
        (declared + RSS.format(items=item), ""),
        (RSS.format(items=item), f"text/xml; charset={encoding}"),
    ):
        (entry,) = feeds.parse(text.encode(encoding), content_type=kind).entries
        assert entry.title == "Sähköä yöllä"
    json_feed = '{"title": "Yö", "items": [{"url": "https://k.example/1", "title": "Sähköä yöllä"}]}'
    (entry,) = feeds.parse(json_feed.encode(encoding), content_type=f"application/json; charset={encoding}").entries
    assert entry.title == "Sähköä yöllä"
    table = "url,title\nhttps://k.example/1,Sähköä yöllä\n"
    (entry,) = feeds.parse(table.encode(encoding), content_type=f"text/csv; charset={encoding}").entries
    assert entry.title == "Sähköä yöllä"


@pytest.mark.parametrize("wrong", ["7", '{"a": 1}', '"x"', "[7, null]", "[{}]", "true"])
def test_one_bad_item_ends_no_import(wrong: str) -> None:
    good = '{"url": "https://k.example/1", "title": "Good"}'
    bad = f'{{"url": "https://k.example/2", "title": "Bad", "tags": {wrong}, "authors": {wrong}, "date_published": {wrong}}}'
    found = feeds.parse(f'{{"items": [{bad}, {good}]}}'.encode()).entries
    assert found[-1].title == "Good"
    assert len(found) == 2


@pytest.mark.parametrize(
    ("media", "is_picture"),
    [
        ('<media:content url="https://k.example/a.mp4"/>', False),
        ('<media:content url="https://k.example/a.mp4" medium="video"/>', False),
        ('<media:content url="https://k.example/a" type="video/mp4"/>', False),
        ('<media:content url="https://k.example/a" medium="video"/>', False),
        ('<enclosure url="https://k.example/a.mp3" type="audio/mpeg"/>', False),
        ('<enclosure url="https://k.example/a.mp4?x=1"/>', False),
        ('<media:thumbnail url="https://k.example/a"/>', True),
        ('<media:content url="https://k.example/a" medium="image"/>', True),
        ('<media:content url="https://k.example/a.jpg"/>', True),
    ],
)
def test_a_film_is_no_picture(media: str, is_picture: bool) -> None:
    item = f"<item><title>T</title><link>https://k.example/1</link>{media}</item>"
    space = 'xmlns:media="http://search.yahoo.com/mrss/"'
    (entry,) = feeds.parse(RSS.format(items=item).replace('version="2.0"', f'version="2.0" {space}').encode()).entries
    assert bool(entry.image_url) is is_picture
    page = b'<meta property="og:image" content="https://k.example/film.mp4"><title>x</title>'
    assert metadata.read(page, url=URL).image_url is None


def test_entities_are_refused_wherever_they_are_declared() -> None:
    hidden = "<!-- " + "x" * 5000 + ' --><!DOCTYPE rss [<!ENTITY a "b">]>' + RSS.format(items="")
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(ContentError):
            feeds.parse(hidden.encode(encoding))


def test_readers_end_with_whoever_started_them() -> None:
    """A worker is killed while one of its readers is at work and another is idle: neither stays."""
    program = """
import threading, time
from content.reading import Reader
reader = Reader(parsing=4.0)
many = b"<rss version='2.0'><channel>" + b"<item><title>x &lt;b&gt;</title></item>" * 60_000 + b"</channel></rss>"
threading.Thread(target=reader.feed, args=(many,), daemon=True).start()
time.sleep(0.2)
reader.page(b"<title>x</title>", url="https://a.example/")
print("both are there", flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert parent.stdout is not None
    assert parent.stdout.readline()
    children = []
    for thread in Path("/proc", str(parent.pid), "task").iterdir():
        with suppress(FileNotFoundError):  # the thread has just ended
            children += [Path("/proc", child) for child in (thread / "children").read_text().split()]
    assert len(children) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 15
    while any(map(lives, children)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(lives, children))


def lives(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_ended_while_it_was_idle_leaves_no_pipe_open(reader: Reader) -> None:
    reader.table(b"a,b\n1,2\n")
    (idle,) = reader._idle
    idle._process.kill()
    idle._process.wait()
    assert reader.table(b"a,b\n1,2\n")
    assert idle._input.closed
    assert idle._output.closed
