"""Feeds that bring drafts, and when each is due to be read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc


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


def feed_by_url(session: Session, url: str) -> Feed | None:
    return session.scalar(select(Feed).where(Feed.url == url))
