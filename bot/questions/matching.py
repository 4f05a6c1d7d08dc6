"""What is known already: entries that answer a question like this, and like questions that wait for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from bot.intervals import wilson
from bot.questions.likeness import Shelf
from storage import knowledge, learning, questions
from storage.database import Session
from storage.knowledge import Entry
from storage.questions import Question

OFFERED_FROM = 0.45  # likeness from which on an entry is worth offering: on BANKING77 two of three are right
MERGED_FROM = 0.6  # from which on two open questions of a topic are taken for one: there five of six are right
BANDS = 20  # of likeness: what was said of pairs in a band counts for one more of them
PRECISE = 0.90  # Wilson's lower bound of the precision, from which on an answer is given straight away
AT_MOST = 3  # entries that an answer may be phrased from
COMPARED = 300  # open questions of a topic, the newest
BACKGROUND = 500  # examples by which is told what many questions have in common

_shelves: WeakKeyDictionary[Any, tuple[object, Shelf, list[int]]] = WeakKeyDictionary()  # by database


@dataclass(frozen=True, slots=True)
class Match:
    entry: Entry
    likeness: float


def matches(session: Session, text: str) -> list[Match]:
    """Live entries that may answer it, the likeliest first, three at most."""
    shelf, owners = _shelf(session)
    best: dict[int, float] = {}
    for entry_id, likeness in zip(owners, shelf.likeness(text), strict=True):
        if likeness >= OFFERED_FROM:
            best[entry_id] = max(likeness, best.get(entry_id, 0.0))
    ranked = sorted(best, key=lambda entry_id: (-best[entry_id], entry_id))[:AT_MOST]
    return [Match(entry, best[entry_id]) for entry_id in ranked if (entry := knowledge.entry(session, entry_id))]


def is_precise(session: Session, likeness: float) -> bool:
    """Whether people's own word of pairs this like lets an answer be given straight away: of 35 all helped, or of
    100 at least 96 (Wilson's lower bound at 0.90)."""
    band = min(int(likeness * BANDS), BANDS - 1)
    upper = (band + 1) / BANDS if band + 1 < BANDS else 1.1  # the last takes in what is quite the same
    helped, number = knowledge.labelled(session, band / BANDS, upper)
    return number > 0 and wilson(helped, number).low >= PRECISE


def like_open(session: Session, asked: Question, topic_id: str) -> Question | None:
    """A question of the same topic and language that waits for an answer already and is next to the same."""
    waiting = [
        row
        for row in questions.with_a_person(session, topic_id, COMPARED)
        if row.id != asked.id and row.asker_id != asked.asker_id and row.language == asked.language
    ]
    if not waiting:
        return None
    nearest = Shelf([row.text for row in waiting], _background(session)).nearest(asked.text)
    return waiting[nearest[0]] if nearest is not None and nearest[1] >= MERGED_FROM else None


def _shelf(session: Session) -> tuple[Shelf, list[int]]:
    """The variants of all live entries, and whose they are; made anew when an entry changes."""
    database, stamp = session.get_bind(), knowledge.stamp(session)
    known = _shelves.get(database)
    if known is None or known[0] != stamp:
        rows = knowledge.variants(session)
        known = _shelves[database] = (
            stamp,
            Shelf([text for _entry, text in rows], _background(session)),
            [entry for entry, _text in rows],
        )
    return known[1], known[2]


def _background(session: Session) -> list[str]:
    return [text for text, _topic in learning.examples(session, limit=BACKGROUND)]
