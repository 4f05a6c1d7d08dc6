"""Sentences that must rest on what they cite: the check on all that a language model writes from facts of ours. Pure.

A sentence holds if it cites at least one text, says no number that the cited texts do not say, has no address, mention
or markup in it, and shares most of its longer words with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import regex

OWN_WORDS = 0.6  # share of a sentence's longer words that must stand in what it cites
STEM, LONG = 5, 4  # letters that two forms of a word have in common; letters of a word that counts
# Addresses, mentions and markup have no place in such a sentence, in whatever guise.
_FOREIGN = regex.compile(
    r"""[<>@`|\[\]{}*_~\\]|://|www\.|\b[\p{L}\p{N}-]+\.\p{L}{2,}(?:/|\b)|\p{C}""", regex.IGNORECASE
)
_NUMBER = regex.compile(r"\p{N}+(?:[.,:]\p{N}+)*")
_NAME = regex.compile(r"(?<=\S\s)\p{Lu}[\p{L}-]+")  # a capital inside a sentence


def schema(field: str) -> Mapping[str, Any]:
    """Of an answer that is a list of such sentences; `field` is what a sentence calls the ids."""
    sentence = {
        "type": "object",
        "additionalProperties": False,
        "required": ["text", field],
        "properties": {"text": {"type": "string"}, field: {"type": "array", "items": {"type": "integer"}}},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["sentences"],
        "properties": {"sentences": {"type": "array", "items": sentence}},
    }


def holds(
    text: str,
    cites: Sequence[int],
    texts: Mapping[int, str],
    words_of: Callable[[str], Sequence[str]],
    *,
    names: bool = False,
) -> bool:
    """Whether the sentence rests on the texts that it cites; with `names` each name in it must stand there, too."""
    if _FOREIGN.search(text) or not cites or not set(cites) <= set(texts):
        return False
    cited = " ".join(texts[number] for number in cites)
    if not set(_NUMBER.findall(text)) <= set(_NUMBER.findall(cited)):
        return False
    if names and not all(name.group().casefold()[:STEM] in cited.casefold() for name in _NAME.finditer(text)):
        return False
    stems = {word[:STEM] for word in words_of(cited)}
    longer = [word for word in words_of(text) if len(word) >= LONG]
    known = sum(word[:STEM] in stems for word in longer)
    return bool(longer) and known >= OWN_WORDS * len(longer)
