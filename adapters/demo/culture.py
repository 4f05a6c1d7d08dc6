"""What the made-up organisation said in its last cycle: eight rounds, held and closed by the product's own parts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random

from adapters.demo.names import names
from bot.core.context import Job
from bot.core.factors import FACTORS
from bot.core.router import Router
from bot.core.rules import Rules
from bot.features.pulse import retention
from bot.features.pulse.domain.noisy_sums import NO_UNIT
from bot.features.pulse.handlers import publishing
from bot.features.pulse.jobs import closing, rounds
from bot.routes import FEATURES
from bot.samples import FixedPictures
from storage.database import Database, Session
from storage.people import organisation
from storage.people.employees import Employee
from storage.pulse.round_store import SKIPPED, Ballot, RoundStore
from storage.pulse.rounds import Invitee, Round, RoundState, asked_of, newest

COLLEAGUES = {"Field service": 74, "Sales": 46, "Communications": 13, "People": 9}
LIKES = {  # true share of favourable people, so that the profile has something to tell
    "goals": 0.72,
    "audiences_channels": 0.63,
    "activities": 0.58,
    "ownership": 0.38,
    "listening": 0.5,
    "participation": 0.66,
    "measurement": 0.55,
    "learning_culture": 0.78,
}
RESPONSE = 0.74
SAID = (
    "Nobody knows who answers on Mastodon.",
    "Who is responsible for Instagram?",
    "Please name an owner for each channel.",
    "I would share more if I had time.",
    "I dare not share, what if I make a mistake?",
    "More pictures of real people.",
    "Show us what our shares led to.",
    "The calendar comes too late.",
)


def load(database: Database, ballots: RoundStore, *, now: datetime) -> None:
    """The last cycle, closed and answered; colleagues who are in no conversation, so that groups are large enough."""
    random = Random(11)
    start = datetime.combine(now.date() - timedelta(weeks=15), time(9), UTC)
    with database.transaction() as session:
        people = _colleagues(session, start)
    for number in range(len(FACTORS)):
        at = start + timedelta(weeks=2 * number)
        with database.transaction() as session:
            job = _job(session, at, random, ballots)
            row = rounds.open_round(job)
            row.inviting_after = row.reminding_after = None
            ballots.open(row.id)
            rounds.take_in(job, row, people)
            _answer(job, row, people, random)
            row.begin_closing()
        _close(database, ballots, at + timedelta(days=5), random)
    with database.transaction() as session:
        job = _job(session, now, random, ballots)
        retention.purge_expired(job)


def _colleagues(session: Session, since: datetime) -> list[Invitee]:
    found, called = [], names()
    for unit, size in COLLEAGUES.items():
        place = organisation.unit(session, unit)
        for _number in range(size):
            person = Employee(
                name=next(called),
                unit=place,
                joined_at=since,
                roles=["employee"],
                topics_declined=[],
                topics_wanted=[],
                nudges_wanted=None,
                welcomed_at=since,
            )
            session.add(person)
            session.flush()
            found.append(Invitee(person.id, place.id, "Europe/Helsinki", None, None, "", ""))
    return found


def _answer(job: Job, row: Round, people: list[Invitee], random: Random) -> None:
    asked = [(item.id, item.statement.reverse) for item in asked_of(job.session, row.id)]
    ballots = list[Ballot]()
    for person in people:
        if random.random() > RESPONSE:
            continue
        ratings = dict[int, int]()
        for number, reverse in asked:
            likes = random.random() < LIKES[row.factor]
            value = random.choice((4, 5) if likes else (1, 2, 3))
            ratings[number] = SKIPPED if random.random() < 0.05 else 6 - value if reverse else value
        wrote = row.number == len(FACTORS) - 1 and random.random() < 0.12
        said = random.choice(SAID) if wrote else ""
        ballots.append(Ballot(person.id, person.unit_id or NO_UNIT, ratings, said, "en" if wrote else "", True))
    job.ballots.put(row.id, ballots)


def _close(database: Database, ballots: RoundStore, at: datetime, random: Random) -> None:
    state = ""
    while state != RoundState.CLOSED:
        with database.transaction() as session:
            job = _job(session, at, random, ballots)
            closing.close_rounds(job)
            row = newest(session)
            state = row.state if row else RoundState.CLOSED
            if row is not None and state == RoundState.CLOSED:
                row.publish(*publishing.suggestion(session, row), by=None, now=at)


def _job(session: Session, now: datetime, random: Random, ballots: RoundStore) -> Job:
    return Job(session, now, random, Rules(), FixedPictures(), ballots, Router(FEATURES))
