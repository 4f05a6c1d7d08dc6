"""Leads that came from a tracked link, reported by the system that keeps them. No personal data of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc, insert_into
from storage.sharing.links import TrackedLink


class Lead(Base):
    __tablename__ = "leads"

    reference: Mapped[str] = mapped_column(PlainText, primary_key=True)  # theirs, so that none counts twice
    code: Mapped[str] = mapped_column(ForeignKey("links.code"), index=True)
    at: Mapped[datetime] = mapped_column(Utc)


@dataclass(frozen=True, slots=True)
class LeadInput:
    """One lead as imported from a file or a webhook."""

    reference: str
    code: str
    at: datetime


def take(session: Session, told: Sequence[LeadInput]) -> tuple[int, list[str]]:
    """Store leads. Returns (number of new ones, unknown codes). Idempotent."""
    known = set(session.scalars(select(TrackedLink.code).where(TrackedLink.code.in_({lead.code for lead in told}))))
    new = 0
    for lead in told:
        if lead.code in known:
            row = {"reference": lead.reference, "code": lead.code, "at": lead.at}
            statement = insert_into(session, Lead).values(row).on_conflict_do_nothing().returning(Lead.reference)
            new += session.execute(statement).first() is not None
    return new, sorted({lead.code for lead in told} - known)
