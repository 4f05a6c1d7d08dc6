"""Where sentences end, in English and Finnish; the articles are written in the manner of company news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import sentences

ENGLISH = [
    ["Twelve crews worked three nights.", "One lesson stayed: ask the people who climb the poles."],
    ["Dr. Salo joined us in March.", "She leads a team of 14."],
    ["We cut the bill by 31.5 percent.", "Nobody had to freeze."],
    ["“Why us?” she asked.", "Nobody knew."],
    ["Prices rose, e.g. in Oulu.", "Ours did not."],
    ["See No. 5 on the list.", "It is the cheapest."],
    ["They said no.", "We went anyway."],
    ["J. K. Laine signed it.", "The pumps arrived in May."],
    ["What does it cost?", "Less than you think!", "Ask us."],
    ["The U.S. market opened first.", "Europe followed in 2025."],
    ["It took 24 hours…", "Then the lights came on."],
    ["Visit koivu.example for more.", "The map is live."],
    ["One crew, led by Sgt. Miller, walked 14 km.", "The line was down."],
    ["Two tips: 1. Ask first.", "Then climb."],
    ["Open from 9 a.m. Saturdays too."],
]
FINNISH = [
    ["Kaksitoista partiota, kolme yötä.", "Yksi oppi jäi: kysy niiltä, jotka kiipeävät pylvääseen."],
    ["Kävimme esim. Kuopiossa.", "Siellä satoi."],
    ["Avaamme 24. marraskuuta klo 9. 30 nimeä on jo listalla.", "Tervetuloa!"],
    ["Lasku pieneni 31,5 prosenttia.", "Kenenkään ei tarvinnut palella."],
    ["Mukana olivat mm. Oulu ja Lahti.", "Seuraavaksi lähdemme Vaasaan."],
    ["Miksi juuri me?", "Sitä moni kysyi."],
    ["Prof. Salo aloitti maaliskuussa.", "Hän johtaa 14 hengen tiimiä."],
    ["Paikkoja on n. 20. Hae nyt!"],  # as "Suomen 17. MM-kulta"
    ["Suomen 17. MM-kulta tuli Turkuun."],
    ["Kaksi vinkkiä: 1. Kysy ensin.", "Sitten tee."],
    ["”Mitä se maksaa?” hän kysyi.", "Vähemmän kuin luulet."],
    ["Tapaaminen on 24. 12. 2026.", "Ilmoittaudu ajoissa."],
]


@pytest.mark.parametrize("found", ENGLISH, ids=lambda found: found[0][:24])
def test_english(found: list[str]) -> None:
    assert sentences.split(" ".join(found), "en") == found


@pytest.mark.parametrize("found", FINNISH, ids=lambda found: found[0][:24])
def test_finnish(found: list[str]) -> None:
    assert sentences.split(" ".join(found), "fi") == found


def test_paragraphs_end_sentences() -> None:
    assert sentences.split("A headline without a stop\n\nThen the text.  It goes\non.", "en") == [
        "A headline without a stop",
        "Then the text.",
        "It goes on.",
    ]


@given(st.text(max_size=400), st.sampled_from(["en", "fi", "sv"]))
def test_nothing_is_lost_and_nothing_is_added(text: str, language: str) -> None:
    assert "".join("".join(sentences.split(text, language)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("sentence", "language", "stands"),
    [
        ("Twelve crews worked three nights.", "en", True),
        ("It was cold.", "en", False),
        ("But nobody froze.", "en", False),
        ("Lasku pieneni kolmanneksen.", "fi", True),
        ("Siksi kävimme siellä.", "fi", False),
        ("Hurray!", "en", False),
        ("Most of them came from the old shipyard.", "en", False),
        ("Last year they fell by 8 %.", "en", False),
        ("Unfortunately, transport grew.", "en", False),
        ("It's faster than ever.", "en", False),
        ("That's why we moved north.", "en", False),
        ("Her first day is 1 September.", "en", False),
        ("Suurin osa heistä tuli telakalta.", "fi", False),
        ("Vientiä siitä oli 60 prosenttia.", "fi", False),
        ("Toisaalta kulut laskivat.", "fi", False),
        ("Näiden ohella avaamme kaksi.", "fi", False),
    ],
)
def test_what_a_reader_understands_by_itself(sentence: str, language: str, stands: bool) -> None:
    assert sentences.stands_alone(sentence, language) is stands
