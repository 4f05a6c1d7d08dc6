"""What waits for the person who looks, the most urgent first, each with the page where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.context import Context
from bot.features.framework.cards import gap_name
from bot.features.framework.domain import coverage
from bot.features.framework.handlers.editing import versions_of
from content.channels import kind_of
from storage.mentions import listening
from storage.pulse import rounds
from storage.pulse.rounds import RoundState
from storage.questions import questions
from storage.sharing import posts

MOST_GAPS = 2


@dataclass(frozen=True, slots=True)
class Task:
    """`kind`: bad, warn, blue or "" of its sign."""

    title: str
    said: str
    label: str
    address: str
    sign: str
    kind: str = ""


def tasks(context: Context) -> list[Task]:
    is_lead = context.person.has_role("lead")
    found = _questions(context) + _mentions(context)
    return [*found, *_posts(context), *_pulse(context), *_gaps(context)] if is_lead else found


def posts_waiting(context: Context) -> int:
    return posts.number_waiting(context.session)


def questions_waiting(context: Context) -> int:
    """The person's own, and for leads those that nobody has."""
    is_lead = context.person.has_role("lead")
    number, _late = questions.waiting_for(context.session, context.person.id, and_unowned=is_lead, now=context.now)
    return number


def mentions_waiting(context: Context) -> int:
    is_lead = context.person.has_role("lead")
    return listening.number_waiting(context.session, context.person.id, and_unowned=is_lead)


def _questions(context: Context) -> list[Task]:
    words, is_lead = context.words, context.person.has_role("lead")
    number, late = questions.waiting_for(context.session, context.person.id, and_unowned=is_lead, now=context.now)
    if not number:
        return []
    title = words.n("{count} question waits for an answer", "{count} questions wait for an answer", number)
    said = words.n("{count} is overdue", "{count} are overdue", late) if late else words.t("Nothing is overdue")
    return [Task(title, said, words.t("Answer"), "/console/questions", "questions", "bad" if late else "warn")]


def _mentions(context: Context) -> list[Task]:
    words, number = context.words, mentions_waiting(context)
    if not number:
        return []
    title = words.n("{count} mention waits", "{count} mentions wait", number)
    said = words.t("Take them, reply, or say that they aren’t relevant")
    return [Task(title, said, words.t("Look"), "/console/listening", "listening", "blue")]


def _posts(context: Context) -> list[Task]:
    words, number = context.words, posts_waiting(context)
    if not number:
        return []
    title = words.n("{count} post to approve", "{count} posts to approve", number)
    said = words.t("Nobody is nudged about them before that")
    return [Task(title, said, words.t("Review"), "/console/library?state=waiting", "library", "warn")]


def _pulse(context: Context) -> list[Task]:
    words, newest = context.words, rounds.newest(context.session)
    if newest is None:
        return []
    if newest.state == RoundState.CLOSED:
        title = words.t("Say what comes of the pulse round")
        said = words.t("People haven’t heard yet what you’re doing about it")
        return [Task(title, said, words.t("Publish"), "/console/pulse", "pulse", "warn")]
    return []


def _gaps(context: Context) -> list[Task]:
    words = context.words
    found = coverage.gaps(context.session, context.now)[:MOST_GAPS]
    versions = versions_of(context, "channels") if found else {}
    return [
        Task(
            words.t("Channel {name}", name=kind_of(gap.channel.id, gap.channel).name),
            words.t("Questions there may go unanswered: {reason}", reason=gap_name(gap.kind, words)),
            words.t("Fix it"),
            f"/console/open/part.channels/{versions[gap.channel.id]}",
            "warning",
            "warn",
        )
        for gap in found
    ]
