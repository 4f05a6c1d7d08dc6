"""Figures of questions: time to answer, answered in time, asked again, and where the organisation does not know yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.confidence_intervals import Interval, wilson
from bot.features.questions.domain.similarity import TfidfIndex
from storage.database import Session
from storage.questions import knowledge, questions, topics
from storage.questions.knowledge import Entry
from storage.questions.questions import WITH_A_PERSON, QuestionTimeline

WINDOW = timedelta(days=90)
AGAIN = timedelta(days=14)
WITHIN = (2.0, 4.0, 8.0, 24.0, 48.0, 96.0)  # hours, for the chart
OFTEN = 3  # times asked, from which on an entry is missing
LIKE = 0.6  # likeness from which on two questions are the same
COMPARED = 500  # questions, the newest


class Curve(Protocol):
    """As `scipy.stats.ecdf` has it: the share that waits longer (`probabilities`) than so many hours (`quantiles`)."""

    quantiles: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    def evaluate(self, x: float) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """`median_hours`: by Kaplan–Meier, None where fewer than half are answered yet."""

    asked: int
    waiting: int
    overdue: int
    median_hours: float | None
    answered_within: tuple[tuple[float, float], ...]  # (hours, share), by the same
    in_time: tuple[int, int, Interval] | None  # (in time, judged, Wilson's interval)
    asked_again: tuple[int, int] | None  # within 14 days, of those answered so long ago
    without_owner: tuple[str, ...]  # topics, in English and by id
    missing: tuple[tuple[str, int], ...]  # (question, times asked) without an entry
    to_review: tuple[Entry, ...]


def figures(session: Session, now: datetime) -> Figures:
    """Of the last 90 days."""
    asked = questions.asked_since(session, now - WINDOW)
    rows = [row for row in asked if row.opened_at is not None]
    waiting = [row for row in rows if row.state in WITH_A_PERSON]
    judged = [row for row in rows if row.was_in_time is not None or (row.is_overdue(now) and _is_late(row, now))]
    curve = survival(time_to_answer(rows, now))
    in_time = sum(row.was_in_time is True for row in judged)
    ripe = [row for row in rows if row.first_answered_at and row.first_answered_at + AGAIN <= now]
    again = sum(row.follow_ups > 0 or row.helped is False for row in ripe)
    return Figures(
        asked=len(rows),
        waiting=len(waiting),
        overdue=sum(row.is_overdue(now) for row in waiting),
        median_hours=median(curve),
        answered_within=tuple((hours, 1 - waiting_after(curve, hours)) for hours in WITHIN) if rows else (),
        in_time=(in_time, len(judged), wilson(in_time, len(judged))) if judged else None,
        asked_again=(again, len(ripe)) if ripe else None,
        without_owner=tuple(row.id for row in topics.active(session) if row.owner is None),
        missing=missing(session, asked),
        to_review=tuple(knowledge.due_for_review(session, now.date())),
    )


def time_to_answer(rows: Sequence[QuestionTimeline], now: datetime) -> list[tuple[float, bool]]:
    """(hours, answered) of each question; one that waits still is known to take at least so long."""
    found = []
    for row in rows:
        if row.opened_at is None:
            continue
        if row.first_answered_at is not None:
            found.append(((row.first_answered_at - row.opened_at) / timedelta(hours=1), True))
        else:
            found.append(((now - row.opened_at) / timedelta(hours=1), False))
    return found


def survival(times: Sequence[tuple[float, bool]]) -> Curve | None:
    """The share of questions that waits longer than so many hours (Kaplan and Meier 1958); None without questions."""
    if not times:
        return None
    from scipy.stats import CensoredData, ecdf  # a second and 75 MB: only for those who compute

    hours, answered = zip(*times, strict=True)
    curve: Curve = ecdf(CensoredData.right_censored(hours, [not is_answered for is_answered in answered])).sf
    return curve


def median(curve: Curve | None) -> float | None:
    """Hours until half of the questions are answered; None where that is not known yet."""
    if curve is None:
        return None
    half = np.flatnonzero(curve.probabilities <= 0.5 + 1e-12)
    return float(curve.quantiles[half[0]]) if half.size else None


def waiting_after(curve: Curve | None, hours: float) -> float:
    """The share of questions that waits longer than `hours`."""
    return float(curve.evaluate(hours)) if curve is not None else 1.0


def _is_late(row: QuestionTimeline, now: datetime) -> bool:
    return row.answer_by is not None and row.answer_by <= now


def missing(session: Session, asked: Sequence[QuestionTimeline]) -> tuple[tuple[str, int], ...]:
    """Questions asked three times that no entry answers, the most frequent first."""
    kept = {text for _entry, text in knowledge.variants(session)}
    rows = [row for row in asked if row.opened_at is not None or row.into_id][-COMPARED:]
    alike, left, found = TfidfIndex([row.text for row in rows]).among() >= LIKE, np.ones(len(rows), bool), []
    for number, row in enumerate(rows):
        if not left[number]:
            continue
        group = np.flatnonzero(alike[number] & left)
        left[group] = False
        if len(group) >= OFTEN and not any(rows[other].text in kept for other in group):
            found.append((row.text, len(group)))
    return tuple(sorted(found, key=lambda item: -item[1])[:5])
