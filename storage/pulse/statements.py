"""Statements of the pulse and their wordings: an id is never used again, a new wording is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, Utc


class StatementRole(StrEnum):
    """Statements asked in every round, in turn. A guard can stop the roll-out."""

    ANCHOR = "anchor"
    GUARD = "guard"


class Statement(Base):
    __tablename__ = "statements"

    id: Mapped[str] = mapped_column(primary_key=True)
    factor: Mapped[str] = mapped_column(index=True)
    reverse: Mapped[bool]  # agreeing is the unfavourable answer
    role: Mapped[StatementRole | None] = mapped_column(OneOf(StatementRole))
    retired_at: Mapped[datetime | None] = mapped_column(Utc)

    wordings: Mapped[list[Wording]] = relationship(order_by="Wording.version", lazy="selectin")

    @property
    def wording(self) -> Wording:
        """The newest one."""
        return self.wordings[-1]


class Wording(Base):
    __tablename__ = "wordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[str] = mapped_column(ForeignKey("statements.id"), index=True)
    version: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(JSON)  # language → sentence
    since: Mapped[datetime] = mapped_column(Utc)

    def text(self, language: str) -> str:
        return self.texts.get(language) or self.texts["en"]


def statement(session: Session, statement_id: str) -> Statement | None:
    return session.get(Statement, statement_id)


def in_use(session: Session) -> list[Statement]:
    """Those that may be asked, by id."""
    return list(session.scalars(select(Statement).where(Statement.retired_at.is_(None)).order_by(Statement.id)))


def everything(session: Session) -> list[Statement]:
    return list(session.scalars(select(Statement).order_by(Statement.factor, Statement.id)))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Statement)) or 0


def add(
    session: Session,
    statement_id: str,
    *,
    factor: str,
    texts: dict[str, str],
    now: datetime,
    reverse: bool = False,
    role: str | None = None,
) -> Statement:
    row = Statement(id=statement_id, factor=factor, reverse=reverse, role=role)
    row.wordings = [Wording(version=1, texts=texts, since=now)]
    session.add(row)
    session.flush()
    return row


def reword(session: Session, row: Statement, texts: dict[str, str], *, now: datetime) -> Wording:
    """A new version; rounds that asked an older one keep it."""
    wording = Wording(version=row.wording.version + 1, texts={**row.wording.texts, **texts}, since=now)
    row.wordings.append(wording)
    session.flush()
    return wording


def by_id(session: Session, ids: Sequence[str]) -> dict[str, Statement]:
    return {row.id: row for row in session.scalars(select(Statement).where(Statement.id.in_(ids)))}
