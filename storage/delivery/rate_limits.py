"""Rate-limit state that all processes share: one row a bucket.

A reservation is the generic cell rate algorithm (ITU-T I.371, "virtual scheduling"): a bucket remembers when it is
free next, and whoever speaks moves that moment on. All moments here are seconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Float, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, insert_into

FARTHEST = 3600.0  # seconds ahead that moments are reserved at most: waves keep to seconds
LONGEST_PAUSE = 3600.0  # seconds: a longer Retry-After is not believed


class RateLimitBucket(Base):
    """One bucket of a platform's limits: a workspace, or a conversation in it."""

    __tablename__ = "rate_limits"

    bucket: Mapped[str] = mapped_column(primary_key=True)  # "slack:T1", "slack:T1:D9"
    free_at: Mapped[float] = mapped_column(Float(53), default=0.0, index=True)
    paused_until: Mapped[float] = mapped_column(Float(53), default=0.0)


def reserve(session: Session, bucket: str, count: int, *, gap: float, burst: int = 1, now: float) -> list[float]:
    """Reserve the moments at which the next `count` may leave; returned in order.

    At most one every `gap` seconds, after `burst` at once.
    """
    if gap <= 0:
        return [max(now, paused_until(session, bucket))] * count
    row = _locked(session, bucket)
    moments: list[float] = []
    # What was not used is not saved up; what a machine with a wrong clock wrote holds nobody up for long.
    free = min(max(row.free_at, now - gap), now + FARTHEST)
    pause = min(row.paused_until, now + LONGEST_PAUSE)
    for _ in range(count):
        moments.append(max(now, pause, free - gap * (burst - 1)))
        free = max(free, moments[-1]) + gap
    row.free_at = free
    return moments


def paused_until(session: Session, bucket: str) -> float:
    """Until when the platform asked to pause the bucket (seconds since 1970); 0 if it did not."""
    return session.connection().scalar(_PAUSED, {"bucket": bucket}) or 0.0


def pause(session: Session, bucket: str, until: float) -> None:
    """Pause the whole bucket, as the platform asked; the longest pause holds."""
    row = _locked(session, bucket)
    row.paused_until = max(row.paused_until, until)


def reserve_conversations(
    session: Session, buckets: Sequence[str], moments: Sequence[float], gap: float
) -> list[float]:
    """`moments` put off so far that each conversation keeps its own gap (seconds); taken from now on."""
    if gap <= 0 or not buckets:
        return list(moments)
    names = sorted(set(buckets))
    _open(session, names)
    connection = session.connection()
    rows = connection.execute(
        select(RateLimitBucket.bucket, RateLimitBucket.free_at, RateLimitBucket.paused_until)
        .where(RateLimitBucket.bucket.in_(names))
        .order_by(RateLimitBucket.bucket)
        .with_for_update()
    )
    latest = max(moments, default=0.0) + FARTHEST
    free = {bucket: min(max(free_at, paused), latest) for bucket, free_at, paused in rows}
    put_off = []
    for bucket, moment in zip(buckets, moments, strict=True):
        put_off.append(max(moment, free[bucket]))
        free[bucket] = put_off[-1] + gap
    move = update(RateLimitBucket).where(RateLimitBucket.bucket == bindparam("b")).values(free_at=bindparam("f"))
    connection.execute(move, [{"b": name, "f": free[name]} for name in names])
    return put_off


def prune(session: Session, *, before: float) -> None:
    """Forget buckets that have been free for long: an unknown bucket is a free one."""
    session.execute(
        delete(RateLimitBucket).where(RateLimitBucket.free_at < before, RateLimitBucket.paused_until < before)
    )


def _locked(session: Session, bucket: str) -> RateLimitBucket:
    row = session.get(RateLimitBucket, bucket, with_for_update=True, populate_existing=True)
    if row is None:
        _open(session, [bucket])
        row = session.get_one(RateLimitBucket, bucket, with_for_update=True, populate_existing=True)
    return row


def _open(session: Session, buckets: Sequence[str]) -> None:
    """Insert missing buckets."""
    fresh = insert_into(session, RateLimitBucket).values(bucket=bindparam("b"), free_at=0.0, paused_until=0.0)
    session.connection().execute(fresh.on_conflict_do_nothing(), [{"b": bucket} for bucket in buckets])


# Built once: it is asked before every few messages.
_PAUSED = select(RateLimitBucket.paused_until).where(RateLimitBucket.bucket == bindparam("bucket"))
