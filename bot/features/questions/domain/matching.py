"""Known answers: entries for a question like this, and similar questions that wait for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from bot.features.questions.domain.classify import words_of
from bot.features.questions.domain.similarity import TfidfIndex, question_key
from storage.database import Session
from storage.questions import knowledge, learning, questions, topics
from storage.questions.knowledge import Entry
from storage.questions.questions import Question

OFFERED_FROM = 0.45  # likeness from which on an entry is worth showing: on BANKING77 two of three are right
MERGED_FROM = 0.6  # from which on two open questions of a topic are taken for one: there five of six are right
INFLECTED_FROM = 4  # letters of a name, from which on it may stand at the beginning of a longer word
AT_MOST = 3  # entries that an answer may be phrased from
COMPARED = 300  # open questions of a topic, the newest
BACKGROUND = 500  # examples by which is told what many questions have in common


class _Variant(NamedTuple):
    """One way of asking for an entry; `key` as in `similarity.question_key`."""

    entry_id: int
    question: str
    key: str


_shelves: WeakKeyDictionary[Any, tuple[object, TfidfIndex, list[_Variant]]] = WeakKeyDictionary()  # by database


@dataclass(frozen=True, slots=True)
class Match:
    """`question`: the way of asking for the entry that is nearest; `is_same`: it was asked just so, but for signs and
    capitals. However like they are, two questions that differ in a word may want opposite answers."""

    entry: Entry
    likeness: float
    question: str
    is_same: bool


def matches(session: Session, text: str) -> list[Match]:
    """Live entries that may answer it, the likeliest first, three at most."""
    shelf, variants = _shelf(session)
    asked, near = question_key(text), list[tuple[int, tuple[bool, float, str]]]()
    for variant, likeness in zip(variants, shelf.likeness(text), strict=True):
        is_same = variant.key == asked != ""
        if is_same or likeness >= OFFERED_FROM:
            near.append((variant.entry_id, (is_same, 1.0 if is_same else likeness, variant.question)))
    best = dict[int, tuple[bool, float, str]]()
    for entry_id, found in _of_the_same_channels(session, text, near) if near else ():
        best[entry_id] = max(found, best.get(entry_id, found))
    ranked = sorted(best, key=lambda entry_id: (not best[entry_id][0], -best[entry_id][1], entry_id))[:AT_MOST]
    return [
        Match(entry, likeness, question, is_same)
        for entry_id, (is_same, likeness, question) in ((entry_id, best[entry_id]) for entry_id in ranked)
        if (entry := knowledge.entry(session, entry_id))
    ]


def _named(text: str, names: Iterable[str]) -> set[str]:
    """Which channels and topics a text names, inflected or not ("Facebookista"); a short name only as it is."""
    words = words_of(text)
    return {
        name
        for name in names
        if any(word == name or (len(name) >= INFLECTED_FROM and word.startswith(name)) for word in words)
    }


def _of_the_same_channels(
    session: Session, text: str, near: Sequence[tuple[int, tuple[bool, float, str]]]
) -> list[tuple[int, tuple[bool, float, str]]]:
    """Without those that name channels where the text names others: an answer about one is none about another."""
    names = {name.casefold() for topic in topics.active(session) for name in topic.names.values()}
    asked = _named(text, names)
    return [one for one in near if not asked or not (known := _named(one[1][2], names)) or asked & known]


def nearest_question(session: Session, entry: Entry, text: str) -> str:
    """The way of asking for the entry that is most like `text`."""
    found = next((match.question for match in matches(session, text) if match.entry.id == entry.id), "")
    return found or (entry.variants[0].text if entry.variants else "")


def like_open(session: Session, asked: Question, topic_id: str) -> Question | None:
    """A question of the same topic and language that waits for an answer already and is next to the same."""
    waiting = [
        row
        for row in questions.with_a_person(session, topic_id, COMPARED)
        if row.id != asked.id and row.asker_id != asked.asker_id and row.language == asked.language
    ]
    if not waiting:
        return None
    nearest = TfidfIndex([row.text for row in waiting], _background(session)).nearest(asked.text)
    return waiting[nearest[0]] if nearest is not None and nearest[1] >= MERGED_FROM else None


def _shelf(session: Session) -> tuple[TfidfIndex, list[_Variant]]:
    """The variants of all live entries, each with whose it is; made anew when an entry changes."""
    database, stamp = session.get_bind(), knowledge.version_of_live(session)
    known = _shelves.get(database)
    if known is None or known[0] != stamp:
        rows = knowledge.variants(session)
        known = _shelves[database] = (
            stamp,
            TfidfIndex([text for _entry, text in rows], _background(session)),
            [_Variant(entry, text, question_key(text)) for entry, text in rows],
        )
    return known[1], known[2]


def _background(session: Session) -> list[str]:
    return [text for text, _topic in learning.examples(session, limit=BACKGROUND)]
