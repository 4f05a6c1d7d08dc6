"""Publications: posts that Chorus puts on a person's own account, each by that person's own tap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc, advance
from storage.publishing.accounts import ConnectedAccount
from storage.sharing.shares import Share, ShareState


class PublicationState(StrEnum):
    """The state of a publication."""

    WAITING = "waiting"  # until it is due
    HELD = "held"  # due, but what it is about has changed: its writer is asked again
    SENDING = "sending"
    POSTED = "posted"
    IN_DOUBT = "in_doubt"  # it may be there or not, and the network does not tell
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVING = "removing"
    REMOVED = "removed"


UNSENT = (PublicationState.WAITING, PublicationState.HELD, PublicationState.FAILED, PublicationState.IN_DOUBT)
AT_WORK = (PublicationState.SENDING, PublicationState.REMOVING)


class Publication(Base):
    """One post on one account. `key` is the same at every attempt, so that a network can tell a repeat."""

    __tablename__ = "publications"
    __table_args__ = (Index("ix_publications_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    share_id: Mapped[int] = mapped_column(ForeignKey("shares.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("connected_accounts.id"), index=True)
    key: Mapped[str]
    state: Mapped[PublicationState] = mapped_column(OneOf(PublicationState), default=PublicationState.WAITING)
    text: Mapped[str] = mapped_column(PlainText)  # as it goes out, link included
    link: Mapped[str] = mapped_column(PlainText)  # the tracked link in it; "" where there is none
    about: Mapped[str]  # a digest of the post as its writer saw it, and what of it goes out with the text:
    title: Mapped[str] = mapped_column(PlainText, default="")
    description: Mapped[str] = mapped_column(PlainText, default="")
    picture: Mapped[str | None] = mapped_column(PlainText)
    written_at: Mapped[datetime] = mapped_column(Utc)
    due_at: Mapped[datetime] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(default=0)
    first_attempt_at: Mapped[datetime | None] = mapped_column(Utc)
    sending_until: Mapped[datetime | None] = mapped_column(Utc)  # a lease: past it, whoever sent is gone
    uncertain_since: Mapped[datetime | None] = mapped_column(Utc)  # since an attempt that may have got through
    reason: Mapped[str] = mapped_column(default="")  # why it failed or waits: a name that its card puts in words
    post: Mapped[str | None] = mapped_column(PlainText)  # what the network knows it by
    url: Mapped[str | None] = mapped_column(PlainText)
    posted_at: Mapped[datetime | None] = mapped_column(Utc)
    likes: Mapped[int | None]
    replies: Mapped[int | None]
    reshares: Mapped[int | None]
    counted_at: Mapped[datetime | None] = mapped_column(Utc)

    share: Mapped[Share] = relationship(lazy="joined", innerjoin=True)
    account: Mapped[ConnectedAccount] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_shown(self) -> bool:
        """Whether its own card stands for the share; else the share is the person's to post."""
        return self.state not in (PublicationState.CANCELLED, PublicationState.REMOVED)

    def begin(self, *, now: datetime, until: datetime) -> None:
        """An attempt, or a look at what became of the last one."""
        if self.state == PublicationState.SENDING:  # whoever began is gone, and may have got through
            self.uncertain_since = self.uncertain_since or now
        advance(self, PublicationState.SENDING, after=(PublicationState.WAITING, PublicationState.SENDING))
        self.attempts += 1
        self.first_attempt_at, self.sending_until = self.first_attempt_at or now, until

    def schedule(self, due: datetime) -> None:
        """Its writer's word: not before `due`. Only they settle a doubt, by having looked."""
        if self.state == PublicationState.IN_DOUBT:
            self.uncertain_since = None
        advance(self, PublicationState.WAITING, after=UNSENT)
        self.due_at, self.reason, self.attempts, self.first_attempt_at = due, "", 0, None

    def retry(self, due: datetime, reason: str) -> None:
        advance(self, PublicationState.WAITING, after=(PublicationState.SENDING,))
        self.due_at, self.reason, self.sending_until = due, reason, None
        if self.uncertain_since is None:
            self.attempts = 0

    def posted(self, post: str, url: str, now: datetime) -> None:
        """It is there."""
        advance(self, PublicationState.POSTED, after=(PublicationState.SENDING, PublicationState.IN_DOUBT))
        self.post, self.url, self.posted_at = post or None, url or None, now
        self.reason, self.uncertain_since, self.sending_until = "", None, None

    def fail(self, reason: str) -> None:
        advance(self, PublicationState.FAILED, after=(PublicationState.SENDING, *UNSENT))
        self.reason, self.sending_until = reason, None

    def doubt(self) -> None:
        advance(self, PublicationState.IN_DOUBT, after=(PublicationState.SENDING, PublicationState.WAITING))
        self.sending_until = None

    def hold(self, reason: str) -> None:
        """Ask its writer again."""
        advance(self, PublicationState.HELD, after=UNSENT)
        self.reason = reason

    def cancel(self) -> None:
        advance(self, PublicationState.CANCELLED, after=(*UNSENT, PublicationState.CANCELLED))

    def remove(self, now: datetime, until: datetime) -> None:
        """To be deleted from the network."""
        advance(self, PublicationState.REMOVING, after=(PublicationState.POSTED, PublicationState.REMOVING))
        self.due_at, self.sending_until = now, until

    @property
    def is_its_writers(self) -> bool:
        """Nothing of it is out or under way as far as we know: its writer may change it, or have it dropped."""
        is_looked_for = self.state == PublicationState.WAITING and self.uncertain_since is not None
        return self.state in UNSENT and not is_looked_for

    @property
    def is_posted(self) -> bool:
        return self.state == PublicationState.POSTED

    @property
    def is_at_work(self) -> bool:
        """Somebody is at the network about it."""
        return self.state in AT_WORK

    def removed(self) -> None:
        advance(self, PublicationState.REMOVED, after=(PublicationState.REMOVING,))
        self.sending_until = None

    def stays(self, reason: str) -> None:
        """It could not be deleted."""
        advance(self, PublicationState.POSTED, after=(PublicationState.REMOVING,))
        self.reason, self.sending_until = reason, None


def publication(session: Session, publication_id: int) -> Publication | None:
    return session.get(Publication, publication_id)


def of_share(session: Session, share_id: int) -> Publication | None:
    return session.scalar(select(Publication).where(Publication.share_id == share_id))


def out_of_nudge(session: Session, nudge_id: int, channel: str) -> Publication | None:
    """What a tap on that nudge has put out in the channel, or what of it is on its way, or in doubt, in any."""
    is_out = (Publication.state == PublicationState.POSTED) & (Share.channel == channel)
    is_looked_for = (Publication.state == PublicationState.WAITING) & Publication.uncertain_since.is_not(None)
    is_on_its_way = Publication.state.in_([PublicationState.IN_DOUBT, *AT_WORK])
    found = select(Publication).join(Publication.share).where(Share.nudge_id == nudge_id)
    return session.scalar(found.where(is_out | is_looked_for | is_on_its_way).order_by(Publication.id.desc()).limit(1))


def due(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Publications whose moment has come, and those whose sender is gone: first what may be out already, for a network
    recognises a repeat for a while only, then the longest overdue."""
    found = select(Publication.id).where(
        or_(
            (Publication.state == PublicationState.WAITING) & (Publication.due_at <= now),
            Publication.state.in_(AT_WORK) & (Publication.sending_until <= now),
        )
    )
    first = (Publication.state == PublicationState.WAITING) & Publication.uncertain_since.is_(None)
    return session.scalars(found.order_by(first, Publication.due_at, Publication.id).limit(limit)).all()


def unsent_of(session: Session, *, post_id: int | None = None, account_id: int | None = None) -> list[Publication]:
    """Publications about the post, or on the account, that are not out."""
    found = select(Publication).where(Publication.state.in_([PublicationState.WAITING, PublicationState.HELD]))
    if post_id is not None:
        found = found.join(Publication.share).where(Share.post_id == post_id)
    if account_id is not None:
        found = found.where(Publication.account_id == account_id)
    return list(session.scalars(found.order_by(Publication.id)))


def to_count(session: Session, *, since: datetime, before: datetime, limit: int) -> list[Publication]:
    """Posted since then, and not counted after `before`."""
    found = (
        select(Publication)
        .where(
            Publication.state == PublicationState.POSTED,
            Publication.post.is_not(None),
            Publication.posted_at >= since,
            or_(Publication.counted_at.is_(None), Publication.counted_at < before),
        )
        .order_by(Publication.counted_at.is_not(None), Publication.counted_at, Publication.id)
    )
    return list(session.scalars(found.limit(limit)))


def by_posts(session: Session, network: str, posts: Sequence[str]) -> list[Publication]:
    """Publications by what the network knows them by."""
    found = (
        select(Publication)
        .join(Publication.account)
        .where(ConnectedAccount.network == network, Publication.post.in_(posts))
    )
    return list(session.scalars(found.order_by(Publication.id)))


def reaction_sums(session: Session, since: datetime) -> tuple[int, int, int, int]:
    """(people, likes, replies, reshares) of posts put out since then whose network tells."""
    row = session.execute(
        select(
            func.count(Share.employee_id.distinct()),
            func.coalesce(func.sum(Publication.likes), 0),
            func.coalesce(func.sum(Publication.replies), 0),
            func.coalesce(func.sum(Publication.reshares), 0),
        )
        .join(Share, Share.id == Publication.share_id)
        .where(Publication.posted_at >= since, Publication.likes.is_not(None), Share.state == ShareState.CONFIRMED)
    ).one()
    return row[0], int(row[1] or 0), int(row[2] or 0), int(row[3] or 0)


def distrust_waiting(session: Session, *, now: datetime) -> None:
    """After a restore: what waited and is due by now may be out. It is looked for, and else its writer is asked."""
    begun = Publication.state.in_([PublicationState.WAITING, PublicationState.SENDING]) & (Publication.due_at <= now)
    doubted = {"uncertain_since": now, "first_attempt_at": func.coalesce(Publication.first_attempt_at, now)}
    session.execute(update(Publication).where(begun).values(doubted).execution_options(synchronize_session=False))
