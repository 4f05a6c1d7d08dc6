"""Captions and channels: how length counts where, starters that differ, share pages that carry the text."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import captions, policy, sentences
from content.channels import KINDS, with_link

LINK = "https://chorus.example/r/aB3_x9Zq"


@pytest.mark.parametrize(
    ("channel", "text", "length"),
    [
        ("x", "a" * 10, 10),
        ("x", "漢字", 4),
        ("x", "test.com", 23),
        ("x", "Test https://test.com test https://test.com test.com test", 86),
        ("x", "हिन्दी", 6),
        ("x", "ไม่มี", 5),
        ("x", "a̲a̲a̲a̲a̲", 10),
        ("x", "e\u0301", 1),
        ("x", "https://test.com.", 24),
        ("x", "https://test.com—and more", 32),
        ("x", "https://test.com/日本語日本語", 35),
        ("x", "HTTPS://www.ExaMPLE.COM/index.html", 23),
        ("x", "mail aino@test.com", 18),
        ("x", "v2.0 and a.b", 12),
        ("x", "🇫🇮 5️⃣ ©", 7),
        ("mastodon", "https://test.com.", 24),
        ("mastodon", "HTTPS://test.com/a", 23),
        ("x", "👨‍👩‍👧‍👦", 2),
        ("x", "see " + LINK + "?utm_source=" + "x" * 100, 27),
        ("mastodon", "see " + LINK, 27),
        ("mastodon", "thanks @aino@koivu.example.social!", 13),
        ("mastodon", "mail aino@koivu.example", 23),
        ("bluesky", "👨‍👩‍👧‍👦" * 100, 100),
        ("bluesky", "👨‍👩‍👧‍👦" * 200, 500),
        ("threads", "Hyvä 👍", 9),
        ("threads", "5 % of 100 #1", 13),
        ("threads", "👨‍👩‍👧‍👦", 25),
        ("threads", "🇫🇮", 8),
        ("bluesky", "👨‍👩‍👧‍👦e\u0301", 2),
        ("linkedin", LINK, len(LINK)),
    ],
)
def test_length_as_the_channel_counts(channel: str, text: str, length: int) -> None:
    assert KINDS[channel].length(text) == length


@pytest.mark.parametrize("channel", KINDS)
def test_share_pages_carry_text_or_link_and_nothing_breaks_out(channel: str) -> None:
    text = with_link('Mine & yours? #tag "x" <b>ä🎉\nnew line', LINK)
    page = KINDS[channel].share_page(text, LINK, "Title & more")
    parts = urlsplit(page)
    assert parts.scheme in ("https", "mailto")
    carried = parse_qs(parts.query or parts.fragment)
    assert any(value in ([text], [LINK]) for value in carried.values())
    assert not any(sign in page for sign in ' "<>\n')


@settings(max_examples=100, deadline=None)
@given(
    title=st.text(min_size=1, max_size=400),
    summary=st.text(max_size=1200),
    channel=st.sampled_from(sorted(KINDS)),
    language=st.sampled_from(["en", "fi", "sv"]),
    context=st.integers(0, 1000),
)
def test_starters_fit_the_channel(title: str, summary: str, channel: str, language: str, context: int) -> None:
    made = captions.starters(
        title=title,
        summary=summary,
        language=language,
        channel=KINDS[channel],
        link=LINK,
        disclosure="I work at K.",
        context=context,
    )
    assert "experience" not in {starter.kind for starter in made}  # nobody had it
    assert len({starter.text for starter in made}) == len({starter.kind for starter in made}) == len(made) <= 3
    assert made
    for starter in made:
        assert KINDS[channel].length(with_link(starter.text, LINK)) <= KINDS[channel].max_length


STORM = (
    "Twelve crews worked three nights. One lesson stayed: ask the people who climb the poles. It was cold. "
    "The plan had 31 pages, and nobody opened it."
)


def offered(title: str, summary: str, language: str = "en", **more: Any) -> dict[str, str]:
    given = {"channel": KINDS["linkedin"], "link": LINK, "disclosure": None, **more}
    made = captions.starters(title=title, summary=summary, language=language, **given)
    return {starter.kind: starter.text for starter in made}


@pytest.mark.parametrize("context", range(12))
def test_starters_say_what_the_post_says_and_nothing_else(context: int) -> None:
    found = offered("How we kept 40,000 homes warm", STORM, context=context)
    assert list(found) == ["plain", "detail", "headline"]
    title = "How we kept 40,000 homes warm."
    known = {*sentences.split(STORM, "en"), title}
    for text in found.values():
        assert set(sentences.split(text, "en")) <= known
    assert not found["detail"].startswith("It ")  # what leans on the sentence before


def test_a_number_comes_first_among_details() -> None:
    assert offered("Storm", STORM)["detail"] == "The plan had 31 pages, and nobody opened it."


def test_a_question_of_the_posts_own_is_taken() -> None:
    found = offered("Who keeps you warm?", "Twelve crews do. They climb at night.")
    assert found["question"] == "Who keeps you warm? Twelve crews do."
    found = offered("Storm", "Who keeps you warm? Twelve crews do.")
    assert found["question"] == "Who keeps you warm? Twelve crews do."


def test_a_bare_title_is_only_said() -> None:
    assert offered("Heat pumps in old houses", "") == {"plain": "Heat pumps in old houses."}


def test_people_are_offered_different_ones() -> None:
    assert len({tuple(offered("Storm", STORM, context=person).values()) for person in range(12)}) >= 6


def test_what_was_written_comes_first() -> None:
    found = offered("Storm", STORM, written=[("experience", "I carried the ladder."), ("question", "Cold?")])
    assert list(found.items())[:2] == [("experience", "I carried the ladder."), ("question", "Cold?")]
    assert len(found) == 3


@pytest.mark.parametrize(
    "summary",
    [
        "We will cut 45 jobs in Oulu. The talks begin on Monday.",
        "A colleague died in an accident. The police are investigating.",
        "Irtisanomme Oulussa 45 ihmistä. Neuvottelut alkavat maanantaina.",
        "Vuosikertomus 2025 on julkaistu",
    ],
)
def test_no_question_is_put_to_news_that_ask_none(summary: str) -> None:
    for context in range(12):
        assert not any("?" in text for text in offered("News", summary, context=context).values())


def test_a_last_sentence_without_a_stop_gets_one() -> None:
    assert offered("News", "The annual report 2025 is out")["plain"] == "The annual report 2025 is out."


def test_items_of_a_list_are_no_sentences() -> None:
    found = offered("Ladders", "Five tips for safer ladders:\n1. Check the feet.\n2. Ask a colleague to hold it.")
    assert found["plain"] == "Ladders."


def test_a_starter_that_a_colleague_used_is_not_offered_again() -> None:
    def offer(taken: list[str]) -> list[str]:
        made = captions.starters(
            title="T",
            summary="It snowed all night. The crews went out. Everybody was home by four.",
            language="en",
            channel=KINDS["linkedin"],
            link=LINK,
            disclosure=None,
            is_taken=lambda text: text in taken,
        )
        return [starter.text for starter in made]

    first = offer([])
    assert not set(first) & set(offer(first))


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("We are MARKET leader", "market leader", True),
        ("market\n\tleader!", "market leader", True),
        ("supermarket leadership", "market leader", False),
        ("market leaders", "market leader", True),
        ("paras 100 % vihreä", "100 % vihreä", True),
        ("anything", "", False),
    ],
)
def test_phrases_not_only_words(text: str, phrase: str, found: bool) -> None:
    assert policy.contains_phrase(text, phrase) is found


GREEN = "100 % green"


@pytest.mark.parametrize(
    "text",
    [
        "100% green",
        "100 % green",
        "100 %\u00a0green",
        "100\u202f% Green!",
        "100%-green",
        "100 % – GREEN",
        "１００％ ｇｒｅｅｎ",
        "100\u200b% gr\u00adeen",
        "(100%) green",
        "we are “100% green”.",
        "100%green",
        "100 % ... green",
        "100 %\nGreen",
        "#100 % #green",
        "100 %™ green",
        "100%\ufe0f green",
        "100%% green",
        "100 % *green*",
    ],
)
@pytest.mark.parametrize("rule", [GREEN, "100% green", "100%-Green", "１００％ green"])
def test_a_rule_holds_however_it_is_typed(text: str, rule: str) -> None:
    assert policy.contains_phrase(text, rule)


@pytest.mark.parametrize(
    "text",
    [
        "1100 % green",
        "100 % greenish",
        "100 green",
        "10 0% green",
        "evergreen 100 %",
        "100 % of the green",
        "100 percent green",
        "It costs 100 %. Green is my colour.",
        "The part is 100 %!\n\nGreen is another matter.",
        "3,100 % green",
        "",
    ],
)
def test_a_rule_holds_no_more_than_it_says(text: str) -> None:
    assert not policy.contains_phrase(text, GREEN)
    assert not policy.contains_phrase("insane prices", "in sane")
    assert policy.contains_phrase("a World-Leader", "world leader")


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("#MarketLeader", "market leader", True),  # one word; name it as a phrase of its own
        ("#marketleader", "marketleader", True),
        ("Market Leader™ since 1990", "market leader", True),
        ("the world’s best", "world's best", True),
        ("the worlds best", "world's best", True),
        ("a riskfree offer", "risk-free", True),
        ("a risk free offer", "risk-free", True),
        ("at no risk. Free tickets!", "risk-free", False),
        ("We lead the market. Leader of the team: Aino.", "market leader", False),
        ("our R&D", "r&d", True),
        ("our RD", "r&d", False),
        ("C++ only", "C++", True),
    ],
)
def test_signs_within_and_beside_words(text: str, phrase: str, found: bool) -> None:
    assert policy.contains_phrase(text, phrase) is found


@pytest.mark.parametrize(
    ("text", "language", "discloses"),
    [
        ("I work at Koivu Energy. Look at this!", "en", True),
        ("Olen töissä Koivulla. Katso tätä!", "fi", True),
        ("I work at Koivu Energy. Katso tätä!", "fi", True),  # the sentence that we propose
        ("My employer is Koivu. Katso tätä!", "fi", False),
        ("Look! " * 60 + "I work at Koivu.", "en", False),
    ],
)
def test_disclosure_near_the_claim_in_the_right_language(text: str, language: str, discloses: bool) -> None:
    assert policy.discloses(text, language, "Koivu Energy") is discloses


@pytest.mark.parametrize(
    ("text", "tip"),
    [
        ("We did it.", "ask_a_question"),
        ("What? #a #b #c #d", "fewer_hashtags"),
        ("Really? Look there.", "say_i"),
        ("My view?", None),
    ],
)
def test_at_most_one_tip(text: str, tip: str | None) -> None:
    assert policy.tip(text, "en") == tip
