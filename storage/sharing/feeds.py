"""Feeds that bring drafts, and when each is due to be read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc
from storage.sharing.posts import Post


class Feed(Base):
    __tablename__ = "feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(PlainText, default="")
    language: Mapped[str | None]
    topic: Mapped[str | None] = mapped_column(PlainText)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    poll_after: Mapped[datetime] = mapped_column(Utc, index=True)
    polled_at: Mapped[datetime | None] = mapped_column(Utc)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


def feeds_due(session: Session, now: datetime, limit: int = 500) -> list[Feed]:
    return list(session.scalars(select(Feed).where(Feed.poll_after <= now).order_by(Feed.poll_after).limit(limit)))


def listed(session: Session) -> list[tuple[Feed, int]]:
    """Every feed with how many posts it has brought, by title."""
    brought = (
        select(Post.feed_id, func.count().label("number")).where(Post.feed_id.is_not(None)).group_by(Post.feed_id)
    ).subquery()
    rows = session.execute(
        select(Feed, func.coalesce(brought.c.number, 0))
        .outerjoin(brought, brought.c.feed_id == Feed.id)
        .order_by(Feed.title, Feed.url)
    )
    return [(feed, int(number)) for feed, number in rows]


def add(session: Session, url: str, *, poll_after: datetime) -> Feed:
    """It is read at the first tick after that."""
    feed = Feed(url=url, poll_after=poll_after)
    session.add(feed)
    session.flush()
    return feed


def remove(session: Session, feed: Feed) -> None:
    """What it has brought stays."""
    session.execute(update(Post).where(Post.feed_id == feed.id).values(feed_id=None))
    session.delete(feed)


def feed_by_url(session: Session, url: str) -> Feed | None:
    return session.scalar(select(Feed).where(Feed.url == url))
