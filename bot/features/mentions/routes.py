"""Listening: what was said about the organisation elsewhere comes to who answers for it."""

from __future__ import annotations

from bot.core.command_info import MessageShortcut
from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.mentions import jobs
from bot.features.mentions.handlers import handling, overview, report

ROUTES = FeatureRoutes(
    name="mentions",
    commands={
        "heard": CommandRoute(
            handler=report.open_report,
            takes_text=True,
            help="tell us what you heard about us: heard …",
            usage="heard …",
            shortcut=MessageShortcut("Heard something", "Hand it to who answers for the channel"),
        ),
        "mentions": CommandRoute(
            handler=overview.show_mentions,
            help="what’s been said about us, and what’s waiting for you",
            help_roles=("owner", "lead"),
        ),
    },
    presses={
        "mention.show": Route(handler=handling.show_mention),
        "mention.take": Route(handler=handling.take),
        "mention.irrelevant": Route(handler=handling.mark_irrelevant),
        "mention.reopen": Route(handler=handling.reopen),
        "mention.reply": Route(handler=handling.open_replied),
        "mention.tone": Route(handler=handling.open_tone),
        "mention.post": Route(handler=handling.make_post),
        "heard": Route(handler=report.open_report),
        "cancel.heard": Route(handler=report.cancel_report),
        "cancel.mention_*": Route(handler=handling.show_mention),
    },
    forms={
        "heard": Route(handler=report.submit_report),
        "mention_reply": Route(handler=handling.submit_replied),
        "mention_post": Route(handler=handling.submit_post),
        "mention_tone": Route(handler=handling.submit_tone),
    },
    message_kinds={
        "mention": MessageKind(compose=jobs.compose_mention),
        "mention_reminder": MessageKind(),
        "mentions": MessageKind(),
        "heard": MessageKind(),
    },
    on_background_result={"tone": jobs.take_tones},
    tick_jobs={"bring_mentions": jobs.bring, "look_after_mentions": jobs.remind_of_mentions},
)
