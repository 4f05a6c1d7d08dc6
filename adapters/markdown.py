"""A card as Markdown (CommonMark with tables): for documents and mail. Pure and total; words are escaped."""

from __future__ import annotations

import re

from bot.core.cards import (
    Actions,
    Bold,
    Card,
    Chart,
    Divider,
    Element,
    Facts,
    Heading,
    Image,
    Link,
    LinkTo,
    Part,
    Quote,
    Table,
    Text,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~-])")
_SCHEMES = ("http://", "https://", "mailto:")


def document(card: Card) -> str:
    return "\n\n".join(block for element in card.body if (block := _element(element))) + "\n"


def _element(element: Element) -> str:
    match element:
        case Heading(text=words):
            return f"## {_escaped(words)}"
        case Text():
            return "".join(map(_part, element.parts))
        case Facts():
            return "\n".join(f"- **{_escaped(label)}**: {_escaped(value)}" for label, value in element.pairs)
        case Chart() | Image():
            return f"![{_escaped(element.alt)}]({_address(element.url)})"
        case Table():
            header, *rows = (f"| {' | '.join(map(_escaped, row))} |" for row in (element.header, *element.rows))
            return "\n".join((header, "|" + " --- |" * len(element.header), *rows))
        case Quote(text=words):
            return "\n".join(f"> {_escaped(line)}" for line in words.splitlines())
        case Divider():
            return "---"
        case Actions():
            return " · ".join(f"[{_escaped(i.label)}]({_address(i.url)})" for i in element.items if isinstance(i, Link))


def _part(part: Part) -> str:
    match part:
        case Bold():
            return f"**{_escaped(part.text.strip())}**" + (" " if part.text.endswith(" ") else "")
        case LinkTo():
            return f"[{_escaped(part.text)}]({_address(part.url)})"
        case _:
            return _escaped(part)


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words.replace("\n", " "))


def _address(url: str) -> str:
    """Only what may safely be opened, and nothing that ends the link early."""
    return re.sub(r"[()\s<>]", "", url) if url.lower().startswith(_SCHEMES) else ""
