"""Nudges and the shares that come of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, lazyload, load_only, mapped_column, relationship

from storage.base import Base, PlainText, Utc
from storage.bulk import among, insert_rows, new_ids
from storage.employees import Employee
from storage.links import Link
from storage.posts import EXPIRED, RECALLED, Post, SocialChannel

PLANNED, SENT, LATER, DECLINED, TAKEN, WITHDRAWN = (
    "planned", "sent", "later", "declined", "taken", "withdrawn",
)  # fmt: skip


class Nudge(Base):
    """One prompt to one employee about one post; never a second one about the same post."""

    __tablename__ = "nudges"
    __table_args__ = (
        UniqueConstraint("employee_id", "post_id", name="uq_nudges_employee_post"),
        Index("ix_nudges_post", "post_id", "state"),
        Index("ix_nudges_sent", "employee_id", "sent_at"),
        Index("ix_nudges_later", "state", "again_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    state: Mapped[str] = mapped_column(default=PLANNED)
    why: Mapped[str]  # why this person gets it: a name that `bot.sharing.nudge` puts in words
    planned_at: Mapped[datetime] = mapped_column(Utc)
    slot: Mapped[str | None]  # "tue-morning": the slot it was planned for
    timing: Mapped[str | None]  # how the slot was chosen: first | fixed | learned | explored
    sent_at: Mapped[datetime | None] = mapped_column(Utc)
    acted_at: Mapped[datetime | None] = mapped_column(Utc)  # the first press on it, of any kind
    acted_in_time: Mapped[bool] = mapped_column(default=False)  # within a day
    again_at: Mapped[datetime | None] = mapped_column(Utc)  # "Later": when to ask once more
    decline_reason: Mapped[str | None]
    workspace_id: Mapped[str | None]  # where the card is, once sent
    message: Mapped[str | None]  # and the platform's reference to it
    draft: Mapped[str | None] = mapped_column(PlainText)  # a caption made of the person's own few words, to be edited
    draft_channel: Mapped[str | None]

    employee: Mapped[Employee] = relationship()
    post: Mapped[Post] = relationship(lazy="joined", innerjoin=True)


class Share(Base):
    """An employee's act of sharing a post in a channel.

    `prepared` → `opened` (the channel's share page was opened, which is no share) → `confirmed` (the
    person said "posted"); `undone` when they took it back.
    """

    __tablename__ = "shares"
    __table_args__ = (Index("ix_shares_post", "post_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    nudge_id: Mapped[int] = mapped_column(ForeignKey("nudges.id"), index=True)
    channel: Mapped[str]
    language: Mapped[str]
    text: Mapped[str] = mapped_column(PlainText)
    own_words: Mapped[bool]
    state: Mapped[str] = mapped_column(default="prepared")
    code: Mapped[str] = mapped_column(ForeignKey("links.code"), unique=True)
    opener: Mapped[str] = mapped_column(unique=True)  # secret of the address that opens the share page
    public_url: Mapped[str | None] = mapped_column(PlainText)  # where it was posted, if the person says so
    created_at: Mapped[datetime] = mapped_column(Utc)
    opened_at: Mapped[datetime | None] = mapped_column(Utc)
    confirmed_at: Mapped[datetime | None] = mapped_column(Utc)
    clicks_shown: Mapped[int] = mapped_column(default=0)  # what the person's card says now

    employee: Mapped[Employee] = relationship()
    post: Mapped[Post] = relationship()
    nudge: Mapped[Nudge] = relationship()
    link: Mapped[Link] = relationship(lazy="joined")
    social: Mapped[SocialChannel | None] = relationship(
        primaryjoin="foreign(Share.channel) == SocialChannel.id", viewonly=True
    )


def nudge(session: Session, nudge_id: int) -> Nudge | None:
    return session.get(Nudge, nudge_id)


def share(session: Session, share_id: int) -> Share | None:
    return session.get(Share, share_id)


def share_by_opener(session: Session, opener: str) -> Share | None:
    return session.scalar(select(Share).where(Share.opener == opener))


def latest_share(session: Session, nudge_id: int) -> Share | None:
    return session.scalar(select(Share).where(Share.nudge_id == nudge_id).order_by(Share.id.desc()).limit(1))


def nudges_of(session: Session, employee_id: int, limit: int = 10) -> list[Nudge]:
    return list(
        session.scalars(
            select(Nudge)
            .where(Nudge.employee_id == employee_id, Nudge.state.in_([SENT, LATER]))
            .order_by(Nudge.id.desc())
            .limit(limit)
        )
    )


def shares_of(session: Session, employee_id: int, limit: int = 20) -> list[Share]:
    return list(
        session.scalars(
            select(Share)
            .where(Share.employee_id == employee_id, Share.state != "undone")
            .order_by(Share.id.desc())
            .limit(limit)
        )
    )


def nudges_about(session: Session, post_id: int) -> list[Nudge]:
    return list(session.scalars(select(Nudge).where(Nudge.post_id == post_id)))


def shares_of_post(session: Session, post_id: int) -> list[Share]:
    return list(session.scalars(select(Share).where(Share.post_id == post_id)))


def texts_of_colleagues(session: Session, post_id: int, employee_id: int) -> list[str]:
    """What others have written about the post, to keep a company from posting one text many times."""
    return list(
        session.scalars(
            select(Share.text).where(
                Share.post_id == post_id, Share.employee_id != employee_id, Share.state != "undone"
            )
        )
    )


def offered(session: Session, employee_ids: Sequence[int], post_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(employee, post) pairs that have been offered already."""
    rows = session.execute(
        select(Nudge.employee_id, Nudge.post_id).where(
            Nudge.post_id.in_(post_ids), among(session, Nudge.employee_id, employee_ids)
        )
    )
    return {(employee_id, post_id) for employee_id, post_id in rows}


def add_nudges(session: Session, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Many at once; their ids, in the order of `rows`."""
    table: Any = Nudge.__table__
    ids = new_ids(session, table, len(rows))
    insert_rows(session, table, [{"id": number, **row} for number, row in zip(ids, rows, strict=True)])
    return ids


def some(session: Session, nudge_ids: Sequence[int]) -> list[Nudge]:
    """These nudges, with their posts and people, in one look."""
    return list(session.scalars(_SOME, {"ids": list(nudge_ids)}))


def arrived(session: Session, places: Sequence[tuple[int, str, str]], *, now: datetime) -> None:
    """These nudges (id, workspace, message) are out."""
    session.connection().execute(
        _ARRIVED, [{"row": row, "where_to": place, "said": said, "now": now} for row, place, said in places]
    )


def planned_ids(
    session: Session, *, employee_id: int | None = None, unit_id: int | None = None, post_id: int | None = None
) -> list[int]:
    """Nudges of that person, of that unit's people, or about that post that are not out yet."""
    waiting = Nudge.state == PLANNED
    if employee_id is not None:
        waiting &= Nudge.employee_id == employee_id
    if unit_id is not None:
        waiting &= Nudge.employee.has(Employee.unit_id == unit_id)
    if post_id is not None:
        waiting &= Nudge.post_id == post_id
    return list(session.scalars(select(Nudge.id).where(waiting)))


def forget(session: Session, nudge_ids: Sequence[int]) -> None:
    session.execute(delete(Nudge).where(Nudge.id.in_(nudge_ids)))


def overtaken(session: Session, nudge_ids: Sequence[int]) -> list[Nudge]:
    """Of these nudges, those whose post may no longer be shared."""
    found = list(session.connection().scalars(_OVERTAKEN, {"ids": list(nudge_ids)}))
    return some(session, found) if found else []


def due_again(session: Session, now: datetime) -> Iterable[Nudge]:
    """Nudges put off with "Later" whose time has come."""
    return session.scalars(select(Nudge).where(Nudge.state == LATER, Nudge.again_at <= now))


def with_news(session: Session, limit: int = 200) -> list[Share]:
    """Confirmed shares whose card shows fewer unique clicks than there are."""
    return list(
        session.scalars(
            select(Share)
            .join(Share.link)
            .join(Share.nudge)
            .where(
                Share.state == "confirmed",
                Nudge.message.is_not(None),
                Link.unique_clicks > Share.clicks_shown,
            )
            .limit(limit)
        )
    )


def nudge_about(session: Session, employee_id: int, post_id: int) -> Nudge | None:
    return session.scalar(select(Nudge).where(Nudge.employee_id == employee_id, Nudge.post_id == post_id))


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """How far the week's nudges came, for one post or channel. Counts of people, and of unique clicks."""

    label: str
    nudged: int
    opened: int
    confirmed: int
    clicks: int


def funnel_by_post(session: Session, since: datetime) -> list[FunnelRow]:
    """A row for each post nudged or shared since `since`, the most shared first."""
    nudged = {
        post_id: (title, number)
        for post_id, title, number in session.execute(
            select(Post.id, Post.title, func.count())
            .join(Nudge, Nudge.post_id == Post.id)
            .where(Nudge.sent_at >= since)
            .group_by(Post.id, Post.title)
        )
    }
    shared = {
        row.id: row
        for row in session.execute(_steps(Post.id, Post.title).join(Share.post).where(Share.created_at >= since)
                                   .group_by(Post.id, Post.title))
    }  # fmt: skip
    rows = []
    for post_id in {*nudged, *shared}:
        title, number = nudged.get(post_id, ("", 0))
        steps = shared.get(post_id)
        rows.append(
            FunnelRow(steps.title, number, int(steps.opened), int(steps.confirmed), int(steps.clicks))
            if steps
            else FunnelRow(title, number, 0, 0, 0)
        )
    return sorted(rows, key=lambda row: (-row.confirmed, -row.nudged, row.label))


def funnel_by_channel(session: Session, since: datetime) -> list[FunnelRow]:
    rows = session.execute(_steps(Share.channel).where(Share.created_at >= since).group_by(Share.channel))
    return sorted(
        (FunnelRow(row.channel, 0, int(row.opened), int(row.confirmed), int(row.clicks)) for row in rows),
        key=lambda row: (-row.confirmed, row.label),
    )


def decline_reasons(session: Session, since: datetime) -> list[tuple[str, int]]:
    """How often each reason was given, the most frequent first."""
    rows = session.execute(
        select(Nudge.decline_reason, func.count())
        .where(Nudge.decline_reason.is_not(None), Nudge.sent_at >= since)
        .group_by(Nudge.decline_reason)
        .order_by(func.count().desc(), Nudge.decline_reason)
    )
    return [(reason, number) for reason, number in rows if reason]


def _steps(*labels: Any) -> Select[Any]:
    was_confirmed = Share.state == "confirmed"
    return select(
        *labels,
        func.count(Share.opened_at).label("opened"),
        func.count(case((was_confirmed, 1))).label("confirmed"),
        func.coalesce(func.sum(case((was_confirmed, Link.unique_clicks), else_=0)), 0).label("clicks"),
    ).join(Link, Link.code == Share.code)


def is_channel_used(session: Session, channel: str) -> bool:
    return session.scalar(select(Share.id).where(Share.channel == channel).limit(1)) is not None


def unit_sums(session: Session, unit_id: int, start: datetime, end: datetime) -> tuple[int, int, int, int]:
    """(sharers, shares, readers, shares in own words) of the unit in that time."""
    row = session.execute(
        select(
            func.count(Share.employee_id.distinct()), func.count(), func.coalesce(func.sum(Link.unique_clicks), 0),
            func.count(case((Share.own_words.is_(True), 1))),
        )
        .join(Link, Link.code == Share.code)
        .join(Employee, Employee.id == Share.employee_id)
        .where(
            Employee.unit_id == unit_id, Share.state == "confirmed", Share.confirmed_at >= start,
            Share.confirmed_at < end,
        )
    ).one()  # fmt: skip
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def sharers_of(session: Session, unit_id: int, since: datetime, limit: int) -> list[Employee]:
    """Active people of the unit who have shared since then, by id."""
    shared = select(Share.employee_id).where(Share.state == "confirmed", Share.confirmed_at >= since)
    found = select(Employee).where(Employee.unit_id == unit_id, Employee.state == "active", Employee.id.in_(shared))
    return list(session.scalars(found.order_by(Employee.id).limit(limit)).unique())


@dataclass(frozen=True, slots=True)
class Ranked:
    """Somebody who asked to be listed."""

    name: str
    shares: int
    readers: int


def ranking(session: Session, since: datetime, limit: int) -> list[Ranked]:
    """Only people who opted in; most readers first."""
    readers = func.coalesce(func.sum(Link.unique_clicks), 0)
    rows = session.execute(
        select(Employee.name, func.count(Share.id), readers)
        .outerjoin(
            Share,
            (Share.employee_id == Employee.id) & (Share.state == "confirmed") & (Share.confirmed_at >= since),
        )
        .outerjoin(Link, Link.code == Share.code)
        .where(Employee.ranking_wanted.is_(True), Employee.state == "active")
        .group_by(Employee.id, Employee.name)
        .order_by(readers.desc(), Employee.name)
        .limit(limit)
    )
    return [Ranked(name, int(number), int(read)) for name, number, read in rows]


# Built once: in a wave they run for every few messages.
_TABLE = Nudge.__table__
# Of posts and people only what a nudge's card asks for; the rest is looked up should anybody else want it.
_POST = (
    Post.url, Post.title, Post.summary, Post.source, Post.image_url, Post.topic, Post.language, Post.unit_id,
    Post.state, Post.embargo_until, Post.expires_at,
)  # fmt: skip
_PERSON = (
    Employee.name, Employee.language, Employee.time_zone, Employee.country, Employee.unit_id, Employee.state,
    Employee.nudges_wanted, Employee.nudges_paused_until, Employee.away_until,
)  # fmt: skip
_SOME = (
    select(Nudge)
    .where(Nudge.id.in_(bindparam("ids", expanding=True)))
    .options(
        joinedload(Nudge.post, innerjoin=True).load_only(*_POST),
        joinedload(Nudge.employee, innerjoin=True).options(load_only(*_PERSON), lazyload(Employee.unit)),
    )
)
_OVERTAKEN = (
    select(_TABLE.c.id)
    .join(Post.__table__)
    .where(_TABLE.c.id.in_(bindparam("ids", expanding=True)), Post.state.in_([EXPIRED, RECALLED]))
)
_ARRIVED = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(_TABLE.c.id == bindparam("row"))
    .values(
        workspace_id=bindparam("where_to"), message=bindparam("said"),
        sent_at=func.coalesce(_TABLE.c.sent_at, bindparam("now", type_=Utc())),
        state=case((_TABLE.c.state == PLANNED, SENT), else_=_TABLE.c.state),
    )
)  # fmt: skip
