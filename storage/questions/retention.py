"""How long it is known who asked a question."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.base import batched
from storage.delivery.deliveries import Delivery
from storage.questions.questions import TOLD_UNDER, UNSETTLED, Question, QuestionState


def forget_askers(session: Session, *, answered_before: datetime, anonymous_before: datetime) -> int:
    """Delete who asked: once the answer no longer needs them, or, without their name, whatever happened. Returns the
    number of questions changed."""
    settled = Question.state.not_in(UNSETTLED) & ~_has_open_merge()
    old = or_(
        settled & (func.coalesce(Question.answered_at, Question.asked_at) < answered_before),
        Question.is_anonymous & (Question.asked_at < anonymous_before),
    )
    rows = session.execute(select(Question.id, Question.asker_id).where(Question.asker_id.is_not(None), old)).all()
    for question, asker in rows:
        told = [Delivery.key.startswith(f"{about}:{question}:") for about in TOLD_UNDER]
        session.execute(delete(Delivery).where(Delivery.employee_id == asker, or_(*told)))
    for some in batched([row.id for row in rows], 500):
        # Whose nudge about a post was pressed just before the question was asked would be one person.
        values = {"asker_id": None, "post_id": case((Question.is_anonymous, None), else_=Question.post_id)}
        forgotten = update(Question).where(Question.id.in_(some)).values(values)
        session.execute(forgotten.execution_options(synchronize_session=False))
    return len(rows)


def _has_open_merge() -> Any:
    """Whether it waits for the answer of a like question."""
    target = aliased(Question)
    return exists().where(
        target.id == Question.into_id, target.state.in_(UNSETTLED), Question.state == QuestionState.MERGED
    )
