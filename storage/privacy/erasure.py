"""Forgetting a person: their rows go or lose their words, and what was learned from their words goes with them. The row
of the person stays, without a name, so that sums of weeks that are over stay what they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, Text, cast, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc, batched, insert_into
from storage.core.events import HandledEvent
from storage.database import overwrite_deleted
from storage.delivery.deliveries import Delivery
from storage.delivery.rate_limits import RateLimitBucket
from storage.framework.framework import Change
from storage.people.employees import Employee, EmployeeState, Identity
from storage.people.workspaces import Workspace, WorkspaceState
from storage.privacy.data_map import PERSONAL_DATA, OnErasure, PersonalData
from storage.publishing.accounts import AccountState, ConnectedAccount
from storage.questions.knowledge import Variant
from storage.questions.learning import Example, Vector
from storage.questions.questions import UNSETTLED, WITH_A_PERSON, Note, Question, QuestionState
from storage.sharing.shares import Share
from storage.web.webhooks import Call

SHORTEST = 3  # characters of a name that is looked for in cards: shorter ones would be found everywhere
GONE = "somebody who was erased"  # instead of an address in the history of the framework


class ErasedPerson(Base):
    """As whom a platform knew somebody who was erased, as a digest: so that no directory brings them back. Whoever
    speaks with the bot again begins anew."""

    __tablename__ = "erased_people"

    digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)


@dataclass(frozen=True, slots=True)
class _Traces:
    """By what a person could be found in what others have."""

    names: list[str]  # their name and address
    texts: list[str]  # what they asked and said
    places: list[str]  # addresses of their conversations
    users: list[tuple[str, str]]  # workspace and user

    @property
    def words(self) -> list[str]:
        return [one for one in (*self.names, *self.texts) if len(one) >= SHORTEST]


def erase(session: Session, person: Employee, *, now: datetime, stays: bool = False) -> None:
    """Forget the person. `stays`: they go on working here and asked for it, so the directory will name them again; they
    are not spoken to until they speak. What they are to answer goes back to whoever is next. Idempotent."""
    overwrite_deleted(session)
    traces = _traces_of(session, person)
    _settle_what_is_open(session, person.id, now)
    _forget_elsewhere(session, traces)
    for kind in PERSONAL_DATA:
        _forget(session, kind, person.id)
    _forget_the_person(session, person, now)
    if stays:
        _remember_not_to(session, traces.users, now)
    session.flush()
    session.expire_all()


def may_come(session: Session, workspace: str, users: Iterable[str]) -> set[str]:
    """Of the users of a workspace, as its directory names them, those who were not erased."""
    digests = {digest_of_user(workspace, user): user for user in users}
    erased = set[str]()
    for some in batched(list(digests), 500):
        erased.update(session.scalars(select(ErasedPerson.digest).where(ErasedPerson.digest.in_(some))))
    return {user for digest, user in digests.items() if digest not in erased}


def begin_anew(session: Session, workspace: str, user: str) -> None:
    """They speak with the bot again."""
    session.execute(delete(ErasedPerson).where(ErasedPerson.digest == digest_of_user(workspace, user)))


def to_erase(session: Session, *, left_before: datetime, removed_before: datetime, limit: int) -> Sequence[Employee]:
    """People with a name who left before then, or whom only workspaces know that removed the bot before then."""
    named = (Employee.name != "") | Employee.email.is_not(None)
    is_known = (
        select(Identity.id)
        .join(Workspace)
        .where(
            Identity.employee_id == Employee.id,
            (Workspace.state == WorkspaceState.INSTALLED) | (Workspace.removed_at >= removed_before),
        )
        .exists()
    )
    is_somewhere = select(Identity.id).where(Identity.employee_id == Employee.id).exists()
    gone = (Employee.state == EmployeeState.LEFT) & (Employee.left_at < left_before)
    query = select(Employee).where(named, gone | (is_somewhere & ~is_known)).order_by(Employee.id).limit(limit)
    return session.scalars(query).unique().all()


def _traces_of(session: Session, person: Employee) -> _Traces:
    asked = select(Question.id).where(Question.asker_id == person.id)
    said = select(Note.text).where(or_(Note.author_id == person.id, Note.question_id.in_(asked)))
    texts = [
        *session.scalars(select(Question.text).where(Question.asker_id == person.id)),
        *session.scalars(said),
        *session.scalars(select(Share.text).where(Share.employee_id == person.id)),
    ]
    identities = session.scalars(select(Identity).where(Identity.employee_id == person.id)).all()
    return _Traces(
        names=[one for one in (person.name, person.email) if one],
        texts=[one for one in texts if one],
        places=[identity.address for identity in identities if identity.address],
        users=[(identity.workspace_id, identity.user) for identity in identities],
    )


def _settle_what_is_open(session: Session, person: int, now: datetime) -> None:
    """Nobody is to answer what nobody asks any more; what they were to answer is to be taken by somebody else."""
    session.execute(
        update(Question)
        .where(Question.asker_id == person, Question.state.in_(UNSETTLED))
        .values(state=QuestionState.DROPPED, look_at=None)
    )
    session.execute(
        update(Question)
        .where(Question.owner_id == person, Question.state.in_(WITH_A_PERSON))
        .values(state=QuestionState.OPEN, owner_id=None, claimed_at=None, look_at=now)
    )


def _forget_elsewhere(session: Session, traces: _Traces) -> None:
    """What was made of their words, and cards to others in which they stand."""
    for some in batched(traces.texts, 200):
        session.execute(delete(Example).where(Example.text.in_(some)))
        session.execute(delete(Variant).where(Variant.text.in_(some)))
    if traces.texts:
        session.execute(delete(Vector))  # by digest of model and text: which are theirs cannot be told; asked for anew
    for words in traces.words:
        escaped = json.dumps(words)[1:-1]
        held = [escaped, json.dumps(words, ensure_ascii=False)[1:-1]]
        for name in dict.fromkeys(held):
            in_card = cast(Delivery.card, Text).contains(name, autoescape=True)
            session.execute(update(Delivery).where(in_card).values(card=None))
            session.execute(delete(Call).where(Call.body.contains(name, autoescape=True)))
    for place in traces.places:
        session.execute(delete(Delivery).where(Delivery.address == place))
    for workspace, user in traces.users:
        session.execute(delete(HandledEvent).where(HandledEvent.key.contains(f":{user}:", autoescape=True)))
        session.execute(
            delete(RateLimitBucket).where(RateLimitBucket.bucket.startswith(f"{workspace}:{user}", autoescape=True))
        )
    for place in traces.places:
        session.execute(delete(RateLimitBucket).where(RateLimitBucket.bucket == place))
    for address in traces.names:
        _forget_in_framework(session, address)


def _forget_in_framework(session: Session, name: str) -> None:
    holds = or_(*(cast(column, Text).contains(json.dumps(name)[1:-1]) for column in (Change.before, Change.after)))
    for change in session.scalars(select(Change).where(holds)):
        change.before, change.after = _without(change.before, name), _without(change.after, name)


def _without(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace(name, GONE)
    if isinstance(value, dict):
        return {key: _without(one, name) for key, one in value.items()}
    return [_without(one, name) for one in value] if isinstance(value, list) else value


def _forget(session: Session, kind: PersonalData, person: int) -> None:
    rows = kind.rows_of(person)
    if kind.on_erasure == OnErasure.DELETED:
        session.execute(delete(kind.model).where(rows))
        return
    columns = kind.rows.c
    values: dict[str, Any] = {name: _nothing(columns[name]) for name in kind.words}
    if kind.on_erasure == OnErasure.UNLINKED:
        values[kind.of] = None
    if values and kind.model is not Employee:
        session.execute(update(kind.rows).where(rows).values(values))


def _nothing(column: Any) -> Any:
    if column.nullable:
        return None
    return [] if isinstance(column.type, JSON) else ""


def _forget_the_person(session: Session, person: Employee, now: datetime) -> None:
    session.execute(
        update(ConnectedAccount).where(ConnectedAccount.employee_id == person.id).values(state=AccountState.ENDED)
    )
    person.name, person.email, person.own_country, person.time_zone = "", None, None, "UTC"
    person.roles, person.topics_declined, person.topics_wanted = ["employee"], [], []
    person.nudges_wanted = person.digest_wanted = False
    person.ranking_wanted = person.language_chosen = person.fewer_nudges = False
    person.away_until = person.nudges_paused_until = person.heard_from_at = person.asked_fewer_at = None
    if person.is_active:
        person.leave(now)


def _remember_not_to(session: Session, users: Iterable[tuple[str, str]], now: datetime) -> None:
    for workspace, user in users:
        row = insert_into(session, ErasedPerson).values(digest=digest_of_user(workspace, user), at=now)
        session.execute(row.on_conflict_do_nothing())


def digest_of_user(workspace: str, user: str) -> str:
    """Of a user as the platform names them. Platforms' ids can be guessed: it keeps nobody from finding out whether a
    known id was erased, and tells nobody's name."""
    return sha256(f"{workspace} {user}".encode()).hexdigest()
