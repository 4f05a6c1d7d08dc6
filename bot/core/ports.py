"""The ports of the core: a chat platform, and the few things of the outside that a turn asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.core.cards import Card, Chart, Form
from bot.core.events import Event


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived; `message` is what `update` takes to replace it."""

    message: str


@dataclass(frozen=True, slots=True)
class PermanentFailure:
    """It did not arrive and a retry will not help. `parks` says who can no longer be reached."""

    reason: str
    parks: str = ""  # "" | "person" | "workspace"


class Calls(StrEnum):
    """Requests to a platform that it counts together, and apart from all others."""

    SENDS = "sends"  # new messages
    UPDATES = "updates"  # replacements of messages
    PAGES = "pages"  # a person's own page, such as the App Home in Slack
    LOOKS = "looks"  # reading back what was said
    DIRECTORY = "directory"  # pages of the members
    PROFILES = "profiles"  # one member


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """It did not arrive; retry after `seconds`. `refused`: the platform takes no such calls for the workspace until
    then; None: it is about this message alone."""

    seconds: float
    reason: str
    refused: Calls | None = None


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The request was sent and no answer came. It may have arrived, so it is repeated only where that does no harm."""

    reason: str


Outcome = Sent | PermanentFailure | RetryAfter | OutcomeUnknown


@dataclass(frozen=True, slots=True)
class Rate:
    """At most one every `gap` seconds, after `burst` at once."""

    gap: float
    burst: int = 1


UNLIMITED = Rate(0.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a platform lets us speak to a workspace, to one conversation (seconds between two messages), and ask it
    other things; and within how many seconds it wants to know what came of what a person did. What is None is counted
    with the sends."""

    sends: Rate = UNLIMITED
    conversation_gap: float = 0.0
    updates: Rate | None = None
    pages: Rate | None = None
    page_mark: str = ""  # what the address of a person's page has in it
    looks: Rate | None = None
    directory: Rate = UNLIMITED
    profiles: Rate = UNLIMITED
    answers_within: float = 10.0

    def calls(self, address: str, *, replaces: bool) -> Calls:
        """What a message or a replacement is counted as."""
        if self.pages is not None and self.page_mark in address:
            return Calls.PAGES
        return Calls.UPDATES if replaces and self.updates is not None else Calls.SENDS

    def rate(self, calls: Calls) -> Rate:
        found: Rate | None = getattr(self, calls)
        return found or self.sends


@dataclass(frozen=True, slots=True)
class Profile:
    """A member of a workspace as its directory shows them. Only `is_employee` members are spoken to."""

    user: str
    name: str
    email: str | None = None  # None unless the platform verified it
    locale: str | None = None
    time_zone: str | None = None
    unit: str | None = None
    is_employee: bool = True  # no guest, bot, stranger or leaver
    address: str | None = None
    away_until: datetime | None = None  # on leave or ill, as their status says


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """Some members; a directory that is not `whole` may lack employees, so that missing there means little."""

    profiles: tuple[Profile, ...]
    next_cursor: str | None
    whole: bool = True


def bucket_of(workspace: str, calls: Calls) -> str:
    """The name under which these calls are counted, in all processes."""
    return workspace if calls is Calls.SENDS else f"{workspace}#{calls}"


class Platform(Protocol):
    """One chat platform. No method is optional, and those that return an Outcome are total: it says what went wrong."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        """A new message. `mark` goes with it where the platform keeps metadata, to look it up later."""
        ...

    async def update(self, message: str, card: Card) -> Outcome:
        """Replace what `message` says."""
        ...

    async def find(self, address: str, mark: str) -> Outcome:
        """The message that was sent with `mark`: Sent when it is there, PermanentFailure when it surely is not,
        OutcomeUnknown where the platform does not let us look, RetryAfter when it does not just now."""
        ...

    async def profile(self, workspace: str, user: str) -> Profile | None:
        """One member, None where the platform knows no such one. Raises DirectoryUnavailable."""
        ...

    async def directory(self, workspace: str, cursor: str | None) -> DirectoryPage:
        """A page of members. Raises DirectoryUnavailable."""
        ...

    async def close(self) -> None: ...


class DirectoryUnavailable(Exception):
    """The platform does not give its members just now; `retry_after` in seconds. `is_refusal`: for it was asked too
    often, and takes no such call for the workspace until then."""

    def __init__(self, reason: str, retry_after: float = 60.0, *, is_refusal: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.is_refusal = is_refusal


HeatRow = tuple[str, Sequence[tuple[int, str] | None]]  # its name; the percentage that colours a cell, and its label


class Pictures(Protocol):
    def url_of(self, title: str, bars: Sequence[tuple[str, float]]) -> str:
        """An address at which the chart is drawn; it holds the figures, sealed."""
        ...

    def culture_url(self, title: str, stages: Sequence[tuple[str, int | None]], unknown: str) -> str:
        """The framework's picture: the first four factors as its inner cycle, three as the outer, the last in the
        middle, each with its stage (1–4), or `unknown`."""
        ...

    def heat_url(self, title: str, columns: Sequence[str], rows: Sequence[HeatRow], unknown: str) -> str:
        """A heat map of percentages; None is marked and named `unknown`."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a language model is to write: JSON after `schema`. `data` is what it is about and never says what to do."""

    task: str
    data: str
    schema_name: str
    schema: Mapping[str, Any]


class ModelServer(Protocol):
    """A language model and an embeddings server, or none. Total: what goes wrong is None, within ten seconds."""

    async def write(self, request: Request) -> str | None: ...

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        """One vector a text, all of one length."""
        ...


class TokenStore(Protocol):
    """Where an adapter keeps what a workspace entrusted to it (JSON text, encrypted at rest)."""

    async def get(self, workspace: str) -> str | None: ...

    async def put(self, workspace: str, secret: str, *, name: str = "") -> None: ...

    def forget(self, workspace: str) -> None:
        """Drop what is kept in memory: the workspace removed the bot."""
        ...


def chart(pictures: Pictures, title: str, bars: Sequence[tuple[str, float]]) -> Chart:
    return Chart(title, tuple(bars), pictures.url_of(title, bars))


class TurnAnswer(Protocol):
    """What the adapter itself says in answer to an event: a form to open, a card in place of the one pressed."""

    @property
    def form(self) -> Form | None: ...

    @property
    def card(self) -> Card | None: ...


class Handle(Protocol):
    """`Application.handle`, as adapters know it."""

    def __call__(
        self, event: Event, *, in_place: bool = False, at_once: Callable[[Card], Awaitable[bool]] | None = None
    ) -> Awaitable[TurnAnswer]: ...
