"""The framework's eight success factors: their names, words that tell them, actions to start from, and facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from bot.core.i18n import Words
from storage.database import Session
from storage.mentions import listening
from storage.people.employees import Employee
from storage.pulse import rounds
from storage.sharing import posts, shares, social_channels

Factor = Literal[
    "goals",
    "audiences_channels",
    "activities",
    "ownership",
    "listening",
    "participation",
    "measurement",
    "learning_culture",
]
FACTORS: tuple[str, ...] = get_args(Factor)
ACTIONS = Path(__file__).parent / "factors.yaml"
MONTH = timedelta(days=28)


def factor_names(words: Words) -> dict[str, str]:
    """In the framework's order."""
    return {
        "goals": words.t("Goals"),
        "audiences_channels": words.t("Audiences and channels"),
        "activities": words.t("Activities"),
        "ownership": words.t("Ownership"),
        "listening": words.t("Listening"),
        "participation": words.t("Participation"),
        "measurement": words.t("Measurement"),
        "learning_culture": words.t("Learning and culture"),
    }


@cache
def actions() -> dict[str, dict[str, Any]]:
    """By factor: the `words` that remarks on it tend to hold, and an `action` to start from, by language."""
    return dict(yaml.safe_load(ACTIONS.read_text(encoding="utf-8")))


def facts(session: Session, now: datetime, words: Words) -> dict[str, str]:
    """A fact beside each opinion, computed from what happened; none for what is not kept yet."""
    channels = social_channels.channels(session)
    owned = [row for row in channels if _is_here(row.owner)]
    by_channel = shares.funnel_by_channel(session, now - MONTH)
    since = words.day(now - MONTH)
    answered, closed = rounds.published_of_closed(session)
    return {
        "goals": "",
        "audiences_channels": words.n("{count} channel in use", "{count} channels in use", len(channels)),
        "activities": words.n(
            "{count} post to share now",
            "{count} posts to share now",
            len({post.story for post in posts.shareable(session, now)}),
        ),
        "ownership": words.t("{owned} of {number} channels have an owner", owned=len(owned), number=len(channels)),
        "listening": words.n(
            "listening to {count} source", "listening to {count} sources", len(listening.active_sources(session))
        ),
        "participation": words.n(
            "{count} share since {day}",
            "{count} shares since {day}",
            sum(row.confirmed for row in by_channel),
            day=since,
        ),
        "measurement": words.n(
            "{count} reader since {day}",
            "{count} readers since {day}",
            sum(row.clicks for row in by_channel),
            day=since,
        ),
        "learning_culture": words.t(
            "{answered} of {closed} rounds led to something being done", answered=answered, closed=closed
        ),
    }


def _is_here(owner: Employee | None) -> bool:
    return owner is not None and owner.is_active
