"""The context of a turn: what a handler may use, and the effects that it may return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bot.core.cards import Card, Form
from bot.core.events import Event
from bot.core.i18n import Words
from bot.core.networks import Networks
from bot.core.ports import Pictures, Request
from bot.core.rules import Rules
from storage.database import Session
from storage.people.employees import Employee
from storage.pulse.round_store import RoundStore

if TYPE_CHECKING:
    from bot.core.router import Router

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers where the event came from: in place of the card pressed, else as a new message there."""

    card: Card


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation with several people in it."""

    workspace: str
    address: str


@dataclass(frozen=True, slots=True)
class Send:
    """A new message to a person, wherever we reach them.

    `key` says what it is, so that a second one cannot be. With `kind` and `subject` and no `card`, the
    card is composed at the last moment (see `MessageKind`). With `place` it goes there instead, in the person's
    language.
    """

    to: Employee
    key: str
    card: Card | None = None
    kind: str = "notice"
    subject: int | None = None
    not_before: datetime | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Replace what `message` says, with `card` or what is composed from `kind` and `subject` at the last moment."""

    message: str
    workspace: str
    card: Card | None = None
    kind: str = "notice"
    subject: int | None = None
    to: Employee | None = None  # whose message it is, for the language of what is composed


class Recipient(NamedTuple):
    """One recipient of a `Broadcast`: the card about `subject` is composed at the last moment."""

    employee: int
    workspace: str
    address: str
    subject: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Broadcast:
    """New messages of one kind to many people, in the waves of `slot` ("2026-11-24T07:00")."""

    kind: str
    slot: str
    recipients: Sequence[Recipient]


@dataclass(frozen=True, slots=True)
class OpenForm:
    form: Form


@dataclass(frozen=True, slots=True)
class BackgroundRequest:
    """What takes long is done after the commit, outside of any transaction: asking the model server, or work of our
    own. `FeatureRoutes.on_background_result` hears what came of it, or that nothing did."""

    kind: str
    subject: int
    texts: tuple[str, ...] = ()  # to be turned into vectors
    request: Request | None = None  # to be written
    work: Callable[[], object] | None = None  # touches no database; may be done in another process


@dataclass(frozen=True, slots=True)
class BackgroundResult:
    """What came of a BackgroundRequest: `written` as JSON text, `vectors` one a text, `made` by the work; None where
    nothing."""

    subject: int
    written: str | None = None
    vectors: Sequence[Sequence[float]] | None = None
    made: object = None


@dataclass(frozen=True, slots=True)
class NextSlice:
    """There is more to do: the job is to run again, in another transaction, behind the id `after`."""

    after: int


@dataclass(frozen=True, slots=True)
class Publish:
    """Go on with a publication right after the commit, and not only at the next tick."""

    publication: int


Effect = Reply | Send | Update | Broadcast | OpenForm | BackgroundRequest | NextSlice | Publish


@dataclass(slots=True)
class Context:
    session: Session
    person: Employee
    now: datetime
    words: Words
    random: Random
    rules: Rules
    pictures: Pictures
    ballots: RoundStore
    router: Router  # what else there is: the commands, the kinds of messages
    networks: Networks  # those on which people may have us publish, by name
    event: Event | None = None  # None outside of a turn


@dataclass(slots=True)
class Job:
    """What scheduled work may touch: a turn without a person.

    Work on many people goes by slices, each a transaction of its own: it starts behind the id `after`, and asks for
    the `NextSlice` where there is more to do. What is the same for all slices of a run is `memoize`d.
    """

    session: Session
    now: datetime
    random: Random
    rules: Rules
    pictures: Pictures = field(repr=False)
    ballots: RoundStore = field(repr=False)
    router: Router = field(repr=False)
    networks: Networks = field(default_factory=dict, repr=False)
    scope: str = ""  # the time zone that a local job runs for
    after: int = 0
    memo: dict[str, object] = field(default_factory=dict, repr=False)  # shared by the slices of a run

    def memoize(self, name: str, compute: Callable[[], T]) -> T:
        """The result of `compute`, which is called at the run's first slice only."""
        if name not in self.memo:
            self.memo[name] = compute()
        return self.memo[name]  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class ComposeRequest:
    """What a composer is asked for: the card about `subject`, for `person`, new or in place of an older one."""

    subject: int
    person: Employee
    replacing: bool


class Arrival(NamedTuple):
    """The first message about `subject` was delivered."""

    subject: int
    delivery: int


def words_of(person: Employee, now: datetime | None = None) -> Words:
    """The `Words` of the person's language and zone; with `now`, dates of this year omit the year."""
    return Words(person.language, person.time_zone, now)
