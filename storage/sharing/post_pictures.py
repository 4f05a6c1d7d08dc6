"""A post's own pictures: made anew when they came, and served under our own address."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, PlainText

if TYPE_CHECKING:
    from storage.sharing.posts import Post

SMALL = ".small"  # behind the key, in the address of the one for cards
MOST = 4  # of one post; what Bluesky and Mastodon take


class PostPicture(Base):
    """Sides in pixels. `key` is the secret in its address, so that nobody sees a post's picture before the post."""

    __tablename__ = "post_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    alt: Mapped[str] = mapped_column(PlainText, default="")  # what it shows, for those who do not see it
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # for cards

    post: Mapped[Post] = relationship(back_populates="pictures")

    @property
    def path(self) -> str:
        """Where it is served, under the installation's own address."""
        return f"/pictures/{self.key}.jpg"

    @property
    def small_path(self) -> str:
        return f"/pictures/{self.key}{SMALL}.jpg"


def add(
    session: Session,
    post: Post,
    *,
    content: bytes,
    small: bytes,
    media_type: str,
    width: int,
    height: int,
    alt: str = "",
) -> PostPicture:
    """The post's next picture, behind those that it has."""
    picture = PostPicture(
        position=max((one.position for one in post.pictures), default=0) + 1,
        key=secrets.token_urlsafe(16),
        alt=alt,
        media_type=media_type,
        width=width,
        height=height,
        content=content,
        small=small,
    )
    post.pictures.append(picture)
    _set_cover(post)
    session.flush()
    return picture


def remove(session: Session, picture: PostPicture) -> None:
    post = picture.post
    post.pictures.remove(picture)
    session.delete(picture)
    _set_cover(post)
    session.flush()


def by_key(session: Session, key: str) -> PostPicture | None:
    return session.scalar(select(PostPicture).where(PostPicture.key == key))


def _set_cover(post: Post) -> None:
    post.cover = post.pictures[0].small_path if post.pictures else None
