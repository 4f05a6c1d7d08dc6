"""Social-media channels as this organisation uses them, and phrases to avoid in captions."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText
from storage.people.employees import Employee


class ChannelState(StrEnum):
    """The state of a social-media channel."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"


class SocialChannel(Base):
    """A social-media channel (LinkedIn …) as this organisation uses it."""

    __tablename__ = "channels"

    id: Mapped[str] = mapped_column(primary_key=True)  # "linkedin"
    state: Mapped[ChannelState] = mapped_column(OneOf(ChannelState), default=ChannelState.ACTIVE)
    disclosure: Mapped[bool] = mapped_column(default=True)  # must a caption say who employs the writer?
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str | None] = mapped_column(PlainText)  # of a channel that we do not know of ourselves
    max_length: Mapped[int | None]  # signs, where the organisation wants fewer than the channel takes
    tone: Mapped[str] = mapped_column(PlainText, default="")  # one sentence, shown where a caption is written
    share_page: Mapped[str | None] = mapped_column(PlainText)  # pattern with {text}, {link}, {title}
    blocked: Mapped[list[str]] = mapped_column(JSON, default=list)  # phrases that must not stand in a caption there

    owner: Mapped[Employee | None] = relationship()

    @property
    def is_active(self) -> bool:
        return self.state == ChannelState.ACTIVE

    def set_state(self, state: ChannelState) -> None:
        """Channels come and go, and may come back: any state may follow any."""
        self.state = state


class BlockedPhrase(Base):
    """A phrase that must not stand in a caption, and what to write instead."""

    __tablename__ = "blocked_phrases"

    id: Mapped[int] = mapped_column(primary_key=True)
    phrase: Mapped[str] = mapped_column(PlainText, unique=True)
    instead: Mapped[str] = mapped_column(PlainText, default="")


# Built once: it is asked for each reader of a digest and at each change of a share's form.
_ACTIVE = (
    select(SocialChannel)
    .where(SocialChannel.state == ChannelState.ACTIVE)
    .order_by(SocialChannel.position, SocialChannel.id)
)


def channels(session: Session) -> list[SocialChannel]:
    """The active channels in the organisation's own order."""
    return list(session.scalars(_ACTIVE))


def all_channels(session: Session) -> list[SocialChannel]:
    return list(session.scalars(select(SocialChannel).order_by(SocialChannel.position, SocialChannel.id)))


def channel(session: Session, channel_id: str) -> SocialChannel | None:
    return session.get(SocialChannel, channel_id)


def blocked_phrases(session: Session) -> list[BlockedPhrase]:
    return list(session.scalars(select(BlockedPhrase).order_by(BlockedPhrase.id)))


def block_phrase(session: Session, phrase: str, instead: str) -> None:
    allow_phrase(session, phrase)
    session.add(BlockedPhrase(phrase=phrase, instead=instead))


def allow_phrase(session: Session, phrase: str) -> bool:
    """Whether it was blocked."""
    done = session.execute(delete(BlockedPhrase).where(BlockedPhrase.phrase == phrase))
    return bool(done.rowcount)  # type: ignore[attr-defined]
