"""An example of every card and form that Chorus sends: golden files, previews and pictures come from here.

`samples(words)` and `forms(words)` build them from rows that are in no database.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Card, Form
from bot.core.error_cards import error_card, flood_card, refusal_card
from bot.core.errors import Gone
from bot.core.i18n import Words
from bot.core.ports import HeatRow
from bot.core.router import Router
from bot.features.accounts import samples as accounts
from bot.features.digest import samples as digest
from bot.features.framework import samples as framework
from bot.features.framework.handlers import handover
from bot.features.mentions import samples as mentions
from bot.features.people import samples as people
from bot.features.people.handlers.help import help_card
from bot.features.pulse import samples as pulse
from bot.features.questions import samples as questions
from bot.features.sharing import samples as sharing
from bot.routes import FEATURES

BASE_URL = "https://chorus.example"


class FixedPictures:
    """The Pictures port, with one address for all."""

    def url_of(self, title: str, bars: Sequence[tuple[str, float]]) -> str:
        return f"{BASE_URL}/charts/sample.png"

    def culture_url(self, title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> str:
        return f"{BASE_URL}/charts/culture.png"

    def heat_url(self, title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> str:
        return f"{BASE_URL}/charts/heat.png"


def samples(words: Words) -> dict[str, Card]:
    """Every card by name, in the language of `words`."""
    pictures = FixedPictures()
    aino, _laura = people.people(words)
    return {
        **people.samples(words),
        "help": help_card(people.people(words)[1], words, Router(FEATURES).commands),
        **digest.samples(words, pictures),
        **framework.samples(words, pictures),
        **mentions.samples(words, pictures),
        **accounts.samples(words),
        **sharing.samples(words, pictures),
        **questions.samples(words, pictures, sharing.post_of(aino)),
        **pulse.samples(words, pictures),
        **_errors(words),
    }


def forms(words: Words) -> dict[str, Form]:
    """Every form by name."""
    aino, laura = people.people(words)
    return {
        **accounts.forms(words),
        **sharing.forms(words),
        "handover": handover.handover_form([aino, laura], 1, words),
        **framework.forms(words),
        **mentions.forms(words),
        **questions.forms(words, sharing.post_of(aino)),
        **pulse.forms(words),
    }


def _errors(words: Words) -> dict[str, Card]:
    gone = Gone("That share is gone. Type /chorus {command} to see your shares.", command="home")
    withdrawn = Gone(
        "You can no longer share “{title}”: it was withdrawn or has expired.",
        kept="My own words",
        title="How we kept 40,000 homes warm through the January storm",
    )
    return {
        "error": error_card(gone, words),
        "error_kept": error_card(withdrawn, words),
        "refusal": refusal_card(words.language),
        "flood": flood_card(words.language),
    }
