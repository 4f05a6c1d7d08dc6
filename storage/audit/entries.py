"""The audit log: who did what, when, to whom or what. Rows are only ever added, and each is bound to the one before it.

A row's digest is an HMAC-SHA256 over the digest before it and all that the row says, with a key that only
`CHORUS_SECRET_KEYS` opens: whoever can write to the database alone can make no row that fits. What names a person is
sealed with a key of that person, and the digest is over what is sealed: erasing the key erases the words and leaves the
chain whole. A chain cannot tell that its end was cut: an anchor, kept elsewhere, can.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import structlog
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import ColumnElement, delete, event, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Sealed, Utc
from storage.secrets import KeyRingError

log = structlog.get_logger()

UNTOLD = "audit untold"  # rows of this transaction, in the session's own dictionary

LOCK = 5_843_017_202  # the number of an advisory lock, ours alone: one row after another
OF_THE_LOG = 0  # instead of a person: the key of the chain itself
TERMINAL = "terminal"  # the source of what is done on a command line
SLICE = 2000  # rows that are read at once


class AuditEntry(Base):
    """One act. `by_id`: whose, None from the command line and for jobs; `source`: chat | console | terminal | api |
    directory | job; `about`: the key of the row it is about. `details` name nobody; `sealed` may, with the key of the
    person `sealed_for`."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # without a gap
    at: Mapped[datetime] = mapped_column(Utc, index=True)
    by_id: Mapped[int | None]
    source: Mapped[str]
    act: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    details: Mapped[str] = mapped_column(PlainText, default="")  # JSON
    sealed: Mapped[str | None] = mapped_column(PlainText)
    sealed_for: Mapped[int | None]
    digest: Mapped[str]


class AuditKey(Base):
    """A key with which personal values are sealed; of person 0 the one of the chain."""

    __tablename__ = "audit_keys"

    person: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Sealed)


class AuditAnchor(Base):
    """Up to where the log was pruned: the chain goes on from that digest. Sealed, so that nobody else can set one."""

    __tablename__ = "audit_anchors"

    last_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_digest: Mapped[str] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(Utc)


class Head(NamedTuple):
    """The newest row, or where the log was pruned."""

    id: int
    digest: str

    def __str__(self) -> str:
        return f"{self.id}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row that does not fit, and why."""

    id: int
    why: str


class Verified(NamedTuple):
    number: int
    head: Head
    fault: Fault | None


class Act(NamedTuple):
    """What a row says. `personal`: values that name the person with the id `person`."""

    act: str
    at: datetime
    source: str
    by_id: int | None = None
    about: str = ""
    details: Mapping[str, Any] | None = None
    person: int | None = None
    personal: Mapping[str, Any] | None = None


def note(session: Session, act: Act) -> None:
    """Add a row, in the transaction of the act itself, also while the session is being flushed."""
    note_all(session, [act])


def note_all(session: Session, acts: Sequence[Act]) -> None:
    """Add a row for each, in this order."""
    if not acts:
        return
    _one_after_another(session)
    before, key, rows = head(session), _key(session, OF_THE_LOG), list[AuditEntry]()
    for one in acts:
        row = _row(session, before.id + 1, one)
        row.digest = _digest(key, before.digest, row)
        before = Head(row.id, row.digest)
        rows.append(row)
    columns = AuditEntry.__table__.columns
    values = [{column.name: getattr(row, column.name) for column in columns} for row in rows]
    session.connection().execute(AuditEntry.__table__.insert(), values)  # type: ignore[attr-defined]
    session.info.setdefault(UNTOLD, []).extend(rows)


def tell(row: AuditEntry) -> None:
    """In the log of this process, which somebody keeps elsewhere."""
    log.info("audit", number=row.id, act=row.act, by=row.by_id, source=row.source, about=row.about, digest=row.digest)


def _tell_all(session: Session) -> None:
    for row in session.info.pop(UNTOLD, ()):
        tell(row)


def _tell_none(session: Session) -> None:
    session.info.pop(UNTOLD, None)


event.listen(Session, "after_commit", _tell_all)
event.listen(Session, "after_rollback", _tell_none)  # what was undone never happened


def _row(session: Session, number: int, said: Act) -> AuditEntry:
    sealed = None
    if said.personal and said.person is not None:
        words = json.dumps(said.personal, ensure_ascii=False).encode()
        sealed = Fernet(_key(session, said.person)).encrypt(words).decode()
    return AuditEntry(
        id=number,
        at=said.at,
        by_id=said.by_id,
        source=said.source,
        act=said.act,
        about=said.about,
        details=json.dumps(said.details, ensure_ascii=False, sort_keys=True) if said.details else "",
        sealed=sealed,
        sealed_for=said.person if sealed else None,
        digest="",
    )


def head(session: Session) -> Head:
    newest = (
        session.connection()
        .execute(select(AuditEntry.id, AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1))
        .first()
    )
    return Head(*newest) if newest is not None else _pruned_to(session)


def entries(
    session: Session,
    *,
    act: str = "",
    by_people: Collection[int] | None = None,
    about_people: Collection[int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int | None = None,
) -> list[AuditEntry]:
    """The newest first, those before `before_id`. `act`: what its name begins with; `by_people`: whose acts;
    `about_people`: whom they concern; with both, those of either."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if act:
        query = query.where(AuditEntry.act.startswith(act, autoescape=True))
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    whose = list[ColumnElement[bool]]()
    if by_people is not None:
        whose.append(AuditEntry.by_id.in_(by_people))
    if about_people is not None:
        is_of_people = AuditEntry.act.startswith("employees ")
        whose.append(AuditEntry.about.in_(f"employees {number}" for number in about_people))
        whose.append(is_of_people & AuditEntry.about.in_(map(str, about_people)))
        whose.append(AuditEntry.sealed_for.in_(about_people))
    if whose:
        query = query.where(or_(*whose))
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    return list(session.scalars(query.limit(limit)))


def of_terminals(session: Session, *, after_id: int, since: datetime) -> list[AuditEntry]:
    """Acts from command lines later than the row `after_id`, in order: the log of a command is kept by nobody."""
    acts = select(AuditEntry).where(AuditEntry.id > after_id, AuditEntry.at >= since, AuditEntry.source == TERMINAL)
    return list(session.scalars(acts.order_by(AuditEntry.id)))


def kinds(session: Session) -> list[str]:
    """Acts that there are, by name."""
    return list(session.scalars(select(AuditEntry.act).distinct().order_by(AuditEntry.act)))


def personal_of(session: Session, row: AuditEntry) -> dict[str, Any] | None:
    """What the row says of a person; None where it says nothing, or the person was erased."""
    if row.sealed is None or row.sealed_for is None:
        return None
    kept = session.get(AuditKey, row.sealed_for)
    if kept is None:
        return None
    try:
        return dict(json.loads(Fernet(kept.key).decrypt(row.sealed)))
    except (InvalidToken, ValueError):
        return None


def verify(session: Session, *, anchor: Head | None = None) -> Verified:
    """Whether every row is as it was written, where it was written, and none is missing. `anchor`: a row that there
    was, told by somebody who kept it elsewhere: without one a cut end is not noticed."""
    try:
        known, number = _pruned_to(session), 0
    except (KeyRingError, TypeError, ValueError):
        return Verified(0, Head(0, ""), Fault(0, "the anchor of what was pruned is not as it was written"))
    key, meets_anchor = session.get(AuditKey, OF_THE_LOG), anchor is None or anchor == known
    for row in _in_order(session):
        if row.id != known.id + 1:
            return Verified(number, known, Fault(known.id + 1, "it is missing"))
        if key is None or not hmac.compare_digest(row.digest, _digest(key.key, known.digest, row)):
            return Verified(number, known, Fault(row.id, "it is not as it was written, or the one before it is not"))
        known, number = Head(row.id, row.digest), number + 1
        meets_anchor = meets_anchor or known == anchor
    if not meets_anchor and anchor is not None:
        why = "it is missing, and all after it: the end was cut off"
        if anchor.id <= known.id:
            why = (
                "it is another than the one that the anchor names: the anchor is mistyped or of another log, or all "
                "was written anew"
            )
        return Verified(min(number, max(anchor.id - 1, 0)), known, Fault(anchor.id, why))
    return Verified(number, known, None)


def prune(session: Session, *, before: datetime, now: datetime) -> int:
    """Delete rows from before then; the chain goes on from an anchor. Returns how many there were."""
    _one_after_another(session)
    query = select(AuditEntry.id, AuditEntry.digest).where(AuditEntry.at < before)
    last = session.execute(query.order_by(AuditEntry.id.desc()).limit(1)).first()
    if last is None:
        return 0
    older = AuditEntry.id <= last.id
    number = session.scalar(select(func.count()).select_from(AuditEntry).where(older)) or 0
    session.execute(delete(AuditAnchor))
    session.add(AuditAnchor(last_id=last.id, sealed_digest=last.digest, at=now))
    session.execute(delete(AuditEntry).where(older))
    session.flush()
    return number


def _pruned_to(session: Session) -> Head:
    query = select(AuditAnchor.last_id, AuditAnchor.sealed_digest).order_by(AuditAnchor.last_id.desc()).limit(1)
    found = session.connection().execute(query).first()
    return Head(*found) if found is not None else Head(0, "")


def _in_order(session: Session) -> Iterator[AuditEntry]:
    after = -1
    while rows := session.scalars(select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(SLICE)):
        found = rows.all()
        yield from found
        if len(found) < SLICE:
            return
        after = found[-1].id


def _digest(key: str, before: str, row: AuditEntry) -> str:
    said = [
        *(before, row.id, row.at.isoformat(), row.by_id, row.source, row.act, row.about),
        *(row.details, row.sealed, row.sealed_for),
    ]
    return hmac.new(key.encode(), json.dumps(said).encode(), sha256).hexdigest()


def _key(session: Session, person: int) -> str:
    table = AuditKey.__table__
    kept = session.connection().scalar(select(AuditKey.key).where(AuditKey.person == person))
    if kept is None:
        kept = Fernet.generate_key().decode()
        session.connection().execute(table.insert(), {"person": person, "key": kept})  # type: ignore[attr-defined]
    return str(kept)


def check_key(session: Session) -> None:
    """Raises KeyRingError where the keys of this process do not open the log's own."""
    session.connection().scalar(select(AuditKey.key).where(AuditKey.person == OF_THE_LOG))


def secret_of(session: Session) -> str:
    """A secret of this installation, sealed in the database; made when it is first needed."""
    return _key(session, OF_THE_LOG)


def _one_after_another(session: Session) -> None:
    """SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
