"""The pulse: where does the culture carry, what did people say, and what is done about it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.web.console import culture_chart
from adapters.web.console.charts.figures import Intervals
from adapters.web.console.pages.cards import said, without_pictures
from adapters.web.console.parts import Tab
from adapters.web.console.query import Query
from bot.core.cards import Actions, Button, Card, Element, Table
from bot.core.context import Context
from bot.features.pulse.domain import culture
from bot.features.pulse.handlers import comments as handlers_comments
from bot.features.pulse.handlers import views
from storage.pulse import comments, rounds

UNITS, COMMENTS = "units", "comments"


@dataclass(frozen=True, slots=True)
class PulsePage:
    tabs: Sequence[Tab]
    chart: Intervals | None
    chart_said: str
    cards: Sequence[Card]


def view(context: Context, query: Query) -> PulsePage | None:
    words, is_lead = context.words, context.person.has_role("lead")
    if query.item and not (is_lead and query.item in (UNITS, COMMENTS)):
        return None
    names = {"": words.t("Culture"), UNITS: words.t("Units"), COMMENTS: words.t("Comments")}
    tabs = [Tab(name, f"/console/pulse/{one}".rstrip("/"), one == query.item) for one, name in names.items()]
    if query.item == UNITS:
        return PulsePage(tabs, None, "", [_units(context)])
    if query.item == COMMENTS:
        shown = handlers_comments.comments_card(comments.newest(context.session), words)
        return PulsePage(tabs, None, "", [_without_back(shown)])
    profile = culture.profile(context.session)
    drawn = culture_chart.chart(profile, words)
    told = _without_views(said(context, "pulse"))
    return PulsePage(
        tabs if is_lead else [], drawn, culture_chart.said(profile, words), [_drawn_already(told) if drawn else told]
    )


def _units(context: Context) -> Card:
    read = rounds.newest_read(context.session)
    return _without_back(without_pictures(views.units_card(read, context.words, context.pictures)))


def _without_back(card: Card) -> Card:
    """The page has tabs."""
    return _kept(card, lambda button: not button.action.startswith("show."))


def _without_views(card: Card) -> Card:
    return _kept(without_pictures(card), lambda button: not button.action.startswith("pulse_view."))


def _kept(card: Card, is_kept: Callable[[Button], bool]) -> Card:
    """The card without the buttons that are not kept, nor rows in which none is left."""
    body = list[Element]()
    for element in card.body:
        if not isinstance(element, Actions):
            body.append(element)
        elif items := tuple(item for item in element.items if not isinstance(item, Button) or is_kept(item)):
            body.append(Actions(items))
    return Card(card.summary, tuple(body))


def _drawn_already(card: Card) -> Card:
    """The chart says it."""
    return Card(card.summary, tuple(element for element in card.body if not isinstance(element, Table)))
