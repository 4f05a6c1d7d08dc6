"""Where links and hashtags stand in a text, for networks that are told so: Bluesky's facets count UTF-8 bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

_LINK = regex.compile(r"https?://[^\s<>\"”“]+")
_TAG = regex.compile(r"(?<![\w#&/])#(?=[^\s#]*[\p{L}\p{M}])[\p{L}\p{M}\p{N}_]{1,64}")
_TRAILING = ".,;:!?'’)]}»"


@dataclass(frozen=True, slots=True)
class Facet:
    """`start` and `end` in UTF-8 bytes; `value` is the address, or the tag without its sign."""

    start: int
    end: int
    value: str
    is_link: bool


def facets(text: str) -> list[Facet]:
    """Links, and the hashtags outside of them, in order."""
    links = [(start, end) for start, end in _links(text)]
    tags = [
        (found.start(), found.end())
        for found in _TAG.finditer(text)
        if not any(start <= found.start() < end for start, end in links)
    ]
    made = [Facet(_bytes(text[:start]), _bytes(text[:end]), text[start:end], is_link=True) for start, end in links]
    made += [
        Facet(_bytes(text[:start]), _bytes(text[:end]), text[start + 1 : end], is_link=False) for start, end in tags
    ]
    return sorted(made, key=lambda one: one.start)


def _links(text: str) -> Iterator[tuple[int, int]]:
    """Without the punctuation of the sentence behind them; a closing bracket stays if it was opened inside."""
    for found in _LINK.finditer(text):
        end = found.end()
        while text[end - 1] in _TRAILING and not (
            text[end - 1] == ")" and text.count("(", found.start(), end) >= text.count(")", found.start(), end)
        ):
            end -= 1
        if end > found.start() + len("https://"):
            yield found.start(), end


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
