"""Every text exists in English and Finnish, with the same placeholders; dates and numbers are the language's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cards import cut
from bot.core.i18n import LOCALES, Words, closest, languages
from bot.core.router import Router
from bot.routes import FEATURES
from storage.privacy.data_map import PERSONAL_DATA

ROOT = Path(__file__).parents[3]
TAKES_MESSAGE = {"t": 1, "n": 2, "Gone": 1, "NotUnderstood": 1, "NotAllowed": 1, "TurnError": 1}

NAMES_MESSAGE = {"CommandRoute": ("help", "help_for_leads", "button"), "ConsolePage": ("title",)}


def messages_in_code() -> Iterator[str]:
    """The English sentences in code and templates, and of the data map: the catalogue's keys."""
    for kind in PERSONAL_DATA:
        yield from (kind.what, kind.why, kind.seen_by, kind.kept)
    yield from (said for name, route in Router(FEATURES).commands.items() if (said := route.said_as(name)))
    for folder in ("bot", "adapters"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    named = [word.value for word in node.keywords if word.arg in NAMES_MESSAGE.get(name, ())]
                    if name == "SignInFailed":
                        yield from _second(node, path)
                    for argument in [*node.args[: TAKES_MESSAGE.get(name, 0)], *named]:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
                            yield argument.value
        for path in (ROOT / folder).rglob("*.html"):
            yield from re.findall(r'w\.t\(["\'](.+?)["\'][,)]', path.read_text())


def test_what_is_said_of_a_fault_stands_where_it_is_raised() -> None:
    """A sentence by the name of a constant would be in no catalogue, and nobody would notice."""
    raised = [
        (path.name, node.lineno)
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("NotAllowed", "Gone", "NotUnderstood")
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert raised == []


def _second(node: ast.Call, path: Path) -> Iterator[str]:
    """The sentence behind the reason, given as it is or by the name of a constant."""
    if len(node.args) < 2:
        return
    sentence = node.args[1]
    if isinstance(sentence, ast.Name):
        assigned = re.search(rf'^{sentence.id} = "(.+)"$', path.read_text(), re.MULTILINE)
        assert assigned is not None, sentence.id
        yield assigned.group(1)
    elif isinstance(sentence, ast.Constant) and sentence.value:
        yield str(sentence.value)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_every_sentence_is_translated_with_its_placeholders(language: str) -> None:
    with (LOCALES / language / "chorus.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    known = {}
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        for one in ids:
            known[one] = words
    missing = sorted(set(messages_in_code()) - set(known))
    assert missing == [], f"add them to bot/locales/{language}/chorus.po"
    for english in set(messages_in_code()):
        for translated in known[english]:
            assert translated, english
            assert placeholders(translated) == placeholders(english), english


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_every_entry_of_the_catalogue_is_used(language: str) -> None:
    with (LOCALES / language / "chorus.po").open("rb") as file:
        entries = [
            one.id[0] if isinstance(one.id, tuple) else one.id for one in read_po(file, locale=language) if one.id
        ]
    in_code = set(messages_in_code()) | {
        node.value
        for folder in ("bot", "adapters")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [entry for entry in entries if entry not in in_code] == []


def test_dates_numbers_and_plurals() -> None:
    moment = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    english, finnish = Words("en", "America/New_York"), Words("fi", "Europe/Helsinki")
    assert (english.day(moment), finnish.day(moment)) == ("23 Nov 2026", "24.11.2026")
    assert (english.moment(moment), finnish.moment(moment)) == ("23 Nov 2026 at 17:30", "24.11.2026 klo 0.30")
    near, far = moment + timedelta(days=14), moment - timedelta(days=60)
    english, finnish = (replace(words, now=moment) for words in (english, finnish))
    assert (english.day(near), finnish.day(near)) == ("Mon 7 Dec", "ti 8.12.")
    assert (english.day(far), finnish.day(far)) == ("24 Sept", "25.9.")
    assert (english.date(date(2027, 1, 2)), finnish.date(date(2027, 1, 2))) == ("2 Jan 2027", "2.1.2027")
    assert (english.week("2026-W53"), finnish.week("2026-W47")) == (
        "week 53 (28 Dec\u2009–\u20093 Jan)",
        "viikko 47 (16.–22.11.)",
    )
    assert (english.number(1234.5), finnish.number(1234.5)) == ("1,234.5", "1\xa0234,5")
    assert [finnish.n("{count} reader", "{count} readers", n) for n in (0, 1, 2)] == [
        "0 lukijaa",
        "1 lukija",
        "2 lukijaa",
    ]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fi-FI", "fi"), ("fi_FI", "fi"), ("en-GB", "en"), ("sv-SE", "en"), (None, "en"), ("", "en")],
)
def test_closest(locale: str | None, language: str) -> None:
    assert closest(locale) == language


def test_values_are_never_read_as_templates() -> None:
    assert Words().t("{name} asks", name="{name.__class__} %s {0}") == "{name.__class__} %s {0} asks"


FAMILY = "👨‍👩‍👧‍👦"


@given(st.text(), st.integers(1, 200))
def test_cut_keeps_within_the_limit(text: str, limit: int) -> None:
    result = cut(text, limit)
    assert len(result.encode("utf-16-le")) // 2 <= limit
    result.encode("utf-8")
    assert "\x00" not in result


def test_cut_is_on_a_grapheme_and_says_so() -> None:
    assert cut(FAMILY * 5, 40) == FAMILY * 3 + "…[+14]"
    assert cut("a" + "\u0301" * 1000, 40).endswith("]")
    assert cut("short", 40) == "short"
