"""The port of a social network on which Chorus publishes for a person, on the person's own account and by their word.

Every call may wait for a server, so it is made in a thread. What a network gave for an account (`Credentials`) is
its adapter's own affair: the core seals it, stores it, and hands it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.core.ports import OutcomeUnknown, RetryAfter

Credentials = dict[str, Any]  # JSON


class Refusal(StrEnum):
    """Why a network does not take a post."""

    SIGN_IN = "sign_in"  # the sign-in has ended, or was taken back: the account must be connected anew
    RIGHTS = "rights"  # signed in, but not allowed to post
    TEXT = "text"  # it does not take this text or picture
    DUPLICATE = "duplicate"  # the same text is there already, and we do not know where
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Published:
    """It is there: `post` is what the network knows it by, `url` is where people see it."""

    post: str
    url: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """The network surely does not have it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The network does not take it, and a retry will not help. `detail` is for the log."""

    why: Refusal
    detail: str = ""


PublishOutcome = Published | NotThere | Refused | RetryAfter | OutcomeUnknown


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture, small enough for every network; `alt` says what is in it."""

    content: bytes = field(repr=False)
    media_type: str
    alt: str


@dataclass(frozen=True, slots=True)
class OutgoingPost:
    """What is to be published. `text` is whole, link included. `key` is the same at every attempt."""

    key: str
    text: str
    language: str
    written_at: datetime
    link: str = ""  # the tracked link, for a card of the page
    title: str = ""
    description: str = ""
    pictures: tuple[Picture, ...] = ()
    has_own_pictures: bool = False  # they take the place of the page's card; else the first illustrates it

    @property
    def page(self) -> str:
        """What a card is made of; "" where the post has none."""
        return "" if self.has_own_pictures else self.link


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where the person's browser goes, and what the adapter wants back when it returns (secrets among it)."""

    url: str
    kept: Credentials = field(repr=False)


@dataclass(frozen=True, slots=True)
class NetworkAccount:
    """An account that its owner has connected. `subject` is what the network knows it by, `name` what people do."""

    subject: str
    name: str
    url: str
    host: str
    credentials: Credentials = field(repr=False)
    expires_at: datetime | None = None  # None: it is renewed by itself
    max_length: int | None = None  # of a text, where this server has its own


@dataclass(frozen=True, slots=True)
class Reactions:
    likes: int
    replies: int
    reshares: int


class SignInFailed(Exception):
    """The account is not connected. `sentence`: a key of the catalogue, for the person; the message is for the log."""

    def __init__(self, reason: str, sentence: str = "") -> None:
        super().__init__(reason)
        self.sentence = sentence


class Network(Protocol):
    @property
    def name(self) -> str:
        """The channel's id ("bluesky")."""
        ...

    @property
    def refuses_repeats(self) -> bool:
        """Whether a repeat soon after, of a post that is there, is recognised by the network itself."""
        ...

    @property
    def usual_host(self) -> str:
        """What is proposed to people who are asked where their account is."""
        ...

    def begin(self, state: str, host: str) -> SignIn:
        """Start a sign-in at `host` (what the person named: an instance, a handle; may be ""). Raises SignInFailed."""
        ...

    def finish(self, kept: Credentials, answer: Mapping[str, str]) -> NetworkAccount:
        """`answer`: the query with which the browser came back. Raises SignInFailed."""
        ...

    def renewed(self, credentials: Credentials) -> Credentials | None:
        """Fresh ones where these are about to end, None where they are still good. What is returned must be stored
        before it is used. Raises SignInFailed where it cannot be renewed, OSError where the server does not answer."""
        ...

    def publish(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome: ...

    def find(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        """Whether an attempt whose outcome is unknown got through."""
        ...

    def delete(self, credentials: Credentials, post: str) -> PublishOutcome:
        """NotThere when it is gone, also when it was gone before."""
        ...

    def end(self, credentials: Credentials) -> None:
        """Tell the network that the sign-in is over, as far as it wants to know. Total."""
        ...

    def reactions(self, posts: Sequence[str]) -> Mapping[str, Reactions]:
        """Of posts, as far as the network tells everybody. Total."""
        ...


Networks = Mapping[str, Network]
