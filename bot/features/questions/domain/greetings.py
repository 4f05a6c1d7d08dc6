"""Messages that greet, thank or say goodbye, and ask nothing of anybody. Pure."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from unicodedata import category, normalize

import regex

from bot.features.questions.domain.routing import seeds

MOST_WORDS = 8
_NO_WORD = regex.compile(r"[^\p{L}\p{N}]+")
ASKS = frozenset("?？؟¿⁇⁈❓❔❗❕‼⚠🆘")  # with any of these somebody wants something


class Greeting(StrEnum):
    HELLO = "hello"
    THANKS = "thanks"
    GOODBYE = "goodbye"


def greeting_in(text: str) -> Greeting | None:
    """What the message is if all of it greets, thanks or says goodbye, or is signs without a word, such as emoji; None
    for anything else, and for whatever asks."""
    if not ASKS.isdisjoint(text):
        return None
    words = set(_NO_WORD.sub(" ", normalize("NFKC", text).casefold()).split())
    if not words:
        return Greeting.THANKS if any(category(sign) == "So" for sign in text) else None
    vocabulary = _vocabulary()
    allowed = frozenset().union(*vocabulary.values())
    if words & vocabulary[Greeting.THANKS]:
        allowed |= _beside_thanks()
    if len(words) > MOST_WORDS or not words <= allowed:
        return None
    return next(
        (kind for kind in (Greeting.THANKS, Greeting.GOODBYE, Greeting.HELLO) if words & vocabulary[kind]), None
    )


@cache
def _beside_thanks() -> frozenset[str]:
    """ "Thanks for your help" asks nobody; "hello, help" does."""
    return frozenset(seeds()["beside_thanks"].split())


@cache
def _vocabulary() -> dict[str, frozenset[str]]:
    """By kind, the words any of which makes a greeting; "beside": those that may stand with them."""
    return {kind: frozenset(said.split()) for kind, said in seeds()["greetings"].items()}
