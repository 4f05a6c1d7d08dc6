"""Which topic a question goes to: the version of the classifier in use, and how it learns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import structlog
import yaml

from bot.questions.classify import OUT, Classifier, Floats, TooFew, learn, loads
from bot.questions.likeness import Shelf
from bot.turn import Consult, Consulted, Job, Wish
from content.channels import KINDS
from storage import learning, topics
from storage.database import Session
from storage.learning import RoutingModel
from storage.topics import Topic

log = structlog.get_logger()

SEEDS = Path(__file__).parent / "seeds.yaml"
CHOICES = 4  # topics to choose among, where the classifier is not sure
COMPARED = 100  # examples of a topic, the newest, when looking for one like the question
JUDGED_BY = 5  # every so many-th example is held back to judge versions by
AT_ONCE = 64  # texts sent to the embeddings server in one call
MORE_LIKELY = 0.5  # right than wrong: below it the person chooses, whatever the threshold
CHIT_CHAT = 0.75  # likeness from which on a message is no question to anybody

_in_memory: WeakKeyDictionary[Any, tuple[int, Classifier]] = WeakKeyDictionary()  # by database


@dataclass(frozen=True, slots=True)
class Decision:
    """`topic` is None where the person is to choose among `choices`. `why`: what the classifier saw."""

    topic: Topic | None
    probability: float
    choices: tuple[Topic, ...]
    words: tuple[str, ...] = ()
    like: str = ""


def decide(session: Session, text: str, vector: Sequence[float] | None = None) -> Decision:
    """Where the question goes, as far as the classifier knows."""
    active = {topic.id: topic for topic in topics.active(session)}
    classifier = in_use(session)
    if classifier is None:
        return Decision(None, 0.0, tuple(active.values())[:CHOICES])
    numbers = None if vector is None or not classifier.wants_vectors else np.asarray(vector, dtype=float)
    ranked = classifier.ranked(text, numbers)
    choices = tuple(active[label] for label, _probability in ranked if label in active)[:CHOICES]
    label, probability = ranked[0]
    if label == OUT or label not in active or probability < max(classifier.threshold, MORE_LIKELY):
        return Decision(None, probability, choices)
    words = tuple(classifier.telling_words(text, label))
    return Decision(active[label], probability, choices, words, _example_like(session, text, label))


def is_chit_chat(text: str) -> bool:
    """Whether a message greets or asks about the bot itself."""
    nearest = _about_the_bot().nearest(text)
    return nearest is not None and nearest[1] >= CHIT_CHAT


def in_use(session: Session) -> Classifier | None:
    """The classifier of the newest version that was kept; read once a process and version."""
    row = learning.in_use(session)
    if row is None:
        return None
    database = session.get_bind()
    known = _in_memory.get(database)
    if known is None or known[0] != row.id:
        if row.weights is None:
            return None
        known = _in_memory[database] = (row.id, loads(row.weights))
    return known[1]


def keep_learning(job: Job) -> list[Wish]:
    """The routine: topics for new channels, seeds once, a new version when there is something new to learn."""
    seed(job.session, job.now)
    number, newest = learning.newest_example(job.session)
    last = learning.last_trained(job.session)
    if newest is None or (last is not None and last.examples == number and last.changed_at == newest):
        return []
    if job.rules.model_embeds:
        missing = _without_vector(job.session)
        if missing:
            return [Consult("examples", 0, texts=tuple(missing[:AT_ONCE]))]
    _train(job, number, newest)
    return []


def take_vectors(job: Job, said: Consulted) -> list[Wish]:
    """What the embeddings server said of examples; without a word of it the next version does without vectors."""
    if said.vectors is None:
        number, newest = learning.newest_example(job.session)
        if newest is not None:
            _train(job, number, newest)
        return []
    texts = _without_vector(job.session)[: len(said.vectors)]
    keep_vectors(job.session, texts, said.vectors, job.now)
    return keep_learning(job)


def keep_vectors(session: Session, texts: Sequence[str], vectors: Sequence[Sequence[float]], now: datetime) -> None:
    packed = {
        _digest(text): np.asarray(row, dtype=np.float32).tobytes() for text, row in zip(texts, vectors, strict=True)
    }
    learning.keep_vectors(session, packed, now=now)


def seed(session: Session, now: datetime) -> None:
    """Channels as topics, and what is known of them before anybody has asked."""
    known = {topic.id for topic in topics.active(session)}
    topics.stock(session, {kind.id: kind.name for kind in KINDS.values()})
    given = _seeds()
    if not learning.has_examples(session):
        for topic_id, words in given["topics"].items():
            if topics.topic(session, topic_id) is None:
                session.add(Topic(id=topic_id, names=words["names"]))
        session.flush()
        for topic_id, words in given["topics"].items():
            for text in words["examples"]:
                learning.learn(session, text, topic_id, "seed", now=now)
        for text in given["out_of_scope"]:
            learning.learn(session, text, None, "seed", now=now)
    for topic in topics.active(session):
        if topic.id not in known and topic.channel_id is not None:
            for text in given["channel"]:
                learning.learn(session, text.format(channel=topic.name("en")), topic.id, "seed", now=now)
    session.flush()


def _train(job: Job, number: int, newest: datetime) -> None:
    """A new version, kept only where it is no worse than the one in use on the examples held back from both."""
    session = job.session
    rows = learning.examples(session)
    texts, labels = [text for text, _topic in rows], [topic or OUT for _text, topic in rows]
    vectors = _vectors(session, texts) if job.rules.model_embeds else None
    version = RoutingModel(trained_at=job.now, examples=number, changed_at=newest, held_back=0, is_kept=False)
    session.add(version)
    try:
        judged = [n for n, text in enumerate(texts) if is_judge(text)]
        others = [n for n in range(len(texts)) if not is_judge(texts[n])]
        candidate = learn([texts[n] for n in others], [labels[n] for n in others], _some(vectors, others))
        version.held_back = len(judged)
        version.accuracy = _accuracy(candidate, texts, labels, vectors, judged)
        before = in_use(session)
        version.accuracy_before = _accuracy(before, texts, labels, vectors, judged) if before else None
        version.is_kept = version.accuracy_before is None or (version.accuracy or 0.0) >= version.accuracy_before
        if version.is_kept:
            version.weights = candidate.dumps()
            session.flush()
            learning.forget_weights(session, but=version.id)
    except TooFew:
        log.info("routing has too little to learn from", examples=number)
    session.flush()
    log.info("routing trained", version=version.id, examples=number, held_back=version.held_back,
             accuracy=version.accuracy, before=version.accuracy_before, kept=version.is_kept)  # fmt: skip


def _accuracy(
    classifier: Classifier, texts: Sequence[str], labels: Sequence[str], vectors: Floats | None, judged: Sequence[int]
) -> float | None:
    if not judged:
        return None
    seen = vectors if classifier.wants_vectors else None
    right = [classifier.decide(texts[n], None if seen is None else seen[n]) == labels[n] for n in judged]
    return sum(right) / len(right)


def is_judge(text: str) -> bool:
    """Held back from every version alike, whenever it came: so that versions are compared on what neither knew."""
    return hashlib.sha256(text.encode()).digest()[0] % JUDGED_BY == 0


def _some(vectors: Floats | None, numbers: Sequence[int]) -> Floats | None:
    return None if vectors is None else vectors[list(numbers)]


def _example_like(session: Session, text: str, label: str) -> str:
    said = learning.examples_of(session, label, limit=COMPARED)
    nearest = Shelf(said).nearest(text)
    return said[nearest[0]] if nearest is not None and nearest[1] > 0 else ""


def _without_vector(session: Session) -> list[str]:
    texts = [text for text, _topic in learning.examples(session)]
    known = learning.vectors(session, [_digest(text) for text in texts])
    return [text for text in texts if _digest(text) not in known]


def _vectors(session: Session, texts: Sequence[str]) -> Floats | None:
    known = learning.vectors(session, [_digest(text) for text in texts])
    rows = [np.frombuffer(known[_digest(text)], dtype=np.float32) for text in texts if _digest(text) in known]
    if len(rows) < len(texts) or len({len(row) for row in rows}) != 1:
        return None
    return np.vstack(rows).astype(float)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _seeds() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(SEEDS.read_text(encoding="utf-8"))
    return found


@cache
def _about_the_bot() -> Shelf:
    return Shelf(_seeds()["about_the_bot"])
