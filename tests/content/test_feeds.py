"""Feeds into drafts: four formats, broken and hostile ones, and what We already have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.demo.organisation import FEED
from content import feeds, metadata
from content.addresses import canonical, validate_url, with_utm
from content.errors import ContentError, NotAFeed, NotAnAddress
from content.intake import Intake
from content.read_results import PageMetadata
from content.reading import Reader
from storage.database import Database
from storage.sharing.feeds import Feed
from storage.sharing.posts import Post, PostState
from tests.content.web import Web, body, endless, status

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fi"><title>Uutiset</title>
<entry><title type="html">Sää &amp;amp; &lt;b&gt;sähkö&lt;/b&gt;</title><link href="/saa?utm_source=feed"/>
<summary>Lyhyesti</summary><updated>2026-11-20T10:00:00+02:00</updated><category term="Sää"/></entry></feed>"""
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "News", "language": "en-GB", "items": [
{"id": "1", "url": "https://koivu.example/a", "title": "A", "content_html": "<script>x()</script><p>About <b>A</b></p>",
 "image": "/a.png", "date_published": "2026-11-20T10:00:00Z", "tags": ["Grid"]}, "no object", {"id": "2"}]}"""
CSV = "url;title;summary;language;topic;published\nhttps://koivu.example/c;Sä;Lyhyesti;fi;Sää;2026-11-20\n;No address;;;;\n"
RSS = """<rss version="2.0"><channel><title>T</title>{items}</channel></rss>"""


def rss(*links: str) -> bytes:
    items = "".join(
        f"<item><title>T {number}</title><link>{link}</link><description>About.</description>"
        '<enclosure url="https://k.example/p.png" type="image/png"/></item>'
        for number, link in enumerate(links)
    )
    return RSS.replace("{items}", items).encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def intake(sqlite: Database) -> Intake:
    return Intake(sqlite.run, Reader(also_allow=["127.0.0.1/32"]))


class TestParsing:
    def test_rss_with_images_language_and_topic(self) -> None:
        parsed = feeds.parse(FEED.read_bytes(), base_url="https://chorus.example/playground/")
        assert [entry.language for entry in parsed.entries] == ["en", "en", "en", "fi", "fi"]
        first = parsed.entries[0]
        assert (first.url, first.image_url, first.topic) == (
            "https://chorus.example/playground/articles/january-storm",
            "https://chorus.example/playground/static/storm.svg",
            "Operations",
        )
        assert first.summary.startswith("Twelve crews, three nights")

    def test_atom(self) -> None:
        (entry,) = feeds.parse(ATOM.encode(), base_url="https://koivu.example/").entries
        assert (entry.title, entry.url, entry.language) == (
            "Sää & sähkö",
            "https://koivu.example/saa?utm_source=feed",
            "fi",
        )
        assert entry.published_at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def test_json_feed(self) -> None:
        good, empty = feeds.parse(JSON_FEED.encode(), base_url="https://koivu.example/").entries
        assert (good.summary, good.image_url, good.language) == ("About A", "https://koivu.example/a.png", "en")
        assert empty.problem == "no address"

    def test_csv(self) -> None:
        good, bad = feeds.parse(CSV.encode("latin-1"), name="posts.csv").entries
        assert (good.title, good.topic, good.published_at) == ("Sä", "Sää", datetime(2026, 11, 20, tzinfo=UTC))
        assert bad.problem == "no address"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"hello",
            b"<html><body>404</body></html>",
            b"<rss",
            b"{}",
            b"[]",
            b'{"items": 3}',
            b"<?xml version='1.0'?>",
            b"\xff\xfe\x00",
            b'<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;">]><rss>&y;</rss>',
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>',
            b'{"a":' * 50_000,
            b"url\n"[:0] + b"name\nx\n",
        ],
    )
    def test_what_is_no_feed_is_named(self, content: bytes) -> None:
        with pytest.raises(NotAFeed):
            feeds.parse(content, name="x.csv" if content.startswith(b"name") else "")

    def test_too_many_entries_are_cut_and_said(self) -> None:
        parsed = feeds.parse(rss(*(f"https://k.example/{n}" for n in range(1000))))
        assert (len(parsed.entries), parsed.left_out) == (200, 800)

    @settings(max_examples=200, deadline=None)
    @given(
        st.binary(max_size=300)
        | st.text(max_size=300).map(lambda words: f"<rss><channel><item><title>{words}".encode())
    )
    def test_any_bytes_are_a_feed_or_not(self, content: bytes) -> None:
        try:
            feeds.parse(content)
        except NotAFeed:
            return


class TestAddresses:
    @pytest.mark.parametrize(
        "same",
        [
            "http://koivu.example/a",
            "https://www.koivu.example/a/",
            "https://KOIVU.example:443/a?utm_source=x#top",
            "https://koivu.example/a?fbclid=1&utm_medium=y",
        ],
    )
    def test_of_one_page_are_equal(self, same: str) -> None:
        assert canonical(same) == "https://koivu.example/a"

    def test_query_matters_but_not_its_order(self) -> None:
        assert canonical("https://k.example/?b=2&a=1") == canonical("https://k.example/?a=1&b=2")
        assert canonical("https://k.example/?id=1") != canonical("https://k.example/?id=2")

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "//evil", "http://a@b/", "http://a\r\nb/", "https:\\\\evil", "x" * 3000]
    )
    def test_hostile_ones_are_not_stored(self, url: str) -> None:
        with pytest.raises(NotAnAddress):
            validate_url(url)

    def test_utm_keeps_what_is_there(self) -> None:
        assert with_utm("https://k.example/?a=1&utm_source=mine#x", source="x", campaign="post-1") == (
            "https://k.example/?a=1&utm_source=mine&utm_medium=employee&utm_campaign=post-1#x"
        )

    @settings(max_examples=300)
    @given(st.text(max_size=80))
    def test_checked_is_stable(self, words: str) -> None:
        try:
            once = validate_url(f"https://{words}")
        except NotAnAddress:
            return
        assert validate_url(once) == once


def test_metadata_of_a_page() -> None:
    page = b"""<html lang="fi-FI"><head><title>Plain</title><meta property="og:title" content="Better">
    <meta name="description" content="About"><meta property="og:image" content="/p.png">
    <link rel="canonical" href="https://koivu.example/c"></head></html>"""
    found = metadata.read(page, url="https://koivu.example/x")
    assert (found.title, found.summary, found.image_url) == ("Better", "About", "https://koivu.example/p.png")
    assert (found.language, found.canonical_url) == ("fi", "https://koivu.example/c")
    assert metadata.read(b"\x00\xff<", url="https://x.example") == PageMetadata()


class TestIntake:
    def test_what_is_known_is_not_taken_twice(self, intake: Intake, tmp_path: Path) -> None:
        path = tmp_path / "feed.xml"
        path.write_bytes(
            rss("https://k.example/a", "https://www.k.example/a/?utm_source=z", "nonsense", "https://k.example/b")
        )
        report = intake.import_from(str(path), now=NOW)
        assert (len(report.created), report.duplicates, report.failed) == (
            2,
            1,
            [("T 2", "no web address: 'nonsense'")],
        )
        again = intake.import_from(str(path), now=NOW)
        assert (again.created, again.duplicates) == ([], 3)

    def test_gaps_are_filled_from_the_page(self, intake: Intake, web: Web, sqlite: Database) -> None:
        item = f"<item><link>{web.url}/page</link></item>"
        web.pages["/feed"] = body(RSS.replace("{items}", item).encode(), "application/rss+xml")
        web.pages["/page"] = body(b'<title>From the page</title><meta name="description" content="About">')
        assert intake.import_from(f"{web.url}/feed", now=NOW).failed == []
        with sqlite.transaction() as session:
            post = session.query(Post).one()
            assert (post.title, post.summary, post.state) == ("From the page", "About", PostState.DRAFT)

    def test_a_subscribed_feed_is_asked_conditionally(self, intake: Intake, web: Web, sqlite: Database) -> None:
        web.pages["/feed"] = body(rss(f"{web.url}/a"), "application/rss+xml", ETag='"1"')
        intake.import_from(f"{web.url}/feed", now=NOW, subscribe=True)
        web.pages["/feed"] = status(304)
        assert intake.poll(1, now=NOW).failed == []
        web.pages["/feed"] = body(rss(f"{web.url}/a", f"{web.url}/b"), "application/rss+xml")
        assert len(intake.poll(1, now=NOW).created) == 1

    def test_a_bad_feed_waits_longer_each_time(self, intake: Intake, web: Web, sqlite: Database) -> None:
        with sqlite.transaction() as session:
            session.add(Feed(url=f"{web.url}/feed", poll_after=NOW))
        waits = []
        for _time in range(8):
            assert intake.poll(1, now=NOW).failed
            with sqlite.transaction() as session:
                feed = session.get_one(Feed, 1)
                assert feed.error == "it answered 404"
                waits.append(feed.poll_after - NOW)
        assert waits[0] == timedelta(hours=1)
        assert waits == sorted(waits)
        assert waits[-1] == timedelta(days=1)

    @pytest.mark.parametrize("answer", [endless(most=200), body(b"<html>"), body(b"", "text/csv"), status(500)])
    def test_a_hostile_address_ends_in_a_reason(self, intake: Intake, web: Web, answer: object) -> None:
        web.pages["/feed"] = answer  # type: ignore[assignment]
        with pytest.raises(ContentError):
            intake.import_from(f"{web.url}/feed", now=NOW)

    def test_a_suggested_page_is_completed(self, intake: Intake, web: Web, sqlite: Database) -> None:
        web.pages["/page"] = body(b'<html lang="fi"><title>Otsikko</title><meta name="description" content="Lyhyesti">')
        with sqlite.transaction() as session:
            session.add(
                Post(url=f"{web.url}/page", canonical_url="c", title="127.0.0.1", page_read=False, created_at=NOW)
            )
        intake.complete(1, now=NOW)
        with sqlite.transaction() as session:
            post = session.get_one(Post, 1)
            assert (post.title, post.summary, post.language, post.page_read) == ("Otsikko", "Lyhyesti", "fi", True)
