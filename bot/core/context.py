"""The context of a turn: what a handler may use, and the effects that it may return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bot.core.cards import Card, Form
from bot.core.events import Event
from bot.core.i18n import Words
from bot.core.networks import Networks
from bot.core.ports import Pictures, Request
from storage.database import Session
from storage.people.employees import Employee
from storage.pulse.round_store import RoundStore

if TYPE_CHECKING:
    from bot.core.router import Router

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rules:
    """The organisation's own figures; the defaults are those of the settings."""

    organisation: str = "our organisation"
    base_url: str = "http://127.0.0.1:8000"
    hours: tuple[int, int] = (9, 16)  # local, the last hour excluded; no proactive message outside them
    nudge_days: tuple[int, ...] = (1, 2, 3)  # Monday is 0
    on_holidays: bool = False
    nudge_gap_hours: float = 48.0
    keep_leavers_days: int = 30
    messages_a_day: int = 1  # the one budget of all proactive messages to a person
    messages_a_week: int = 2
    nudge_spread_minutes: float = 180.0  # over which the nudges of a slot are spread
    no_nudge_share: float = 0.2  # of person-weeks, drawn at random, so that the effect can be known
    learns_from: int = 200  # people; below, slots are fixed: there is nothing to learn from
    post_lifetime_days: int = 30
    second_approver: bool = False  # whoever suggested, wrote or changed a post does not approve it
    office: tuple[int, int] = (9, 17)  # local hours in which owners are expected to answer
    acknowledge_hours: float = 4.0  # working hours until somebody has taken a question
    answer_days: float = 2.0  # working days until it is answered
    model_writes: bool = False  # whether a language model phrases answers and summaries
    model_embeds: bool = False  # whether an embeddings server helps in routing
    model_calls_a_day: int = 1000
    pulse_k: int = 5  # people besides the viewer, below which sums in digests and workshops are not shown
    pulse_noise: float = 1.0  # how many times the least noise is added to the pulse's sums
    pulse_budget: float = 4.0  # ρ, of what a year's rounds may tell of a person
    pulse_every_weeks: int = 2
    pulse_open_days: int = 5  # working days
    reach_per_share: int = 0  # people who are assumed to see a share; 0: reach is not spoken of
    media_rates: Mapping[str, float] = field(default_factory=dict)  # by channel, for a click; none: no media value


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
    work: Callable[[], object] | None = None  # touches no database


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
