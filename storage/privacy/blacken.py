"""Where a person stands in what others have: their name and their words are blackened in stored cards, and nothing else
is. A card that has not left yet goes out with the rest of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Text, cast, or_, select, update
from sqlalchemy.orm import Session

from storage.base import batched
from storage.delivery.deliveries import LIVE, Delivery
from storage.digest.digests import Digest
from storage.people.employees import Employee, Identity
from storage.questions.questions import Note, Question
from storage.sharing.shares import Share
from storage.web.webhooks import Call
from storage.workshop.workshops import Commitment, Need

GONE_WORDS = "…"
SHORTEST_TEXT = 8  # characters: shorter words of a person are anybody's
KNOWN_BY = 60  # characters of a text by which a shortened one is known
SAID = {
    "text",
    "label",
    "title",
    "summary",
    "value",
    "alt",
    "parts",
    "pairs",
    "rows",
    "header",
    "body",
    "items",
    "hint",
}


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person could be found in what others have."""

    person: int
    names: list[str]  # their name and address
    texts: list[str]  # what they asked and said
    places: list[str]  # addresses of their conversations
    users: list[tuple[str, str]]  # workspace and user

    @property
    def keys(self) -> list[str]:
        """Parts of the keys of events: the platform's id of the person, or of their own conversation."""
        return [f":{part}:" for part in ({user for _workspace, user in self.users} | set(_conversations(self.places)))]


def traces_of(session: Session, person: Employee) -> Traces:
    asked = select(Question.id).where(Question.asker_id == person.id)
    said = select(Note.text).where(
        or_(Note.author_id == person.id, Note.author_id.is_(None) & Note.question_id.in_(asked))
    )
    texts = [
        *session.scalars(select(Question.text).where(Question.asker_id == person.id)),
        *session.scalars(said),
        *(text for model in (Share, Need, Commitment) for text in session.scalars(_texts_of(model, person.id))),
    ]
    identities = session.scalars(select(Identity).where(Identity.employee_id == person.id)).all()
    return Traces(
        person=person.id,
        names=[one for one in (person.name, person.email) if one],
        texts=[one for one in texts if len(one) >= SHORTEST_TEXT],
        places=[identity.address for identity in identities if identity.address],
        users=[(identity.workspace_id, identity.user) for identity in identities],
    )


def blacken(session: Session, traces: Traces) -> None:
    """In stored cards, in facts of digests, in what is told to webhooks, and in the names of waves that are over."""
    without = partial(_without, traces=traces)
    wanted = [*traces.names, *(text[:KNOWN_BY] for text in traces.texts)]
    for some in batched(wanted, 20):
        in_card = or_(*(cast(Delivery.card, Text).contains(form, autoescape=True) for form in _as_json(some)))
        for row in session.scalars(select(Delivery).where(in_card)):
            row.card = each_text(row.card, without, under=SAID)
        in_body = or_(*(Call.body.contains(form, autoescape=True) for form in _as_json(some)))
        for number, body in session.execute(select(Call.id, Call.body).where(in_body)).all():
            left = json.dumps(each_text(json.loads(body), without), ensure_ascii=False)
            session.execute(update(Call).where(Call.id == number).values(body=left))
        told = (Digest.facts, cast(Digest.summary, Text))  # the words of questions that waited are in them
        in_digest = or_(*(one.contains(form, autoescape=True) for one in told for form in _as_json(some)))
        for week in session.scalars(select(Digest).where(in_digest)):
            facts = each_text(json.loads(week.facts), without)
            week.facts = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
            week.summary = each_text(week.summary, without)
    for key in traces.keys:
        over = Delivery.wave.contains(key, autoescape=True) & Delivery.state.not_in(LIVE)
        session.execute(update(Delivery).where(over).values(wave=""))


def each_text(value: Any, change: Callable[[str], str], *, under: Container[str] | None = None) -> Any:
    """JSON with every text changed; with `under` only what stands under these names."""
    if isinstance(value, dict):
        return {
            key: each_text(one, change, under=under) if under is None or key in under else one
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [each_text(one, change, under=under) for one in value]
    return change(value) if isinstance(value, str) else value


def _without(said: str, traces: Traces) -> str:
    for text in sorted(traces.texts, key=len, reverse=True):
        said = said.replace(text, GONE_WORDS)
        if len(text) > KNOWN_BY and (at := said.find(text[:KNOWN_BY])) >= 0:
            said = said[:at] + GONE_WORDS
    for name in traces.names:
        said = _whole(name).sub(GONE_WORDS, said)
    return said


def _whole(name: str) -> re.Pattern[str]:
    """The name where no letter of the same kind goes on: "Ann" is not in "planning". In scripts without spaces it may
    stand anywhere."""
    spaced = re.compile(r"[\u0000-\u1fff]")
    before = r"(?<!\w)" if spaced.match(name[0]) else ""
    after = r"(?!\w)" if spaced.match(name[-1]) else ""
    return re.compile(before + re.escape(name) + after)


def _as_json(words: Sequence[str]) -> list[str]:
    """As JSON has them, with and without letters beyond ASCII."""
    forms = (json.dumps(one, ensure_ascii=ascii)[1:-1] for one in words for ascii in (True, False))
    return list(dict.fromkeys(forms))


def _conversations(places: list[str]) -> list[str]:
    """Of "teams:<tenant>:<conversation>…" and "slack:T1:D9" the conversation: neither platform nor workspace."""
    return [part for place in places for part in place.split(":")[2:] if len(part) >= SHORTEST_TEXT]


def _texts_of(model: Any, person: int) -> Any:
    return select(model.text).where(model.employee_id == person)
