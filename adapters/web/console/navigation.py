"""The console's pages in their groups, who may see which, and how much waits on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words

ADMINISTRATORS: tuple[str, ...] = ("admin",)
LEADS: tuple[str, ...] = ("lead",)
WITH_OWNERS: tuple[str, ...] = ("owner", "lead")
EVERYBODY: tuple[str, ...] = ("employee", "owner", "lead")


class Group(StrEnum):
    """Where a page stands in the menu."""

    OVERVIEW = "overview"
    CONTENT = "content"
    DIALOGUE = "dialogue"
    PROGRESS = "progress"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Page:
    """`view` gives what `template` shows as `page`; None: there is no such item. `waiting`: how much waits there."""

    title: Callable[[Words], str]
    group: Group | None  # None: it is not in the menu
    icon: str
    view: Callable[[Context, Query], object | None]
    template: str
    roles: tuple[str, ...] = LEADS
    waiting: Callable[[Context], int] | None = None
    item_template: str = ""  # of one item, at an address of its own below the page's; "": there are none


@dataclass(frozen=True, slots=True)
class MenuItem:
    address: str
    label: str
    icon: str
    is_current: bool
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """`label` is "" for a group of one page that is called the same."""

    id: str
    name: str
    icon: str
    items: Sequence[MenuItem]

    @property
    def label(self) -> str:
        return "" if self.id == Group.OVERVIEW else self.name

    @property
    def is_current(self) -> bool:
        return any(item.is_current for item in self.items)

    @property
    def waiting(self) -> int:
        return sum(item.waiting for item in self.items)


def waiting_on(pages: Mapping[str, Page], context: Context) -> dict[str, int]:
    """By page, how much waits there for the person; pages that they may not see are left out."""
    seen = {name: page for name, page in pages.items() if context.person.has_role(*page.roles)}
    return {name: page.waiting(context) for name, page in seen.items() if page.waiting is not None}


def menu(
    pages: Mapping[str, Page],
    has_role: Callable[..., bool],
    waiting: Mapping[str, int],
    current: str | None,
    words: Words,
) -> list[MenuGroup]:
    """What the person may see, in the order of the groups."""
    found = []
    for group in Group:
        items = [
            MenuItem(
                f"/console/{name}".rstrip("/"), page.title(words), page.icon, name == current, waiting.get(name, 0)
            )
            for name, page in pages.items()
            if page.group == group and has_role(*page.roles)
        ]
        if items:
            found.append(MenuGroup(group, group_name(group, words), items[0].icon, items))
    return found


def group_name(group: Group, words: Words) -> str:
    return {
        Group.OVERVIEW: words.t("Overview"),
        Group.CONTENT: words.t("Content"),
        Group.DIALOGUE: words.t("Dialogue"),
        Group.PROGRESS: words.t("Progress"),
        Group.ORGANISATION: words.t("Admin"),
    }[group]
