"""What the console's pages are made of: cards, lists and files to download."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.cards import Button, Card


@dataclass(frozen=True, slots=True)
class PageLink:
    """To another page of the console, looking like a button."""

    label: str
    url: str


Cell = str | tuple[Button | PageLink, ...]


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One of a few ways to narrow a list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one kind, a page at a time. `searched`: what for; `following`: where the next page begins."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    searched: str | None = None  # None: it cannot be searched
    choices: tuple[FilterChoice, ...] = ()
    chosen: str = ""
    following: str = ""
    ways: tuple[PageLink, ...] = ()  # to what can be done beside the list

    @property
    def next_query(self) -> dict[str, str]:
        """The query of the next page's address, with what this one was narrowed to."""
        narrowed = {"q": self.searched, "state": self.chosen}
        return {"after": self.following} | {name: value for name, value in narrowed.items() if value}


@dataclass(frozen=True, slots=True)
class Downloads:
    """Files to download: (label, address)."""

    title: str
    files: tuple[tuple[str, str], ...]


Section = Card | Listing | Downloads
