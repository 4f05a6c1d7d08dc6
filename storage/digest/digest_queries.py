"""One week in sums, and what options brought by person: for the digest. Computed by the database; nobody is named.

A week is half open, [start, end). Clicks are unique ones, in the week of the share that brought them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, distinct, func, or_, select
from sqlalchemy.orm import Session

from storage.mentions.listening import Mention, MentionState
from storage.people.employees import Employee, EmployeeState
from storage.questions.knowledge import Entry, EntryState
from storage.questions.questions import Question, QuestionState
from storage.sharing.leads import Lead
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import IS_NUDGE, Nudge
from storage.sharing.posts import Post
from storage.sharing.shares import Share, ShareState

CONFIRMED = Share.state == ShareState.CONFIRMED
CLICKS = func.coalesce(func.sum(TrackedLink.unique_clicks), 0)


@dataclass(frozen=True, slots=True)
class Steps:
    """How far nudges came: sent, share page opened, shared, clicked."""

    nudged: int = 0
    opened: int = 0
    shared: int = 0
    clicks: int = 0


def totals(session: Session, start: datetime, end: datetime) -> Steps:
    return _steps(session, start, end, None, None).get(None, Steps())


@dataclass(frozen=True, slots=True)
class Reached:
    """People: nudged, of them those who opened a share page or shared, of these those who shared."""

    nudged: int = 0
    opened: int = 0
    shared: int = 0


def reached(session: Session, start: datetime, end: datetime) -> Reached:
    """How far the people got who were nudged in that time, in that time."""
    was_nudged = (Nudge.sent_at >= start, Nudge.sent_at < end, IS_NUDGE)
    nudged = select(Nudge.employee_id).where(*was_nudged).distinct().subquery()
    shared = and_(*_confirmed(start, end))
    got_there = or_(and_(Share.opened_at >= start, Share.opened_at < end), shared)
    people = select(
        func.count(distinct(case((got_there, Share.employee_id)))),
        func.count(distinct(case((shared, Share.employee_id)))),
    ).where(got_there, Share.employee_id.in_(select(nudged.c.employee_id)))
    opened, confirmed = session.execute(people).one()
    return Reached(int(session.scalar(select(func.count()).select_from(nudged)) or 0), int(opened), int(confirmed))


def by_post(session: Session, start: datetime, end: datetime) -> dict[int, Steps]:
    return _steps(session, start, end, Nudge.post_id, Share.post_id)


def by_channel(session: Session, start: datetime, end: datetime) -> dict[str, Steps]:
    """Without what was nudged: a nudge has no channel."""
    return _steps(session, start, end, None, Share.channel)


def by_unit(session: Session, start: datetime, end: datetime) -> dict[int | None, Steps]:
    return _steps(session, start, end, Employee.unit_id, Employee.unit_id)


def unit_sizes(session: Session) -> dict[int | None, int]:
    rows = session.execute(
        select(Employee.unit_id, func.count()).where(Employee.state == EmployeeState.ACTIVE).group_by(Employee.unit_id)
    )
    return {unit: int(number) for unit, number in rows}


def post_titles(session: Session, post_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Post.id, Post.title).where(Post.id.in_(list(post_ids))))
    return {row.id: row.title for row in rows}


def sharers(session: Session, start: datetime, end: datetime) -> tuple[int, int, int]:
    """(people who shared, of them for the first time, shares in own words)."""
    first = (
        select(Share.employee_id, func.min(Share.confirmed_at).label("first"))
        .where(CONFIRMED)
        .group_by(Share.employee_id)
        .subquery()
    )
    people, newcomers = session.execute(
        select(func.count(), func.count(case((first.c.first >= start, 1)))).where(
            first.c.employee_id.in_(select(Share.employee_id).where(*_confirmed(start, end)))
        )
    ).one()
    own = session.scalar(
        select(func.count()).select_from(Share).where(*_confirmed(start, end), Share.own_words.is_(True))
    )
    return int(people), int(newcomers), int(own or 0)


def decline_reasons(session: Session, start: datetime, end: datetime) -> list[tuple[str, int]]:
    """How often each reason was given, the most frequent first."""
    rows = session.execute(
        select(Nudge.decline_reason, func.count())
        .where(Nudge.decline_reason.is_not(None), Nudge.sent_at >= start, Nudge.sent_at < end)
        .group_by(Nudge.decline_reason)
        .order_by(func.count().desc(), Nudge.decline_reason)
    )
    return [(reason, int(number)) for reason, number in rows if reason]


# -- Questions --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeekQuestion:
    """What the digest needs of a question."""

    id: int
    text: str
    topic: str | None
    owner_id: int | None
    opened_at: datetime
    first_answered_at: datetime | None
    answer_by: datetime | None
    was_in_time: bool | None


def questions(session: Session, start: datetime, end: datetime) -> list[WeekQuestion]:
    """Questions that came to a person in that time and are still theirs, or were answered, by id."""
    rows = session.execute(
        select(
            Question.id,
            Question.text,
            Question.topic_id,
            Question.owner_id,
            Question.opened_at,
            Question.first_answered_at,
            Question.answer_by,
            Question.was_in_time,
        )
        .where(
            Question.opened_at >= start,
            Question.opened_at < end,
            Question.state.not_in([QuestionState.DECLINED, QuestionState.MERGED, QuestionState.DROPPED]),
        )
        .order_by(Question.id)
    )
    return [WeekQuestion(*row) for row in rows]  # type: ignore[arg-type]


def learned(session: Session, start: datetime, end: datetime, limit: int) -> list[Entry]:
    """Live entries that were written in that time, the newest first."""
    written = select(Entry).where(Entry.state == EntryState.LIVE, Entry.created_at >= start, Entry.created_at < end)
    return list(session.scalars(written.order_by(Entry.created_at.desc(), Entry.id.desc()).limit(limit)))


# -- Over longer times --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cohort:
    """People by the month of their first share, and how many of them shared lately."""

    month: str  # "2026-09"
    people: int
    active: int


@dataclass(frozen=True, slots=True)
class Brought:
    """What the shares of a channel brought."""

    channel: str
    shares: int
    clicks: int
    own_words: int


def brought(session: Session, start: datetime, end: datetime) -> list[Brought]:
    """By channel, what brought most first."""
    own = func.count(case((Share.own_words.is_(True), 1)))
    rows = session.execute(
        select(Share.channel, func.count(), CLICKS, own)
        .join(TrackedLink, TrackedLink.code == Share.code)
        .where(*_confirmed(start, end))
        .group_by(Share.channel)
        .order_by(CLICKS.desc(), Share.channel)
    )
    return [Brought(*row) for row in rows]


FEWEST_OF_COHORT = 5
MONTHS, LATELY = 12, timedelta(weeks=4)


def cohorts(session: Session, now: datetime) -> list[Cohort]:
    """The last twelve months in which somebody began, the oldest first. Small ones are left out, and those that are not
    over for four weeks: whoever began then is sharing still."""
    first = (
        select(
            Share.employee_id, func.min(Share.confirmed_at).label("first"), func.max(Share.confirmed_at).label("last")
        )
        .where(CONFIRMED)
        .group_by(Share.employee_id)
        .subquery()
    )
    year, month = func.extract("year", first.c.first), func.extract("month", first.c.first)
    active = func.count(case((first.c.last >= now - LATELY, 1)))
    rows = session.execute(select(year, month, func.count(), active).group_by(year, month).order_by(year, month))
    found = [
        Cohort(f"{int(on_year)}-{int(on_month):02}", int(people), int(still))
        for on_year, on_month, people, still in rows
        if on_year is not None
    ]
    newest = f"{now - LATELY:%Y-%m}"
    return [row for row in found if row.people >= FEWEST_OF_COHORT and row.month < newest][-MONTHS:]


def conversations(session: Session, start: datetime, end: datetime) -> int:
    """Questions answered and mentions replied to."""
    answered = select(func.count()).where(Question.first_answered_at >= start, Question.first_answered_at < end)
    replied = select(func.count()).where(
        Mention.settled_at >= start, Mention.settled_at < end, Mention.state == MentionState.REPLIED
    )
    return int(session.scalar(answered) or 0) + int(session.scalar(replied) or 0)


def leads(session: Session, start: datetime, end: datetime) -> int:
    return int(session.scalar(select(func.count()).where(Lead.at >= start, Lead.at < end)) or 0)


# -- What options brought, by person -------------------------------------------------------------------------

Trials = list[tuple[str, int, float, float]]  # option, person, what came of it, of how many trials


def clicks_by(session: Session, option: str, start: datetime, end: datetime) -> Trials:
    """Unique clicks of shares, by person and `option`: channel, topic, or voice (own words or suggested)."""
    column: Any = {
        "channel": Share.channel,
        "topic": Post.topic,
        "voice": case((Share.own_words.is_(True), "own"), else_="suggested"),
    }[option]
    query = select(column, Share.employee_id, CLICKS, func.count()).join(TrackedLink, TrackedLink.code == Share.code)
    if option == "topic":
        query = query.join(Post, Post.id == Share.post_id).where(Post.topic != "")
    rows = session.execute(query.where(*_confirmed(start, end)).group_by(column, Share.employee_id))
    return sorted((name, person, float(clicks), float(shares)) for name, person, clicks, shares in rows)


def acted_by_slot(session: Session, start: datetime, end: datetime) -> Trials:
    """Nudges that were acted on within a day, in whatever way, by person and slot."""
    rows = session.execute(
        select(Nudge.slot, Nudge.employee_id, func.sum(cast(Nudge.acted_in_time, Integer)), func.count())
        .where(Nudge.sent_at >= start, Nudge.sent_at < end, Nudge.slot.is_not(None))
        .group_by(Nudge.slot, Nudge.employee_id)
    )
    return sorted((slot or "", person, float(acted), float(sent)) for slot, person, acted, sent in rows)


def _confirmed(start: datetime, end: datetime) -> tuple[Any, ...]:
    return CONFIRMED, Share.confirmed_at >= start, Share.confirmed_at < end


def _steps(session: Session, start: datetime, end: datetime, nudge_key: Any, share_key: Any) -> dict[Any, Steps]:
    """By the keys; None stands for no grouping (of nudges: without them, unless shares are not grouped either)."""
    number = func.count()
    nudged: dict[Any, tuple[int, ...]] = {}
    if nudge_key is not None or share_key is None:
        sent = select(number).where(Nudge.sent_at >= start, Nudge.sent_at < end, IS_NUDGE)
        nudged = _sums(session, sent, Nudge, nudge_key)
    was_opened = (Share.opened_at >= start, Share.opened_at < end)
    opened = _sums(session, select(number).where(*was_opened), Share, share_key)
    brought = select(number, CLICKS).join(TrackedLink, TrackedLink.code == Share.code).where(*_confirmed(start, end))
    shared = _sums(session, brought, Share, share_key)
    return {
        key: Steps(*nudged.get(key, (0,)), *opened.get(key, (0,)), *shared.get(key, (0, 0)))
        for key in {*nudged, *opened, *shared}
    }


def _sums(session: Session, query: Select[*tuple[Any, ...]], table: Any, key: Any) -> dict[Any, tuple[int, ...]]:
    """The query's sums over the rows of `table`, by `key`."""
    query = query.select_from(table)
    if key is Employee.unit_id:
        query = query.join(Employee, Employee.id == table.employee_id)
    if key is None:
        return {None: tuple(map(int, session.execute(query).one()))}
    return {row[-1]: tuple(map(int, row[:-1])) for row in session.execute(query.add_columns(key).group_by(key))}
