"""Tracked links and their clicks: raw, automated and unique, with no address of a visitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, LargeBinary, bindparam, delete, literal_column, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc, insert_into, new_rows

_HAS_NEWS = text("has_news")


class TrackedLink(Base):
    __tablename__ = "links"
    __table_args__ = (Index("ix_links_news", "code", sqlite_where=_HAS_NEWS, postgresql_where=_HAS_NEWS),)

    code: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(PlainText)  # validated when it was stored; never taken from a request
    live: Mapped[bool] = mapped_column(default=True)  # the recall switch
    created_at: Mapped[datetime] = mapped_column(Utc)
    posted_at: Mapped[datetime | None] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    raw_clicks: Mapped[int] = mapped_column(default=0)
    automated_clicks: Mapped[int] = mapped_column(default=0)
    unique_clicks: Mapped[int] = mapped_column(default=0)
    has_news: Mapped[bool] = mapped_column(default=False)  # unique clicks that no card was told of yet


class Visit(Base):
    """One visitor of one link on one day; the hash is salted anew each day and the salt destroyed."""

    __tablename__ = "visits"

    code: Mapped[str] = mapped_column(primary_key=True)
    visitor: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)


class DailySalt(Base):
    __tablename__ = "daily_salts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Click:
    """One GET of a tracked link. `visitor` is None where it was automated."""

    code: str
    day: date
    visitor: bytes | None


def link(session: Session, code: str) -> TrackedLink | None:
    return session.get(TrackedLink, code)


def record_clicks(session: Session, clicks: Sequence[Click]) -> None:
    """Add `clicks` to the counters; the same visitor of a link counts once a day as unique."""
    visits = {(click.code, click.visitor): click.day for click in clicks if click.visitor is not None}
    unique: Counter[str] = Counter()
    connection = session.connection()
    if visits:
        rows = [{"code": code, "visitor": visitor, "day": day} for (code, visitor), day in visits.items()]
        unique.update(connection.scalars(_VISIT[connection.dialect.name], rows))
    raw = Counter(click.code for click in clicks)
    automated = Counter(click.code for click in clicks if click.visitor is None)
    connection.execute(
        _COUNT, [{"of": code, "r": raw[code], "a": automated[code], "u": unique[code]} for code in sorted(raw)]
    )


def salt_of(session: Session, day: date, fresh: bytes) -> bytes:
    """The salt of `day`, shared by all processes; `fresh` becomes it if the day has none yet."""
    session.execute(insert_into(session, DailySalt).values(day=day, salt=fresh).on_conflict_do_nothing())
    return session.scalars(select(DailySalt.salt).where(DailySalt.day == day)).one()


def destroy_salts(session: Session, before: date) -> None:
    """Forget the salts and visitor hashes of days before `before`: counts stay, nobody can be traced."""
    session.execute(delete(DailySalt).where(DailySalt.day < before))
    session.execute(delete(Visit).where(Visit.day < before))


def take_news(session: Session, limit: int) -> list[str]:
    """Links that were followed since they were taken last: their codes."""
    codes = list(session.scalars(select(TrackedLink.code).where(literal_column("has_news")).limit(limit)))
    session.execute(update(TrackedLink).where(TrackedLink.code.in_(codes)).values(has_news=False))
    return codes


def set_live(session: Session, codes: Iterable[str], *, live: bool) -> None:
    """Whether these links lead to their targets, or nowhere."""
    session.execute(update(TrackedLink).where(TrackedLink.code.in_(list(codes))).values(live=live))


# Built once: they run fifty times a second.
_VISIT = new_rows(Visit, Visit.code)
_COUNT = (
    update(TrackedLink.__table__)  # type: ignore[arg-type]
    .where(TrackedLink.code == bindparam("of"))
    .values(
        raw_clicks=TrackedLink.raw_clicks + bindparam("r"),
        automated_clicks=TrackedLink.automated_clicks + bindparam("a"),
        unique_clicks=TrackedLink.unique_clicks + bindparam("u"),
        has_news=TrackedLink.has_news | (bindparam("u", type_=Integer) > 0),
    )
)
