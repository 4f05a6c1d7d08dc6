"""The workshop of a unit, and what people commit themselves to after it."""

from __future__ import annotations

from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.workshop import jobs
from bot.features.workshop.handlers import commitments, workshop

ROUTES = FeatureRoutes(
    name="workshop",
    commands={
        "workshop": CommandRoute(
            handler=workshop.show_workshop, takes_text=True, help="what you need and expect, and what came of it"
        ),
    },
    presses={
        "workshop.join": Route(handler=workshop.join_workshop),
        "workshop.outcome": Route(handler=workshop.show_outcome),
        "workshop.commit": Route(handler=workshop.open_commitment),
        "workshop.need": Route(handler=workshop.open_need),
        "workshop.expectation": Route(handler=workshop.open_expectation),
        "workshop.rate_*": Route(handler=workshop.rate_factor),
        "workshop.again": Route(handler=workshop.rate_again),
        "workshop.vote": Route(handler=workshop.vote),
        "workshop.unvote": Route(handler=workshop.take_vote_back),
        "workshop.open": Route(handler=workshop.open_workshop, role="lead"),
        "workshop.vote_now": Route(handler=workshop.vote_now, role="lead"),
        "workshop.groups": Route(handler=workshop.show_groups, role="lead"),
        "workshop.rename": Route(handler=workshop.open_rename, role="lead"),
        "workshop.close": Route(handler=workshop.ask_to_close_workshop, role="lead"),
        "workshop.close_now": Route(handler=workshop.close_workshop, role="lead"),
        "workshop.make": Route(handler=workshop.make, role="lead"),
        "commitment.kept": Route(handler=commitments.keep_commitment),
        "commitment.not_kept": Route(handler=commitments.give_up),
        "commitment.later": Route(handler=commitments.postpone),
        "cancel.workshop_need": Route(handler=workshop.join_workshop),
        "cancel.workshop_expectation": Route(handler=workshop.join_workshop),
        "cancel.commitment": Route(handler=workshop.join_workshop),
        "cancel.workshop_group": Route(handler=workshop.cancel_group, role="lead"),
    },
    forms={
        "workshop_need": Route(handler=workshop.submit_need),
        "workshop_expectation": Route(handler=workshop.submit_expectation),
        "workshop_group": Route(handler=workshop.submit_group, role="lead"),
        "commitment": Route(handler=commitments.submit_commitment),
    },
    message_kinds={
        "workshop": MessageKind(compose=workshop.compose_workshop, counts_against_budget=True),
        "workshop_outcome": MessageKind(counts_against_budget=True),
        "commitment": MessageKind(compose=commitments.compose_commitment, counts_against_budget=True),
    },
    on_background_result={"groups": workshop.take_groups},
    tick_jobs={"invite_to_workshops": jobs.invite, "remind_of_commitments": jobs.remind_of_commitments},
)
