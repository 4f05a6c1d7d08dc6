"""What is listened to, and what was heard: sources, mentions, and where else the same was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import FOREVER, Base, OneOf, PlainText, Sealed, Utc, advance
from storage.core.on_time import on_time
from storage.people.employees import Employee
from storage.questions.topics import Topic
from storage.sharing.posts import Post


class ToneBy(StrEnum):
    """Who or what decided on a tone."""

    WORDS = "words"
    MODEL = "model"
    PERSON = "person"


class SourceState(StrEnum):
    """Whether a source is read."""

    ACTIVE = "active"
    PAUSED = "paused"


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    WEBHOOK = "webhook"


class MentionState(StrEnum):
    """The state of a mention."""

    NEW = "new"
    OPEN = "open"
    TAKEN = "taken"
    REPLIED = "replied"
    IRRELEVANT = "irrelevant"
    POSTED = "posted"


WITH_A_PERSON, SETTLED = (
    (MentionState.OPEN, MentionState.TAKEN),
    (MentionState.REPLIED, MentionState.IRRELEVANT, MentionState.POSTED),
)


class Tone(StrEnum):
    """The tone of what was said about the organisation."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


TONES = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)


class Source(Base):
    """Something that is listened to. `address`: of a feed; "#tag@server" or "@name@server"; "#tag" or "name.domain"."""

    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText)
    kind: Mapped[SourceKind] = mapped_column(OneOf(SourceKind))
    address: Mapped[str] = mapped_column(PlainText, default="")
    channel: Mapped[str | None]  # whose owner hears of it; None: a comms lead
    audience: Mapped[str | None]  # the stakeholder who is watched by it
    state: Mapped[SourceState] = mapped_column(OneOf(SourceState), default=SourceState.ACTIVE)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    poll_after: Mapped[datetime | None] = mapped_column(Utc, index=True)  # None: at the next look
    polled_at: Mapped[datetime | None] = mapped_column(Utc)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(PlainText)
    secret: Mapped[str | None] = mapped_column(Sealed)  # of a webhook of its own; None: the one in the settings


class Mention(Base):
    """Something said about the organisation, once, wherever it was seen."""

    __tablename__ = "mentions"
    __table_args__ = (
        Index("ix_mentions_look", "state", "look_at"),
        Index("ix_mentions_owner", "owner_id", "state"),
        Index("ix_mentions_fingerprint", "fingerprint", "heard_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]  # of its words: the same text elsewhere is the same mention
    canonical_url: Mapped[str | None] = mapped_column(PlainText, index=True)
    url: Mapped[str | None] = mapped_column(PlainText)
    source_id: Mapped[str | None] = mapped_column(ForeignKey("sources.id"), index=True)  # where it was seen first
    heard_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))  # or who brought it
    author: Mapped[str] = mapped_column(PlainText, default="")
    text: Mapped[str] = mapped_column(PlainText)
    note: Mapped[str] = mapped_column(PlainText, default="")  # what the person who brought it said about it
    language: Mapped[str | None]
    tone: Mapped[Tone | None] = mapped_column(OneOf(Tone))
    tone_by: Mapped[ToneBy] = mapped_column(OneOf(ToneBy), default=ToneBy.WORDS)
    state: Mapped[MentionState] = mapped_column(OneOf(MentionState), default=MentionState.NEW)
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topics.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    published_at: Mapped[datetime | None] = mapped_column(Utc)
    heard_at: Mapped[datetime] = mapped_column(Utc, index=True)
    opened_at: Mapped[datetime | None] = mapped_column(Utc)  # when it came to who has it
    remind_at: Mapped[datetime | None] = mapped_column(Utc)
    answer_by: Mapped[datetime | None] = mapped_column(Utc)
    look_at: Mapped[datetime | None] = mapped_column(Utc)
    reminded: Mapped[list[str]] = mapped_column(JSON, default=list)
    settled_at: Mapped[datetime | None] = mapped_column(Utc)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    was_in_time: Mapped[bool | None]
    outcome: Mapped[str] = mapped_column(PlainText, default="")  # what came of it, in the owner's words
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))

    source: Mapped[Source | None] = relationship()
    heard_by: Mapped[Employee | None] = relationship(foreign_keys=[heard_by_id])
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    settled_by: Mapped[Employee | None] = relationship(foreign_keys=[settled_by_id])
    topic: Mapped[Topic | None] = relationship()
    post: Mapped[Post | None] = relationship()
    sightings: Mapped[list[Sighting]] = relationship(order_by="Sighting.id", cascade="all, delete-orphan")

    @property
    def is_with_a_person(self) -> bool:
        return self.state in WITH_A_PERSON

    def go_to(self, owner: Employee | None, now: datetime) -> None:
        """Hand it to `owner` (or nobody yet), to be claimed."""
        advance(self, MentionState.OPEN, after=(MentionState.NEW, *WITH_A_PERSON))
        self.owner, self.opened_at = owner, now

    def reopen(self, *, by: Employee) -> None:
        """It did matter after all: `by` has it, within the time that there was."""
        advance(self, MentionState.TAKEN, after=(MentionState.IRRELEVANT,))
        self.owner, self.look_at = by, self.answer_by
        self.settled_at = self.settled_by = self.was_in_time = None

    def judge(self, tone: Tone, *, by: ToneBy) -> None:
        """Say in what tone it is. A person's word stands."""
        if self.tone_by != ToneBy.PERSON or by == ToneBy.PERSON:
            self.tone, self.tone_by = tone, by


class Sighting(Base):
    """Another place where a mention was seen."""

    __tablename__ = "sightings"

    id: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id"), index=True)
    source_id: Mapped[str | None] = mapped_column(ForeignKey("sources.id"), index=True)
    url: Mapped[str | None] = mapped_column(PlainText)
    at: Mapped[datetime] = mapped_column(Utc)


def source(session: Session, source_id: str) -> Source | None:
    return session.get(Source, source_id)


def sources(session: Session) -> list[Source]:
    return list(session.scalars(select(Source).order_by(Source.id)))


def active_sources(session: Session) -> list[Source]:
    return [source for source in sources(session) if source.state == SourceState.ACTIVE]


def sources_due(session: Session, now: datetime, limit: int = 1000) -> list[Source]:
    """Active sources that are to be read, those that work first."""
    due = select(Source).where(
        Source.state == SourceState.ACTIVE,
        Source.kind != SourceKind.WEBHOOK,
        or_(Source.poll_after.is_(None), Source.poll_after <= now),
    )
    return list(session.scalars(due.order_by(Source.failures, Source.poll_after, Source.id).limit(limit)))


def is_heard(session: Session, source_id: str) -> bool:
    """Whether mentions came of it."""
    found = [Mention.source_id, Sighting.source_id]
    return any(session.scalar(select(column).where(column == source_id).limit(1)) is not None for column in found)


def mention(session: Session, mention_id: int) -> Mention | None:
    return session.get(Mention, mention_id)


def known(session: Session, fingerprint: str, canonical_url: str | None, *, since: datetime) -> Mention | None:
    """The mention that says the same, or stands at the same address."""
    same: Any = (Mention.fingerprint == fingerprint) & (Mention.heard_at >= since)
    if canonical_url is not None:
        same = same | (Mention.canonical_url == canonical_url)
    return session.scalar(select(Mention).where(same).order_by(Mention.id).limit(1))


def is_sighted(session: Session, mention_id: int, url: str | None) -> bool:
    place = Sighting.url.is_(None) if url is None else Sighting.url == url
    return session.scalar(select(Sighting.id).where(Sighting.mention_id == mention_id, place).limit(1)) is not None


def fresh(session: Session, limit: int) -> list[Mention]:
    """Mentions that nobody has been told of, the oldest first."""
    return list(
        session.scalars(select(Mention).where(Mention.state == MentionState.NEW).order_by(Mention.id).limit(limit))
    )


def to_look_at(session: Session, *, now: datetime, limit: int) -> list[Mention]:
    """Those whose moment has come."""
    due = select(Mention).where(Mention.state.in_(WITH_A_PERSON), Mention.look_at <= now)
    return list(session.scalars(due.order_by(Mention.look_at, Mention.id).limit(limit)))


def take(session: Session, mention_id: int, person_id: int) -> bool:
    """Claim an open mention, unless somebody has. One statement, so that exactly one of many concurrent claims wins."""
    taken = session.execute(
        update(Mention)
        .where(Mention.id == mention_id, Mention.state == MentionState.OPEN)
        .values(state=MentionState.TAKEN, owner_id=person_id)
        .execution_options(synchronize_session="fetch")
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def settle(session: Session, mention_id: int, state: str, person_id: int, *, now: datetime) -> bool:
    """Settle a mention that is with a person, if nobody has."""
    done = session.execute(
        update(Mention)
        .where(Mention.id == mention_id, Mention.state.in_(WITH_A_PERSON))
        .values(
            state=state,
            settled_at=now,
            settled_by_id=person_id,
            look_at=None,
            was_in_time=or_(Mention.answer_by.is_(None), Mention.answer_by >= now),
        )
        .execution_options(synchronize_session="fetch")
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def release_channel(session: Session, channel: str, *, now: datetime) -> None:
    """The channel is retired: its sources pause, its open mentions look for somebody else."""
    session.execute(
        update(Source)
        .where(Source.channel == channel)
        .values(state=SourceState.PAUSED)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(Mention)
        .where(Mention.topic_id == channel, Mention.state.in_(WITH_A_PERSON))
        .values(owner_id=None, look_at=now)
        .execution_options(synchronize_session="fetch")
    )


def brought_today(session: Session, owner_id: int, *, since: datetime) -> int:
    """How many mentions came to the person since then."""
    mine = select(func.count()).select_from(Mention).where(Mention.owner_id == owner_id, Mention.opened_at >= since)
    return session.scalar(mine) or 0


def waiting(session: Session, *, owner_id: int | None = None, limit: int = 10) -> list[Mention]:
    """With a person, the most urgent first; with `owner_id` only theirs."""
    return _most_urgent(session, limit, *([Mention.owner_id == owner_id] if owner_id is not None else []))


def waiting_for(session: Session, person_id: int, *, now: datetime, limit: int) -> list[Mention]:
    """Theirs, and what is overdue of the topics for which they are the deputy; the most urgent first."""
    stands_in = Mention.topic_id.in_(select(Topic.id).where(Topic.deputy_id == person_id))
    whose = or_(Mention.owner_id == person_id, and_(Mention.answer_by <= now, stands_in))
    return _most_urgent(session, limit, whose)


def _most_urgent(session: Session, limit: int, *whose: ColumnElement[bool]) -> list[Mention]:
    found = select(Mention).where(Mention.state.in_(WITH_A_PERSON), *whose)
    return list(session.scalars(found.order_by(Mention.answer_by, Mention.id).limit(limit)))


def waiting_page(session: Session, *, owner_id: int | None, after_id: int, limit: int) -> list[Mention]:
    """With a person, the most urgent first, behind the mention `after_id`; with `owner_id` only theirs."""
    due = func.coalesce(Mention.answer_by, FOREVER)
    found = select(Mention).where(Mention.state.in_(WITH_A_PERSON))
    if owner_id is not None:
        found = found.where(Mention.owner_id == owner_id)
    if (last := session.get(Mention, after_id) if after_id else None) is not None:
        moment = last.answer_by or FOREVER
        found = found.where(or_(due > moment, (due == moment) & (Mention.id > last.id)))
    return list(session.scalars(found.order_by(due, Mention.id).limit(limit)))


def number_overdue(session: Session, owner_id: int, *, now: datetime) -> int:
    """How many of those that the person has are late."""
    late = (Mention.owner_id == owner_id, Mention.state.in_(WITH_A_PERSON), Mention.answer_by <= now)
    return session.scalar(select(func.count()).where(*late)) or 0


def number_waiting(session: Session, owner_id: int, *, and_unowned: bool) -> int:
    """How many are with the person; with those that nobody has, if wanted."""
    mine = Mention.owner_id == owner_id
    whose = mine | Mention.owner_id.is_(None) if and_unowned else mine
    return session.scalar(select(func.count()).where(Mention.state.in_(WITH_A_PERSON), whose)) or 0


def heard_between(
    session: Session, start: datetime, end: datetime, *, as_of: datetime
) -> Sequence[tuple[str | None, str, bool | None]]:
    """(tone, state, handled on time `as_of` then) of what was heard in that time, without what nobody was told of."""
    rows = session.execute(
        select(Mention.tone, Mention.state, on_time(Mention, WITH_A_PERSON, as_of))
        .where(Mention.heard_at >= start, Mention.heard_at < end, Mention.state != MentionState.NEW)
        .order_by(Mention.id)
    )
    return [(tone, state, in_time) for tone, state, in_time in rows]


def prune(session: Session, *, before: datetime) -> None:
    """Forget settled mentions of that time: the names of their authors, and what they said."""
    old = select(Mention).where(Mention.heard_at < before, Mention.state.in_(SETTLED), Mention.text != "")
    for row in session.scalars(old.limit(1000)):
        row.author = row.text = row.note = ""
