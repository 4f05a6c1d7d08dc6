"""Sources: how their addresses are written, what was said there, and that the same is heard once."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import feeds, sources
from content.errors import NotAFeed, NotAnAddress
from content.listening import Listener
from content.read_results import Fetched
from content.reading import Reader
from content.sources import Heard, address_of, fingerprint, heard_in
from content.tone import tone_of
from storage.database import Database
from storage.mentions import listening
from storage.mentions.listening import Source
from tests.content.web import Web, body, status

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8",)


@pytest.mark.parametrize(
    ("kind", "written", "address"),
    [
        ("mastodon", "#heatpumps@mastodon.social", "https://mastodon.social/tags/heatpumps.rss"),
        ("mastodon", "@koivu@mastodon.social", "https://mastodon.social/@koivu.rss"),
        (
            "bluesky",
            "@koivu.bsky.social",
            f"{sources.BLUESKY_API}/xrpc/app.bsky.feed.getAuthorFeed?actor=koivu.bsky.social&limit=50",
        ),
        (
            "bluesky",
            "#lämpö",
            f"{sources.BLUESKY_API}/xrpc/app.bsky.feed.searchPosts?q=%23l%C3%A4mp%C3%B6&sort=latest&limit=50",
        ),
        ("feed", "https://koivu.example/feed.xml", "https://koivu.example/feed.xml"),
    ],
)
def test_where_a_source_is_read(kind: str, written: str, address: str) -> None:
    assert address_of(kind, written) == address


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("mastodon", "koivu"),
        ("mastodon", "#a@"),
        ("bluesky", "##"),
        ("feed", "ftp://x.example"),
        ("feed", ""),
        ("webhook", "https://koivu.example"),
        ("mastodon", "#a@evil.example/../x"),
    ],
)
def test_what_cannot_be_listened_to(kind: str, written: str) -> None:
    with pytest.raises(NotAnAddress):
        address_of(kind, written)


def test_bluesky_in_plain_words() -> None:
    post = {
        "uri": "at://did:plc:1/app.bsky.feed.post/3k",
        "author": {"handle": "kaisa.example"},
        "record": {"text": "Thank you, Koivu!", "createdAt": "2026-11-23T09:00:00Z", "langs": ["en"]},
    }
    expected = [
        Heard(
            "Thank you, Koivu!",
            "https://bsky.app/profile/kaisa.example/post/3k",
            "@kaisa.example",
            datetime(2026, 11, 23, 9, tzinfo=UTC),
            "en",
        )
    ]
    for answer in ({"posts": [post, {"record": 7}, None]}, {"feed": [{"post": post}]}):
        assert heard_in("bluesky", _fetched(json.dumps(answer).encode()), feeds.parse) == expected
    for wrong in (b"[]", b"{}", b"<html>", b'{"feed": 7}', b'{"posts": null}'):
        with pytest.raises(NotAFeed):
            heard_in("bluesky", _fetched(wrong), feeds.parse)


def test_mastodon_names_the_author_by_the_address() -> None:
    rss = b"""<rss version="2.0"><channel><title>#koivu</title><item>
      <link>https://mastodon.example/@kaisa/115</link><description>&lt;p&gt;The &lt;b&gt;map&lt;/b&gt; was wrong.&lt;/p&gt;</description>
      <pubDate>Mon, 23 Nov 2026 09:00:00 +0000</pubDate></item></channel></rss>"""
    (heard,) = heard_in("mastodon", _fetched(rss), feeds.parse)
    assert (heard.text, heard.author) == ("The map was wrong.", "@kaisa")


@given(st.binary(max_size=400))
def test_whatever_a_source_answers_is_a_feed_or_none(answer: bytes) -> None:
    for kind in ("feed", "mastodon", "bluesky"):
        with contextlib.suppress(NotAFeed):
            assert isinstance(heard_in(kind, _fetched(answer), feeds.parse), list)


def test_the_same_words_have_one_fingerprint() -> None:
    one = "The outage map was wrong all evening! https://t.example/1"
    assert fingerprint(one) == fingerprint("the OUTAGE map was wrong – all evening https://other.example")
    assert fingerprint("Nice", "https://a.example") != fingerprint("Nice", "https://b.example")


@pytest.mark.parametrize(
    ("text", "language", "tone"),
    [
        ("Great service, thank you!", "en", "positive"),
        ("Not good at all", "en", "negative"),
        ("no problem, it works", "en", "positive"),
        ("They opened an office", "en", "neutral"),
        ("Kiitos nopeasta avusta!", "fi", "positive"),
        ("Ei toimi taaskaan", "fi", "negative"),
        ("Sähkökatko kesti kaksi päivää", "fi", "negative"),
        ("Toimitus tuli tänään", "fi", "neutral"),
        ("Tack för hjälpen", "sv", "neutral"),
        ("", "en", "neutral"),
    ],
)
def test_tone(text: str, language: str, tone: str) -> None:
    assert tone_of(text, language) == tone


def test_reading_is_conditional_and_folds_what_is_known(sqlite: Database) -> None:
    with Web() as web, sqlite.transaction() as session:
        session.add_all(
            Source(id=name, name=name, kind="feed", address=f"{web.url}/{name}") for name in ("one", "two", "gone")
        )
    with Web() as web:
        with sqlite.transaction() as session:
            for name in ("one", "two", "gone"):
                session.get_one(Source, name).address = f"{web.url}/{name}"
        web.pages["/one"] = body(_feed("The map was wrong all evening, again"), "application/rss+xml", ETag='"1"')
        web.pages["/two"] = body(_feed("The MAP was wrong, all evening – again!", "two"), "application/rss+xml")
        web.pages["/gone"] = status(410)
        listener = Listener(sqlite.run, Reader(also_allow=LOOPBACK))
        assert [listener.poll(name, now=NOW) for name in ("one", "two", "gone", "never")] == [1, 0, 0, 0]
        with sqlite.transaction() as session:
            (mention,) = listening.fresh(session, 9)
            assert [row.source_id for row in mention.sightings] == ["two"]
            gone = session.get_one(Source, "gone")
            assert (gone.failures, gone.error) == (1, "it answered 410")
            assert gone.poll_after is not None
            assert gone.poll_after - NOW == timedelta(hours=1)
            assert [row.id for row in listening.sources_due(session, NOW + timedelta(minutes=31))] == ["one", "two"]
        web.pages["/one"] = status(304)
        assert listener.poll("one", now=NOW) == 0


def _feed(text: str, name: str = "one") -> bytes:
    return f"""<rss version="2.0"><channel><title>Forum</title><item><title>{text}</title>
      <link>https://forum.example/{name}</link></item></channel></rss>""".encode()


def _fetched(answer: bytes) -> Fetched:
    return Fetched("https://forum.example/", 200, answer, "", None, None)
