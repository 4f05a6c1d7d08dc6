"""The library: posts as they are looked for, a page at a time by key, and what came of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from storage.sharing.links import TrackedLink
from storage.sharing.nudges import IS_NUDGE, Nudge
from storage.sharing.posts import Post, PostState, is_waiting
from storage.sharing.shares import Share, ShareState


class Shelf(StrEnum):
    """Which posts are meant."""

    ALL = ""
    WAITING = "waiting"  # for a lead to decide
    LIVE = "live"
    SCHEDULED = "scheduled"  # approved, and not yet to be shared
    ENDED = "ended"  # expired, withdrawn, declined


class Order(StrEnum):
    """What comes first."""

    BY_NEED = ""  # what waits for a decision, then what is out, what is to come, what is over
    NEWEST = "newest"
    SHARED = "shared"  # most often


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """`unit` by id; `after`: the key of the last post of the page before."""

    shelf: Shelf = Shelf.ALL
    words: str = ""
    topic: str = ""
    language: str = ""
    unit: int = 0
    order: Order = Order.BY_NEED
    after: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a post so far."""

    nudged: int = 0
    shared: int = 0
    readers: int = 0


@dataclass(frozen=True, slots=True)
class LibraryPage:
    posts: Sequence[Post] = ()
    following: str = ""  # the key that the next page goes on after; "" where this is the last


def page(session: Session, asked: LibraryQuery, *, now: datetime, limit: int) -> LibraryPage:
    """`limit` posts at most, in the order asked for."""
    key = _key(asked.order, now)
    query = _narrowed(select(Post, key), asked, now)
    if (after := _parsed(asked.after)) is not None:
        place = tuple_(key, Post.id)
        query = query.where(place < tuple_(literal(after[0]), literal(after[1])))
    rows = session.execute(query.order_by(key.desc(), Post.id.desc()).limit(limit + 1)).unique().all()
    shown = rows[:limit]
    following = f"{shown[-1][1]}.{shown[-1][0].id}" if len(rows) > limit else ""
    return LibraryPage([row[0] for row in shown], following)


def numbers(session: Session, *, now: datetime) -> dict[Shelf, int]:
    """How many posts are on each shelf."""
    counted = [func.count(case((_is_on(shelf, now), 1))) for shelf in Shelf]
    row = session.execute(select(*counted).select_from(Post)).one()
    return {shelf: int(number) for shelf, number in zip(Shelf, row, strict=True)}


def number(session: Session, asked: LibraryQuery, *, now: datetime) -> int:
    """How many posts are meant, on all pages."""
    return session.scalar(_narrowed(select(func.count()).select_from(Post), asked, now)) or 0


def results(session: Session, post_ids: Collection[int]) -> dict[int, Results]:
    """By post; those of which nothing came are left out."""
    sent = select(Nudge.post_id, func.count()).where(Nudge.post_id.in_(post_ids), Nudge.sent_at.is_not(None), IS_NUDGE)
    nudged = {post: int(count) for post, count in session.execute(sent.group_by(Nudge.post_id))}
    shares = (
        select(Share.post_id, func.count(), func.coalesce(func.sum(TrackedLink.unique_clicks), 0))
        .join(TrackedLink, TrackedLink.code == Share.code)
        .where(Share.post_id.in_(post_ids), Share.state == ShareState.CONFIRMED)
    )
    shared = {post: (int(count), int(read)) for post, count, read in session.execute(shares.group_by(Share.post_id))}
    return {post: Results(nudged.get(post, 0), *shared.get(post, (0, 0))) for post in {*nudged, *shared}}


def languages(session: Session) -> list[str]:
    """In which there are posts."""
    return list(session.scalars(select(Post.language).distinct().order_by(Post.language)))


def _narrowed(query: Select[*tuple[Any, ...]], asked: LibraryQuery, now: datetime) -> Select[*tuple[Any, ...]]:
    query = query.where(_is_on(asked.shelf, now))
    if asked.words:
        said = asked.words.lower()
        found = [
            func.lower(column).contains(said, autoescape=True) for column in (Post.title, Post.summary, Post.source)
        ]
        query = query.where(or_(*found))
    if asked.topic:
        query = query.where(Post.topic == asked.topic)
    if asked.language:
        query = query.where(Post.language == asked.language)
    if asked.unit:
        query = query.where(_holds(Post.units, asked.unit))
    return query


def _is_on(shelf: Shelf, now: datetime) -> ColumnElement[bool]:
    is_live, is_to_come = Post.state == PostState.LIVE, func.coalesce(Post.embargo_until > now, False)
    return {
        Shelf.ALL: Post.id.is_not(None),
        Shelf.WAITING: is_waiting(),
        Shelf.LIVE: is_live & ~is_to_come,
        Shelf.SCHEDULED: is_live & is_to_come,
        Shelf.ENDED: Post.state.in_([PostState.EXPIRED, PostState.RECALLED, PostState.DECLINED]),
    }[shelf]


def _key(order: Order, now: datetime) -> ColumnElement[int]:
    """A whole number by which the order goes, the greatest first."""
    if order == Order.BY_NEED:
        shelves = (Shelf.SCHEDULED, Shelf.LIVE, Shelf.WAITING)
        return case(*((_is_on(shelf, now), number) for number, shelf in enumerate(shelves, 1)), else_=0)
    if order == Order.SHARED:
        confirmed = select(func.count()).where(Share.post_id == Post.id, Share.state == ShareState.CONFIRMED)
        return confirmed.scalar_subquery()
    return literal(0)


def _parsed(key: str) -> tuple[int, int] | None:
    first, _, second = key.partition(".")
    is_one = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (first, second))
    return (int(first), int(second)) if is_one else None


def _holds(column: Any, value: int) -> ColumnElement[bool]:
    """Whether a JSON list of whole numbers holds that one."""
    written = cast(column, String)
    patterns = (f"[{value}]", f"[{value},%", f"%, {value}]", f"%, {value},%")
    return or_(*(written.like(pattern) for pattern in patterns))
