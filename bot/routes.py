"""Who answers what: plain tables, to be read and searched. A capability is reached from here only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot import home
from bot.cards import Card
from bot.people import help as helping
from bot.people import settings
from bot.questions import ask
from bot.sharing import nudge, plan, results, review, share, suggest
from bot.turn import Asked, Job, Turn, Wish

Handler = Callable[[Turn, Any], list[Wish]]


@dataclass(frozen=True, slots=True)
class Route:
    """`role`: who may; None is everybody."""

    handler: Handler
    role: str | None = None


COMMANDS: dict[str, Route] = {
    "": Route(helping.show_help),
    "help": Route(helping.show_help),
    "home": Route(home.show_home),
    "share": Route(plan.show_content),
    "suggest": Route(suggest.suggest),
    "results": Route(results.show_results),
    "settings": Route(settings.show_settings),
    "language": Route(settings.change_language),
    "review": Route(review.show_review, role="lead"),
    "posts": Route(review.show_live, role="lead"),
}

# The name before the dot, or the whole name where the table has it.
PRESSES: dict[str, Route] = {
    "nudge": Route(nudge.press_nudge),
    "share": Route(share.press_share),
    "share.open": Route(share.open_form),
    "share.edit": Route(share.edit),
    "share.pick": Route(plan.pick),
    "review": Route(review.press_review, role="lead"),
    "post.edit": Route(review.open_edit, role="lead"),
    "post.recall": Route(review.recall, role="lead"),
    "question.open": Route(ask.open_form),
    "question.answer": Route(ask.open_answer),
    "settings": Route(settings.press_setting),
    "cancel.share": Route(share.cancel),
    "cancel.share_address": Route(share.cancel),
    "cancel.question": Route(share.cancel),
    "cancel.answer": Route(ask.cancel_answer),
    "cancel.post_edit": Route(review.cancel, role="lead"),
    "cancel.post_decline": Route(review.cancel, role="lead"),
    "cancel.suggestion": Route(suggest.cancel),
}

FORMS: dict[str, Route] = {
    "share": Route(share.submit),
    "share_address": Route(share.submit_address),
    "suggestion": Route(suggest.submit),
    "post_edit": Route(review.submit_edit, role="lead"),
    "post_decline": Route(review.submit_decline, role="lead"),
    "question": Route(ask.submit),
    "answer": Route(ask.submit_answer),
}

MESSAGE = Route(helping.answer_message)

# What a delivery without a card says, looked up at the last moment.
COMPOSED: dict[str, Callable[[Job, Asked], Card | None]] = {
    "nudge": nudge.compose_nudge,
    "review": review.compose_review,
    "welcome": settings.compose_welcome,
}

# Told when a first message of that kind is out: (job, subject, workspace, message).
ARRIVED: dict[str, Callable[[Job, int, str, str], None]] = {
    "nudge": nudge.nudge_is_out,
}

# What the clock asks for at every tick.
JOBS: dict[str, Callable[[Job], list[Wish]]] = {
    "welcome_newcomers": settings.welcome_newcomers,
    "expire_posts": review.expire_posts,
    "ask_for_review": review.ask_for_review,
    "come_back": plan.come_back,
    "plan_nudges": plan.plan_nudges,
    "tell_of_clicks": plan.tell_of_clicks,
}


def press_route(action: str) -> Route | None:
    """`show.<command>` is the command as a button; else the whole name, else what is before the dot."""
    if action.startswith("show."):
        return COMMANDS.get(action.removeprefix("show."))
    return PRESSES.get(action) or PRESSES.get(action.partition(".")[0])
