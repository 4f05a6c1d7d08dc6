"""The features, in the order in which their jobs run at a tick. A feature is reached from here only."""

from __future__ import annotations

from bot.core.routes import FeatureRoutes
from bot.features.accounts import routes as accounts
from bot.features.digest import routes as digest
from bot.features.framework import routes as framework
from bot.features.mentions import routes as mentions
from bot.features.people import routes as people
from bot.features.pulse import routes as pulse
from bot.features.questions import routes as questions
from bot.features.rollout import routes as rollout
from bot.features.sharing import routes as sharing
from bot.features.workshop import routes as workshop

FEATURES: tuple[FeatureRoutes, ...] = (
    people.ROUTES,
    pulse.ROUTES,  # before nudges are planned: a round has days, a nudge has slots
    accounts.ROUTES,
    sharing.ROUTES,
    questions.ROUTES,
    mentions.ROUTES,
    workshop.ROUTES,
    framework.ROUTES,
    rollout.ROUTES,
    digest.ROUTES,
)
