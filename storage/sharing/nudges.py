"""Nudges: one prompt to one employee about one post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc, advance
from storage.bulk import IDS, among, insert_rows, new_ids
from storage.delivery.deliveries import Delivery
from storage.people.employees import Employee, EmployeeState
from storage.people.organisation import Unit
from storage.sharing.post_pictures import PostPicture
from storage.sharing.posts import Post, PostState, may_be_shared, versions
from storage.sharing.topic_names import TopicName


class DeclineReason(StrEnum):
    """Why a nudge was not for somebody, in their own word."""

    TOPIC = "topic"
    WORDS = "words"
    SALESY = "salesy"
    ACCOUNT = "account"


class NudgeState(StrEnum):
    """The state of a nudge."""

    PLANNED = "planned"
    SENT = "sent"
    LATER = "later"
    DECLINED = "declined"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


OFFERED = (NudgeState.PLANNED, NudgeState.SENT, NudgeState.LATER, NudgeState.DECLINED)  # that can still be answered
MEANT = "unit"  # why a person has it: it is for people of their unit
PICKED = "asked"  # why a person has it: by picking the post, which is no nudge
PICKED_AGAIN = "picked"  # how its moment was chosen, where the person picked it, nudged or not
PUT_OFF = text("again_at IS NOT NULL")


class Prompt(NamedTuple):
    """The content of a nudge's first card without its recipient; many people get the same."""

    title: str
    summary: str
    source: str
    url: str
    video_url: str
    image_url: str | None
    alt: str  # what that picture shows, where somebody said so
    topic: str
    expires_at: datetime | None
    unit: str | None  # the person's, where the post is meant for it
    why: str
    timing: str | None


def prompt_of(post: Post, language: str, *, unit: str | None, why: str, timing: str | None = None) -> Prompt:
    """What a nudge about the post says to somebody who speaks `language`."""
    return Prompt(
        post.title,
        post.summary,
        post.source,
        post.url,
        post.video_url,
        post.picture,
        post.pictures[0].alt if post.cover else "",
        post.topic_in(language),
        post.expires_at,
        unit,
        why,
        timing,
    )


class Nudge(Base):
    """One prompt to one employee about one post; never a second one about the same post."""

    __tablename__ = "nudges"
    __table_args__ = (
        UniqueConstraint("employee_id", "post_id", name="uq_nudges_employee_post"),
        # What changes as a nudge goes out is in none of them, but for the few that are put off.
        Index("ix_nudges_post", "post_id"),
        Index("ix_nudges_later", "again_at", sqlite_where=PUT_OFF, postgresql_where=PUT_OFF),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    state: Mapped[NudgeState] = mapped_column(OneOf(NudgeState), default=NudgeState.PLANNED)
    why: Mapped[str]  # why this person gets it: a name that `bot.features.sharing.handlers.nudge` puts in words
    planned_at: Mapped[datetime] = mapped_column(Utc)
    slot: Mapped[str | None]  # "tue-morning": the slot it was planned for
    timing: Mapped[str | None]  # how its moment was chosen: first | fixed | learned | explored | picked
    sent_at: Mapped[datetime | None] = mapped_column(Utc)
    acted_at: Mapped[datetime | None] = mapped_column(Utc)  # the first press on it, of any kind
    acted_in_time: Mapped[bool] = mapped_column(default=False)  # within a day
    again_at: Mapped[datetime | None] = mapped_column(Utc)  # "Later": when to ask once more
    decline_reason: Mapped[DeclineReason | None] = mapped_column(OneOf(DeclineReason))
    workspace_id: Mapped[str | None]  # where the card is, once sent
    message: Mapped[str | None]  # and the platform's reference to it
    draft: Mapped[str | None] = mapped_column(PlainText)  # a caption made of the person's own few words, to be edited
    draft_channel: Mapped[str | None]

    employee: Mapped[Employee] = relationship()
    post: Mapped[Post] = relationship(lazy="joined", innerjoin=True)

    def put_off(self, until: datetime) -> None:
        advance(self, NudgeState.LATER, after=OFFERED)
        self.again_at = until

    def decline(self, reason: DeclineReason | None = None) -> None:
        advance(self, NudgeState.DECLINED, after=OFFERED)
        self.decline_reason = reason

    def offer_again(self) -> None:
        """Offer it again, after "Later" or an undone step."""
        advance(self, NudgeState.SENT, after=(*OFFERED, NudgeState.TAKEN))
        self.decline_reason = self.again_at = None

    def pick(self, now: datetime) -> None:
        """The person asked for the post themselves, whatever became of its nudge before."""
        if self.state != NudgeState.TAKEN:
            advance(self, NudgeState.SENT, after=(*OFFERED, NudgeState.WITHDRAWN))
        self.sent_at, self.timing = self.sent_at or now, PICKED_AGAIN

    def take(self) -> None:
        """A share came of it."""
        self.state, self.draft = NudgeState.TAKEN, None

    def withdraw(self) -> None:
        """Nothing more is offered; what was shared stays shared."""
        if self.state != NudgeState.TAKEN:
            self.state = NudgeState.WITHDRAWN

    def give_back(self) -> None:
        """Offered again on the card that is out, after what withdrew it was taken back."""
        if self.state == NudgeState.WITHDRAWN:
            self.state = NudgeState.SENT

    @property
    def prompt(self) -> Prompt:
        unit = self.employee.unit.name if self.why == MEANT and self.employee.unit else None
        return prompt_of(self.post, self.employee.language, unit=unit, why=self.why, timing=self.timing)


IS_NUDGE = Nudge.why != PICKED


def nudge(session: Session, nudge_id: int) -> Nudge | None:
    return session.get(Nudge, nudge_id)


def open_of(session: Session, employee_id: int, limit: int = 10) -> list[Nudge]:
    return list(
        session.scalars(
            select(Nudge)
            .where(Nudge.employee_id == employee_id, Nudge.state.in_([NudgeState.SENT, NudgeState.LATER]))
            .order_by(Nudge.id.desc())
            .limit(limit)
        )
    )


def translate(session: Session, person: Employee, now: datetime) -> None:
    """What the person can still answer, and has written nothing for yet, is about the version in their language from
    now on, where there is one that they have no nudge about."""
    taken = set(session.scalars(select(Nudge.post_id).where(Nudge.employee_id == person.id)))
    offered = Nudge.state.in_([NudgeState.PLANNED, NudgeState.SENT, NudgeState.LATER])
    mine = select(Nudge).where(Nudge.employee_id == person.id, Nudge.draft.is_(None), offered)
    for row in session.scalars(mine).all():
        for version in versions(session, row.post):
            if version.language == person.language and version.id not in taken and version.is_shareable(now):
                row.post = version
                taken.add(version.id)
                break
    session.flush()


def placed(session: Session) -> list[Nudge]:
    """Those whose card is somewhere."""
    return list(session.scalars(select(Nudge).where(Nudge.message.is_not(None)).order_by(Nudge.id)))


def about(session: Session, post_id: int) -> list[Nudge]:
    return list(session.scalars(select(Nudge).where(Nudge.post_id == post_id)))


def offered(session: Session, employee_ids: Sequence[int], stories: Sequence[int]) -> set[tuple[int, int]]:
    """(employee, story) pairs that have been offered already, in whatever language."""
    told = select(Post.id).where(or_(Post.id.in_(stories), Post.story_id.in_(stories)))
    rows = session.execute(
        select(Nudge.employee_id, func.coalesce(Post.story_id, Post.id))
        .join(Post, Post.id == Nudge.post_id)
        .where(Nudge.post_id.in_(told), among(Nudge.employee_id, employee_ids))
    )
    return {(employee_id, story) for employee_id, story in rows}


def add(session: Session, rows: Sequence[dict[str, Any]], **common: Any) -> Sequence[int]:
    """Insert many; `common` holds the values that all share. Returns their ids in the order of `rows`."""
    table: Any = Nudge.__table__
    ids = new_ids(session, table, len(rows))
    insert_rows(session, table, rows, ids=ids, **common)
    return ids


def some(session: Session, nudge_ids: Sequence[int]) -> list[Nudge]:
    """These nudges with their posts, in one query. (Whose they are is whoever pressed, and known by then.)"""
    return list(session.scalars(_SOME, {"ids": nudge_ids}))


class Waiting(NamedTuple):
    """A nudge that may go now if the hour suits, out of its session: whose, and what it says."""

    id: int
    language: str
    time_zone: str
    country: str | None
    planned_at: datetime
    prompt: Prompt


def waiting(session: Session, nudge_ids: Sequence[int], *, now: datetime) -> list[Waiting]:
    """Of these nudges those that are as they were planned: wanted by somebody who is here, of a post that is live."""
    rows = session.connection().execute(_WAITING, {"ids": nudge_ids, "now": now})
    return [
        Waiting(number, language, zone, country, planned_at, Prompt(*said))
        for number, language, zone, country, planned_at, *said in rows
    ]


def arrived(session: Session, delivery_ids: Sequence[int], *, now: datetime) -> bool:
    """What these deliveries are about is out, there where they arrived. Whether nothing `overtaken` is among it."""
    values = {"ids": delivery_ids, "now": now}
    if session.connection().execute(_ARRIVED_AS_PLANNED, values).rowcount == len(delivery_ids):
        return True
    session.connection().execute(_ARRIVED, values)
    return False


def move(session: Session, nudge_id: int, delivery_id: int) -> None:
    """The nudge's card is where that delivery arrived, from now on."""
    row, delivery = session.get(Nudge, nudge_id), session.get(Delivery, delivery_id)
    if row is not None and delivery is not None and delivery.message:
        row.message, row.workspace_id = delivery.message, delivery.workspace_id


def planned_ids(
    session: Session, *, employee_id: int | None = None, unit_id: int | None = None, post_id: int | None = None
) -> list[int]:
    """Nudges of that person, of that unit's people, or about that post that are not out yet."""
    waiting = Nudge.state == NudgeState.PLANNED
    if employee_id is not None:
        waiting &= Nudge.employee_id == employee_id
    if unit_id is not None:
        waiting &= Nudge.employee_id.in_(select(Employee.id).where(Employee.unit_id == unit_id))
    if post_id is not None:
        waiting &= Nudge.post_id == post_id
    return list(session.scalars(select(Nudge.id).where(waiting)))


def forget(session: Session, nudge_ids: Sequence[int]) -> None:
    session.execute(delete(Nudge).where(Nudge.id.in_(nudge_ids)))


def overtaken(session: Session, nudge_ids: Sequence[int]) -> list[Nudge]:
    """Of these nudges, those whose post may no longer be shared."""
    found = list(session.connection().scalars(_OVERTAKEN, {"ids": nudge_ids}))
    return some(session, found) if found else []


def due_again(session: Session, now: datetime) -> Iterable[Nudge]:
    """Nudges put off with "Later" whose time has come."""
    # By their numbers first: beside the posts that come with them SQLite would go from each post to all its nudges.
    due = select(Nudge.id).where(Nudge.state == NudgeState.LATER, Nudge.again_at <= now)
    return session.scalars(select(Nudge).where(Nudge.id.in_(due)))


def nudge_about(session: Session, employee_id: int, post_id: int) -> Nudge | None:
    return session.scalar(select(Nudge).where(Nudge.employee_id == employee_id, Nudge.post_id == post_id))


def decline_reasons(session: Session, since: datetime) -> list[tuple[str, int]]:
    """How often each reason was given, the most frequent first."""
    rows = session.execute(
        select(Nudge.decline_reason, func.count())
        .where(Nudge.decline_reason.is_not(None), Nudge.sent_at >= since)
        .group_by(Nudge.decline_reason)
        .order_by(func.count().desc(), Nudge.decline_reason)
    )
    return [(reason, number) for reason, number in rows if reason]


# Built once: in a wave they run for every few messages.
_TABLE = Nudge.__table__
# Of posts only what a nudge's card asks for; the rest is looked up should anybody else want it.
_POST = (
    Post.url,
    Post.title,
    Post.summary,
    Post.source,
    Post.video_url,
    Post.image_url,
    Post.cover,
    Post.topic,
    Post.language,
    Post.state,
    Post.embargo_until,
    Post.expires_at,
)
_SOME = select(Nudge).where(among(Nudge.id, IDS)).options(joinedload(Nudge.post, innerjoin=True).load_only(*_POST))
_NOW = bindparam("now", type_=Utc())
# The few nudges first: a planner without figures would begin with all live posts, and ask for the nudges of each.
_CHOSEN = (
    select(Nudge.id, Nudge.employee_id, Nudge.post_id, Nudge.state, Nudge.why, Nudge.timing, Nudge.planned_at)
    .where(among(Nudge.id, IDS))
    .cte("chosen")
    .prefix_with("MATERIALIZED")
)
_COVER_ALT = (
    select(PostPicture.alt)
    .where(PostPicture.post_id == Post.id)
    .order_by(PostPicture.position)
    .limit(1)
    .correlate(Post)
    .scalar_subquery()
)
_WAITING = (
    select(
        _CHOSEN.c.id,
        Employee.language,
        Employee.time_zone,
        Employee.country,
        _CHOSEN.c.planned_at,
        Post.title,
        Post.summary,
        Post.source,
        Post.url,
        Post.video_url,
        func.coalesce(Post.cover, Post.image_url),
        case((Post.cover.is_not(None), _COVER_ALT), else_=""),
        func.coalesce(TopicName.name, Post.topic),
        Post.expires_at,
        case((_CHOSEN.c.why == MEANT, Unit.name)),
        _CHOSEN.c.why,
        _CHOSEN.c.timing,
    )
    .join(Employee, Employee.id == _CHOSEN.c.employee_id)
    .join(Post, Post.id == _CHOSEN.c.post_id)
    .outerjoin(Unit, Unit.id == Employee.unit_id)
    .outerjoin(TopicName, (TopicName.topic == Post.topic) & (TopicName.language == Employee.language))
    .where(
        _CHOSEN.c.state == NudgeState.PLANNED,
        Employee.state == EmployeeState.ACTIVE,
        Employee.nudges_wanted.is_(True),
        *(or_(until.is_(None), until <= _NOW) for until in (Employee.nudges_paused_until, Employee.away_until)),
        *may_be_shared(_NOW),
    )
)
_OVERTAKEN = (
    select(_CHOSEN.c.id)
    .join(Post, Post.id == _CHOSEN.c.post_id)
    .where(Post.state.in_([PostState.EXPIRED, PostState.RECALLED]))
)
_ARRIVED = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(among(Delivery.id, IDS), _TABLE.c.id == Delivery.subject_id)
    .values(
        workspace_id=Delivery.workspace_id,
        message=Delivery.message,
        sent_at=func.coalesce(_TABLE.c.sent_at, _NOW),
        state=case((_TABLE.c.state == NudgeState.PLANNED, NudgeState.SENT), else_=_TABLE.c.state),
    )
)
_ARRIVED_AS_PLANNED = _ARRIVED.where(
    _TABLE.c.state == NudgeState.PLANNED,
    Post.id == _TABLE.c.post_id,
    Post.state.not_in([PostState.EXPIRED, PostState.RECALLED]),
)
