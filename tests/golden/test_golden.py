"""Golden files of every card and form that Chorus sends, on every platform, in both languages.

`make golden` writes them anew; the diff is what people will see.
"""

from __future__ import annotations

import json

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from adapters.playground import render as playground
from adapters.slack import render as slack
from adapters.teams import render as teams
from bot.core.cards import plain_text
from bot.core.i18n import Words
from bot.samples import forms, samples

ENGLISH = Words("en", "Europe/Helsinki")
CARDS, FORMS = samples(ENGLISH), forms(ENGLISH)


class GoldenText(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(GoldenText)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("name", CARDS)
def test_card_in_slack(name: str, golden: SnapshotAssertion) -> None:
    assert _json(slack.message(CARDS[name])) == golden


@pytest.mark.parametrize("name", CARDS)
def test_card_in_teams(name: str, golden: SnapshotAssertion) -> None:
    assert _json(teams.adaptive_card(CARDS[name])) == golden


@pytest.mark.parametrize("name", CARDS)
def test_card_in_the_playground(name: str, golden: SnapshotAssertion) -> None:
    assert playground.card_html(CARDS[name]).replace("><", ">\n<") == golden


@pytest.mark.parametrize("name", FORMS)
def test_form_on_all_three(name: str, golden: SnapshotAssertion) -> None:
    form = FORMS[name]
    drawn = [
        _json(slack.modal(form, message=None)),
        _json(slack.errors(form)),
        _json(teams.form_card(form)),
        playground.form_html(form, "p").replace("><", ">\n<"),
    ]
    assert "\n\n".join(drawn) == golden


@pytest.mark.parametrize("language", ["en", "fi"])
def test_what_is_said_in_plain_text(language: str, golden: SnapshotAssertion) -> None:
    cards = samples(Words(language, "Europe/Helsinki"))
    assert "\n\n".join(f"# {name}: {card.summary}\n{plain_text(card)}" for name, card in cards.items()) == golden
