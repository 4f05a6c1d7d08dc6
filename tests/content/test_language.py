"""In which language a text is."""

from __future__ import annotations

import csv

import pytest

from content.language import language_of, spoken_in
from tests.conftest import SHARED


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Olin itse paikalla myrskyn toisena yönä.", "fi"),
        ("I was there in the second night of the storm.", "en"),
        ("Jag var där under stormens andra natt.", "sv"),
        ("Kuka vastaa?", "fi"),
        ("Who answers?", "en"),
        ("SAAKO TÄSTÄ KERTOA?", "fi"),
        ("When is the best time to post on LinkedIn?", "en"),
        ("proud of the\nlong sentence \ud83d", "en"),
        ("Olen ylpeä tästä työstä. " * 2000, "fi"),
    ],
)
def test_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "👍",
        "Wir haben ein neues Büro eröffnet.",
        "Nous avons ouvert un bureau.",
        "Я был там сам.",
    ],
)
def test_none_where_it_is_another_or_cannot_be_told(text: str) -> None:
    assert language_of(text) is None


def test_names_say_nothing_against_what_was_expected() -> None:
    assert spoken_in("Søvik Marine opens a centre in Bergen", "en") == "en"
    assert spoken_in("Søvik Marine avaa keskuksen Bergenissä tänään", "fi") == "fi"
    assert spoken_in("👍", "fi") == "fi"


@pytest.mark.parametrize("text", ["Sisu", "Talvi", "Myrsky", "Onnea", "Wow", "Super"])
@pytest.mark.parametrize("expected", ["en", "fi"])
def test_nor_does_a_word_that_may_be_any(text: str, expected: str) -> None:
    assert spoken_in(text, expected) == expected


def test_words_do() -> None:
    assert spoken_in("Olin itse paikalla, kun myrsky tuli", "en") == "fi"
    assert spoken_in("I was there myself when the storm came", "fi") == "en"


def test_of_what_people_ask() -> None:
    """3,080 questions of customers, most of them short (docs/decisions/0020-pieces-weighed-without-scikit-learn.md)."""
    with (SHARED / "data" / "banking77" / "test.csv").open(encoding="utf-8") as file:
        told = [language_of(row["text"]) for row in csv.DictReader(file)]
    assert set(told) <= {"en", None}
    assert told.count(None) <= 0.005 * len(told)
