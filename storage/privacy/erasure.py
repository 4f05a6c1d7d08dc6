"""Forgetting a person: their rows go or lose their words, and what was learned from their words goes with them. The row
of the person stays, without a name, so that sums of weeks that are over stay what they were."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, delete, exists, false, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.audit.entries import secret_of
from storage.base import Base, Utc, batched, insert_into
from storage.core.events import HandledEvent
from storage.database import overwrite_deleted
from storage.delivery.rate_limits import RateLimitBucket
from storage.framework.framework import Change
from storage.people.employees import Employee, EmployeeState, Identity
from storage.people.workspaces import Workspace, WorkspaceState
from storage.privacy.blacken import GONE_WORDS, Traces, blacken, each_text, traces_of
from storage.privacy.data_map import PERSONAL_DATA, OnErasure, PersonalData
from storage.publishing.accounts import AccountState, ConnectedAccount
from storage.questions.knowledge import Variant
from storage.questions.learning import Example, Vector
from storage.questions.questions import UNSETTLED, WITH_A_PERSON, Question, QuestionState
from storage.workshop.workshops import NeedGroup

GONE = "somebody who was erased"  # instead of an address in the history of the framework


class ErasedPerson(Base):
    """As whom a platform knew somebody who was erased, as a digest: so that no directory brings them back. Whoever
    speaks with the bot again begins anew."""

    __tablename__ = "erased_people"

    digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)


def erase(session: Session, person: Employee, *, now: datetime, stays: bool = False) -> None:
    """Forget the person. `stays`: they go on working here and asked for it, so the directory will name them again; they
    are not spoken to until they speak. What they are to answer goes back to whoever is next. Idempotent."""
    overwrite_deleted(session)
    traces = traces_of(session, person)
    _settle_what_is_open(session, person.id, now)
    _forget_elsewhere(session, traces)
    for kind in PERSONAL_DATA:
        _forget(session, kind, person.id)
    _forget_the_person(session, person, now)
    if stays:
        _remember_not_to(session, traces, now)
    session.flush()
    session.expire_all()


def may_come(session: Session, workspace: str, people: Iterable[tuple[str, str | None]]) -> set[str]:
    """Of the users of a workspace, as its directory names them with their address, those who were not erased."""
    digests: dict[str, list[str]] = {}
    users, secret = set[str](), secret_of(session)
    for user, email in people:
        users.add(user)
        for one in (f"{workspace} {user}", f"address {email.strip().lower()}" if email else ""):
            if one:
                digests.setdefault(_digest(secret, one), []).append(user)
    for some in batched(list(digests), 500):
        for digest in session.scalars(select(ErasedPerson.digest).where(ErasedPerson.digest.in_(some))):
            users.difference_update(digests[digest])
    return users


def begin_anew(session: Session, workspace: str, user: str, email: str | None = None) -> None:
    """They speak with the bot again."""
    known = [f"{workspace} {user}", *([f"address {email.strip().lower()}"] if email else [])]
    secret = secret_of(session)
    digests = [_digest(secret, one) for one in known]
    session.execute(delete(ErasedPerson).where(ErasedPerson.digest.in_(digests)))


def to_erase(session: Session, *, left_before: datetime, removed_before: datetime, limit: int) -> Sequence[Employee]:
    """People with a name who left before then, or whom only workspaces know that removed the bot before then."""
    is_somewhere = select(Identity.id).where(Identity.employee_id == Employee.id).exists()
    named = (Employee.name != "") | Employee.email.is_not(None) | is_somewhere
    is_known = (
        select(Identity.id)
        .join(Workspace)
        .where(
            Identity.employee_id == Employee.id,
            (Workspace.state == WorkspaceState.INSTALLED) | (Workspace.removed_at >= removed_before),
        )
        .exists()
    )
    gone = (Employee.state == EmployeeState.LEFT) & (Employee.left_at < left_before)
    query = select(Employee).where(named, gone | (is_somewhere & ~is_known)).order_by(Employee.id).limit(limit)
    return session.scalars(query).unique().all()


def _settle_what_is_open(session: Session, person: int, now: datetime) -> None:
    """Nobody is to answer what nobody asks any more; what they were to answer is to be taken by somebody else."""
    open_ones = select(Question.id).where(Question.asker_id == person, Question.state.in_(UNSETTLED))
    session.execute(  # like questions of others waited for that answer: they find their own way
        update(Question)
        .where(Question.into_id.in_(open_ones), Question.state == QuestionState.MERGED)
        .values(state=QuestionState.NEW, into_id=None)
    )
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


def _forget_elsewhere(session: Session, traces: Traces) -> None:
    """What was made of their words, and cards to others in which they stand."""
    for some in batched(traces.texts, 200):
        for model, began_with_it in ((Example, Example.source == "seed"), (Variant, false())):
            by_others = exists().where(Question.text == model.text, Question.asker_id.is_distinct_from(traces.person))
            session.execute(delete(model).where(model.text.in_(some), ~began_with_it, ~by_others))
        is_like_theirs = Question.why["like"].as_string().in_(some)
        session.execute(update(Question).where(is_like_theirs).values(why={}))
        session.execute(update(NeedGroup).where(NeedGroup.name.in_(some)).values(name=GONE_WORDS))
    if traces.texts:
        session.execute(delete(Vector))  # by digest of model and text: which are theirs cannot be told; asked for anew
    blacken(session, traces)
    for key in traces.keys:
        session.execute(delete(HandledEvent).where(HandledEvent.key.contains(key, autoescape=True)))
    for place in traces.places:
        session.execute(delete(RateLimitBucket).where(RateLimitBucket.bucket == place))
    _forget_in_framework(session, {name.casefold() for name in traces.names})


def _forget_in_framework(session: Session, names: set[str]) -> None:
    """Where an owner is named by address; no word that only holds their name is touched."""

    def without(said: str) -> str:
        return GONE if said.casefold() in names else said

    for change in session.scalars(select(Change)) if names else ():
        for side in ("before", "after"):
            known = getattr(change, side)
            if (left := each_text(known, without)) != known:
                setattr(change, side, left)


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
    if isinstance(column.type, JSON):
        return column.default.arg(None)  # a list, or an object, without anything in it
    return ""


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
    person.left_at = _day(person.left_at or now)


def _remember_not_to(session: Session, traces: Traces, now: datetime) -> None:
    known = [f"{workspace} {user}" for workspace, user in traces.users]
    known += [f"address {name.lower()}" for name in traces.names if "@" in name]
    secret = secret_of(session)
    for one in known:
        row = insert_into(session, ErasedPerson).values(digest=_digest(secret, one), at=_day(now))
        session.execute(row.on_conflict_do_nothing())


def _digest(secret: str, known: str) -> str:
    """With a key that only CHORUS_SECRET_KEYS opens: platforms' ids and addresses could all be tried otherwise."""
    return hmac.new(secret.encode(), known.encode(), sha256).hexdigest()


def _day(now: datetime) -> datetime:
    """No more exactly than the day: a moment would lead from one table to another."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
