"""The organisation's model: goals, channels, calendar, units, and its editing."""

from __future__ import annotations

from bot.core.routes import CommandRoute, FeatureRoutes, Route
from bot.features.framework.handlers import editing, handover, subscription, views

ROUTES = FeatureRoutes(
    name="framework",
    commands={
        "goals": CommandRoute(handler=views.show_goals, help="our goals, and how far along we are", button="Goals"),
        "calendar": CommandRoute(handler=views.show_calendar, help="what is planned in the next four weeks"),
        "handover": CommandRoute(
            handler=handover.open_handover,
            help="hand over what you’re responsible for",
            help_roles=("owner", "lead"),
        ),
        "framework": CommandRoute(
            handler=views.show_framework,
            role="lead",
            help="our social media framework: who’s missing, what’s changed",
            button="Framework",
        ),
        "rollout": CommandRoute(handler=views.show_rollout, role="lead", help="units: start, go live, pause"),
    },
    presses={
        "unit.pilot": Route(handler=views.ask_to_start_pilot, role="lead"),
        "unit.pilot_now": Route(handler=views.start_pilot, role="lead"),
        "unit.live": Route(handler=views.ask_to_go_live, role="lead"),
        "unit.live_now": Route(handler=views.set_live, role="lead"),
        "unit.paused": Route(handler=views.pause, role="lead"),
        "unit.waiting": Route(handler=views.ask_to_send_back, role="lead"),
        "unit.waiting_now": Route(handler=views.send_back, role="lead"),
        "section.*": Route(handler=editing.show_section, role="lead"),
        "part.*": Route(handler=editing.open_part, role="lead"),
        "part_out.*": Route(handler=editing.ask_to_take_out, role="lead"),
        "part_gone.*": Route(handler=editing.take_out, role="lead"),
        "cancel.part_*": Route(handler=editing.cancel_part, role="lead"),
        "calendar.address": Route(handler=subscription.make_address, is_confidential=True),
        "calendar.end": Route(handler=subscription.end),
        "handover": Route(handler=handover.open_handover),
        "cancel.handover": Route(handler=handover.cancel_handover),
    },
    forms={
        "part_*": Route(handler=editing.submit_part, role="lead"),
        "handover": Route(handler=handover.submit_handover),
    },
)
