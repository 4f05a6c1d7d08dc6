"""Knowledge: entries with the ways they are asked for, and what people said when one was offered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc
from storage.people.employees import Employee
from storage.questions.topics import Topic


class EntryState(StrEnum):
    """The state of a saved answer."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class Entry(Base):
    """An answer that was found good, who stands for it, and until when it need not be looked at again."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[EntryState] = mapped_column(OneOf(EntryState), default=EntryState.DRAFT, index=True)
    answer: Mapped[str] = mapped_column(PlainText)
    language: Mapped[str] = mapped_column(default="en")
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topics.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    source_url: Mapped[str] = mapped_column(PlainText, default="")
    review_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)

    topic: Mapped[Topic | None] = relationship()
    owner: Mapped[Employee | None] = relationship()
    variants: Mapped[list[Variant]] = relationship(order_by="Variant.id", cascade="all, delete-orphan", lazy="selectin")

    def keep(self, now: datetime, *, review_on: date, by: Employee | None = None) -> None:
        """Offered to others until it is to be looked at again. `by`: who stands for it from now on."""
        self.state, self.review_on, self.changed_at = EntryState.LIVE, review_on, now
        self.owner = by or self.owner

    def retire(self, now: datetime) -> None:
        """Offer it to nobody from now on."""
        self.state, self.changed_at = EntryState.RETIRED, now


class Variant(Base):
    """One way of asking for an entry, in an asker's words."""

    __tablename__ = "entry_variants"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    text: Mapped[str] = mapped_column(PlainText)


class Offer(Base):
    """An entry offered for a question. `helped` is the asker's word: a labelled pair, or None where none was given."""

    __tablename__ = "entry_offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    likeness: Mapped[float]  # 0–1, of the question to the entry's nearest variant
    helped: Mapped[bool | None]
    at: Mapped[datetime] = mapped_column(Utc)


def page(session: Session, *, q: str = "", after_id: int, limit: int) -> list[Entry]:
    """Live entries by id; with `q` those that have it in the answer or in one of their questions."""
    found = select(Entry).where(Entry.state == EntryState.LIVE, Entry.id > after_id).order_by(Entry.id)
    if said := q.strip().lower():
        asked = select(Variant.entry_id).where(func.lower(Variant.text).contains(said, autoescape=True))
        found = found.where(or_(func.lower(Entry.answer).contains(said, autoescape=True), Entry.id.in_(asked)))
    return list(session.scalars(found.limit(limit)))


def entry(session: Session, entry_id: int) -> Entry | None:
    return session.get(Entry, entry_id)


def live(session: Session) -> list[Entry]:
    return list(session.scalars(select(Entry).where(Entry.state == EntryState.LIVE).order_by(Entry.id)))


def listed(session: Session) -> list[Entry]:
    return list(session.scalars(select(Entry).order_by(Entry.id)))


def version_of_live(session: Session) -> tuple[int, datetime | None]:
    """A value that changes whenever a live entry does; use it as a cache key."""
    row = session.execute(select(func.count(), func.max(Entry.changed_at)).where(Entry.state == EntryState.LIVE)).one()
    return row[0], row[1]


def variants(session: Session) -> Sequence[tuple[int, str]]:
    """(entry, text) of all live entries."""
    rows = session.execute(
        select(Variant.entry_id, Variant.text).join(Entry).where(Entry.state == EntryState.LIVE).order_by(Variant.id)
    )
    return [(entry_id, text) for entry_id, text in rows]


def saved_among(session: Session, texts: Collection[str]) -> set[str]:
    """Those of these questions that are, word by word, variants of a live entry."""
    found = select(Variant.text).join(Entry).where(Entry.state == EntryState.LIVE, Variant.text.in_(texts))
    return set(session.scalars(found))


def due_for_review(session: Session, today: date) -> list[Entry]:
    due = select(Entry).where(Entry.state == EntryState.LIVE, Entry.review_on <= today)
    return list(session.scalars(due.order_by(Entry.review_on, Entry.id)))


def offers(session: Session, question_id: int) -> list[Offer]:
    return list(session.scalars(select(Offer).where(Offer.question_id == question_id).order_by(Offer.id)))
