"""How routing learns: from seeds, from what people choose, hand on and answer; in versions that must not be worse."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import structlog

from bot.core.context import BackgroundRequest, BackgroundResult, Effect, Job
from bot.features.questions.domain.classify import OUT, Classifier, TooFew, learn
from bot.features.questions.domain.routing import in_use, seeds
from bot.features.questions.domain.tfidf import Floats
from content.channels import KINDS
from storage.database import Session
from storage.questions import learning, topics
from storage.questions.learning import RoutingModel
from storage.questions.topics import Topic

log = structlog.get_logger()

EVERY, ENOUGH = timedelta(hours=6), 20  # from one training to the next; examples that do not wait so long
JUDGED_BY = 5  # every so many-th example is held back to judge versions by
AT_ONCE = 64  # texts sent to the embeddings server in one call


def keep_learning(job: Job) -> list[Effect]:
    """The routine: topics for new channels, seeds once, and from time to time what people taught since."""
    seed(job.session, job.now)
    number, newest = learning.newest_example(job.session)
    last = learning.last_trained(job.session)
    if newest is None or (last is not None and not _is_worth_it(last, number, newest, job.now)):
        return []
    if job.rules.model_embeds:
        missing = _without_vector(job.session)
        if missing:
            return [BackgroundRequest("examples", 0, texts=tuple(missing[:AT_ONCE]))]
    return [_training(job)]


def take_vectors(job: Job, said: BackgroundResult) -> list[Effect]:
    """What the embeddings server said of examples; without a word of it the next version does without vectors."""
    if said.vectors is None:
        return [_training(job)]
    texts = _without_vector(job.session)[: len(said.vectors)]
    keep_vectors(job.session, texts, said.vectors, job.now)
    return keep_learning(job)


def take_training(job: Job, said: BackgroundResult) -> list[Effect]:
    """A version more; in use from now on if it is no worse than the one before."""
    trained = said.made
    if not isinstance(trained, Trained):
        return []
    last = learning.last_trained(job.session)
    if last is not None and (last.examples, last.changed_at) == (trained.examples, trained.changed_at):
        return []  # another worker was faster
    is_better = trained.before is None or (trained.accuracy or 0.0) >= trained.before
    version = RoutingModel(
        trained_at=job.now,
        examples=trained.examples,
        changed_at=trained.changed_at,
        held_back=trained.held_back,
        accuracy=trained.accuracy,
        accuracy_before=trained.before,
        is_kept=bool(trained.weights) and is_better,
    )
    version.weights = trained.weights if version.is_kept else None
    job.session.add(version)
    job.session.flush()
    if version.is_kept:
        learning.forget_weights(job.session, but=version.id)
    log.info(
        "routing trained",
        version=version.id,
        examples=version.examples,
        held_back=version.held_back,
        accuracy=version.accuracy,
        before=version.accuracy_before,
        kept=version.is_kept,
    )
    return []


def keep_vectors(session: Session, texts: Sequence[str], vectors: Sequence[Sequence[float]], now: datetime) -> None:
    packed = {
        _digest(text): np.asarray(row, dtype=np.float32).tobytes() for text, row in zip(texts, vectors, strict=True)
    }
    learning.keep_vectors(session, packed, now=now)


def seed(session: Session, now: datetime) -> None:
    """Channels as topics, and what is known of them before anybody has asked."""
    known = {topic.id for topic in topics.active(session)}
    topics.seed_defaults(session, {kind.id: kind.name for kind in KINDS.values()})
    given = seeds()
    if not learning.has_examples(session):
        for topic_id, words in given["topics"].items():
            if topics.topic(session, topic_id) is None:
                session.add(Topic(id=topic_id, names=words["names"]))
        session.flush()
        of_topics = [(text, topic) for topic, words in given["topics"].items() for text in words["examples"]]
        out_of_scope = [(text, None) for text in given["out_of_scope"]]
        learning.learn_all(session, [*of_topics, *out_of_scope], "seed", now=now)
    new = [topic for topic in topics.active(session) if topic.id not in known and topic.channel_id is not None]
    of_channels = [(text.format(channel=topic.name("en")), topic.id) for topic in new for text in given["channel"]]
    learning.learn_all(session, of_channels, "seed", now=now)
    session.flush()


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training: `weights` is None where there was too little to tell apart."""

    examples: int
    changed_at: datetime
    held_back: int = 0
    accuracy: float | None = None
    before: float | None = None  # of the version in use, on the same examples
    weights: bytes | None = None


def _is_worth_it(last: RoutingModel, number: int, newest: datetime, now: datetime) -> bool:
    """Whether people taught something since, and enough of it or long enough ago."""
    if (last.examples, last.changed_at) == (number, newest):
        return False
    return number - last.examples >= ENOUGH or now - last.trained_at >= EVERY


def _training(job: Job) -> BackgroundRequest:
    """The work of training a version, to be done outside of the transaction."""
    rows = learning.examples(job.session)
    texts, labels = [text for text, _topic in rows], [topic or OUT for _text, topic in rows]
    number, newest = learning.newest_example(job.session)
    vectors = _vectors(job.session, texts) if job.rules.model_embeds else None
    before, changed_at = in_use(job.session), newest or job.now
    return BackgroundRequest("training", 0, work=partial(train, texts, labels, vectors, before, number, changed_at))


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: Floats | None,
    before: Classifier | None,
    number: int,
    changed_at: datetime,
) -> Trained:
    """A new version and the one `before`, both judged on the examples that neither learned from."""
    judged = [n for n, text in enumerate(texts) if is_held_out(text)]
    others = [n for n in range(len(texts)) if not is_held_out(texts[n])]
    some = None if vectors is None else vectors[others]
    try:
        candidate = learn([texts[n] for n in others], [labels[n] for n in others], some)
    except TooFew:
        return Trained(number, changed_at)
    accuracy = _accuracy(candidate, texts, labels, vectors, judged)
    known = _accuracy(before, texts, labels, vectors, judged) if before else None
    return Trained(number, changed_at, len(judged), accuracy, known, candidate.dumps())


def _accuracy(
    classifier: Classifier, texts: Sequence[str], labels: Sequence[str], vectors: Floats | None, judged: Sequence[int]
) -> float | None:
    if not judged:
        return None
    seen = vectors if classifier.wants_vectors else None
    right = [classifier.decide(texts[n], None if seen is None else seen[n]) == labels[n] for n in judged]
    return sum(right) / len(right)


def is_held_out(text: str) -> bool:
    """Held back from every version alike, whenever it came: so that versions are compared on what neither knew."""
    return hashlib.sha256(text.encode()).digest()[0] % JUDGED_BY == 0


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
