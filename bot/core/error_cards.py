"""What is said when something cannot be done: one plain sentence, and the person's own words back."""

from __future__ import annotations

from bot.core.cards import Bold, Card, Quote, card, text
from bot.core.errors import TurnError
from bot.core.i18n import Words, closest, languages


def error_card(error: TurnError, words: Words) -> Card:
    sentence = words.t(error.sentence, **error.values)
    return card(
        sentence,
        text(Bold(sentence)),
        text(words.t("This is what you wrote:")) if error.kept else None,
        Quote(error.kept, copy=True) if error.kept else None,
    )


def flood_card(locale: str | None) -> Card:
    """For somebody whose events come faster than a hand presses."""
    words = Words(closest(locale))
    sentence = words.t("You are faster than I can follow: please wait a moment. Your last presses were not heard.")
    return card(sentence, text(sentence))


def not_stored() -> str:
    """For somebody whose press, command or form could not be stored: who they are, and so their language, is not known
    either, so it is said in each."""
    return "\n".join(
        Words(language).t("I could not save that, so nothing has happened. Please try again in a minute.")
        for language in languages()
    )


def refusal_card(locale: str | None) -> Card:
    """For somebody who is spoken to only to say no."""
    words = Words(closest(locale))
    sentence = words.t("Chorus is for the employees of this organisation.")
    return card(sentence, text(sentence))
