"""The weekly digest: on demand and every Monday, its lesson, and what worked, kept for others."""

from __future__ import annotations

from bot.core.i18n import languages
from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.digest.handlers import practices, reading
from bot.features.digest.jobs import sending
from storage.digest import digests

ROUTES = FeatureRoutes(
    name="digest",
    commands={
        "digest": CommandRoute(
            handler=reading.show_digest,
            may_follow=("on", "off", "here", "away", "päälle", "pois", "tänne", "täältä"),
            other_phrases=("viikkokooste",),
            is_about_place=True,
            help="last week in brief; digest on or digest off for Mondays",
        ),
        "practices": CommandRoute(handler=practices.show_practices),
    },
    presses={
        "digest.useful_yes": Route(handler=reading.rate_useful),
        "digest.useful_no": Route(handler=reading.rate_useless),
        "lesson.*": Route(handler=reading.answer_lesson),
        "practice.keep_*": Route(handler=practices.keep_practice, role="lead"),
        "practice.retire": Route(handler=practices.retire_practice, role="lead"),
    },
    message_kinds={
        "digest": MessageKind(compose=sending.compose_digest, preload=digests.some_copies, counts_against_budget=True),
    },
    on_background_result={f"summary_{language}": sending.take_summary(language) for language in languages()},
    scheduled_jobs={
        "gather_week": sending.gather_week,
        "send_digests": sending.send_digests,
    },
)
