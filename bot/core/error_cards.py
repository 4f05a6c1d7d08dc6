"""Cards for errors: one plain sentence, and what the person had written."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.cards import Bold, Card, Form, Quote, card, text
from bot.core.errors import TurnError
from bot.core.i18n import Words, closest, languages


def error_card(error: TurnError, words: Words) -> Card:
    sentence = words.t(error.sentence, **error.values)
    return card(
        sentence,
        text(Bold(sentence)),
        text(words.t("Here’s what you wrote:")) if error.kept else None,
        Quote(error.kept, copy=True) if error.kept else None,
    )


def flood_card(locale: str | None) -> Card:
    """For somebody whose events arrive faster than anyone can press."""
    words = Words(closest(locale))
    sentence = words.t("That was too fast for me, so I missed your last taps. Wait a moment and try again.")
    return card(sentence, text(sentence))


def not_stored() -> str:
    """For somebody whose press, command or form could not be stored: who they are, and so their language, is not known
    either, so it is said in each."""
    return _in_each_language(
        lambda words: words.t("I could not save that, so nothing has happened. Try again in a minute.")
    )


def not_opened() -> str:
    """For somebody whose form the platform did not open, likewise."""
    return _in_each_language(
        lambda words: words.t("I could not open the form: the chat did not let me. Try again in a minute.")
    )


def not_stored_form() -> Form:
    """The same as `not_stored`, where only a form can be shown: to read and close."""
    return Form("not_stored", 0, "Chorus", (), "", "OK", intro=(text(not_stored()),))


def _in_each_language(say: Callable[[Words], str]) -> str:
    return "\n".join(say(Words(language)) for language in languages())


def unknown_card(locale: str | None) -> Card:
    """For somebody who asked to be forgotten and presses a button of before."""
    words = Words(closest(locale))
    sentence = words.t("I no longer know who you are, so nothing happened. If you want to start again, write to me.")
    return card(sentence, text(sentence))


def refusal_card(locale: str | None) -> Card:
    """For somebody who is told only that Chorus does not serve them."""
    words = Words(closest(locale))
    sentence = words.t("Chorus is only for people who work here.")
    return card(sentence, text(sentence))
