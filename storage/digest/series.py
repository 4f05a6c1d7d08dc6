"""The same sums for many equally long periods, in one query each: for trends and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Label, case, distinct, func, select
from sqlalchemy.orm import Session

from storage.base import Utc
from storage.questions.questions import Question
from storage.sharing.links import TrackedLink
from storage.sharing.shares import Share, ShareState


@dataclass(frozen=True, slots=True)
class Shared:
    """People who shared in a period, their shares, and the readers that these have brought so far."""

    people: int = 0
    shares: int = 0
    readers: int = 0


def shared(session: Session, borders: Sequence[datetime]) -> list[Shared]:
    """For each period between two `borders`, in order."""
    number, within = _period_of(Share.confirmed_at, borders)
    each = (
        select(number, Share.employee_id, TrackedLink.unique_clicks)
        .join(TrackedLink, TrackedLink.code == Share.code)
        .where(Share.state == ShareState.CONFIRMED, *within)
        .subquery()
    )
    people, readers = func.count(distinct(each.c.employee_id)), func.coalesce(func.sum(each.c.unique_clicks), 0)
    rows = session.execute(select(each.c.period, people, func.count(), readers).group_by(each.c.period))
    found = {index: Shared(int(who), int(shares), int(read)) for index, who, shares, read in rows}
    return [found.get(index, Shared()) for index in range(len(borders) - 1)]


def first_share(session: Session) -> datetime | None:
    """When somebody first shared anything."""
    return session.scalar(select(func.min(Share.confirmed_at, type_=Utc())).where(Share.state == ShareState.CONFIRMED))


def answered(session: Session, borders: Sequence[datetime]) -> list[tuple[int, int]]:
    """(in time, judged) of the questions first answered in each period."""
    number, within = _period_of(Question.first_answered_at, borders)
    each = select(number, Question.was_in_time).where(Question.was_in_time.is_not(None), *within).subquery()
    in_time = func.count(case((each.c.was_in_time.is_(True), 1)))
    rows = session.execute(select(each.c.period, in_time, func.count()).group_by(each.c.period))
    found = {index: (int(part), int(judged)) for index, part, judged in rows}
    return [found.get(index, (0, 0)) for index in range(len(borders) - 1)]


def _period_of(moment: Any, borders: Sequence[datetime]) -> tuple[Label[int], tuple[ColumnElement[bool], ...]]:
    """The number of the period that `moment` is in, as "period", and that it is in one of them."""
    number = case(*((moment < end, index) for index, end in enumerate(borders[1:-1])), else_=len(borders) - 2)
    return number.label("period"), (moment >= borders[0], moment < borders[-1])
