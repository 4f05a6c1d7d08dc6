"""What the macros of components.html draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from adapters.web.console.query import Query
from bot.core.cards import Button
from bot.core.confidence_intervals import Interval
from bot.core.i18n import Words
from bot.core.usual import Ordinary
from bot.features.sharing.handlers.feeds import health
from content.polling import Polled


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind`: good, warn, bad or "" of a chip; `sign`: an icon, so that colour is not all there is."""

    label: str
    kind: str = ""
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure with what it is compared with."""

    title: str
    value: str
    beside: str = ""
    trend: Markup | str = ""  # a picture beside what is said in words
    said: Sequence[str] = ()
    verdict: Verdict | None = None
    is_in_words: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One of a few ways to look at the same."""

    label: str
    address: str
    is_current: bool
    icon: str = ""
    is_bare: bool = False  # only its icon is shown


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    address: str
    is_current: bool
    number: int | None = None
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of (value, label); the first stands for no filter."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str

    @property
    def chosen(self) -> str:
        """The label of what is chosen; "" where nothing is."""
        return next((label for value, label in self.options[1:] if value == self.value), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """How a list is narrowed. `found`: how much is left, in words; `kept`: what the filters' form carries along."""

    query: Query
    filters: Sequence[Filter] = ()
    searched: str | None = None  # None: there is nothing to search by
    search_hint: str = ""
    found: str = ""
    kept: Sequence[tuple[str, str]] = ()

    @property
    def applied(self) -> list[tuple[str, str]]:
        """(what is narrowed, the address without it)."""
        found = [
            (f"{one.label}: {one.chosen}", self.query.address(**{one.name: ""})) for one in self.filters if one.chosen
        ]
        return ([(f"{self.search_hint}: {self.searched}", self.query.address(q=""))] if self.searched else []) + found

    @property
    def cleared(self) -> str:
        return self.query.address(q="", **{one.name: "" for one in self.filters})


def ordinary(verdict: Ordinary, words: Words) -> Verdict:
    """More is not better by itself, nor fewer worse: the chip says what is out of the ordinary, and no more."""
    return {
        Ordinary.USUAL: Verdict(words.t("No clear change"), "", "same"),
        Ordinary.MORE: Verdict(words.t("More than usual"), "good", "more"),
        Ordinary.FEWER: Verdict(words.t("Fewer than usual"), "warn", "fewer"),
        Ordinary.TOO_EARLY: Verdict(words.t("Too early to tell"), "", "clock"),
    }[verdict]


def could_be(bounds: Interval, words: Words) -> str:
    """The range of a proportion."""
    return words.t("Could be {low}–{high}%.", low=round(100 * bounds.low), high=round(100 * bounds.high))


@dataclass(frozen=True, slots=True)
class LinkTo:
    """To another page of the console."""

    label: str
    address: str


def reading(row: Polled, words: Words) -> Verdict:
    """How reading a feed or a source went last."""
    kind, sign = ("bad", "warning") if row.failures else ("good", "check") if row.polled_at else ("", "clock")
    return Verdict(health(row, words), kind, sign)


def ways_with(section: str, version: int, words: Words) -> tuple[LinkTo, Button]:
    """What can be done with a part of the framework."""
    return (
        LinkTo(words.t("Edit…"), f"/console/open/part.{section}/{version}"),
        Button(words.t("Remove…"), f"part_out.{section}", version),
    )


Cell = str | Verdict | LinkTo | tuple[Button | LinkTo, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`is_number`: to the right; `is_secondary`: left out where there is little room."""

    label: str
    is_number: bool = False
    is_secondary: bool = False


@dataclass(frozen=True, slots=True)
class DataTable:
    """`nothing`: what stands there instead of no rows."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    nothing: str = ""
    following: str = ""  # the address of the next page
    is_stacked: bool = False  # where there is little room

    @property
    def has_acts(self) -> bool:
        """Whether something can be done with its rows: then they are stacked where there is little room."""
        return self.is_stacked or any(isinstance(value, tuple) for row in self.rows for value in row)
