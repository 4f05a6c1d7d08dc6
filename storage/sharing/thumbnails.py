"""The small picture of a post's page, made once and kept here: whoever looks through the library asks the hosts of
posts for nothing."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc
from storage.sharing.posts import Post

MEDIA_TYPE = "image/jpeg"
MOST_TRIES, AGAIN_AFTER = 3, timedelta(hours=6)


class Thumbnail(Base):
    """`content` is a JPEG; None: the picture could not be read, so far."""

    __tablename__ = "post_thumbnails"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(PlainText)  # of the picture that it was made of
    key: Mapped[str] = mapped_column(unique=True)  # the secret in its own address
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    is_made: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime] = mapped_column(Utc)

    @property
    def path(self) -> str:
        """Where it is served, under the installation's own address."""
        return f"/pictures/{self.key}.jpg"


def to_make(session: Session, now: datetime, limit: int = 10, *, of: int | None = None) -> list[tuple[int, str]]:
    """(post, address of its page's picture) of those that have none of it, the newest first; a picture that cannot be
    read is not tried for ever. With `of` that post alone."""
    is_missing = Thumbnail.post_id.is_(None)
    is_another = Thumbnail.address != Post.image_url
    is_due = Thumbnail.is_made.is_(False) & (Thumbnail.tries < MOST_TRIES) & (Thumbnail.tried_at < now - AGAIN_AFTER)
    query = (
        select(Post.id, Post.image_url)
        .outerjoin(Thumbnail, Thumbnail.post_id == Post.id)
        .where(Post.image_url.is_not(None), Post.cover.is_(None), or_(is_missing, is_another, is_due))
        .order_by(Post.id.desc())
        .limit(limit)
    )
    rows = session.execute(query if of is None else query.where(Post.id == of))
    return [(post, address) for post, address in rows if address]


def begin(session: Session, post_id: int, address: str, *, now: datetime) -> None:
    """Count the try, whatever becomes of it."""
    row = session.get(Thumbnail, post_id)
    if row is None:
        row = Thumbnail(post_id=post_id, tries=0)
        session.add(row)
    is_another = row.address != address
    if is_another:
        row.address, row.tries, row.content, row.is_made = address, 0, None, False
        row.key = secrets.token_urlsafe(16)
    row.tries, row.tried_at = row.tries + 1, now


def keep(session: Session, post_id: int, address: str, content: bytes) -> None:
    """Unless the post has another picture by now."""
    row = session.get(Thumbnail, post_id)
    if row is not None and row.address == address:
        row.content, row.is_made = content, True


def paths(session: Session, post_ids: Collection[int]) -> dict[int, str]:
    """Addresses by post, of those whose small picture is made."""
    found = session.scalars(select(Thumbnail).where(Thumbnail.post_id.in_(post_ids), Thumbnail.is_made.is_(True)))
    return {row.post_id: row.path for row in found}


def by_key(session: Session, key: str) -> tuple[Post, bytes] | None:
    """The post and its small picture."""
    row = session.scalar(select(Thumbnail).where(Thumbnail.key == key, Thumbnail.is_made.is_(True)))
    return (session.get_one(Post, row.post_id), row.content or b"") if row is not None else None
