"""Topics: what a question can be about, and who answers for it. Each social-media channel is one, too."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, PlainText
from storage.people.employees import Employee
from storage.sharing.social_channels import SocialChannel, channels


class Topic(Base):
    """`names` by language. The owner of a channel's topic is the channel's owner; others have their own."""

    __tablename__ = "topics"

    id: Mapped[str] = mapped_column(primary_key=True)  # "linkedin", "legal"
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channels.id"), unique=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    room_workspace: Mapped[str] = mapped_column(default="")
    room: Mapped[str] = mapped_column(PlainText, default="")  # address of the owners' conversation, if they have one
    is_retired: Mapped[bool] = mapped_column(default=False)

    channel: Mapped[SocialChannel | None] = relationship(lazy="joined")
    holder: Mapped[Employee | None] = relationship(foreign_keys=[holder_id])
    deputy: Mapped[Employee | None] = relationship(foreign_keys=[deputy_id])

    @property
    def owner(self) -> Employee | None:
        return self.channel.owner if self.channel else self.holder

    @property
    def is_active(self) -> bool:
        return not self.is_retired and (self.channel is None or self.channel.is_active)

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names.get("en") or self.id

    def assign(self, owner: Employee | None) -> None:
        """From now on `owner` answers for it."""
        if self.channel is not None:
            self.channel.owner = owner
        else:
            self.holder = owner


def topic(session: Session, topic_id: str) -> Topic | None:
    return session.get(Topic, topic_id)


def active(session: Session) -> list[Topic]:
    """By name; channels first, in the organisation's own order."""
    rows = [row for row in session.scalars(select(Topic)).unique() if row.is_active]
    return sorted(rows, key=lambda row: (row.channel is None, row.channel.position if row.channel else 0, row.id))


def of_channels(session: Session) -> list[Topic]:
    """Those that are channels, retired ones too."""
    return list(session.scalars(select(Topic).where(Topic.channel_id.is_not(None))).unique())


def seed_defaults(session: Session, names: dict[str, str]) -> None:
    """Every active channel as a topic; `names` of channels by their id."""
    known = set(session.scalars(select(Topic.id)))
    for row in channels(session):
        if row.id not in known:
            session.add(Topic(id=row.id, names={"en": names.get(row.id, row.id)}, channel_id=row.id))
    session.flush()


def of_person(session: Session, employee_id: int) -> list[Topic]:
    """Topics that the person answers for, as owner or deputy."""
    return [
        row
        for row in active(session)
        if row.deputy_id == employee_id or (row.owner is not None and row.owner.id == employee_id)
    ]
