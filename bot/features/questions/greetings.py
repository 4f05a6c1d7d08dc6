"""Messages that greet, thank or say goodbye, and ask nothing of anybody. Pure."""

from __future__ import annotations

from functools import cache
from unicodedata import category

from bot.features.questions.routing import seeds
from bot.features.questions.similarity import normalised

MOST_WORDS = 5


def is_greeting(text: str) -> bool:
    """Whether all of it is a greeting or thanks, or signs without a word, such as emoji; what asks is none."""
    if "?" in text:
        return False
    words = normalised(text).split()
    if not words:
        return any(category(sign).startswith("S") for sign in text)
    greeting, beside = _vocabulary()
    return len(words) <= MOST_WORDS and not greeting.isdisjoint(words) and greeting | beside >= set(words)


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """Words any of which makes a greeting, and those that may stand beside it."""
    said = seeds()["greetings"]
    return frozenset(said["any_of"].split()), frozenset(said["beside"].split())
