"""The console's pages: what each shows, and who may see it. Read from where chat reads; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.web.console import listings
from adapters.web.console.listings import Asked
from adapters.web.console.render import Section
from bot import routes
from bot.core.cards import Card
from bot.core.context import Reply, Turn
from bot.core.events import Command
from bot.core.i18n import Words
from bot.features.digest import measurement, pages, sending
from bot.features.framework import editing
from bot.features.mentions import triage
from bot.features.questions import inbox
from bot.features.sharing.review_cards import review_card
from bot.features.workshop import handlers
from storage import digests, listening, posts, workshops

AT_ONCE = 5  # cards that wait, shown whole


@dataclass(frozen=True, slots=True)
class Page:
    title: Callable[[Words], str]
    sections: Callable[[Turn, Asked], list[Section]]
    roles: tuple[str, ...] = ("lead",)


def overview(turn: Turn, _asked: Asked) -> list[Section]:
    """The newest digest as it was sent, and what goes beyond the week."""
    row = next(iter(digests.before(turn.session, "9999", 1)), None)
    if row is None:
        return [said(turn, "digest"), said(turn, "goals")]
    issue = sending.issue_of(turn.session, row)
    if not turn.person.has_role("lead"):
        own = sending.card_for(
            turn.session, turn.person, sending.audience_of(turn.session, turn.person), issue, turn.pictures
        )
        return [own] if own is not None else [said(turn, "inbox")]
    return [pages.lead_card(issue, turn.words, turn.pictures), measurement.show(turn)]


def content(turn: Turn, asked: Asked) -> list[Section]:
    waiting = [] if asked.after or asked.state else posts.waiting(turn.session, AT_ONCE)
    can_draft = turn.rules.model_writes
    return [
        *(review_card(post, turn.words, can_draft=can_draft) for post in waiting),
        listings.posts_listing(turn, asked),
    ]


def calendar(turn: Turn, _asked: Asked) -> list[Section]:
    return [said(turn, "calendar"), *_section(turn, "activities"), *_section(turn, "audiences")]


def pulse(turn: Turn, _asked: Asked) -> list[Section]:
    return [said(turn, "pulse")]


def questions(turn: Turn, asked: Asked) -> list[Section]:
    return [inbox.inbox_card(turn), listings.entries_listing(turn, asked)]


def mentions(turn: Turn, _asked: Asked) -> list[Section]:
    mine = None if turn.person.has_role("lead") else turn.person.id
    waiting = listening.waiting(turn.session, owner_id=mine, limit=AT_ONCE)
    cards = [triage.card_of(turn, item, turn.person) for item in waiting]
    return [said(turn, "mentions"), *cards, *_section(turn, "sources")]


def goals(turn: Turn, _asked: Asked) -> list[Section]:
    return [said(turn, "goals"), *_section(turn, "goals")]


def rollout(turn: Turn, _asked: Asked) -> list[Section]:
    closed = [row for row in workshops.listed(turn.session, 3) if row.closed_at is not None]
    outcomes = [handlers.outcome_of(turn, row, turn.person) for row in closed[:1]]
    return [said(turn, "rollout"), said(turn, "workshop"), *outcomes]


def people(turn: Turn, asked: Asked) -> list[Section]:
    return [listings.people_listing(turn, asked)]


def deliveries(turn: Turn, _asked: Asked) -> list[Section]:
    return [listings.queues_listing(turn), listings.troubled_listing(turn), listings.calls_listing(turn)]


def settings(turn: Turn, _asked: Asked) -> list[Section]:
    return [
        said(turn, "settings"), said(turn, "framework"), *_section(turn, "channels"), said(turn, "practices"),
        listings.rules_card(turn), listings.tokens_listing(turn), listings.exports(turn),
    ]  # fmt: skip


EVERYBODY = ("owner", "lead")
PAGES: dict[str, Page] = {
    "": Page(lambda w: w.t("Overview"), overview, EVERYBODY),
    "content": Page(lambda w: w.t("Content"), content),
    "calendar": Page(lambda w: w.t("Calendar"), calendar, EVERYBODY),
    "pulse": Page(lambda w: w.t("Pulse"), pulse, EVERYBODY),
    "questions": Page(lambda w: w.t("Questions"), questions, EVERYBODY),
    "listening": Page(lambda w: w.t("Listening"), mentions, EVERYBODY),
    "goals": Page(lambda w: w.t("Goals"), goals, EVERYBODY),
    "rollout": Page(lambda w: w.t("Roll-out"), rollout),
    "people": Page(lambda w: w.t("People"), people),
    "deliveries": Page(lambda w: w.t("Deliveries"), deliveries),
    "settings": Page(lambda w: w.t("Settings"), settings),
}


def said(turn: Turn, command: str) -> Card:
    """What the bot says to the command, as it would in chat."""
    event = Command(workspace="", user="", address="", keys=("",), name=command)
    wishes = routes.COMMANDS[command].handler(turn, event)
    return next(wish.card for wish in wishes if isinstance(wish, Reply))


def _section(turn: Turn, name: str) -> list[Section]:
    """A section of the model, with its forms: for leads."""
    return [editing.list_card(turn, name)] if turn.person.has_role("lead") else []
