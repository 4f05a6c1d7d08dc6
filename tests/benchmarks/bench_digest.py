"""A week's facts, all digests and the console's pages, for 10,000 people and 1,000,000 events, and for ten times less.

Each case runs in a process of its own, on SQLite and on PostgreSQL; the smaller one is the baseline that the larger is
held against: growth is time ÷ time, where ten would be linear. Marks: facts under 10 s and 1 GB, growth no worse than
linear, pages p95 under 150 ms; the first load of a page in a process, when nothing is remembered yet, is told apart.
CHORUS_BENCH_EVENTS sets another size.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from fastapi import FastAPI
from rich.progress import track
from sqlalchemy import func, select, text

from adapters.web.console.all_pages import PAGES
from adapters.web.console.receive import Console
from bot.core.db_executor import DbExecutor
from bot.core.dependencies import Dependencies
from bot.core.router import Router
from bot.core.rules import Rules
from bot.core.tokens import digest_of
from bot.features.digest.domain.compute_facts import gather, last_week, monday
from bot.features.digest.jobs import sending
from bot.routes import FEATURES
from bot.samples import FixedPictures
from storage.database import Database
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.digest.event_view import HAPPENED
from storage.mentions.listening import Mention, MentionState
from storage.people import workspaces
from storage.people.employees import Employee, Identity
from storage.people.organisation import Unit
from storage.pulse.round_store import RoundStore
from storage.questions.questions import Question, QuestionState
from storage.remembered import forget
from storage.secrets import load_keys, new_key
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.posts import Post, PostState
from storage.sharing.shares import Share
from storage.web.console_sessions import ConsoleSession
from tests.adapters.asking import Asker
from tests.benchmarks.databases import ENGINES, databases, fill
from tests.benchmarks.load import in_a_process, peak_mb, report

EVENTS = int(os.environ.get("CHORUS_BENCH_EVENTS", "1000000"))
WEEKS, UNITS, POSTS, PAGE_LOADS = 12, 40, 120, 40
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOME, SECRET = "http://127.0.0.1", "bench"


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(case(sys.argv[1], int(sys.argv[2]))))
        return
    with databases() as empty:
        for engine in ENGINES:
            small, large = (
                in_a_process(__file__, empty(engine, f"bench{events}"), str(events))
                for events in (EVENTS // 10, EVENTS)
            )
            growth = {name: round(large[name] / small[name], 2) for name in ("facts_seconds", "digests_seconds")}
            report(bench="digest", engine=engine, large=large, baseline=small, growth=growth, linear=10)


def case(url: str, events: int) -> dict[str, Any]:
    """One size on one engine: filled, then measured."""
    load_keys([new_key()])
    database = Database(url)
    database.upgrade()
    people = max(100, events // 100)
    _fill(database, events, people)
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    with database.transaction() as session:
        counted = session.scalar(select(func.coalesce(func.sum(HAPPENED.c.number), 0)).select_from(HAPPENED))
    week = last_week(NOW)
    before = peak_mb()
    started = perf_counter()
    with database.transaction() as session:
        facts = gather(session, week, k=5)
    facts_seconds, facts_memory = perf_counter() - started, peak_mb()
    started = perf_counter()
    with database.transaction() as session:
        issue = sending.issue_of(session, sending.digest_of_week(session, week, k=5, now=NOW))
        for person in session.scalars(select(Employee).order_by(Employee.id)).unique():
            sending.card_for(session, person, sending.audience_of(session, person), issue, FixedPictures())
    digests_seconds = perf_counter() - started
    first, slowest = _pages(database)
    database.close()
    return {
        "people": people,
        "events": int(counted or 0),
        "shared_in_week": facts.total.shared,
        "facts_seconds": round(facts_seconds, 2),
        "facts_peak_mb": facts_memory,
        "filled_mb": before,
        "digests_seconds": round(digests_seconds, 2),
        "page_first_ms": {name or "overview": round(value) for name, value in first.items()},
        "page_p95_ms": {name or "overview": round(value) for name, value in slowest.items()},
        "worst_page_p95_ms": round(max(slowest.values())),
    }


def _pages(database: Database) -> tuple[dict[str, float], dict[str, float]]:
    """(first load, p95 of the following) of each page in milliseconds, as a lead asks for it."""
    db_executor = DbExecutor(database)
    with database.transaction() as session:
        session.add(
            ConsoleSession(digest=digest_of(SECRET), employee_id=1, mandate=_roles(1), began_at=NOW, seen_at=NOW)
        )

    async def nothing(*_args: object, **_more: object) -> None:
        raise NotImplementedError

    dependencies = Dependencies(
        db_executor=db_executor,
        platforms={},
        engine=nothing,  # type: ignore[arg-type]
        router=Router(FEATURES),
        rules=Rules(base_url=HOME),
        pictures=FixedPictures(),
        ballots=RoundStore(database),
        now=lambda: NOW,
    )
    site = Console(dependencies, handle=nothing, base_url=HOME)
    app = FastAPI()
    app.include_router(site.router())
    with Asker(app) as asker:

        def load(name: str) -> float:
            started = perf_counter()
            answer = asker.get(f"/console/{name}".rstrip("/"), headers={"Cookie": f"chorus={SECRET}"})
            assert answer.status_code == 200, (name, answer.status_code)
            return (perf_counter() - started) * 1000

        for name in PAGES:  # templates are compiled, libraries are there
            load(name)
        forget(database.engine)
        first = {name: load(name) for name in PAGES}
        found = {
            name: quantiles((load(name) for _load in range(PAGE_LOADS)), n=20, method="inclusive")[-1] for name in PAGES
        }
    db_executor.close()
    return first, found


def _fill(database: Database, events: int, people: int) -> None:
    """Half of the events are nudges, the rest what came of them, questions and mentions; evenly over twelve weeks."""
    random, start = Random(4), monday(last_week(NOW)) - (WEEKS - 1) * timedelta(weeks=1)
    nudges, shares = events // 2, events // 8
    with database.transaction() as session:
        workspaces.install(session, "slack:T1", now=NOW)
        session.add_all(Unit(id=number, name=f"Unit {number}") for number in range(1, UNITS + 1))
        session.flush()
    rows: dict[Any, Iterator[dict[str, Any]]] = {
        Employee: (
            {
                "id": n,
                "name": f"Person {n}",
                "email": f"p{n}@x.example",
                "unit_id": n % UNITS + 1,
                "language": "en",
                "language_chosen": False,
                "time_zone": "Europe/Helsinki",
                "roles": _roles(n),
                "state": "active",
                "nudges_wanted": True,
                "digest_wanted": True,
                "fewer_nudges": False,
                "topics_declined": [],
                "topics_wanted": [],
                "ranking_wanted": False,
                "tour_step": 3,
                "joined_at": start,
            }
            for n in range(1, people + 1)
        ),
        Identity: (
            {
                "workspace_id": "slack:T1",
                "user": f"U{n}",
                "employee_id": n,
                "address": f"slack:T1:U{n}",
                "state": "active",
                "last_used_at": NOW,
            }
            for n in range(1, people + 1)
        ),
        Post: (
            {
                "id": n,
                "url": f"https://x.example/{n}",
                "canonical_url": f"https://x.example/{n}",
                "title": f"Post {n}",
                "summary": "",
                "source": "x",
                "language": "en",
                "topic": f"Topic {n % 6}",
                "state": PostState.EXPIRED,
                "channels": [],
                "priority": 0,
                "suggestion_note": "",
                "decline_reason": "",
                "created_at": start,
                "page_read": True,
            }
            for n in range(1, POSTS + 1)
        ),
    }
    moments = [start + timedelta(seconds=random.random() * WEEKS * 604800) for _ in range(nudges)]
    pairs = _pairs(people, nudges)
    rows |= {
        Nudge: (
            {
                "id": n + 1,
                "employee_id": who,
                "post_id": post,
                "state": NudgeState.TAKEN if n < shares else NudgeState.DECLINED,
                "why": "newest",
                "planned_at": at,
                "slot": ("tue-morning", "wed-afternoon")[n % 2],
                "timing": "fixed",
                "sent_at": at,
                "acted_in_time": n % 3 == 0,
                "acted_at": at,
                "decline_reason": "topic" if n >= shares and n % 8 == 0 else None,
            }
            for n, ((who, post), at) in enumerate(zip(pairs, moments, strict=True))
        ),
        TrackedLink: (
            {
                "code": f"c{n}",
                "target": "https://x.example",
                "live": True,
                "created_at": moments[n],
                "raw_clicks": 1,
                "automated_clicks": 0,
                "unique_clicks": n % 3,
            }
            for n in range(shares)
        ),
        Share: (
            {
                "employee_id": who,
                "post_id": post,
                "nudge_id": n + 1,
                "channel": ("linkedin", "x", "bluesky")[n % 3],
                "language": "en",
                "text": "x",
                "own_words": n % 2 == 0,
                "state": "confirmed",
                "code": f"c{n}",
                "opener": f"o{n}",
                "created_at": moments[n],
                "opened_at": moments[n],
                "confirmed_at": moments[n],
                "clicks_shown": 0,
            }
            for n, (who, post) in enumerate(pairs[:shares])
        ),
        Question: (
            {
                "asker_id": n % people + 1,
                "is_anonymous": False,
                "text": f"Question number {n}",
                "language": "en",
                "state": QuestionState.ANSWERED,
                "why": {},
                "workspace_id": "",
                "place": "",
                "asked_at": moments[n],
                "opened_at": moments[n],
                "reminded": [],
                "first_answered_at": moments[n] + timedelta(hours=3),
                "was_in_time": n % 9 != 0,
                "decline_reason": "",
                "follow_ups": 0,
            }
            for n in range(events // 50)
        ),
        Mention: (
            {
                "fingerprint": f"f{n}",
                "author": "",
                "text": "x",
                "note": "",
                "tone": "neutral",
                "tone_by": "words",
                "state": MentionState.REPLIED,
                "heard_at": moments[n],
                "settled_at": moments[n] + timedelta(hours=4),
                "reminded": [],
                "outcome": "",
                "was_in_time": True,
            }
            for n in range(events // 50)
        ),
        Delivery: (
            {
                "key": f"nudge:{n}",
                "workspace_id": "slack:T1",
                "employee_id": who,
                "address": "a",
                "kind": "nudge",
                "subject_id": n + 1,
                "state": DeliveryState.SENT,
                "due_at": moments[n],
                "changed_at": moments[n],
                "attempts": 1,
            }
            for n, (who, _post) in enumerate(pairs)
        ),
    }
    for table, values in track(rows.items(), description=f"{events:,} events", disable=None):
        with database.transaction() as session:
            fill(session, table, values)


def _roles(number: int) -> list[str]:
    return ["employee", "lead"] if number <= 5 else ["employee", "owner"] if number <= 15 else ["employee"]


def _pairs(people: int, number: int) -> list[tuple[int, int]]:
    """Different pairs of a person and a post."""
    return [(n % people + 1, (n // people + n % people) % POSTS + 1) for n in range(number)]


if __name__ == "__main__":
    main()
