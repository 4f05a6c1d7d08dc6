"""Eight weeks of the made-up organisation: one unit live, one in pilot, one that waits; what was shared, heard and
promised. All of it ends with last Sunday, and is of colleagues: what a visitor does is this week's only result.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random

from bot.core.factors import FACTORS
from bot.core.rules import Rules
from bot.core.working_time import week_of
from bot.features.digest.jobs import sending
from bot.features.workshop.domain.outcome import outcome, propose
from content.addresses import with_utm
from content.sources import fingerprint
from storage.database import Session
from storage.mentions.listening import Mention, MentionState, Tone
from storage.people import employees, organisation
from storage.people.employees import Employee
from storage.people.organisation import Unit
from storage.questions import topics
from storage.rollout.records import RolloutRecord
from storage.sharing import plans
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.plans import ExperimentArm
from storage.sharing.posts import Post, PostState
from storage.sharing.shares import Share, ShareState
from storage.workshop.workshops import (
    Commitment,
    CommitmentState,
    Need,
    NeedGroup,
    NeedKind,
    Vote,
    Workshop,
    WorkshopRating,
    WorkshopState,
)

WEEKS = 8
LIVE_SINCE, PILOT_SINCE = {"Communications": 8}, {"Field service": 5}  # weeks ago
SHARED = {"Communications": 0.3, "Field service": 0.22}  # of nudged person-weeks
UNASKED = 0.04  # of person-weeks without a nudge, in whatever unit
NO_NUDGE = 0.2
CHANNELS = (("linkedin", 0.6), ("x", 0.15), ("bluesky", 0.15), ("facebook", 0.1))
CLICKS = {True: 4.5, False: 2.5}  # a share, in own words or not
POSTS = (  # title, topic, picture
    ("Why we replaced 300 poles before they fell", "Operations", "storm"),
    ("A day with the meter readers who no longer read meters", "Careers", "people"),
    ("What our customers asked most this autumn", "Customers", "homes"),
    ("How a substation is quieter than a fridge", "Operations", "night"),
    ("From cook to lineworker: Oskari’s second trade", "Careers", "people"),
    ("Cheaper at night: twelve families tried it", "Customers", "night"),
    ("The map that shows where the power is back", "Operations", "map"),
    ("Our first electric bucket truck, one winter later", "Operations", "truck"),
)
HEARD = (
    (Tone.POSITIVE, "The crews from Koivu Energy were friendly and fast. Thank you!"),
    (Tone.NEGATIVE, "Third outage in our street this month and nobody answers the phone."),
    (Tone.NEUTRAL, "Koivu Energy opens a new service point in Kuopio next spring."),
    (Tone.POSITIVE, "Great explanation of heat pumps in old houses by Koivu Energy."),
    (Tone.NEGATIVE, "The bill from Koivu Energy is confusing, why are there three of them?"),
    (Tone.NEUTRAL, "Koivu Energy is looking for twelve apprentices."),
)
WAITS = "Koivu Energy’s outage map was wrong all evening. We sat in the dark and the map said we had power."
NEEDS = (
    ("I need somebody who answers when I ask what I may say.", "ownership"),
    ("I need to know who answers for which channel.", "ownership"),
    ("I need an hour a month for this.", "participation"),
    ("I expect pictures of real people from the field.", "activities"),
)


def load(session: Session, *, base_url: str, now: datetime) -> None:
    """Needs people, units and channels."""
    random = Random(8)
    monday = datetime.combine(now.date() - timedelta(days=now.weekday()), time(), UTC)
    units = {unit.name: unit for unit in organisation.units(session)}
    people = [person for person in employees.active(session) if person.unit_id is not None]
    for name, weeks in (LIVE_SINCE | PILOT_SINCE).items():
        units[name].phase_since = monday - timedelta(weeks=weeks)
    _consents(people, units, random)
    _sharing(session, people, units, monday, random, base_url)
    _mentions(session, monday, now, random)
    for name, weeks in (("Communications", 9), ("Field service", 6)):
        members = [person for person in people if person.unit_id == units[name].id]
        _workshop(session, units[name], members, monday - timedelta(weeks=weeks), random)
    laura = employees.by_email(session, "laura@koivu.example")
    session.add(
        RolloutRecord(
            unit_id=units["Field service"].id,
            kind="dialogue",
            by_id=laura.id if laura else None,
            at=monday - timedelta(weeks=6),
        )
    )
    session.flush()


def digests(session: Session, *, now: datetime) -> None:
    """Of the last weeks, as they would have been sent."""
    for back in range(WEEKS, 0, -1):
        week = week_of((now - timedelta(weeks=back)).date())
        sending.digest_of_week(session, week, k=Rules().pulse_k, now=now)


def _consents(people: list[Employee], units: dict[str, Unit], random: Random) -> None:
    """Colleagues of units that are in have said how they want it; the visitor's own people are left as they are."""
    asked = {units[name].id for name in LIVE_SINCE | PILOT_SINCE}
    for person in people:
        if person.email is None and person.unit_id in asked:
            person.nudges_wanted = random.random() < 0.9


def _sharing(
    session: Session, people: list[Employee], units: dict[str, Unit], monday: datetime, random: Random, base_url: str
) -> None:
    names = {unit.id: unit.name for unit in units.values()}
    weeks = []
    for back, (title, topic, picture) in zip(range(WEEKS, 0, -1), POSTS, strict=True):
        start = monday - timedelta(weeks=back)
        post = _post(session, title, topic, start, f"{base_url}/playground/static/{picture}.svg")
        for person in people:
            if person.email is not None:  # one of those whom the visitor plays
                continue
            name = names.get(person.unit_id or 0, "")
            is_in = back <= (LIVE_SINCE | PILOT_SINCE).get(name, 0) and person.nudges_wanted is True
            is_nudged = is_in and random.random() >= NO_NUDGE
            if is_in:
                weeks.append(_week(person, start, arm=ExperimentArm.NUDGE if is_nudged else ExperimentArm.NONE))
            if random.random() < (SHARED[name] if is_nudged else UNASKED):
                _share(session, person, post, start, random, is_nudged=is_nudged)
            elif is_nudged:
                session.add(
                    _nudge(
                        person,
                        post,
                        start,
                        random,
                        state=random.choice((NudgeState.SENT, NudgeState.SENT, NudgeState.DECLINED)),
                    )
                )
    plans.add_weeks(session, weeks)


def _post(session: Session, title: str, topic: str, start: datetime, picture: str) -> Post:
    url = f"https://koivu.example/{title.lower().replace(' ', '-').replace('’', '')}"
    post = Post(
        url=url,
        canonical_url=url,
        title=title,
        summary="",
        image_url=picture,
        source="Koivu Energy",
        language="en",
        topic=topic,
        state=PostState.EXPIRED,
        created_at=start,
        decided_at=start,
        expires_at=start + timedelta(days=7),
        goal="talent",
    )
    session.add(post)
    session.flush()
    return post


def _week(person: Employee, start: datetime, *, arm: str) -> dict[str, object]:
    return {
        "employee_id": person.id,
        "week": week_of(start.date()),
        "arm": arm,
        "policy": "fixed",
        "allowed": ["tue-morning"],
        "slots": ["tue-morning"],
        "probability": 1.0,
        "unit_id": person.unit_id,
        "starts_at": start,
    }


def _nudge(person: Employee, post: Post, start: datetime, random: Random, *, state: str) -> Nudge:
    at = start + timedelta(days=1, hours=8 + 2 * random.random())
    is_acted = state != NudgeState.SENT
    return Nudge(
        employee=person,
        post=post,
        state=state,
        why="newest",
        planned_at=start,
        slot="tue-morning",
        timing="fixed",
        sent_at=at,
        acted_at=at + timedelta(hours=1) if is_acted else None,
        acted_in_time=is_acted,
        decline_reason=random.choice(("topic", "words", "account")) if state == NudgeState.DECLINED else None,
    )


def _share(session: Session, person: Employee, post: Post, start: datetime, random: Random, *, is_nudged: bool) -> None:
    nudge = _nudge(person, post, start, random, state=NudgeState.TAKEN)
    if not is_nudged:  # picked it by themselves
        nudge.why, nudge.slot, nudge.timing = "asked", None, None
    at = start + timedelta(days=1 + random.random() * 3, hours=9)
    channel = random.choices([name for name, _share in CHANNELS], [share for _name, share in CHANNELS])[0]
    own, code = random.random() < 0.6, secrets.token_urlsafe(6)
    clicks = sum(random.random() < CLICKS[own] / 12 for _reader in range(12))
    link = TrackedLink(
        code=code,
        target=with_utm(post.url, source=channel, campaign=f"post-{post.id}"),
        created_at=at,
        posted_at=at,
        raw_clicks=clicks,
        automated_clicks=0,
        unique_clicks=clicks,
    )
    session.add_all([nudge, link])
    session.flush()
    session.add(
        Share(
            employee=person,
            post=post,
            nudge=nudge,
            channel=channel,
            language="en",
            text=post.title,
            own_words=own,
            state=ShareState.CONFIRMED,
            code=code,
            link=link,
            opener=secrets.token_urlsafe(16),
            created_at=at,
            opened_at=at,
            confirmed_at=at,
            clicks_shown=clicks,
        )
    )


def _mentions(session: Session, monday: datetime, now: datetime, random: Random) -> None:
    mikko, topic = employees.by_email(session, "mikko@koivu.example"), topics.topic(session, "linkedin")
    for number, (tone, words) in enumerate(HEARD * 3):
        at = monday - timedelta(days=3 * number + 1, hours=random.random() * 8)
        late = random.random() < 0.15
        session.add(
            Mention(
                fingerprint=fingerprint(f"{words} {number}"),
                source_id="monitoring",
                text=words,
                language="en",
                tone=tone,
                author="somebody",
                state=MentionState.IRRELEVANT if tone == Tone.NEUTRAL else MentionState.REPLIED,
                topic=topic,
                owner=mikko,
                settled_by=mikko,
                heard_at=at,
                opened_at=at,
                settled_at=at + timedelta(hours=60 if late else 5),
                was_in_time=not late,
                reminded=[],
            )
        )
    session.add(
        Mention(
            fingerprint=fingerprint(WAITS),
            source_id="monitoring",
            text=WAITS,
            language="en",
            author="@kuopio_resident",
            state=MentionState.NEW,
            heard_at=now,
            reminded=[],
        )
    )


def _workshop(session: Session, unit: Unit, members: list[Employee], at: datetime, random: Random) -> None:
    laura = employees.by_email(session, "laura@koivu.example")
    row = Workshop(
        unit=unit, opened_by=laura, state=WorkshopState.CLOSED, opened_at=at, closed_at=at + timedelta(days=4)
    )
    session.add(row)
    session.flush()
    took_part = members[: max(9, len(members) // 3)]
    middle = dict.fromkeys(FACTORS, 2) | {"ownership": 1, "listening": 1, "learning_culture": 3}
    for person in took_part:
        for factor in FACTORS:
            level = min(4, max(0, middle[factor] + random.choice((-1, 0, 0, 0, 1))))
            session.add(WorkshopRating(workshop_id=row.id, employee_id=person.id, factor=factor, level=level))
    for number, (words, factor) in enumerate(NEEDS):
        group = NeedGroup(workshop_id=row.id, name=words.rstrip("."), factor=factor)
        session.add(group)
        session.flush()
        kind = NeedKind.EXPECTATION if "expect" in words else NeedKind.NEED
        session.add(Need(workshop_id=row.id, employee_id=took_part[number].id, kind=kind, text=words, group=group))
        for voter in random.sample(took_part, 7 - 2 * number):
            session.add(Vote(group_id=group.id, employee_id=voter.id))
    for person, words, weeks, state in _promises(session, took_part[0]):
        session.add(
            Commitment(
                workshop=row,
                person=person,
                is_sponsor=person is laura,
                text=words,
                state=state,
                due=(at + timedelta(weeks=weeks)).date(),
                reminded_at=at,
            )
        )
    session.flush()
    propose(session, row, outcome(session, row, k=5))


def _promises(session: Session, member: Employee) -> Iterator[tuple[Employee, str, int, str]]:
    for address, words, weeks, state in (
        ("laura@koivu.example", "Channel owners get two hours a week for it.", 2, CommitmentState.KEPT),
        (
            "mikko@koivu.example",
            "Every question about LinkedIn has an answer within two days.",
            4,
            CommitmentState.NOT_KEPT,
        ),
    ):
        person = employees.by_email(session, address)
        if person is not None:
            yield person, words, weeks, state
    yield member, "I show two colleagues how I share.", 20, CommitmentState.OPEN
