"""A turn: all that a capability may touch while it decides, and all that it may ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from bot.cards import Card, Form
from bot.events import Event
from bot.language import Words
from bot.platform import Pictures
from storage.database import Session
from storage.employees import Employee


@dataclass(frozen=True, slots=True)
class Rules:
    """The organisation's own figures; the defaults are those of the settings."""

    organisation: str = "our organisation"
    base_url: str = "http://127.0.0.1:8000"
    nudge_hours: tuple[int, int] = (9, 16)  # local, the last hour excluded
    nudge_weekends: bool = False
    nudge_gap_hours: float = 48.0
    nudges_a_week: int = 2
    post_lifetime_days: int = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers where the event came from: in place of the card pressed, else as a new message there."""

    card: Card


@dataclass(frozen=True, slots=True)
class Post:
    """A new message to a person, wherever we reach them.

    `key` says what it is, so that a second one cannot be. With `kind` and `subject` and no `card`, the
    card is composed at the last moment (see `routes.COMPOSED`).
    """

    to: Employee
    key: str
    card: Card | None = None
    kind: str = "notice"
    subject: int | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Replace what `message` says, with `card` or what is composed from `kind` and `subject` at the last moment."""

    message: str
    workspace: str
    card: Card | None = None
    kind: str = "notice"
    subject: int | None = None
    to: Employee | None = None  # whose message it is, for the language of what is composed


@dataclass(frozen=True, slots=True)
class OpenForm:
    form: Form


Wish = Reply | Post | Update | OpenForm


@dataclass(slots=True)
class Turn:
    session: Session
    person: Employee
    now: datetime
    words: Words
    random: Random
    rules: Rules
    pictures: Pictures
    event: Event | None = None  # None in a job


@dataclass(slots=True)
class Job:
    """What scheduled work may touch: a turn without a person."""

    session: Session
    now: datetime
    random: Random
    rules: Rules
    pictures: Pictures = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a composer is asked for: the card about `subject`, for `person`, new or in place of an older one."""

    subject: int
    person: Employee
    replacing: bool


def words_of(person: Employee) -> Words:
    return Words(person.language, person.time_zone)
