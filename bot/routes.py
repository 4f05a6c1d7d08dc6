"""Who answers what: plain tables, to be read and searched. A capability is reached from here only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from bot.core.cards import Card
from bot.core.context import Arrival, BackgroundResult, ComposeRequest, Context, Effect, Job
from bot.core.i18n import languages
from bot.core.schedule import Daily, Weekly, When
from bot.core.working_time import DAWN
from bot.features.digest import jobs as digest_sending
from bot.features.digest.handlers import practices
from bot.features.digest.handlers import reading as digest_answers
from bot.features.framework.forms import EDITED
from bot.features.framework.handlers import editing, handover, subscription
from bot.features.framework.handlers import views as lead_views
from bot.features.mentions import jobs
from bot.features.mentions.handlers import handling, overview, report
from bot.features.people.handlers import console_link, home, settings, tour
from bot.features.people.handlers import help as helping
from bot.features.pulse import retention
from bot.features.pulse.handlers import answering, publishing, views
from bot.features.pulse.jobs import closing, rounds
from bot.features.questions import retention as question_promises
from bot.features.questions.handlers import answering as owners
from bot.features.questions.handlers import asking, entries, inbox
from bot.features.questions.jobs import deadlines, finding, training
from bot.features.rollout import handlers as widening
from bot.features.sharing.handlers import nudge, offer, results, review, share, suggest, team, voices
from bot.features.sharing.jobs import follow_up, plan
from bot.features.workshop.handlers import commitments
from bot.features.workshop.handlers import workshop as handlers
from storage.database import Session
from storage.digest import digests
from storage.sharing import nudges

Handler = Callable[[Context, Any], list[Effect]]


@dataclass(frozen=True, slots=True)
class Route:
    """`role`: who may; None is everybody."""

    handler: Handler
    role: str | None = None


COMMANDS: dict[str, Route] = {
    "": Route(helping.show_help),
    "help": Route(helping.show_help),
    "home": Route(home.show_home),
    "share": Route(offer.show_content),
    "suggest": Route(suggest.suggest),
    "results": Route(results.show_results),
    "pulse": Route(views.show_pulse),
    "ask": Route(asking.ask),
    "ask_about": Route(asking.ask_about),
    "inbox": Route(inbox.show),
    "room": Route(inbox.set_room),
    "goals": Route(lead_views.show_goals),
    "calendar": Route(lead_views.show_calendar),
    "framework": Route(lead_views.show_framework, role="lead"),
    "rollout": Route(lead_views.show_rollout, role="lead"),
    "workshop": Route(handlers.show),
    "handover": Route(handover.open_form),
    "heard": Route(report.open_form),
    "mentions": Route(overview.show),
    "digest": Route(digest_answers.show),
    "practices": Route(practices.show),
    "topics": Route(tour.show_topics),
    "team": Route(team.show),
    "console": Route(console_link.give),
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
    "share.draft": Route(share.edit_draft),
    "share.pick": Route(offer.pick),
    "review": Route(review.press_review, role="lead"),
    "post.edit": Route(review.open_edit, role="lead"),
    "post.recall": Route(review.ask_to_recall, role="lead"),
    "post.recall_now": Route(review.recall, role="lead"),
    "post.keep": Route(review.keep_live, role="lead"),
    "voice": Route(voices.press, role="lead"),
    "question": Route(asking.press),
    "question.open": Route(asking.open_form),
    "question.new": Route(asking.open_empty),
    "question.show": Route(inbox.press),
    **dict.fromkeys(
        ("question.claim", "question.answer", "question.back", "question.hand_on", "question.decline"),
        Route(owners.press),
    ),
    **dict.fromkeys(
        ("question.rated_yes", "question.rated_no", "question.follow_up", "question.reply"),
        Route(owners.press_as_asker),
    ),
    "entry": Route(entries.press),
    "pulse": Route(answering.press_pulse),
    "pulse_view": Route(views.press_view, role="lead"),
    "round": Route(publishing.press_round, role="lead"),
    "unit": Route(lead_views.press_unit, role="lead"),
    **dict.fromkeys(
        ("unit.dialogue", "unit.incident", "unit.resolved", "unit.widen"), Route(widening.press, role="lead")
    ),
    "cancel.incident": Route(widening.cancel, role="lead"),
    "section": Route(editing.show, role="lead"),
    "part": Route(editing.open_form, role="lead"),
    "part_out": Route(editing.take_out, role="lead"),
    **{f"cancel.part_{section}": Route(editing.cancel, role="lead") for section in EDITED},
    "workshop": Route(handlers.press),
    "workshop.vote": Route(handlers.press_vote),
    **dict.fromkeys(
        ("workshop.open", "workshop.vote_now", "workshop.groups", "workshop.rename", "workshop.close", "workshop.make"),
        Route(handlers.press_as_lead, role="lead"),
    ),
    "commitment": Route(commitments.press),
    **dict.fromkeys(
        ("cancel.workshop_need", "cancel.workshop_expectation", "cancel.commitment"), Route(handlers.cancel)
    ),
    "cancel.workshop_group": Route(handlers.cancel_group, role="lead"),
    "calendar": Route(subscription.press),
    "digest": Route(digest_answers.press),
    "lesson": Route(digest_answers.press),
    "practice": Route(practices.keep, role="lead"),
    "practice.retire": Route(practices.retire, role="lead"),
    "handover": Route(handover.open_form),
    "cancel.handover": Route(handover.cancel),
    "mention": Route(handling.press),
    "heard": Route(report.open_form),
    "cancel.heard": Route(report.cancel),
    **dict.fromkeys(("cancel.mention_reply", "cancel.mention_post", "cancel.mention_tone"), Route(handling.cancel)),
    "interest": Route(tour.press_topic),
    "team": Route(team.press),
    "cancel.cheer": Route(team.cancel),
    "settings": Route(settings.press_setting),
    "cancel.share": Route(share.cancel),
    "cancel.share_address": Route(share.cancel),
    "cancel.question": Route(share.cancel),
    "cancel.question_new": Route(asking.cancel),
    "cancel.question_reply": Route(asking.cancel_words),
    "cancel.question_follow_up": Route(asking.cancel_words),
    **dict.fromkeys(
        ("cancel.answer", "cancel.question_back", "cancel.question_hand_on", "cancel.question_decline"),
        Route(owners.cancel),
    ),
    "cancel.entry": Route(entries.cancel),
    "cancel.post_edit": Route(review.cancel, role="lead"),
    "cancel.post_decline": Route(review.cancel, role="lead"),
    "cancel.suggestion": Route(suggest.cancel),
    "cancel.pulse_comment": Route(answering.cancel_comment),
    "cancel.round_publish": Route(publishing.cancel_publication, role="lead"),
}

FORMS: dict[str, Route] = {
    "share": Route(share.submit),
    "share_address": Route(share.submit_address),
    "suggestion": Route(suggest.submit),
    "cheer": Route(team.submit_cheer),
    "handover": Route(handover.submit),
    **dict.fromkeys(("workshop_need", "workshop_expectation"), Route(handlers.submit_need)),
    "workshop_group": Route(handlers.submit_group, role="lead"),
    "commitment": Route(commitments.submit),
    **{f"part_{section}": Route(editing.submit, role="lead") for section in EDITED},
    "incident": Route(widening.submit_incident, role="lead"),
    "heard": Route(report.submit),
    "mention_reply": Route(handling.submit_reply),
    "mention_post": Route(handling.submit_post),
    "mention_tone": Route(handling.submit_tone),
    "post_edit": Route(review.submit_edit, role="lead"),
    "post_decline": Route(review.submit_decline, role="lead"),
    "question": Route(asking.submit),
    "question_new": Route(asking.submit),
    "question_reply": Route(owners.submit_reply),
    "question_follow_up": Route(owners.submit_follow_up),
    "question_back": Route(owners.submit_ask_back),
    "question_hand_on": Route(owners.submit_hand_on),
    "question_decline": Route(owners.submit_decline),
    "answer": Route(owners.submit_answer),
    "entry": Route(entries.submit),
    "pulse_comment": Route(answering.submit_comment),
    "round_publish": Route(publishing.submit_publication, role="lead"),
}

MESSAGE = Route(asking.say)

# What a delivery without a card says, looked up at the last moment.
COMPOSED: dict[str, Callable[[Job, ComposeRequest], Card | None]] = {
    "nudge": nudge.compose_nudge,
    "review": review.compose_review,
    "welcome": settings.compose_welcome,
    "tour": tour.compose,
    "reminder": settings.compose_fewer,
    "pulse": answering.compose_invitation,
    "pulse_reminder": answering.compose_invitation,
    "pulse_closed": publishing.compose_closed,
    "question": owners.compose,
    "digest": digest_sending.compose_digest,
    "mention": jobs.compose,
    "workshop": handlers.compose,
    "commitment": commitments.compose,
    "widen": widening.compose,
}

# First messages of kinds that go to many, composed all at once: (job, subjects). Those left out are composed alone.
COMPOSED_AT_ONCE: dict[str, Callable[[Job, Sequence[int]], Mapping[int, Card]]] = {
    "nudge": nudge.compose_prompts,
}

# Goes on when the model server has answered, or has not.
ON_LLM_RESULT: dict[str, Callable[[Job, BackgroundResult], list[Effect]]] = {
    "question": finding.take_consultation,
    "examples": training.take_vectors,
    "training": training.take_training,
    "tone": jobs.take_tones,
    "groups": handlers.take_groups,
    **{f"summary_{language}": digest_sending.take_summary(language) for language in languages()},
    "voices": voices.take_voices,
    "my_way": voices.take_my_way,
}

Loader = Callable[[Session, Sequence[int]], object]

# Loads in one look what the composer of that kind is about to read for each: (session, subjects).
PRELOADERS: dict[str, Loader] = {
    "nudge": nudges.some,
    "digest": digests.some_copies,
}

# Loads in one look what the handlers of those presses are about to read for each, named as in PRESSES.
PRESSED_ON: dict[str, Loader] = {
    "nudge": nudges.some,
    "share.open": nudges.some,
}

# Told when first messages of that kind are out.
ON_DELIVERED: dict[str, Callable[[Job, Sequence[Arrival]], list[Effect]]] = {
    "nudge": nudge.nudges_are_out,
}

# What is asked for at every tick, in this order.
TICK_JOBS: dict[str, Callable[[Job], list[Effect]]] = {
    "welcome_newcomers": settings.welcome_newcomers,
    "guide": tour.guide,
    "expire_posts": review.expire_posts,
    "ask_for_review": review.ask_for_review,
    "come_back": follow_up.come_back,
    "open_when_due": rounds.open_when_due,
    "invite": rounds.invite,  # before nudges are planned: a round has days, a nudge has slots
    "plan_news": plan.plan_news,
    "remind": rounds.remind,
    "invite_to_workshops": handlers.invite,
    "remind_of_commitments": commitments.remind,
    "close_rounds": closing.close_rounds,
    "keep_promises": retention.keep_promises,
    "tell_of_clicks": follow_up.tell_of_clicks,
    "keep_learning": training.keep_learning,
    "move_questions_on": finding.move_on,
    "look_after_questions": deadlines.look_after,
    "forget_askers": question_promises.forget_askers,
    "bring_mentions": jobs.bring,
    "look_after_mentions": jobs.look_after,
}


# What of an action's name may be logged: of these only what is before the dot, for the rest is an answer.
CONFIDENTIAL = frozenset({"pulse", "workshop"})
# Of what somebody does here neither the log nor the keys of handled events keep a person. All of it may be done twice.
UNTRACED = frozenset({"pulse"})


@dataclass(frozen=True, slots=True)
class Timed:
    """Work at its own hour; local work runs once for each time zone."""

    work: Callable[[Job], list[Effect]]
    when: When


SCHEDULED_JOBS: dict[str, Timed] = {
    "plan_day": Timed(plan.plan_day, Daily(DAWN)),
    "propose_widening": Timed(widening.propose, Daily(time(8), local=False)),
    "gather_week": Timed(digest_sending.gather_week, Weekly(0, digest_sending.FACTS_AT, local=False)),
    "send_digests": Timed(digest_sending.send_digests, Weekly(0, digest_sending.SENT_AT)),
}


def press_route(action: str) -> Route | None:
    """`show.<command>` is the command as a button; else the whole name, else what is before the dot."""
    if action.startswith("show."):
        return COMMANDS.get(action.removeprefix("show."))
    return PRESSES.get(action) or PRESSES.get(action.partition(".")[0])


def pressed_on(action: str) -> Loader | None:
    """What loads the rows that such a press is about, where there is something."""
    return PRESSED_ON.get(action) or PRESSED_ON.get(action.partition(".")[0])


def loaded(session: Session, wanted: Iterable[tuple[Loader | None, int]]) -> list[object]:
    """These rows, in one look a loader; hold them, for the session forgets what nobody holds."""
    ids: dict[Loader, set[int]] = {}
    for load, number in wanted:
        if load is not None:
            ids.setdefault(load, set()).add(number)
    return [load(session, sorted(numbers)) for load, numbers in ids.items()]
