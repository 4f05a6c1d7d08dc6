"""What the made-up organisation asked and answered so far: topics with people, entries, two months of questions."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from bot.features.questions.jobs import training
from storage.database import Session
from storage.people import employees
from storage.people.employees import Employee
from storage.questions import learning, topics
from storage.questions.knowledge import Entry, EntryState, Variant
from storage.questions.questions import Question, QuestionState

ENTRIES = (
    (
        "rules",
        "en",
        "Yes, once they’ve agreed in writing. Their contact at Koivu will ask for you.",
        ("May I name a customer in my post?", "Can I mention the client by name?"),
    ),
    (
        "rules",
        "fi",
        "Kyllä, kun asiakas on suostunut kirjallisesti. Yhteyshenkilö Koivulla kysyy puolestasi.",
        ("Saanko mainita asiakkaan nimen?", "Voinko kirjoittaa asiakkaasta nimellä?"),
    ),
    (
        "linkedin",
        "en",
        "You can share anything I show you here on LinkedIn, in your own words.",
        ("May I share this on LinkedIn?", "Is this post allowed on LinkedIn?"),
    ),
    (
        "linkedin",
        "fi",
        "Voit jakaa LinkedInissä kaiken, mitä täällä näytän, omin sanoin.",
        ("Saanko jakaa tämän LinkedInissä?",),
    ),
)
ASKED = (
    ("linkedin", "Who sees my LinkedIn post if I write it in Finnish?"),
    ("linkedin", "How often does our LinkedIn page post?"),
    ("x", "Do we still post on X?"),
    ("mastodon", "Which Mastodon server are we on?"),
    ("rules", "Can I post about the tender that we lost?"),
    ("pictures", "Where do I find the new logo?"),
    ("pictures", "Where do we keep the new logo files?"),
    ("pictures", "Where can I find the new logo?"),
)
LATE = 0.12  # share of questions that took too long


def entry_of(
    topic_id: str, language: str, answer: str, asked_as: tuple[str, ...], owner: Employee | None, now: datetime
) -> Entry:
    """An entry of forty days ago."""
    return Entry(
        state=EntryState.LIVE,
        answer=answer,
        language=language,
        topic_id=topic_id,
        owner=owner,
        source_url="https://koivu.example/social-media-guide",
        review_on=(now + timedelta(days=120)).date(),
        created_at=now - timedelta(days=40),
        changed_at=now - timedelta(days=40),
        variants=[Variant(text=words) for words in asked_as],
    )


def load(session: Session, *, now: datetime) -> None:
    """Needs the people and channels; who stands in for a channel's owner is the model's to say."""
    random = Random(5)
    training.seed(session, now)
    mikko, laura, petra = (_person(session, name) for name in ("mikko", "laura", "petra"))
    rules = topics.topic(session, "rules")
    if rules is not None:
        rules.holder, rules.deputy = laura, mikko
    for topic_id, language, answer, asked_as in ENTRIES:
        session.add(entry_of(topic_id, language, answer, asked_as, laura if topic_id == "rules" else mikko, now))
    for number, (topic_id, words) in enumerate(ASKED * 4):
        at = now - timedelta(days=60 - number * 1.5, hours=random.random() * 5)
        hours = random.expovariate(1 / 5) + (40 if random.random() < LATE else 0)
        answered = at + timedelta(hours=hours)
        session.add(
            Question(
                asker=petra,
                text=words,
                state=QuestionState.ANSWERED,
                topic_id=topic_id,
                owner=mikko,
                asked_at=at,
                opened_at=at,
                answer_by=at + timedelta(days=2),
                answer="Answered in the conversation.",
                answered_at=answered,
                first_answered_at=answered,
                answered_by=mikko,
                was_in_time=hours <= 48,
                helped=random.random() < 0.85,
            )
        )
        learning.learn(session, words, topic_id, "answered", now=at)


def _person(session: Session, name: str) -> Employee:
    found = employees.by_email(session, f"{name}@koivu.example")
    if found is None:
        raise LookupError(f"{name} is not in the made-up organisation")
    return found
