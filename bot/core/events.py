"""What somebody did, in words that no platform owns.

Every event knows the workspace and the user as the platform names them, where to answer (`address`), and
one or two `keys` under which it is handled once only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    workspace: str  # "slack:T1"
    user: str
    address: str  # where to answer; only the adapter reads it
    keys: tuple[str, ...]
    locale: str | None = None
    time_zone: str | None = None  # where the platform tells it with what somebody does, as Teams does


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Event):
    """`/chorus NAME TEXT`, or a shortcut that means the same. `place`: the conversation with others in it where it was
    typed; "": typed to the bot alone. `is_typed`: somebody wrote it; else they only opened a page that shows it."""

    name: str
    text: str = ""
    place: str = ""
    is_typed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """Something said to the bot alone, or with its name in it: then `place` is the thread where all can read."""

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Event):
    """A button. `message` is the card it stood on, as `Update` takes it. `argument`: what stands for the "*" in the
    name of its route ("settings.language_*"); the router fills it in."""

    action: str
    ref: int
    message: str | None = None
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Event):
    """A form. `message` is the card that it was opened from, if any; `argument` as in `Pressed`."""

    form: str
    ref: int
    values: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Submitted):
    """A form that is still open: in the field or suggestions named `changed`, `chosen` was chosen ("": it was written
    in). The answer draws the form anew and stores nothing, so it may come any number of times."""

    changed: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Event):
    """The bot was installed in a workspace or in a person's chat (`address` is then where to speak with them)."""

    workspace_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """With `user`: the person left or removed the bot. Without: the workspace did."""
