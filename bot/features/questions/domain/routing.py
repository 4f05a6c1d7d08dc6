"""Which topic a question goes to, by the version of the classifier that is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import regex
import yaml

from bot.features.questions.domain.classify import OUT, Classifier, loads
from bot.features.questions.domain.similarity import TfidfIndex
from storage.database import Session
from storage.questions import learning, topics
from storage.questions.topics import Topic

SEEDS = Path(__file__).parent / "seeds.yaml"
CHOICES = 4  # topics to choose among, where the classifier is not sure
COMPARED = 100  # examples of a topic, the newest, when looking for one like the question
MORE_LIKELY = 0.5  # right than wrong: below it the person chooses, whatever the threshold
BESIDE = 1  # words that no greeting and no question about the bot has; with more of them somebody asks something else
CHIT_CHAT = 0.75  # likeness from which on a message is no question to anybody

_WORD = regex.compile(r"\p{L}+")
_in_memory: WeakKeyDictionary[Any, tuple[int, Classifier]] = WeakKeyDictionary()  # by database


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """`topic` is None where the person is to choose among `choices`. `why`: what the classifier saw."""

    topic: Topic | None
    probability: float
    choices: tuple[Topic, ...]
    words: tuple[str, ...] = ()
    like: str = ""


def decide(session: Session, text: str, vector: Sequence[float] | None = None) -> RoutingDecision:
    """Where the question goes, as far as the classifier knows."""
    active = {topic.id: topic for topic in topics.active(session)}
    classifier = in_use(session)
    if classifier is None:
        return RoutingDecision(None, 0.0, tuple(active.values())[:CHOICES])
    numbers = None if vector is None or not classifier.wants_vectors else np.asarray(vector, dtype=float)
    ranked = classifier.ranked(text, numbers)
    choices = tuple(active[label] for label, _probability in ranked if label in active)[:CHOICES]
    label, probability = ranked[0]
    if label == OUT or label not in active or probability < max(classifier.threshold, MORE_LIKELY):
        return RoutingDecision(None, probability, choices)
    words = tuple(classifier.telling_words(text, label, but=_in_any_question()))
    return RoutingDecision(active[label], probability, choices, words, _example_like(session, text, label))


def is_chit_chat(text: str) -> bool:
    """Whether a message greets or asks about the bot itself, and nothing beside: what goes on after a greeting is a
    question like any other."""
    if len(_words(text) - _words_about_the_bot()) > BESIDE:
        return False
    rest = " ".join(word for word in _WORD.findall(text.casefold()) if word not in _hello())
    found = [_about_the_bot().nearest(said) for said in (text, rest)]
    return any(nearest is not None and nearest[1] >= CHIT_CHAT for nearest in found)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


@cache
def _hello() -> set[str]:
    return _words(seeds()["greetings"]["hello"])


@cache
def _in_any_question() -> set[str]:
    """Words that say nothing about what is asked."""
    return _words(" ".join(seeds()["in_any_question"]))


@cache
def _words_about_the_bot() -> set[str]:
    said = seeds()
    return _words(" ".join([*said["about_the_bot"], *said["greetings"].values()]))


def in_use(session: Session) -> Classifier | None:
    """The newest accepted classifier; loaded once for each process and version."""
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


def _example_like(session: Session, text: str, label: str) -> str:
    said = learning.examples_of(session, label, limit=COMPARED)
    nearest = TfidfIndex(said).nearest(text)
    return said[nearest[0]] if nearest is not None and nearest[1] > 0 else ""


@cache
def seeds() -> dict[str, Any]:
    """Examples to start from, before anybody has asked."""
    found: dict[str, Any] = yaml.safe_load(SEEDS.read_text(encoding="utf-8"))
    return found


@cache
def _about_the_bot() -> TfidfIndex:
    return TfidfIndex(seeds()["about_the_bot"])
