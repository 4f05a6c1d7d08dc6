"""What happened, counted by week for the goals: (numerator, denominator) of each week, people never listed.

A week is seven days from the moment given; `weeks` of them, the last one perhaps still under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.core.on_time import on_time
from storage.mentions import listening
from storage.mentions.listening import Mention, MentionState
from storage.people.employees import Employee
from storage.people.organisation import Unit
from storage.questions import questions
from storage.questions.questions import Question
from storage.sharing.leads import Lead
from storage.sharing.links import TrackedLink
from storage.sharing.shares import Share, ShareState

WEEK = timedelta(days=7)
Counts = list[tuple[float, float]]
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` on; only of `unit` (its name) and `channel`, where they are given."""

    start: datetime
    weeks: int
    unit: str | None = None
    channel: str | None = None

    @property
    def end(self) -> datetime:
        return self.start + self.weeks * WEEK

    def week(self, moment: datetime) -> int:
        return (moment - self.start) // WEEK


def shares(session: Session, span: Span) -> Counts:
    return _sums(span, ((at, 1, 1) for _person, at, _clicks, _own in _shares(session, span)))


def sharers(session: Session, span: Span) -> Counts:
    """Different people who shared, by week."""
    people: list[set[int]] = [set() for _ in range(span.weeks)]
    for person, at, _clicks, _own in _shares(session, span):
        people[span.week(at)].add(person)
    return [(len(found), 1) for found in people]


def people_sharing(session: Session, span: Span, unit_id: int) -> int:
    """Different people of the unit who shared in that time."""
    query = select(func.count(Share.employee_id.distinct())).join(Employee, Employee.id == Share.employee_id)
    return (
        session.scalar(
            query.where(
                Employee.unit_id == unit_id,
                Share.state == ShareState.CONFIRMED,
                Share.confirmed_at >= span.start,
                Share.confirmed_at < span.end,
            )
        )
        or 0
    )


def clicks(session: Session, span: Span) -> Counts:
    """Unique clicks, in the week of the share that brought them; of as many shares."""
    return _sums(span, ((at, found, 1) for _person, at, found, _own in _shares(session, span)))


def own_words(session: Session, span: Span) -> Counts:
    """Shares in the sharer's own words, of all shares."""
    return _sums(span, ((at, int(own), 1) for _person, at, _clicks, own in _shares(session, span)))


def served(session: Session, post_ids: Sequence[int]) -> tuple[int, int]:
    """(shares of these posts, unique clicks on them)."""
    query = select(func.count(), func.sum(TrackedLink.unique_clicks)).select_from(Share).join(Share.link)
    shared, clicked = session.execute(
        query.where(Share.state == ShareState.CONFIRMED, Share.post_id.in_(post_ids))
    ).one()
    return int(shared), int(clicked or 0)


def leads(session: Session, span: Span) -> Counts:
    query = select(Lead.at).join(Share, Share.code == Lead.code).where(Lead.at >= span.start, Lead.at < span.end)
    return _sums(span, ((at, 1, 1) for (at,) in session.execute(_of(query, span, Share.employee_id, Share.channel))))


def questions_in_time(session: Session, span: Span) -> Counts:
    """Questions answered on time, of those that were answered or are late at the end, in the week they came to a
    person."""
    in_time = on_time(Question, questions.WITH_A_PERSON, span.end)
    query = select(Question.opened_at, in_time).where(
        Question.opened_at >= span.start, Question.opened_at < span.end, in_time.is_not(None)
    )
    rows = session.execute(_of(query, span, Question.asker_id, Question.topic_id))
    return _sums(span, ((at, int(bool(answered)), 1) for at, answered in rows if at))


def mentions_answered(session: Session, span: Span) -> Counts:
    """Mentions handled on time, of those that mattered and were handled or are late at the end, in the week they were
    heard. A mention is of no unit."""
    in_time = on_time(Mention, listening.WITH_A_PERSON, span.end)
    query = select(Mention.heard_at, in_time).where(
        Mention.heard_at >= span.start,
        Mention.heard_at < span.end,
        in_time.is_not(None),
        Mention.state != MentionState.IRRELEVANT,
    )
    if span.channel is not None:
        query = query.where(Mention.topic_id == span.channel)
    return _sums(span, ((at, int(bool(handled)), 1) for at, handled in session.execute(query)))


def _shares(session: Session, span: Span) -> Iterable[tuple[int, datetime, int, bool]]:
    query = (
        select(Share.employee_id, Share.confirmed_at, TrackedLink.unique_clicks, Share.own_words)
        .join(Share.link)
        .where(Share.state == ShareState.CONFIRMED, Share.confirmed_at >= span.start, Share.confirmed_at < span.end)
    )
    for person, at, clicked, own in session.execute(_of(query, span, Share.employee_id, Share.channel)):
        if at is not None:
            yield person, at, clicked, own


def _of(query: Q, span: Span, person: Any, channel: Any) -> Q:
    if span.unit is not None:
        query = query.join(Employee, Employee.id == person).join(Unit, Unit.id == Employee.unit_id)
        query = query.where(Unit.name == span.unit)
    return query if span.channel is None else query.where(channel == span.channel)


def _sums(span: Span, found: Iterable[tuple[datetime, float, float]]) -> Counts:
    weeks = [[0.0, 0.0] for _ in range(span.weeks)]
    for at, part, whole in found:
        week = weeks[span.week(at)]
        week[0] += part
        week[1] += whole
    return [(part, whole) for part, whole in weeks]
