"""The tick over 10,000 open questions: when nothing is due, and when all are, beside reading the same rows.

Mark: under 2 s, of which each tick may look at a part (`deadlines.AT_A_TICK`) and leaves the rest to the next.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from bot.core.router import Router
from bot.routes import FEATURES

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import select

from bot.core import outbox
from bot.core.context import Job
from bot.core.rules import Rules
from bot.features.questions.domain import routing
from bot.features.questions.jobs import deadlines, training
from bot.samples import FixedPictures
from scheduler.engine import DurableEngine
from storage.database import Database, Session
from storage.people import employees, workspaces
from storage.people.employees import Employee, Identity
from storage.pulse.round_store import RoundStore
from storage.questions import topics
from storage.questions.questions import Question, QuestionState
from tests.benchmarks.load import report

OPEN_QUESTIONS, OWNERS = 10_000, 50
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ASKED = "May I share this on LinkedIn, and who looks after our account there?"


def fill(session: Session) -> None:
    workspaces.install(session, "fake:T1", name="Bench", now=NOW)
    people = [
        Employee(name=f"Owner {n}", roles=["employee", "owner"], topics_declined=[], joined_at=NOW, welcomed_at=NOW)
        for n in range(OWNERS)
    ]
    people.append(Employee(name="Lead", roles=["employee", "lead"], topics_declined=[], joined_at=NOW, welcomed_at=NOW))
    session.add_all(people)
    session.flush()
    session.add_all(
        Identity(
            workspace_id="fake:T1",
            user=str(person.id),
            employee_id=person.id,
            last_used_at=NOW,
            address=f"fake:T1:{person.id}",
        )
        for person in people
    )
    training.seed(session, NOW)
    asker, topic = people[-1], topics.topic(session, "rules")
    for number in range(OPEN_QUESTIONS):
        asked = Question(
            asker=asker, text=f"{ASKED} {number}", topic=topic, asked_at=NOW, state=QuestionState.OPEN, reminded=[]
        )
        deadlines.start(asked, people[number % OWNERS], NOW, Rules())
        session.add(asked)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    started = perf_counter()
    work()
    return round(perf_counter() - started, 3)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        database.upgrade()
        engine = DurableEngine(database)
        engine.prepare()
        ballots = RoundStore(database)
        with database.transaction() as session:
            fill(session)

        def tick(now: datetime) -> int:
            with database.transaction() as session:
                job = Job(session, now, Random(1), Rules(), FixedPictures(), ballots, Router(FEATURES))
                effects = deadlines.remind_of_questions(job)
                outbox.plan(session, effects, None, now, engine=engine, cause="bench")
                return len(effects)

        def read() -> int:
            with database.transaction() as session:
                return len(session.scalars(select(Question)).all())

        baseline, quiet = timed(read), timed(lambda: tick(NOW))
        late, told = NOW + timedelta(days=7), list[int]()
        busy = timed(lambda: told.append(tick(late)))
        with database.transaction() as session:
            training.keep_learning(Job(session, NOW, Random(1), Rules(), FixedPictures(), ballots, Router(FEATURES)))
        with database.transaction() as session:
            people = employees.count(session)
            decisions = 200
            deciding = timed(lambda: [routing.decide(session, f"{ASKED} {n}") for n in range(decisions)])
        report(
            benchmark="questions",
            open_questions=OPEN_QUESTIONS,
            people=people,
            baseline_reading_all_seconds=baseline,
            tick_with_nothing_due_seconds=quiet,
            tick_with_all_due_seconds=busy,
            looked_at_in_that_tick=deadlines.AT_A_TICK,
            messages_in_that_tick=told[0],
            routing_ms=round(deciding * 1000 / decisions, 2),
        )
        ballots.close()
        database.close()


if __name__ == "__main__":
    asyncio.run(asyncio.to_thread(main))
