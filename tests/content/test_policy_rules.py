"""The organisation's rules on captions: found in whatever dress, with the place marked, and no false alarm."""

from __future__ import annotations

import csv

import pytest

from content import policy
from content.channels import KINDS
from tests.conftest import SHARED

PHRASES = ["market leader", "100% green", "risk free", "guaranteed", "best in class", "vihreä", "takuu", "paras"]


@pytest.mark.parametrize(
    ("text", "phrase", "language", "marked"),
    [
        ("We are the market leaders.", "market leader", "en", "market leaders"),
        ("Guarantees for all", "guarantee", "en", "Guarantees"),
        ("It is guaranteed!", "guarantee", "en", "guaranteed"),
        (
            "😀 Olemme ＭＡＲＫＫＩＮＡＪＯＨＴＡＪＩＡ taas",
            "markkinajohtaja",
            "fi",
            "ＭＡＲＫＫＩＮＡＪＯＨＴＡＪＩＡ",
        ),
        ("Markkinajohtajana emme lepää", "markkinajohtaja", "fi", "Markkinajohtajana"),
        ("Täysin vihreää sähköä", "vihreä", "fi", "vihreää"),
        ("Vihreitä valintoja", "vihreä", "fi", "Vihreitä"),
        ("Saat sen ilmaiseksi", "ilmainen", "fi", "ilmaiseksi"),
        ("Takuulla lämmin", "takuu", "fi", "Takuulla"),
        ("ﬁrst 100 % green", "100% green", "en", "100 % green"),
        ("mar\u00adket lead\u200ber", "market leader", "en", "mar\u00adket lead\u200ber"),
        ("İ ß ① market—leader", "market leader", "en", "market—leader"),
    ],
)
def test_the_place_is_marked_in_the_text_as_written(text: str, phrase: str, language: str, marked: str) -> None:
    place = policy.place_of(text, phrase, language)
    assert place is not None
    assert text[place[0] : place[1]] == marked
    fixed = policy.mended(text, policy.Violation("blocked", phrase, "…", place))
    assert fixed == text.replace(marked, "…")


@pytest.mark.parametrize(
    ("text", "phrase", "language"),
    [
        ("The climate is warm", "climb", "en"),
        ("Ilmasto lämpenee", "ilmainen", "fi"),
        ("Takaisin kotiin", "takuu", "fi"),
        ("Parempi huomenna", "paras", "fi"),
        ("supermarket leadership", "market leader", "en"),
        ("Vihreäsaari on kylä", "vihreä", "fi"),
    ],
)
def test_other_words_are_other_words(text: str, phrase: str, language: str) -> None:
    assert policy.place_of(text, phrase, language) is None


@pytest.mark.parametrize(
    "text",
    [
        "I work at Koivu Energy. Ask me!",
        "I'm an engineer and I work for Koivu Energy.",
        "My employer has opened the outage map.",
        "Proud of our crews today.",
        "We at Koivu Energy tried it.",
        "As an employee of Koivu Energy I am biased, but look at this.",
        "Koivu Energy, where I work, opened the map.",
        "My colleagues climbed all night.",
        "Työnantajani on Koivu Energy. Kysy!",
        "Olen töissä Koivu Energyllä.",
        "Työskentelen Koivu Energyllä.",
        "Meillä opittiin tämä myrskyssä.",
        "Työkaverini kiipesivät koko yön.",
        "Tiimimme kävi 120 kodissa.",
    ],
)
def test_an_honest_disclosure_is_taken_in_any_form(text: str) -> None:
    assert policy.discloses(text, policy.language_of(text) or "en")


@pytest.mark.parametrize(
    "text",
    [
        "Heat pumps are great. #employee",
        "#ee Koivu Energy opened the map",
        "I love Koivu Energy!",
        "What a storm. Would you have known what to do?",
        "Rakastan Koivu Energyä! #työnantaja",
        "Koivu Energy avasi vikakartan.",
        "A" * 300 + " I work at Koivu Energy. Työskentelen Koivu Energyllä.",
    ],
)
def test_what_hides_it_is_none(text: str) -> None:
    assert not policy.discloses(text, "en")
    assert not policy.discloses(text, "fi")


def test_no_false_alarm_on_five_hundred_harmless_captions() -> None:
    """Sentences that real people wrote to a bank (BANKING77), as if they were captions; those in which a phrase of the
    rules does stand were looked for by hand: none."""
    with (SHARED / "data" / "banking77" / "test.csv").open(encoding="utf-8") as file:
        captions = [row["text"] for row in csv.DictReader(file)][:500]
    blocked = [policy.Blocked(phrase, "") for phrase in PHRASES]
    alarms = [
        (text, found)
        for text in captions
        if (
            found := policy.findings(
                text,
                channel=KINDS["linkedin"],
                link="https://chorus.example/r/x",
                blocked=blocked,
                disclosure=None,
                language="en",
                colleagues=(),
            )
        )
    ]
    assert len(captions) == 500
    assert alarms == []
