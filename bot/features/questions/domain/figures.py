"""Figures of questions: time to answer, answered in time, asked again, and where the organisation does not know yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

import numpy as np

from bot.core.confidence_intervals import Interval, wilson
from bot.features.questions.domain.similarity import TfidfIndex
from storage.database import Session
from storage.questions import knowledge, questions, topics
from storage.questions.knowledge import Entry
from storage.questions.questions import WITH_A_PERSON, Course

WINDOW = timedelta(days=90)
AGAIN = timedelta(days=14)
WITHIN = (2.0, 4.0, 8.0, 24.0, 48.0, 96.0)  # hours, for the chart
OFTEN = 3  # times asked, from which on an entry is missing
LIKE = 0.6  # likeness from which on two questions are the same
COMPARED = 500  # questions, the newest


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


def time_to_answer(rows: Sequence[Course], now: datetime) -> list[tuple[float, bool]]:
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


def survival(times: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Kaplan and Meier 1958: (hours, share of questions that waits longer), after each answer: the product of
    1 − answered ÷ still waiting over the moments of answering."""
    share, steps, waiting = 1.0, list[tuple[float, float]](), len(times)
    for hours, together in groupby(sorted(times), key=itemgetter(0)):
        ended = [is_answered for _hours, is_answered in together]
        if any(ended):
            share *= 1 - sum(ended) / waiting
            steps.append((hours, share))
        waiting -= len(ended)
    return steps


def median(curve: Sequence[tuple[float, float]]) -> float | None:
    """Hours until half of the questions are answered, by `survival`; None where that is not known yet."""
    return next((hours for hours, share in curve if share <= 0.5 + 1e-12), None)


def waiting_after(curve: Sequence[tuple[float, float]], hours: float) -> float:
    """The share of questions that waits longer than `hours`, by `survival`."""
    return next((share for moment, share in reversed(curve) if moment <= hours), 1.0)


def _is_late(row: Course, now: datetime) -> bool:
    return row.answer_by is not None and row.answer_by <= now


def missing(session: Session, asked: Sequence[Course]) -> tuple[tuple[str, int], ...]:
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
