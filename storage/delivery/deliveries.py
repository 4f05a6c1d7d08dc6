"""Deliveries: every outgoing message with its state, written in the transaction of its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, OneOf, Utc
from storage.bulk import IDS, among, insert_rows
from storage.delivery.worker_leases import Lease


class DeliveryState(StrEnum):
    """The state of an outgoing message."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


LIVE = (DeliveryState.PLANNED, DeliveryState.SENDING)  # still to be settled


class Delivery(Base):
    """One message to one address: a new one, or (`replaces` set) the replacement of one that is out.

    `card` is what to say; where it is None the card is composed from `subject` at the last moment, so
    that a recall or an opt-out is still heeded then.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("key", name="uq_deliveries_key"),
        Index("ix_deliveries_subject", "kind", "subject_id"),
        Index("ix_deliveries_person", "employee_id", "kind", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # says what it is; a second one of the same key is impossible
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    address: Mapped[str]
    kind: Mapped[str]  # reply | nudge | share | …
    subject_id: Mapped[int | None]
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    replaces: Mapped[str | None]
    cause: Mapped[str] = mapped_column(default="")  # the id in the log of the turn or job that asked for it
    wave: Mapped[str]  # the batch it leaves with, which is also the name of the engine's work
    state: Mapped[DeliveryState] = mapped_column(OneOf(DeliveryState), default=DeliveryState.PLANNED)
    holder: Mapped[str | None]  # the lease of the process that is sending it
    due_at: Mapped[datetime] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None]
    reason: Mapped[str | None]
    looked_at: Mapped[datetime | None] = mapped_column(Utc)  # in doubt, and not to be cleared up by looking
    changed_at: Mapped[datetime] = mapped_column(Utc)


# Of the two busiest indexes, which messages that arrived, nearly all, are not in; and of queries that go by them, for
# SQLite takes such an index only where the query says the same, word by word.
WAITS: ColumnElement[bool] = Delivery.state == literal_column(f"'{DeliveryState.PLANNED}'")
OPEN: ColumnElement[bool] = Delivery.state.not_in(
    [literal_column(f"'{state}'") for state in (DeliveryState.SENT, DeliveryState.CANCELLED)]
)
Index("ix_deliveries_open", Delivery.state, Delivery.due_at, sqlite_where=OPEN, postgresql_where=OPEN)
Index("ix_deliveries_wave_waiting", Delivery.wave, Delivery.due_at, sqlite_where=WAITS, postgresql_where=WAITS)
REPLACING = OPEN & Delivery.replaces.is_not(None)
Index("ix_deliveries_replacing", Delivery.replaces, sqlite_where=REPLACING, postgresql_where=REPLACING)


_IS_OUT = (Delivery.state == DeliveryState.SENT) & Delivery.replaces.is_(None)


def add(session: Session, rows: Sequence[dict[str, Any]], **common: Any) -> None:
    """Insert many; `common` holds the values that all share."""
    insert_rows(session, _TABLE, rows, **common)  # type: ignore[arg-type]


class OutboundMessage(NamedTuple):
    """A delivery claimed for sending, detached from its session."""

    id: int
    workspace_id: str
    employee_id: int | None
    address: str
    kind: str
    subject_id: int | None
    card: dict[str, Any] | None
    replaces: str | None
    attempts: int
    cause: str
    wave: str

    @property
    def mark(self) -> str:
        """What goes with the message where the platform keeps metadata, to find it again."""
        return f"{self.cause}:{self.id}"


def due_in_wave(
    session: Session, wave: str, *, now: datetime, limit: int, only_replacements: bool = False
) -> list[OutboundMessage]:
    """Up to `limit` deliveries of the wave that may leave, locked; `hold` them or `settle` them."""
    due = _REPLACEMENTS_DUE_IN_WAVE if only_replacements else _DUE_IN_WAVE
    return _leaving(session, due, {"wave": wave, "now": now, "most": limit})


def still_planned(session: Session, delivery_ids: Sequence[int]) -> list[OutboundMessage]:
    """These deliveries in order, locked, except those that another process has claimed."""
    return _leaving(
        session,
        select(*_LEAVING)
        .where(Delivery.id.in_(delivery_ids), Delivery.state == DeliveryState.PLANNED)
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True),
    )


def take_doubtful(
    session: Session, workspace_id: str, holder: str, *, changed_before: datetime, limit: int
) -> list[OutboundMessage]:
    """Claim for `holder` the workspace's first sends in doubt, the oldest first, to look them up."""
    rows = _leaving(
        session,
        select(*_LEAVING)
        .where(
            Delivery.workspace_id == workspace_id,
            OPEN,
            Delivery.state == DeliveryState.UNKNOWN,
            Delivery.holder.is_(None),
            Delivery.looked_at.is_(None),
            Delivery.changed_at <= changed_before,
        )
        .order_by(Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True),
    )
    if rows:
        session.execute(update(Delivery).where(Delivery.id.in_([row.id for row in rows])).values(holder=holder))
    return rows


def is_in_doubt(session: Session, workspace_id: str) -> bool:
    """Whether any delivery of the workspace is in doubt and was not looked up yet."""
    doubtful = (
        OPEN
        & (Delivery.workspace_id == workspace_id)
        & (Delivery.state == DeliveryState.UNKNOWN)
        & Delivery.looked_at.is_(None)
    )
    return bool(session.scalar(select(exists().where(doubtful))))


def hold(session: Session, delivery_ids: Sequence[int], holder: str, *, now: datetime) -> None:
    """Mark them as being sent by the process with the lease `holder`."""
    if delivery_ids:
        session.connection().execute(_HOLD, {"ids": delivery_ids, "holder": holder, "now": now})


class StatusUpdate(NamedTuple):
    """The outcome of a delivery."""

    id: int
    state: str
    message: str | None = None
    reason: str | None = None
    due_at: datetime | None = None  # of the next attempt, where `state` is planned again
    was_tried: bool = True  # False: it was held back, which is no attempt
    was: str = (
        DeliveryState.SENDING
    )  # what it was when this was learned: news that is older than what the row says is dropped,
    holder: str | None = None  # unless it is that it arrived


def settle(session: Session, settled: Sequence[StatusUpdate], *, now: datetime) -> None:
    if settled:
        session.connection().execute(
            _SETTLE,
            [
                {
                    "row": item.id,
                    "to": item.state,
                    "said": item.message,
                    "why": item.reason,
                    "due": item.due_at,
                    "tried": int(item.was_tried),
                    "was": item.was,
                    "held_by": item.holder,
                    "now": now,
                }
                for item in settled
            ],
        )


def next_due(session: Session, wave: str, *, only_replacements: bool = False) -> datetime | None:
    """When the wave's next delivery is due; None when none is left."""
    query = select(func.min(Delivery.due_at, type_=Utc())).where(Delivery.wave == wave, WAITS)
    return session.scalar(query.where(Delivery.replaces.is_not(None)) if only_replacements else query)


def _leaving(session: Session, query: Select[Any], values: dict[str, Any] | None = None) -> list[OutboundMessage]:
    return [OutboundMessage(*row) for row in session.execute(query, values or {})]


def out_for(session: Session, kind: str, subject_id: int | None = None) -> list[Delivery]:
    """The messages of a kind (about one subject) that are out: first sends, not their replacements, and of several
    about one subject in one conversation the newest."""
    query = select(Delivery).where(Delivery.kind == kind, _IS_OUT).order_by(Delivery.id)
    found = session.scalars(query if subject_id is None else query.where(Delivery.subject_id == subject_id))
    return list({(row.address, row.subject_id): row for row in found}.values())


def older_out(session: Session, delivery_id: int) -> list[Delivery]:
    """Messages of the same kind, about the same subject, in the same conversation that were out before this one."""
    newer = session.get_one(Delivery, delivery_id)
    same = (Delivery.kind == newer.kind) & (Delivery.subject_id == newer.subject_id)
    query = select(Delivery).where(same, _IS_OUT, Delivery.address == newer.address, Delivery.id < newer.id)
    return list(session.scalars(query.order_by(Delivery.id)))


def give_up_on(session: Session, holders: Sequence[str], *, now: datetime) -> set[str]:
    """Mark what these processes were sending when they died as in doubt. Returns the workspaces concerned.

    Replacing a card twice does no harm, so replacements go back to waiting.
    """
    held = OPEN & (Delivery.state == DeliveryState.SENDING) & Delivery.holder.in_(holders)
    looking = OPEN & (Delivery.state == DeliveryState.UNKNOWN) & Delivery.holder.in_(holders)
    touched = set(session.execute(select(Delivery.workspace_id).where(held | looking)).scalars())
    session.execute(update(Delivery).where(looking).values(holder=None))
    if touched:
        session.execute(
            update(Delivery)
            .where(held, Delivery.replaces.is_not(None))
            .values(state=DeliveryState.PLANNED, holder=None, changed_at=now)
        )
        session.execute(
            update(Delivery)
            .where(held)
            .values(
                state=DeliveryState.UNKNOWN, holder=None, reason="the sender stopped before it heard", changed_at=now
            )
        )
    return touched


def orphaned_holders(session: Session) -> list[str]:
    """Of messages under way: leases that no process has any more."""
    leases = select(Lease.token).where(Lease.token.is_not(None))
    under_way = Delivery.state.in_((DeliveryState.SENDING, DeliveryState.UNKNOWN)) & Delivery.holder.is_not(None)
    found = session.scalars(select(Delivery.holder).where(OPEN, under_way, Delivery.holder.not_in(leases)).distinct())
    return [holder for holder in found if holder is not None]


def by_workspace(session: Session, delivery_ids: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    rows = session.execute(
        select(Delivery.workspace_id, Delivery.id).where(among(Delivery.id, IDS)), {"ids": delivery_ids}
    )
    for workspace, number in rows:
        found.setdefault(workspace, []).append(number)
    return found


def give_back(session: Session, delivery_ids: Sequence[int], wave: str, *, holder: str, now: datetime) -> int:
    """What `holder` has taken of these, and not sent, waits again, in `wave`. Returns how many there are."""
    mine = among(Delivery.id, IDS) & (Delivery.state == DeliveryState.SENDING) & (Delivery.holder == holder)
    values = {"state": DeliveryState.PLANNED, "holder": None, "wave": wave, "changed_at": now}
    given = update(_TABLE).where(mine).values(values)  # type: ignore[arg-type]
    return session.connection().execute(given, {"ids": delivery_ids}).rowcount


def regroup(session: Session, delivery_ids: Sequence[int], wave: str) -> None:
    """These leave together, in `wave`."""
    session.connection().execute(update(_TABLE).where(among(_TABLE.c.id, IDS)).values(wave=wave), {"ids": delivery_ids})  # type: ignore[arg-type]


def stranded(session: Session, *, before: datetime) -> list[tuple[str, str]]:
    """(wave, workspace) of deliveries that were due before then and still wait."""
    rows = session.execute(
        select(Delivery.wave, Delivery.workspace_id)
        .where(OPEN, Delivery.state == DeliveryState.PLANNED, Delivery.due_at < before)
        .distinct()
    )
    return [(wave, workspace) for wave, workspace in rows]


def mark_unresolved(session: Session, delivery_ids: Sequence[int], *, now: datetime) -> None:
    """The lookup could not tell the outcome of these; it stays unknown."""
    if delivery_ids:
        session.execute(update(Delivery).where(Delivery.id.in_(delivery_ids)).values(looked_at=now, holder=None))


def release_claim(session: Session, holder: str, delivery_ids: Sequence[int]) -> None:
    """Release the claim on these, whose lookup was not possible now."""
    if delivery_ids:
        mine = Delivery.id.in_(delivery_ids) & (Delivery.holder == holder) & (Delivery.state == DeliveryState.UNKNOWN)
        session.execute(update(Delivery).where(mine).values(holder=None))


def cancel(session: Session, kind: str, subject_ids: Sequence[int], *, reason: str, now: datetime) -> list[int]:
    """First messages of that kind about these subjects that still wait are not sent; the subjects of those.

    Their keys are free again: a subject may be planned anew, and SQLite gives the number of a deleted one to the next.
    """
    waiting = (
        (Delivery.kind == kind)
        & (Delivery.state == DeliveryState.PLANNED)
        & Delivery.replaces.is_(None)
        & Delivery.subject_id.in_(subject_ids)
    )
    freed = Delivery.key + ":cancelled:" + cast(Delivery.id, String)
    cancelled = {"state": DeliveryState.CANCELLED, "reason": reason, "changed_at": now, "key": freed}
    subjects = session.scalars(update(Delivery).where(waiting).values(cancelled).returning(Delivery.subject_id))
    return [subject for subject in subjects if subject]


def cancel_workspace(session: Session, workspace_id: str, *, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(OPEN, Delivery.workspace_id == workspace_id, Delivery.state == DeliveryState.PLANNED)
        .values(state=DeliveryState.CANCELLED, reason="the workspace removed the bot", changed_at=now)
    )


_LEAVING = (
    Delivery.id,
    Delivery.workspace_id,
    Delivery.employee_id,
    Delivery.address,
    Delivery.kind,
    Delivery.subject_id,
    Delivery.card,
    Delivery.replaces,
    Delivery.attempts,
    Delivery.cause,
    Delivery.wave,
)
_TABLE = Delivery.__table__
# Built once: in a wave they run for every few messages.
_DUE_IN_WAVE = (
    select(*_LEAVING)
    .where(
        Delivery.wave == bindparam("wave"),
        WAITS,
        Delivery.due_at <= bindparam("now", type_=Utc()),
    )
    .order_by(Delivery.due_at, Delivery.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REPLACEMENTS_DUE_IN_WAVE = _DUE_IN_WAVE.where(Delivery.replaces.is_not(None))
_HOLD = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(among(_TABLE.c.id, IDS))
    .values(state=DeliveryState.SENDING, holder=bindparam("holder"), changed_at=bindparam("now"))
)
_SETTLE = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(
        _TABLE.c.id == bindparam("row"),
        ((_TABLE.c.state == bindparam("was")) & (_TABLE.c.holder.is_not_distinct_from(bindparam("held_by"))))
        | (bindparam("to") == DeliveryState.SENT),
    )
    .values(
        state=bindparam("to"),
        message=func.coalesce(bindparam("said"), _TABLE.c.message),
        reason=bindparam("why"),
        attempts=_TABLE.c.attempts + bindparam("tried"),
        holder=None,
        due_at=func.coalesce(bindparam("due", type_=Utc()), _TABLE.c.due_at),
        changed_at=bindparam("now"),
    )
)
