"""The console's pages: what each shows, and who may see it. Read from where chat reads; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.web.console import listings
from adapters.web.console.listings import ListQuery
from adapters.web.console.sections import Section
from bot.core.cards import Card
from bot.core.context import Context, Reply
from bot.core.events import Command
from bot.core.i18n import Words
from bot.core.routes import ConsolePage
from bot.features.digest import cards as pages
from bot.features.digest.domain import measurement
from bot.features.digest.jobs import sending
from bot.features.framework.handlers import editing
from bot.features.mentions import jobs as mention_jobs
from bot.features.questions.handlers import inbox
from bot.features.sharing.handlers import review
from bot.features.workshop.handlers import workshop as handlers
from storage.digest import digests
from storage.mentions import listening
from storage.sharing import posts
from storage.workshop import workshops

AT_ONCE = 5  # cards that wait, shown whole


@dataclass(frozen=True, slots=True)
class Page:
    title: Callable[[Words], str]
    sections: Callable[[Context, ListQuery], list[Section]]
    roles: tuple[str, ...] = ("lead",)


def overview(context: Context, _asked: ListQuery) -> list[Section]:
    """The newest digest as it was sent, and what goes beyond the week."""
    row = next(iter(digests.newest(context.session, 1)), None)
    if row is None:
        return [said(context, "digest"), said(context, "goals")]
    issue = sending.issue_of(context.session, row)
    if not context.person.has_role("lead"):
        own = sending.card_for(
            context.session,
            context.person,
            sending.audience_of(context.session, context.person),
            issue,
            context.pictures,
        )
        return [own] if own is not None else [said(context, "inbox")]
    return [pages.lead_card(issue, context.words, context.pictures), measurement.current_card(context)]


def content(context: Context, asked: ListQuery) -> list[Section]:
    waiting = [] if asked.after or asked.state else posts.waiting(context.session, AT_ONCE)
    return [
        *(review.undecided_card(context, post, context.words) for post in waiting),
        listings.posts_listing(context, asked),
    ]


def calendar(context: Context, _asked: ListQuery) -> list[Section]:
    return [said(context, "calendar"), *_section(context, "activities"), *_section(context, "audiences")]


def pulse(context: Context, _asked: ListQuery) -> list[Section]:
    return [said(context, "pulse")]


def questions(context: Context, asked: ListQuery) -> list[Section]:
    return [inbox.inbox_card(context), listings.entries_listing(context, asked)]


def mentions(context: Context, _asked: ListQuery) -> list[Section]:
    mine = None if context.person.has_role("lead") else context.person.id
    waiting = listening.waiting(context.session, owner_id=mine, limit=AT_ONCE)
    cards = [mention_jobs.card_of(context, item, context.person) for item in waiting]
    return [said(context, "mentions"), *cards, *_section(context, "sources")]


def goals(context: Context, _asked: ListQuery) -> list[Section]:
    return [said(context, "goals"), *_section(context, "goals")]


def rollout(context: Context, _asked: ListQuery) -> list[Section]:
    closed = [row for row in workshops.listed(context.session, 3) if row.closed_at is not None]
    outcomes = [handlers.outcome_of(context, row, context.person) for row in closed[:1]]
    return [said(context, "rollout"), said(context, "workshop"), *outcomes]


def people(context: Context, asked: ListQuery) -> list[Section]:
    return [listings.people_listing(context, asked)]


def deliveries(context: Context, _asked: ListQuery) -> list[Section]:
    return [listings.queues_listing(context), listings.troubled_listing(context), listings.calls_listing(context)]


def settings(context: Context, _asked: ListQuery) -> list[Section]:
    return [
        said(context, "settings"),
        said(context, "framework"),
        *_section(context, "channels"),
        said(context, "practices"),
        listings.rules_card(context),
        listings.tokens_listing(context),
        listings.exports(context),
    ]


EVERYBODY = ("owner", "lead")
PAGES: dict[str, Page] = {
    "": Page(lambda w: w.t("Overview"), overview, EVERYBODY),
    "content": Page(lambda w: w.t("Content"), content),
    "calendar": Page(lambda w: w.t("Calendar"), calendar, EVERYBODY),
    "pulse": Page(lambda w: w.t("Pulse"), pulse, EVERYBODY),
    "questions": Page(lambda w: w.t("Questions"), questions, EVERYBODY),
    "listening": Page(lambda w: w.t("Listening"), mentions, EVERYBODY),
    "goals": Page(lambda w: w.t("Goals"), goals, EVERYBODY),
    "rollout": Page(lambda w: w.t("Rollout"), rollout),
    "people": Page(lambda w: w.t("People"), people),
    "deliveries": Page(lambda w: w.t("Messages"), deliveries),
    "settings": Page(lambda w: w.t("Settings"), settings),
}


def of_features(declared: Mapping[str, ConsolePage]) -> dict[str, Page]:
    """The pages that features declare of their own (`routes.py`)."""
    return {name: _page_of(page) for name, page in declared.items()}


def _page_of(page: ConsolePage) -> Page:
    return Page(lambda words: words.t(page.title), lambda context, _asked: list(page.cards(context)), page.roles)


def said(context: Context, command: str) -> Card:
    """What the bot says to the command, as it would in chat."""
    event = Command(workspace="", user="", address="", keys=("",), name=command)
    effects = context.router.commands[command].handler(context, event)
    return next(effect.card for effect in effects if isinstance(effect, Reply))


def _section(context: Context, name: str) -> list[Section]:
    """A section of the model, with its forms: for leads."""
    return [editing.section_card(context, name)] if context.person.has_role("lead") else []
