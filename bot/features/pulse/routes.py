"""The pulse: being asked and answering, rounds and their results."""

from __future__ import annotations

from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.pulse import retention
from bot.features.pulse.domain import wishes
from bot.features.pulse.handlers import answering, comments, publishing, views
from bot.features.pulse.jobs import closing, rounds

ROUTES = FeatureRoutes(
    name="pulse",
    commands={
        "pulse": CommandRoute(
            handler=views.show_pulse,
            other_phrases=("pulssi",),
            is_confidential=True,
            help="how we’re doing on social media, and what we do about it",
            button="Pulse",
        ),
        "stop-pulse": CommandRoute(handler=answering.refuse, alone=wishes.STOP, is_confidential=True),
        "start-pulse": CommandRoute(handler=answering.accept, alone=wishes.START, is_confidential=True),
    },
    presses={
        "pulse.answer": Route(handler=answering.begin, is_confidential=True),
        "pulse.rate_*": Route(handler=answering.rate_statement, is_confidential=True),
        "pulse.cant_say": Route(handler=answering.cannot_say, is_confidential=True),
        "pulse.keep": Route(handler=answering.keep_answer, is_confidential=True),
        "pulse.skip": Route(handler=answering.skip, is_confidential=True),
        "pulse.notice": Route(handler=answering.show_notice, is_confidential=True),
        "pulse.erase": Route(handler=answering.erase, is_confidential=True),
        "pulse.comment": Route(handler=answering.open_comment, is_confidential=True),
        "pulse.accept": Route(handler=answering.accept, is_confidential=True),
        "pulse.refuse": Route(handler=answering.refuse, is_confidential=True),
        "cancel.pulse_comment": Route(handler=answering.cancel_comment, is_confidential=True),
        "pulse_view.units": Route(handler=views.show_units, role="lead"),
        "pulse_view.comments": Route(handler=comments.show_comments, role="lead"),
        "pulse_view.answers": Route(handler=comments.show_answered_comments),
        "comment.answer": Route(handler=comments.write_comment_answer, role="lead"),
        "comment.take_back": Route(handler=comments.take_back_comment_answer, role="lead"),
        "cancel.comment_answer": Route(handler=comments.cancel_comment_answer, role="lead"),
        "round.open": Route(handler=publishing.ask_to_open, role="lead"),
        "round.open_now": Route(handler=publishing.open_one, role="lead"),
        "round.close": Route(handler=publishing.ask_to_close, role="lead"),
        "round.close_now": Route(handler=publishing.close_open_round, role="lead"),
        "round.publish": Route(handler=publishing.ask_to_publish, role="lead"),
        "round.publish_now": Route(handler=publishing.publish_as_suggested, role="lead"),
        "round.keep": Route(handler=publishing.show_closed, role="lead"),
        "round.edit": Route(handler=publishing.write_publication, role="lead"),
        "cancel.round_publish": Route(handler=publishing.show_closed, role="lead"),
    },
    forms={
        "pulse_comment": Route(handler=answering.submit_comment, is_confidential=True),
        "round_publish": Route(handler=publishing.submit_publication, role="lead"),
        "comment_answer": Route(handler=comments.submit_comment_answer, role="lead"),
    },
    message_kinds={
        "pulse": MessageKind(compose=answering.compose_invitation, counts_against_budget=True),
        "pulse_reminder": MessageKind(
            compose=answering.compose_reminder, counts_against_budget=True, is_confidential=True
        ),
        "pulse_closed": MessageKind(compose=publishing.compose_closed),
    },
    tick_jobs={
        "open_when_due": rounds.open_when_due,
        "invite": rounds.invite,
        "remind": rounds.remind_of_round,
        "close_rounds": closing.close_rounds,
        "keep_promises": retention.purge_expired,
    },
)
