"""What question routing learns from, and the versions of what it learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc, batched, insert_into, storable
from storage.questions.knowledge import Entry
from storage.questions.questions import Question

AT_ONCE = 500  # texts that are looked for in one query


class Example(Base):
    """A question and what it was about; no topic: nothing that anybody here answers for."""

    __tablename__ = "routing_examples"
    __table_args__ = (UniqueConstraint("text", name="uq_routing_examples_text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(PlainText)
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topics.id"))
    source: Mapped[str]  # seed | answered | handed_on | chosen | declined
    at: Mapped[datetime] = mapped_column(Utc)


class RoutingModel(Base):
    """One version of the classifier. Those that were worse than the one before are kept as a row, not used."""

    __tablename__ = "routing_models"

    id: Mapped[int] = mapped_column(primary_key=True)
    trained_at: Mapped[datetime] = mapped_column(Utc)
    examples: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Utc)  # of the newest example that it knows
    held_back: Mapped[int]  # examples it was judged by
    accuracy: Mapped[float | None]  # on those; None where there were none
    accuracy_before: Mapped[float | None]  # of the version in use, on the same
    is_kept: Mapped[bool]
    weights: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Vector(Base):
    """What the embeddings server said of a text, so that it is asked once."""

    __tablename__ = "text_vectors"

    digest: Mapped[str] = mapped_column(primary_key=True)  # of model and text
    numbers: Mapped[bytes] = mapped_column(LargeBinary)  # float32
    at: Mapped[datetime] = mapped_column(Utc)


def learn(session: Session, text: str, topic_id: str | None, source: str, *, now: datetime) -> None:
    """A new example; what is known of the same words is replaced."""
    learn_all(session, [(text, topic_id)], source, now=now)


def learn_all(session: Session, examples: Iterable[tuple[str, str | None]], source: str, *, now: datetime) -> None:
    """(text, topic) of each as by `learn`; of those with the same text the last counts."""
    wanted = {storable(text): topic_id for text, topic_id in examples}
    for some in batched(list(wanted.items()), AT_ONCE):
        texts = [text for text, _topic in some]
        known = {row.text: row for row in session.scalars(select(Example).where(Example.text.in_(texts)))}
        for text, topic_id in some:
            row = known.get(text)
            if row is None:
                session.add(Example(text=text, topic_id=topic_id, source=source, at=now))
            elif row.topic_id != topic_id:
                row.topic_id, row.source, row.at = topic_id, source, now


def examples(session: Session, limit: int | None = None) -> Sequence[tuple[str, str | None]]:
    """(text, topic), in the order in which they came; with `limit` the newest."""
    wanted = select(Example.text, Example.topic_id)
    if limit is not None:
        wanted = wanted.where(Example.id > select(func.max(Example.id)).scalar_subquery() - limit)
    rows = session.execute(wanted.order_by(Example.id))
    return [(text, topic_id) for text, topic_id in rows]


def examples_of(session: Session, topic_id: str, limit: int) -> Sequence[str]:
    """The newest examples of a topic."""
    rows = select(Example.text).where(Example.topic_id == topic_id).order_by(Example.at.desc(), Example.id.desc())
    return list(session.scalars(rows.limit(limit)))


def newest_example(session: Session) -> tuple[int, datetime | None]:
    """(number of examples, when the newest came)."""
    row = session.execute(select(func.count(), func.max(Example.at))).one()
    return row[0], row[1]


def has_examples(session: Session) -> bool:
    return session.scalar(select(Example.id).limit(1)) is not None


def in_use(session: Session) -> RoutingModel | None:
    kept = select(RoutingModel).where(RoutingModel.is_kept).order_by(RoutingModel.id.desc())
    return session.scalar(kept.limit(1))


def versions(session: Session) -> list[RoutingModel]:
    return list(session.scalars(select(RoutingModel).order_by(RoutingModel.id)))


def last_trained(session: Session) -> RoutingModel | None:
    return session.scalar(select(RoutingModel).order_by(RoutingModel.id.desc()).limit(1))


def forget_weights(session: Session, *, but: int) -> None:
    """Only the version in use and the one before it can be needed again."""
    old = select(RoutingModel).where(RoutingModel.is_kept, RoutingModel.id != but).order_by(RoutingModel.id.desc())
    for row in session.scalars(old.offset(1)):
        row.weights = None


def vectors(session: Session, digests: Iterable[str]) -> dict[str, bytes]:
    wanted = list(digests)
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(Vector.digest, Vector.numbers).where(Vector.digest.in_(wanted[start : start + 500]))
        )
        found.update(dict(rows.all()))
    return found


def keep_vectors(session: Session, numbers: Mapping[str, bytes], *, now: datetime) -> None:
    rows = [{"digest": digest, "numbers": data, "at": now} for digest, data in numbers.items()]
    if rows:
        session.execute(insert_into(session, Vector).on_conflict_do_nothing(), rows)


def is_known(session: Session, topic_id: str) -> bool:
    """Whether examples, questions or entries are about the topic."""
    about = [Example.topic_id, Question.topic_id, Entry.topic_id]
    return any(session.scalar(select(column).where(column == topic_id).limit(1)) is not None for column in about)
