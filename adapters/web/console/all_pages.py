"""All pages of the console, in the order of its menu."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.web.console import todo
from adapters.web.console.navigation import ADMINISTRATORS, EVERYBODY, WITH_OWNERS, Group, Page
from adapters.web.console.pages import (
    audit,
    calendar,
    cards,
    components,
    deliveries,
    digests,
    goals,
    library,
    listening,
    overview,
    people,
    pulse,
    questions,
    rollout,
    settings,
)
from bot.core.routes import ConsolePage

PAGES: dict[str, Page] = {
    "": Page(lambda w: w.t("Overview"), Group.OVERVIEW, "overview", overview.view, "overview", WITH_OWNERS),
    "library": Page(
        lambda w: w.t("Library"),
        Group.CONTENT,
        "library",
        library.view,
        "library",
        waiting=todo.posts_waiting,
        item_template="post",
    ),
    "calendar": Page(lambda w: w.t("Calendar"), Group.CONTENT, "calendar", calendar.view, "calendar", WITH_OWNERS),
    "questions": Page(
        lambda w: w.t("Questions"),
        Group.DIALOGUE,
        "questions",
        questions.view,
        "questions",
        WITH_OWNERS,
        waiting=todo.questions_waiting,
        item_template="questions",
    ),
    "listening": Page(
        lambda w: w.t("Listening"),
        Group.DIALOGUE,
        "listening",
        listening.view,
        "listening",
        WITH_OWNERS,
        waiting=todo.mentions_waiting,
        item_template="listening",
    ),
    "pulse": Page(
        lambda w: w.t("Pulse"), Group.PROGRESS, "pulse", pulse.view, "pulse", WITH_OWNERS, item_template="pulse"
    ),
    "goals": Page(lambda w: w.t("Goals"), Group.PROGRESS, "goals", goals.view, "goals", WITH_OWNERS),
    "rollout": Page(lambda w: w.t("Rollout"), Group.PROGRESS, "rollout", rollout.view, "rollout"),
    "digests": Page(
        lambda w: w.t("Digests"),
        Group.PROGRESS,
        "digests",
        digests.view,
        "digests",
        EVERYBODY,
        item_template="digest",
    ),
    "people": Page(
        lambda w: w.t("People"), Group.ORGANISATION, "people", people.view, "people", item_template="person"
    ),
    "audit": Page(lambda w: w.t("Audit log"), Group.ORGANISATION, "audit", audit.view, "audit", ADMINISTRATORS),
    "deliveries": Page(lambda w: w.t("Messages"), Group.ORGANISATION, "messages", deliveries.view, "tables"),
    "settings": Page(
        lambda w: w.t("Settings"),
        Group.ORGANISATION,
        "settings",
        settings.view,
        "settings",
        item_template="settings",
    ),
}
# What those look at who build pages.
OF_DEVELOPERS: dict[str, Page] = {
    "components": Page(lambda _w: "Components", None, "grid", components.view, "all_components"),
}


def of_features(declared: Mapping[str, ConsolePage]) -> dict[str, Page]:
    """The pages that features declare of their own (`routes.py`)."""
    return {name: cards.page_of(page) for name, page in declared.items()}
