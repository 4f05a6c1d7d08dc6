"""Listening: what is said about us that needs somebody, and where we listen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console.charts.figures import sparkline
from adapters.web.console.parts import Column, DataTable, Tab, Tile, Verdict, ordinary, reading, ways_with
from adapters.web.console.query import Query
from bot.core.cards import Card
from bot.core.context import Context
from bot.core.i18n import Words
from bot.core.usual import since_first, usual
from bot.features.framework.forms.names import value_name
from bot.features.framework.handlers.editing import versions_of
from bot.features.mentions import jobs as mention_jobs
from bot.features.mentions.handlers.overview import weekly
from storage.mentions import listening
from storage.mentions.listening import Source, SourceState
from storage.remembered import remembered

AT_ONCE = 10
WEEKS = 12
SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class ListeningPage:
    tabs: Sequence[Tab]
    tiles: Sequence[Tile]
    cards: Sequence[Card]
    sources: DataTable | None
    following: str


def view(context: Context, query: Query) -> ListeningPage | None:
    words, is_lead = context.words, context.person.has_role("lead")
    is_sources = query.item == SOURCES
    if query.item and not (is_sources and is_lead):
        return None
    mine = None if is_lead else context.person.id
    found = (
        []
        if is_sources
        else listening.waiting_page(context.session, owner_id=mine, after_id=query.number("after"), limit=AT_ONCE + 1)
    )
    tabs = [Tab(words.t("Waiting"), "/console/listening", not is_sources)]
    if is_lead:
        tabs.append(Tab(words.t("Sources"), "/console/listening/sources", is_sources))
    return ListeningPage(
        tabs=tabs,
        tiles=[] if is_sources else _tiles(context),
        cards=[mention_jobs.card_of(context, item, context.person) for item in found[:AT_ONCE]],
        sources=_sources(context) if is_sources else None,
        following=query.following(found[AT_ONCE - 1].id if len(found) > AT_ONCE else 0),
    )


def _tiles(context: Context) -> list[Tile]:
    """Of the last whole week, beside those before it."""
    words = context.words
    key = ("mentions", context.now.date())
    heard = remembered(context.session, key, lambda session: weekly(session, context.now, WEEKS + 1))
    *weeks, last = heard[:-1]
    before = usual(since_first(one.heard for one in weeks))
    part = sum(one.in_time[0] for one in (*weeks, last))
    judged = sum(one.in_time[1] for one in (*weeks, last))
    tiles = [
        Tile(
            words.t("Mentions last week"),
            words.number(last.heard),
            trend=sparkline([float(one.heard) for one in (*weeks, last)], before.band),
            verdict=ordinary(before.verdict(last.heard), words),
        ),
        Tile(
            words.t("Tone"),
            _tone(last.positive, last.negative, words),
            is_in_words=True,
            said=[words.t("The tone is a guess, and you can correct it.")],
        ),
    ]
    if judged:
        tiles.append(
            Tile(
                words.t("Handled on time"),
                words.t("{part} of {whole}", part=words.number(part), whole=words.number(judged)),
                is_in_words=True,
                said=[words.t("In the last {count} weeks.", count=len(weeks) + 1)],
            )
        )
    return tiles


def _tone(positive: int, negative: int, words: Words) -> str:
    if not positive and not negative:
        return words.t("Neutral")
    return words.t(
        "{good}, {bad}",
        good=words.t("{count} positive", count=words.number(positive)),
        bad=words.t("{count} negative", count=words.number(negative)),
    )


def _sources(context: Context) -> DataTable:
    words = context.words
    versions = versions_of(context, "sources")
    columns = [
        Column(words.t("Name")),
        Column(words.t("Type"), is_secondary=True),
        Column(words.t("Address"), is_secondary=True),
        Column(words.t("Status")),
        Column(words.t("Actions")),
    ]
    rows = [
        (
            row.name,
            value_name("kind", row.kind, words),
            row.address or "–",
            _health(context, row),
            ways_with("sources", versions[row.id], words) if row.id in versions else "",
        )
        for row in listening.sources(context.session)
    ]
    nothing = words.t("We’re not listening anywhere yet. Add a feed, a hashtag or an account.")
    return DataTable(words.t("Where we listen"), columns, rows, nothing)


def _health(context: Context, row: Source) -> Verdict:
    words = context.words
    if row.state != SourceState.ACTIVE:
        return Verdict(value_name("state", row.state, words), "", "same")
    return reading(row, words)
