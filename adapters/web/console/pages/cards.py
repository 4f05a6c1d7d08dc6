"""Pages that show what the bot says, as it says it in chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.web.console.navigation import Group, Page
from adapters.web.console.query import Query
from bot.core.cards import Card, Image
from bot.core.context import Context, Reply
from bot.core.events import Command
from bot.core.routes import ConsolePage


@dataclass(frozen=True, slots=True)
class CardsPage:
    cards: Sequence[Card]


def page_of(declared: ConsolePage) -> Page:
    """The page that a feature declares in its `routes.py`."""

    def view(context: Context, _query: Query) -> CardsPage:
        return CardsPage(list(declared.cards(context)))

    return Page(lambda words: words.t(declared.title), Group.ORGANISATION, "page", view, "sections", declared.roles)


def said(context: Context, command: str) -> Card:
    """What the bot says to the command, as it would in chat."""
    event = Command(workspace="", user="", address="", keys=("",), name=command)
    effects = context.router.commands[command].handler(context, event)
    return next(effect.card for effect in effects if isinstance(effect, Reply))


def without_pictures(card: Card) -> Card:
    """Charts of the console are its own."""
    return replace(card, body=tuple(element for element in card.body if not isinstance(element, Image)))
