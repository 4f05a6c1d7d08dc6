"""Questions, what was said about them on the way, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, case, func, literal_column, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc, advance
from storage.people.employees import Employee, EmployeeState
from storage.questions.topics import Topic
from storage.sharing.posts import Post

if TYPE_CHECKING:
    from storage.questions.knowledge import Entry


class QuestionState(StrEnum):
    """Of a question, from its asking to its end."""

    NEW = "new"
    CHOOSING = "choosing"
    OFFERED = "offered"
    OPEN = "open"
    CLAIMED = "claimed"
    ASKED_BACK = "asked_back"
    ANSWERED = "answered"
    HELPED = "helped"
    DECLINED = "declined"
    MERGED = "merged"
    DROPPED = "dropped"


WITH_A_PERSON = (QuestionState.OPEN, QuestionState.CLAIMED, QuestionState.ASKED_BACK)
TOLD_UNDER = ("found", "question")  # what the keys of messages to an asker begin with
BEFORE_A_PERSON = (QuestionState.NEW, QuestionState.CHOOSING, QuestionState.OFFERED)
UNSETTLED = (*BEFORE_A_PERSON, *WITH_A_PERSON)


class Question(Base):
    """One question of one person; `into` is the like question that it was merged into, whose answer it gets."""

    __tablename__ = "questions"
    __table_args__ = (
        Index("ix_questions_look", "state", "look_at"),
        Index("ix_questions_owner", "owner_id", "state"),
        Index("ix_questions_topic", "topic_id", "state"),
        Index("ix_questions_first_answered_at", "first_answered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"), index=True)  # forgotten in time
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(PlainText)
    language: Mapped[str] = mapped_column(default="en")
    state: Mapped[QuestionState] = mapped_column(OneOf(QuestionState), default=QuestionState.NEW)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topics.id"))
    probability: Mapped[float | None]  # that the topic is right, as the classifier saw it
    why: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # it is with this topic: what the classifier saw
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))  # who is to answer now
    into_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))  # that was offered, or made of the answer
    workspace_id: Mapped[str] = mapped_column(default="")  # with `place`, where it was asked for all to read
    place: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(Utc)
    opened_at: Mapped[datetime | None] = mapped_column(Utc)  # when it came to a person
    claimed_at: Mapped[datetime | None] = mapped_column(Utc)
    remind_claim_at: Mapped[datetime | None] = mapped_column(Utc)
    acknowledge_by: Mapped[datetime | None] = mapped_column(Utc)
    remind_answer_at: Mapped[datetime | None] = mapped_column(Utc)
    answer_by: Mapped[datetime | None] = mapped_column(Utc)
    look_at: Mapped[datetime | None] = mapped_column(Utc)  # when the clock is to look at it next
    reminded: Mapped[list[str]] = mapped_column(JSON, default=list)  # of what people were reminded already
    answer: Mapped[str | None] = mapped_column(PlainText)
    answered_at: Mapped[datetime | None] = mapped_column(Utc)
    first_answered_at: Mapped[datetime | None] = mapped_column(Utc)  # before any follow-up
    was_in_time: Mapped[bool | None]  # whether that was before it was due
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    decline_reason: Mapped[str] = mapped_column(PlainText, default="")
    helped: Mapped[bool | None]  # what the asker said of the answer
    follow_ups: Mapped[int] = mapped_column(default=0)

    asker: Mapped[Employee | None] = relationship(foreign_keys=[asker_id])
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    answered_by: Mapped[Employee | None] = relationship(foreign_keys=[answered_by_id])
    post: Mapped[Post | None] = relationship()
    topic: Mapped[Topic | None] = relationship()
    into: Mapped[Question | None] = relationship(foreign_keys=[into_id], remote_side=[id])
    notes: Mapped[list[Note]] = relationship(order_by="Note.id", cascade="all, delete-orphan")

    @property
    def is_with_a_person(self) -> bool:
        return self.state in WITH_A_PERSON

    @property
    def is_answered_itself(self) -> bool:
        """By a person, for this very question: neither from what is saved nor with a colleague's."""
        return self.state == QuestionState.ANSWERED and self.owner_id is not None and self.into_id is None

    def is_overdue(self, now: datetime) -> bool:
        return _is_overdue(self.state, self.acknowledge_by, self.answer_by, now)

    def offer(self, entry: Entry) -> None:
        """A saved answer that may help; the asker says whether it does."""
        self._leave(QuestionState.OFFERED)
        self.entry_id = entry.id

    def answer_from(self, entry: Entry, now: datetime) -> None:
        """A saved answer to the very same question."""
        self._leave(QuestionState.ANSWERED)
        self.entry_id, self.answer, self.answered_at, self.answered_by_id = entry.id, entry.answer, now, entry.owner_id

    def ask_anew(self) -> None:
        """What was answered is not the answer, be it saved for another question or a colleague's."""
        self.answer = self.answered_at = self.answer_by = self.answered_by = self.helped = None
        self.into = self.entry_id = None

    def let_choose(self) -> None:
        """The asker is to say what it is about."""
        self._leave(QuestionState.CHOOSING)

    def merge_into(self, other: Question) -> None:
        """It gets the answer of a like question that waits already."""
        self._leave(QuestionState.MERGED)
        self.into = other

    def go_to(self, owner: Employee | None) -> None:
        """Hand it to `owner` (or nobody yet), to be claimed. Reopens a settled question."""
        self.owner, self.state, self.claimed_at = owner, QuestionState.OPEN, None

    def ask_back(self, *, by: Employee, now: datetime) -> None:
        """Whoever answers needs to know more."""
        advance(self, QuestionState.ASKED_BACK, after=WITH_A_PERSON)
        self.owner, self.claimed_at, self.look_at = by, now, None

    def take_reply(self) -> None:
        """The asker has said what was asked back."""
        advance(self, QuestionState.CLAIMED, after=(QuestionState.ASKED_BACK,))

    def decline(self, reason: str, *, by: Employee) -> None:
        advance(self, QuestionState.DECLINED, after=(*WITH_A_PERSON, QuestionState.MERGED))
        self.owner, self.decline_reason, self.look_at = by, reason, None

    def share_answer(self, other: Question, *, by: Employee, now: datetime) -> None:
        """The answer of `other`, which it was merged into."""
        advance(self, QuestionState.ANSWERED, after=(QuestionState.MERGED,))
        self.answer, self.answered_by, self.owner, self.answered_at = other.answer, by, by, now
        self.first_answered_at = self.first_answered_at or now

    def drop(self) -> None:
        """Its asker does not want to know any more."""
        advance(self, QuestionState.DROPPED, after=(QuestionState.CHOOSING, QuestionState.OFFERED))

    def mark_helped(self) -> None:
        """What was offered helped: nobody needs to answer."""
        advance(self, QuestionState.HELPED, after=BEFORE_A_PERSON)
        self.helped = True

    def _leave(self, to: QuestionState) -> None:
        """Only while no person has it: what is with somebody is theirs to settle."""
        advance(self, to, after=set(QuestionState) - set(WITH_A_PERSON))


# Of an index that few are in, and of queries that go by it: SQLite takes it only where the query says the same, word by
# word.
IS_UNSETTLED: ColumnElement[bool] = Question.state.in_([literal_column(f"'{state}'") for state in UNSETTLED])
Index("ix_questions_unsettled", Question.state, sqlite_where=IS_UNSETTLED, postgresql_where=IS_UNSETTLED)


class QuestionTimeline(NamedTuple):
    """How a question went, without what else is known of it: figures look at many."""

    text: str
    state: str
    opened_at: datetime | None
    acknowledge_by: datetime | None
    answer_by: datetime | None
    first_answered_at: datetime | None
    was_in_time: bool | None
    follow_ups: int
    helped: bool | None
    into_id: int | None

    def is_overdue(self, now: datetime) -> bool:
        return _is_overdue(self.state, self.acknowledge_by, self.answer_by, now)


class Note(Base):
    """Said about a question after it was asked: `kind` is asked_back, reply, follow_up, answer, handed_on, declined."""

    __tablename__ = "question_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))  # None: the asker
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(PlainText)
    at: Mapped[datetime] = mapped_column(Utc)

    author: Mapped[Employee | None] = relationship()


def question(session: Session, question_id: int) -> Question | None:
    return session.get(Question, question_id)


def claim(session: Session, question_id: int, owner_id: int, *, now: datetime) -> bool:
    """Claim an open question, unless somebody has. One statement, so that only one of many concurrent claims wins."""
    taken = session.execute(
        update(Question)
        .where(Question.id == question_id, Question.state == QuestionState.OPEN)
        .values(state=QuestionState.CLAIMED, owner_id=owner_id, claimed_at=now, look_at=now)
        .execution_options(synchronize_session="fetch")
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def release_topic(session: Session, topic_id: str, *, now: datetime) -> None:
    """Release the topic's open questions; the next tick finds another owner."""
    session.execute(
        update(Question)
        .where(Question.topic_id == topic_id, Question.state.in_(WITH_A_PERSON))
        .values(owner_id=None, look_at=now)
        .execution_options(synchronize_session="fetch")
    )


def settle(session: Session, question_id: int, answer: str, by: int, *, now: datetime) -> bool:
    """Store the answer, unless somebody has answered. One statement, so that one of two concurrent answers wins."""
    done = session.execute(
        update(Question)
        .where(Question.id == question_id, Question.state.in_(WITH_A_PERSON))
        .values(
            state=QuestionState.ANSWERED,
            answer=answer,
            answered_by_id=by,
            answered_at=now,
            look_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def same_lately(session: Session, asker_id: int, text: str, *, since: datetime) -> Question | None:
    """The person's own question in the very same words."""
    return session.scalar(
        select(Question)
        .where(Question.asker_id == asker_id, Question.text == text, Question.asked_at >= since)
        .order_by(Question.id.desc())
        .limit(1)
    )


def asked_lately(session: Session, asker_id: int, *, since: datetime) -> int:
    """How many that are somebody's work, or may become it."""
    is_work = Question.state.not_in((QuestionState.DROPPED, QuestionState.HELPED))
    counted = select(func.count()).where(Question.asker_id == asker_id, Question.asked_at >= since, is_work)
    return session.scalar(counted) or 0


def with_a_person(session: Session, topic_id: str, limit: int) -> list[Question]:
    """Open questions of the topic, the newest first."""
    return list(
        session.scalars(
            select(Question)
            .where(IS_UNSETTLED, Question.topic_id == topic_id, Question.state.in_(WITH_A_PERSON))
            .order_by(Question.id.desc())
            .limit(limit)
        )
    )


def answers_in(session: Session, entry: Entry) -> list[Question]:
    """The questions whose answers, by whoever has the entry, are in it."""
    theirs = (Question.owner_id == entry.owner_id) & (Question.state == QuestionState.ANSWERED)
    return list(session.scalars(select(Question).where(theirs, Question.entry_id == entry.id)))


def merged_into(session: Session, question_id: int) -> list[Question]:
    found = select(Question).where(Question.into_id == question_id, Question.state == QuestionState.MERGED)
    return list(session.scalars(found.order_by(Question.id)))


def to_look_at(session: Session, *, now: datetime, limit: int) -> list[Question]:
    """Questions with a person whose moment has come, the most urgent first."""
    return list(
        session.scalars(
            select(Question)
            .where(IS_UNSETTLED, Question.state.in_(WITH_A_PERSON), Question.look_at <= now)
            .order_by(Question.look_at, Question.id)
            .limit(limit)
        )
    )


def without_their_owner(session: Session, *, now: datetime, limit: int) -> list[Question]:
    """Questions with a person who has left or is away, as far as nobody else was asked since."""
    owner = aliased(Employee)
    return list(
        session.scalars(
            select(Question)
            .join(owner, owner.id == Question.owner_id)
            .where(
                IS_UNSETTLED,
                Question.state.in_(WITH_A_PERSON),
                or_(
                    owner.state != EmployeeState.ACTIVE,
                    (owner.away_until > now) & (Question.answer_by < owner.away_until),
                ),
            )
            .order_by(Question.id)
            .limit(limit)
        )
    )


def waiting(session: Session, states: Sequence[str], *, asked_before: datetime, limit: int) -> list[Question]:
    """Questions that stayed in one of `states`, none of them settled, for too long, the oldest first."""
    return list(
        session.scalars(
            select(Question)
            .where(IS_UNSETTLED, Question.state.in_(states), Question.asked_at < asked_before)
            .order_by(Question.id)
            .limit(limit)
        )
    )


HAS_WORDS: ColumnElement[bool] = Question.text != ""  # of those who asked to be forgotten, none are left


def of_owner(session: Session, owner_id: int, states: Sequence[str], limit: int) -> list[Question]:
    """The most urgent first; those settled by when they were."""
    return list(
        session.scalars(
            select(Question)
            .where(Question.owner_id == owner_id, Question.state.in_(states), HAS_WORDS)
            .order_by(Question.answered_at.desc(), Question.answer_by, Question.id)
            .limit(limit)
        )
    )


def count_of_owner(session: Session, owner_id: int, states: Sequence[str]) -> int:
    asked = select(func.count()).where(Question.owner_id == owner_id, Question.state.in_(states))
    return session.scalar(asked) or 0


def waiting_for(session: Session, owner_id: int, *, and_unowned: bool, now: datetime) -> tuple[int, int]:
    """(how many wait for the person to answer, how many of them are late); with those that nobody has, if wanted."""
    late = func.count(case((Question.answer_by <= now, 1)))
    rows = select(func.count(), late).where(
        Question.state.in_(WITH_A_PERSON), _of_person(owner_id, and_unowned=and_unowned)
    )
    number, overdue = session.execute(rows).one()
    return int(number), int(overdue)


def _of_person(owner_id: int, *, and_unowned: bool) -> ColumnElement[bool]:
    mine = Question.owner_id == owner_id
    return mine | Question.owner_id.is_(None) if and_unowned else mine


def of_asker(session: Session, asker_id: int, limit: int) -> list[Question]:
    """The newest: first what waits for somebody else, then what waits for the asker, then what is settled. What was
    cancelled is left out."""
    elsewhere = Question.state.in_((*WITH_A_PERSON, QuestionState.MERGED, QuestionState.NEW))
    rank = case((elsewhere, 0), (Question.state.in_(UNSETTLED), 1), else_=2)
    asked = select(Question).where(Question.asker_id == asker_id, Question.state != QuestionState.DROPPED)
    return list(session.scalars(asked.order_by(rank, Question.id.desc()).limit(limit)))


def asks_unnamed(session: Session, asker_id: int) -> bool:
    """Whether something that they asked without their name is still open."""
    mine = (Question.asker_id == asker_id) & Question.is_anonymous & Question.state.in_(UNSETTLED)
    return session.scalar(select(Question.id).where(mine).limit(1)) is not None


def asked_since(session: Session, start: datetime, *, before: datetime | None = None) -> list[QuestionTimeline]:
    """How each question that was asked in that time went, by id."""
    columns = [getattr(Question, name) for name in QuestionTimeline._fields]
    query = select(*columns).where(Question.asked_at >= start).order_by(Question.id)
    rows = session.execute(query.where(Question.asked_at < before) if before else query)
    return [QuestionTimeline._make(row) for row in rows]


def _is_overdue(state: str, acknowledge_by: datetime | None, answer_by: datetime | None, now: datetime) -> bool:
    if state not in WITH_A_PERSON or answer_by is None:
        return False
    late = state == QuestionState.OPEN and acknowledge_by is not None and acknowledge_by <= now
    return late or answer_by <= now
