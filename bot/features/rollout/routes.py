"""Widening the roll-out: what only people know, and the question to the leads."""

from __future__ import annotations

from bot.core.routes import FeatureRoutes, MessageKind, Route
from bot.features.rollout import handlers, jobs

ROUTES = FeatureRoutes(
    name="rollout",
    presses={
        "unit.widen": Route(handler=handlers.ask_to_widen, role="lead"),
        "unit.dialogue": Route(handler=handlers.note_dialogue, role="lead"),
        "unit.incident": Route(handler=handlers.open_incident, role="lead"),
        "unit.resolved": Route(handler=handlers.note_resolved, role="lead"),
        "cancel.incident": Route(handler=handlers.cancel_incident, role="lead"),
    },
    forms={"incident": Route(handler=handlers.submit_incident, role="lead")},
    message_kinds={"widen": MessageKind(compose=handlers.compose_gate)},
    scheduled_jobs={"propose_widening": jobs.propose},
)
