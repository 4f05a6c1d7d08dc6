"""One topic in several languages: posts and people hold its one name, everybody reads the one of their language."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText


class TopicName(Base):
    """What a topic is called in a language; where there is none, it is called as it is."""

    __tablename__ = "topic_names"
    __table_args__ = (UniqueConstraint("language", "name", name="uq_topic_names_language_name"),)

    topic: Mapped[str] = mapped_column(PlainText, primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText)


def topic_of(session: Session, said: str) -> str:
    """The topic that somebody means by `said`, in whatever language; a new one is called so itself."""
    wanted = " ".join(said.split())
    known = session.scalar(select(TopicName.topic).where(func.lower(TopicName.name) == wanted.lower()).limit(1))
    return known or wanted


def in_language(session: Session, topics: Iterable[str], language: str) -> dict[str, str]:
    """By topic, what it is called there."""
    wanted = list(topics)
    rows = session.execute(
        select(TopicName.topic, TopicName.name).where(TopicName.topic.in_(wanted), TopicName.language == language)
    )
    named = {row.topic: row.name for row in rows}
    return {topic: named.get(topic, topic) for topic in wanted}


def listed(session: Session) -> list[TopicName]:
    return list(session.scalars(select(TopicName).order_by(TopicName.topic, TopicName.language)))
