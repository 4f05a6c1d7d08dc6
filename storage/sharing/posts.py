"""Posts and all that belongs to them: captions, feeds, social-media channels, phrases to avoid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, cast, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc, advance
from storage.people.employees import Employee
from storage.sharing.post_pictures import PostPicture
from storage.sharing.topic_names import TopicName


class CaptionState(StrEnum):
    """A proposed caption is offered to nobody."""

    APPROVED = "approved"
    PROPOSED = "proposed"


class PostState(StrEnum):
    """The state of a post."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    LIVE = "live"
    EXPIRED = "expired"
    RECALLED = "recalled"
    DECLINED = "declined"


MOST_TRIES = 3  # at reading the page of a post
UNDECIDED = (PostState.DRAFT, PostState.IN_REVIEW)


class Post(Base):
    __tablename__ = "posts"
    __table_args__ = (Index("ix_posts_state", "state", "embargo_until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(PlainText)  # of the page that it is about; "": there is none
    canonical_url: Mapped[str | None] = mapped_column(PlainText, unique=True)
    video_url: Mapped[str] = mapped_column(PlainText, default="")  # of a video, watched where it stands
    title: Mapped[str] = mapped_column(PlainText)
    summary: Mapped[str] = mapped_column(PlainText, default="")
    excerpt: Mapped[str | None] = mapped_column(PlainText)  # the page's first paragraphs; None: not read yet
    image_url: Mapped[str | None] = mapped_column(PlainText)  # the page's own picture
    cover: Mapped[str | None]  # the path of the first of its own pictures, which take the place of the page's
    source: Mapped[str] = mapped_column(PlainText, default="")
    language: Mapped[str] = mapped_column(default="en")
    topic: Mapped[str] = mapped_column(PlainText, default="")
    state: Mapped[PostState] = mapped_column(OneOf(PostState), default=PostState.DRAFT)
    units: Mapped[list[int]] = mapped_column(JSON, default=list)  # whom it is for (`post_audiences`)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    interests: Mapped[list[str]] = mapped_column(JSON, default=list)
    story_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)  # that it tells, too
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)  # where it belongs; empty: anywhere
    priority: Mapped[int] = mapped_column(default=0)  # of its campaign: 0 usual, 1 high, 2 now
    goal: Mapped[str | None]  # that it serves
    activity: Mapped[str | None]  # that it belongs to: while it goes on, the post comes first
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("feeds.id"))
    suggested_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    suggestion_note: Mapped[str] = mapped_column(PlainText, default="")
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)  # who has written what nobody else has approved yet
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    decline_reason: Mapped[str] = mapped_column(PlainText, default="")
    published_at: Mapped[datetime | None] = mapped_column(Utc)
    created_at: Mapped[datetime] = mapped_column(Utc)
    page_read: Mapped[bool] = mapped_column(default=True)  # False: its page is still to be asked for details
    page_tries: Mapped[int] = mapped_column(default=0)  # how often that was begun
    embargo_until: Mapped[datetime | None] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)

    suggested_by: Mapped[Employee | None] = relationship(foreign_keys=[suggested_by_id])
    topic_names: Mapped[list[TopicName]] = relationship(
        primaryjoin="foreign(TopicName.topic) == Post.topic", viewonly=True, uselist=True
    )
    captions: Mapped[list[Caption]] = relationship(back_populates="post", order_by="Caption.id")
    pictures: Mapped[list[PostPicture]] = relationship(back_populates="post", order_by="PostPicture.position")

    @property
    def story(self) -> int:
        """The id of the first of the posts that tell the same in several languages."""
        return self.story_id or self.id

    @property
    def target(self) -> str:
        """Where its links lead; "" where there is nothing to link to."""
        return self.url or self.video_url

    @property
    def own_pictures(self) -> list[PostPicture]:
        """Without asking the database where it has none."""
        return self.pictures if self.cover else []

    @property
    def picture(self) -> str | None:
        """Its own first picture, as a path under our own address, else the address of its page's."""
        return self.cover or self.image_url

    def topic_in(self, language: str) -> str:
        """What its topic is called there; "" where it has none."""
        if not self.topic:  # its names are not looked up
            return ""
        return next((one.name for one in self.topic_names if one.language == language), self.topic)

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    def write(self, by: Employee) -> None:
        """`by` has composed it, or changed it."""
        before = self.writers if self.is_undecided else []
        self.writers = [*(one for one in before or () if one != by.id), by.id]

    def may_be_approved_by(self, person: Employee) -> bool:
        """Whether the person has neither written nor suggested any of it."""
        return person.id not in (self.writers or ()) and person.id != self.suggested_by_id

    def send_to_review(self) -> None:
        """Before the leads' eyes: a draft, or what was live in a channel that is no more."""
        advance(self, PostState.IN_REVIEW, after=(*UNDECIDED, PostState.LIVE))

    def approve(self, *, by: Employee, now: datetime, lifetime: timedelta) -> None:
        """Live from now on, or from its embargo on, for `lifetime` unless its end is set already."""
        advance(self, PostState.LIVE, after=UNDECIDED)
        self._decided(by, now)
        if self.expires_at is None:
            self.end_after(now, lifetime)

    def end_after(self, now: datetime, lifetime: timedelta) -> None:
        """It can be shared for `lifetime`, from now or from its embargo on."""
        self.expires_at = max(now, self.embargo_until or now) + lifetime

    def is_scheduled(self, now: datetime | None) -> bool:
        """Whether its time has yet to come. `now`: None in samples, where it is not."""
        return self.embargo_until is not None and now is not None and self.embargo_until > now

    def decline(self, reason: str, *, by: Employee, now: datetime) -> None:
        advance(self, PostState.DECLINED, after=UNDECIDED)
        self._decided(by, now)
        self.decline_reason = reason

    def undecide(self) -> None:
        """A decision taken back: it waits for approval again."""
        advance(self, PostState.IN_REVIEW, after=(PostState.LIVE, PostState.DECLINED))
        self.decided_by_id = self.decided_at = None
        self.decline_reason = ""

    def recall(self, *, by: Employee, now: datetime) -> None:
        advance(self, PostState.RECALLED, after=(PostState.LIVE,))
        self._decided(by, now)

    def put_back(self, *, by: Employee, now: datetime) -> None:
        """A recall taken back."""
        advance(self, PostState.LIVE, after=(PostState.RECALLED,))
        self._decided(by, now)

    def expire(self) -> None:
        advance(self, PostState.EXPIRED, after=(PostState.LIVE,))

    def _decided(self, by: Employee, now: datetime) -> None:
        self.decided_by_id, self.decided_at = by.id, now

    def is_shareable(self, now: datetime) -> bool:
        """Live, past its embargo and not yet expired."""
        return (
            self.state == PostState.LIVE
            and (self.embargo_until is None or self.embargo_until <= now)
            and (self.expires_at is None or self.expires_at > now)
        )


class Caption(Base):
    """A starter written for one post, channel and language; `kind` is question, experience or plain.

    Drafted by the model server it is `proposed` until a lead approves it, and nobody is offered it before.
    """

    __tablename__ = "captions"
    __table_args__ = (Index("ix_captions_post", "post_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    channel: Mapped[str | None]  # None: for any channel
    language: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(PlainText)
    tone: Mapped[str] = mapped_column(default="")  # warm, factual …, where it was drafted
    state: Mapped[CaptionState] = mapped_column(OneOf(CaptionState), default=CaptionState.APPROVED)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))  # of a drafted one: who read it
    approved_at: Mapped[datetime | None] = mapped_column(Utc)

    post: Mapped[Post] = relationship(back_populates="captions")
    approved_by: Mapped[Employee | None] = relationship(foreign_keys=[approved_by_id])

    @property
    def is_drafted(self) -> bool:
        """A language model wrote it."""
        return bool(self.tone)

    def approve(self, *, by: Employee, now: datetime) -> None:
        """People are offered it from now on; `by` has read it and answers for it."""
        if self.state == CaptionState.PROPOSED:
            self.state, self.approved_by, self.approved_at = CaptionState.APPROVED, by, now


def post(session: Session, post_id: int) -> Post | None:
    return session.get(Post, post_id)


def caption(session: Session, caption_id: int) -> Caption | None:
    return session.get(Caption, caption_id)


def newest_live(session: Session, now: datetime) -> datetime | None:
    """When the newest of the posts that may be shared went live; None when there is none."""
    live = [
        max(row.decided_at or row.created_at, row.embargo_until or row.created_at) for row in shareable(session, now)
    ]
    return max(live, default=None)


def some(session: Session, post_ids: Iterable[int]) -> list[Post]:
    return list(session.scalars(select(Post).where(Post.id.in_(list(post_ids)))))


def starting_between(session: Session, start: datetime, end: datetime) -> list[Post]:
    """Approved posts that can be shared from some moment in that time on."""
    coming = select(Post).where(Post.state == PostState.LIVE, Post.embargo_until >= start, Post.embargo_until < end)
    return list(session.scalars(coming.order_by(Post.embargo_until, Post.id)))


def ending_between(session: Session, start: datetime, end: datetime) -> list[Post]:
    """Approved posts that can be shared until some moment in that time."""
    ending = select(Post).where(Post.state == PostState.LIVE, Post.expires_at >= start, Post.expires_at < end)
    return list(session.scalars(ending.order_by(Post.expires_at, Post.id)))


def versions(session: Session, post: Post) -> list[Post]:
    """The post and those that tell the same in other languages."""
    same = or_(Post.id == post.story, Post.story_id == post.story)
    return list(session.scalars(select(Post).where(same).order_by(Post.id)))


def by_canonical_url(session: Session, canonical_url: str) -> Post | None:
    return session.scalar(select(Post).where(Post.canonical_url == canonical_url))


def listed(session: Session, *, state: str | None = None, limit: int = 1000) -> list[Post]:
    query = select(Post).order_by(Post.id.desc()).limit(limit)
    return list(session.scalars(query if state is None else query.where(Post.state == state)))


def topics(session: Session) -> list[str]:
    """What there are posts about."""
    return list(session.scalars(select(Post.topic).where(Post.topic != "").distinct().order_by(Post.topic)))


def shareable(session: Session, now: datetime) -> list[Post]:
    """Posts that may be offered now, the newest first."""
    query = select(Post).where(*may_be_shared(now))
    return list(session.scalars(query.order_by(Post.decided_at.desc(), Post.id.desc())))


def may_be_shared(now: Any) -> tuple[ColumnElement[bool], ...]:
    """`Post.is_shareable` for a query."""
    return (
        Post.state == PostState.LIVE,
        or_(Post.embargo_until.is_(None), Post.embargo_until <= now),
        or_(Post.expires_at.is_(None), Post.expires_at > now),
    )


def overdue(session: Session, now: datetime) -> Iterable[Post]:
    """Live posts whose time is over."""
    return session.scalars(select(Post).where(Post.state == PostState.LIVE, Post.expires_at <= now))


def to_complete(session: Session, limit: int = 20) -> list[Post]:
    """Drafts whose page is still to be read, and what went live without its page ever having been."""
    is_draft = (Post.state == PostState.DRAFT) & Post.page_read.is_(False)
    lacks_excerpt = (Post.state == PostState.LIVE) & Post.excerpt.is_(None) & (Post.page_tries < MOST_TRIES)
    return list(session.scalars(select(Post).where(or_(is_draft, lacks_excerpt)).order_by(Post.id).limit(limit)))


def to_review(session: Session, limit: int) -> list[Post]:
    """Drafts ready for a lead's eyes: suggestions of colleagues first, then the newest."""
    return list(
        session.scalars(
            select(Post)
            .where(Post.state == PostState.DRAFT, Post.page_read.is_(True))
            .order_by(Post.suggested_by_id.is_(None), Post.published_at.desc(), Post.id)
            .limit(limit)
        )
    )


def waiting(session: Session, limit: int) -> list[Post]:
    """What waits for a lead's eyes: in review first, then drafts that are ready."""
    in_review = select(Post).where(Post.state == PostState.IN_REVIEW).order_by(Post.id).limit(limit)
    found = list(session.scalars(in_review))
    return found + to_review(session, limit - len(found)) if len(found) < limit else found


def number_waiting(session: Session) -> int:
    """How many posts wait for a lead's eyes."""
    query = select(func.count()).select_from(Post)
    return session.scalar(query.where(is_waiting())) or 0


def is_waiting() -> ColumnElement[bool]:
    """For a query: whether a lead is to decide on it."""
    return (Post.state == PostState.IN_REVIEW) | ((Post.state == PostState.DRAFT) & Post.page_read.is_(True))


def page(session: Session, *, state: str | None, before_id: int, limit: int) -> list[Post]:
    """The newest first; with `before_id` those older than it."""
    query = select(Post).order_by(Post.id.desc()).limit(limit)
    query = query if state is None else query.where(Post.state == state)
    return list(session.scalars(query.where(Post.id < before_id) if before_id else query))


def number_in(session: Session, state: str) -> int:
    return session.scalar(select(func.count()).select_from(Post).where(Post.state == state)) or 0


def meant_for(session: Session, channel: str) -> list[Post]:
    """Drafts and live posts that are limited to some channels, that one among them."""
    current = (
        select(Post).where(Post.state.in_([PostState.DRAFT, PostState.IN_REVIEW, PostState.LIVE])).order_by(Post.id)
    )
    return [row for row in session.scalars(current) if channel in row.channels]


def serving(session: Session, goal: str) -> list[int]:
    """Posts of that goal, by id."""
    return list(session.scalars(select(Post.id).where(Post.goal == goal).order_by(Post.id)))


def name_topic(session: Session, topic: str, language: str, name: str) -> None:
    """From now on the topic is called `name` there, and what was a topic of that name is the same one: of posts, and
    among what people want and decline."""
    session.execute(delete(TopicName).where(TopicName.language == language, TopicName.name == name))
    session.merge(TopicName(topic=topic, language=language, name=name))
    if name == topic:
        return
    session.execute(update(Post).where(Post.topic == name).values(topic=topic))
    for column in (Employee.topics_declined, Employee.topics_wanted):
        for person in session.scalars(select(Employee).where(cast(column, String) != "[]")).unique():
            held = getattr(person, column.key)
            if name in held:
                setattr(person, column.key, list(dict.fromkeys(topic if one == name else one for one in held)))
    session.flush()
