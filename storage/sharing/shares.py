"""Shares: what came of nudges, and of people's own picks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, and_, case, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc, advance
from storage.people.employees import Employee, EmployeeState
from storage.sharing import links
from storage.sharing.links import TrackedLink
from storage.sharing.nudges import IS_NUDGE, Nudge
from storage.sharing.posts import Post
from storage.sharing.social_channels import SocialChannel


class ShareState(StrEnum):
    """The state of a share. Opened: the channel's share page was opened, which is no share yet."""

    PREPARED = "prepared"
    OPENED = "opened"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


class Share(Base):
    """An employee's act of sharing a post in a channel.

    `prepared` → `opened` (the channel's share page was opened, which is no share) → `confirmed` (the
    person said "posted"); `undone` when they took it back.
    """

    __tablename__ = "shares"
    __table_args__ = (Index("ix_shares_post", "post_id", "state"), Index("ix_shares_confirmed_at", "confirmed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    nudge_id: Mapped[int] = mapped_column(ForeignKey("nudges.id"), index=True)
    channel: Mapped[str]
    language: Mapped[str]
    text: Mapped[str] = mapped_column(PlainText)
    own_words: Mapped[bool]
    state: Mapped[ShareState] = mapped_column(OneOf(ShareState), default=ShareState.PREPARED)
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
    link: Mapped[TrackedLink] = relationship(lazy="joined")
    social: Mapped[SocialChannel | None] = relationship(
        primaryjoin="foreign(Share.channel) == SocialChannel.id", viewonly=True
    )

    @property
    def is_confirmed(self) -> bool:
        return self.state == ShareState.CONFIRMED

    def link_in(self, base_url: str) -> str:
        """Its tracked link; "" where the post leads nowhere."""
        return f"{base_url}/r/{self.code}" if self.link.target else ""

    def open_page(self, now: datetime) -> None:
        """The channel's share page was opened: no share yet."""
        self.opened_at = self.opened_at or now
        if self.state == ShareState.PREPARED:
            self.state = ShareState.OPENED

    def confirm(self, now: datetime) -> None:
        """The person says that it is posted."""
        advance(self, ShareState.CONFIRMED, after=(ShareState.PREPARED, ShareState.OPENED, ShareState.UNDONE))
        self.nudge.take()
        self.confirmed_at = self.link.posted_at = now
        self.opened_at = self.opened_at or now  # nobody posts what they have not opened
        self.clicks_shown = self.link.unique_clicks

    def wait(self) -> None:
        """Not posted yet, after all."""
        before = ShareState.OPENED if self.opened_at else ShareState.PREPARED
        advance(self, before, after=(ShareState.PREPARED, ShareState.OPENED, ShareState.CONFIRMED))
        self.confirmed_at = None

    def undo(self) -> None:
        """The person took it back; its post is offered again."""
        advance(self, ShareState.UNDONE, after=tuple(ShareState))
        self.confirmed_at = None
        self.nudge.offer_again()


def share(session: Session, share_id: int) -> Share | None:
    return session.get(Share, share_id)


def share_by_opener(session: Session, opener: str) -> Share | None:
    return session.scalar(select(Share).where(Share.opener == opener))


def share_by_code(session: Session, code: str) -> Share | None:
    return session.scalar(select(Share).where(Share.code == code))


def latest_share(session: Session, nudge_id: int) -> Share | None:
    return session.scalar(select(Share).where(Share.nudge_id == nudge_id).order_by(Share.id.desc()).limit(1))


def shares_of(session: Session, employee_id: int, limit: int = 20) -> list[Share]:
    return list(
        session.scalars(
            select(Share)
            .where(Share.employee_id == employee_id, Share.state != ShareState.UNDONE)
            .order_by(Share.id.desc())
            .limit(limit)
        )
    )


def posts_shared(session: Session, employee_id: int) -> set[int]:
    """What the person has posted about, each in the language of the post."""
    posted = (Share.employee_id == employee_id) & (Share.state == ShareState.CONFIRMED)
    return set(session.scalars(select(Share.post_id).where(posted)))


def shares_of_post(session: Session, post_id: int) -> list[Share]:
    return list(session.scalars(select(Share).where(Share.post_id == post_id)))


def texts_of_colleagues(session: Session, post_id: int, employee_id: int) -> list[str]:
    """What others have written about the post, to keep a company from posting one text many times."""
    return list(
        session.scalars(
            select(Share.text).where(
                Share.post_id == post_id, Share.employee_id != employee_id, Share.state != ShareState.UNDONE
            )
        )
    )


def take_news(session: Session, limit: int = 200) -> list[Share]:
    """Confirmed shares whose card shows fewer unique clicks than there are; each is given once."""
    codes = links.take_news(session, limit)
    found = select(Share).join(Share.link).join(Share.nudge).where(Share.code.in_(codes), _shows_fewer_clicks())
    return list(session.scalars(found))


def recall_news(session: Session) -> None:
    """Have `take_news` give all that a version which does not note news has left out."""
    codes = select(Share.code).join(Share.link).join(Share.nudge).where(_shows_fewer_clicks())
    session.execute(update(TrackedLink).where(TrackedLink.code.in_(codes)).values(has_news=True))


def _shows_fewer_clicks() -> ColumnElement[bool]:
    return and_(
        Share.state == ShareState.CONFIRMED,
        Nudge.message.is_not(None),
        TrackedLink.unique_clicks > Share.clicks_shown,
    )


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
            .where(Nudge.sent_at >= since, IS_NUDGE)
            .group_by(Post.id, Post.title)
        )
    }
    shared = {
        row.id: row
        for row in session.execute(
            _steps(Post.id, Post.title).join(Share.post).where(Share.created_at >= since).group_by(Post.id, Post.title)
        )
    }
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
    return _by_channel(session, Share.created_at >= since)


def of_post_by_channel(session: Session, post_id: int) -> list[FunnelRow]:
    """What came of the post in each channel; nudges have no channel and are not counted here."""
    return _by_channel(session, Share.post_id == post_id)


def _by_channel(session: Session, which: ColumnElement[bool]) -> list[FunnelRow]:
    rows = session.execute(_steps(Share.channel).where(which).group_by(Share.channel))
    return sorted(
        (FunnelRow(row.channel, 0, int(row.opened), int(row.confirmed), int(row.clicks)) for row in rows),
        key=lambda row: (-row.confirmed, row.label),
    )


def _steps(*labels: Any) -> Select[Any]:
    was_confirmed = Share.state == ShareState.CONFIRMED
    return select(
        *labels,
        func.count(Share.opened_at).label("opened"),
        func.count(case((was_confirmed, 1))).label("confirmed"),
        func.coalesce(func.sum(case((was_confirmed, TrackedLink.unique_clicks), else_=0)), 0).label("clicks"),
    ).join(TrackedLink, TrackedLink.code == Share.code)


def is_channel_used(session: Session, channel: str) -> bool:
    return session.scalar(select(Share.id).where(Share.channel == channel).limit(1)) is not None


def unit_sums(session: Session, unit_id: int, start: datetime, end: datetime) -> tuple[int, int, int, int]:
    """(sharers, shares, readers, shares in own words) of the unit in that time."""
    row = session.execute(
        select(
            func.count(Share.employee_id.distinct()),
            func.count(),
            func.coalesce(func.sum(TrackedLink.unique_clicks), 0),
            func.count(case((Share.own_words.is_(True), 1))),
        )
        .join(TrackedLink, TrackedLink.code == Share.code)
        .join(Employee, Employee.id == Share.employee_id)
        .where(
            Employee.unit_id == unit_id,
            Share.state == ShareState.CONFIRMED,
            Share.confirmed_at >= start,
            Share.confirmed_at < end,
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def sharers_of(session: Session, unit_id: int, since: datetime, limit: int) -> list[Employee]:
    """Active people of the unit who have shared since then, by id."""
    shared = select(Share.employee_id).where(Share.state == ShareState.CONFIRMED, Share.confirmed_at >= since)
    found = select(Employee).where(
        Employee.unit_id == unit_id, Employee.state == EmployeeState.ACTIVE, Employee.id.in_(shared)
    )
    return list(session.scalars(found.order_by(Employee.id).limit(limit)).unique())


@dataclass(frozen=True, slots=True)
class RankedPerson:
    """Somebody who asked to be listed."""

    name: str
    shares: int
    readers: int


def ranking(session: Session, since: datetime, limit: int) -> list[RankedPerson]:
    """Only people who opted in; most readers first."""
    readers = func.coalesce(func.sum(TrackedLink.unique_clicks), 0)
    rows = session.execute(
        select(Employee.name, func.count(Share.id), readers)
        .outerjoin(
            Share,
            (Share.employee_id == Employee.id) & (Share.state == ShareState.CONFIRMED) & (Share.confirmed_at >= since),
        )
        .outerjoin(TrackedLink, TrackedLink.code == Share.code)
        .where(Employee.ranking_wanted.is_(True), Employee.state == EmployeeState.ACTIVE)
        .group_by(Employee.id, Employee.name)
        .order_by(readers.desc(), Employee.id)
        .limit(limit)
    )
    found = [RankedPerson(name, int(number), int(read)) for name, number, read in rows]
    return sorted(found, key=lambda person: (-person.readers, person.name))
