"""Questions in trays, a page at a time by key: what waits for whom, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from storage.base import FOREVER
from storage.questions.questions import HAS_WORDS, WITH_A_PERSON, Question, QuestionState


class Tray(StrEnum):
    """Which questions are meant."""

    MINE = "mine"
    UNOWNED = "unowned"  # with nobody, though somebody should have them
    LATE = "late"
    ALL = "all"  # that wait for a person
    ANSWERED = "answered"  # of the person's, or by them
    SETTLED = "settled"  # answered, whoever did


ANSWERED = (Tray.ANSWERED, Tray.SETTLED)


@dataclass(frozen=True, slots=True)
class TrayPage:
    questions: Sequence[Question] = ()
    following: str = ""  # the key that the next page goes on after; "" where this is the last


def page(session: Session, owner_id: int, tray: Tray, *, now: datetime, after: str, limit: int) -> TrayPage:
    """What waits by when it is due, what is answered by when it was, the newest first."""
    query = select(Question).options(joinedload(Question.topic), joinedload(Question.owner))
    query = query.where(_is_in(tray, owner_id, now))
    is_answered = tray in ANSWERED
    order = (
        func.coalesce(Question.answered_at, Question.asked_at)
        if is_answered
        else func.coalesce(Question.answer_by, FOREVER)
    )
    if (last := _parsed(session, after)) is not None:
        moment = (last.answered_at or last.asked_at) if is_answered else (last.answer_by or FOREVER)
        further = order < moment if is_answered else order > moment
        behind = Question.id < last.id if is_answered else Question.id > last.id
        query = query.where(or_(further, and_(order == moment, behind)))
    by = (order.desc(), Question.id.desc()) if is_answered else (order, Question.id)
    rows = list(session.scalars(query.order_by(*by).limit(limit + 1)).unique())
    shown = rows[:limit]
    return TrayPage(shown, str(shown[-1].id) if len(rows) > limit else "")


def numbers(session: Session, owner_id: int, trays: Collection[Tray], *, now: datetime) -> dict[Tray, int]:
    """How many wait in each tray; those answered are not counted."""
    counted = [tray for tray in trays if tray not in ANSWERED]
    sums = [func.count(case((_is_in(tray, owner_id, now), 1))) for tray in counted]
    row = session.execute(select(*sums).where(Question.state.in_(WITH_A_PERSON))).one()
    return {tray: int(number) for tray, number in zip(counted, row, strict=True)}


def _is_in(tray: Tray, owner_id: int, now: datetime) -> ColumnElement[bool]:
    waits = Question.state.in_(WITH_A_PERSON)
    is_answered = Question.state.in_([QuestionState.ANSWERED, QuestionState.HELPED]) & HAS_WORDS
    return {
        Tray.MINE: waits & (Question.owner_id == owner_id),
        Tray.UNOWNED: waits & Question.owner_id.is_(None),
        Tray.LATE: waits & (Question.answer_by <= now),
        Tray.ALL: waits,
        Tray.ANSWERED: is_answered & or_(Question.owner_id == owner_id, Question.answered_by_id == owner_id),
        Tray.SETTLED: is_answered,
    }[tray]


def _parsed(session: Session, key: str) -> Question | None:
    is_one = key.isascii() and key.isdigit() and len(key) < 10
    return session.get(Question, int(key)) if is_one else None
