"""The parts of a feature's `routes.py`: what people can do, what is sent to them, and what the clock does.

ROUTES = FeatureRoutes(
    name="sharing",
    commands={"share": CommandRoute(offer.show_content, takes_text=False, …)},
    presses={"nudge.later": Route(nudge.later, preload=nudges.some)},
    forms={"share": Route(share.submit_share)},
    changes={"share": Route(share.change_share)},
    message_kinds={"nudge": MessageKind(compose=nudge.compose, counts_against_budget=True)},
)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.cards import Card
from bot.core.command_info import CommandInfo, MessageShortcut
from bot.core.context import Arrival, BackgroundResult, ComposeRequest, Context, Effect, Job
from storage.database import Session

Handler = Callable[[Context, Any], list[Effect]]
JobWork = Callable[[Job], list[Effect]]
Preload = Callable[[Session, Sequence[int]], object]  # loads in one query the rows of those ids

SLASH = "/chorus "


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A press, a form or a command. `role`: who may; None is everybody. `preload`: the rows that presses on it mean.
    `is_confidential`: who does this, and when, is to be found nowhere afterwards, so it may be handled twice, and what
    is replied is stored nowhere. `is_unnamed`: the log does not say who did it, for they may have done it without their
    name."""

    handler: Handler
    role: str | None = None
    preload: Preload | None = None
    is_confidential: bool = False
    is_unnamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRoute(Route):
    """`/chorus NAME`, also as a button (`show.NAME`).

    `takes_text`: more may follow than the name; `may_follow`: just these words. `phrase`: the words that mean it, where
    a name of one word would not be said ("my data"); `other_phrases`: those that mean it, too, in any language.
    `alone`: words of this shape mean it without its name, such as a code. `is_about_place`: it means the conversation
    where it is typed; of the others it is not told where, for they are the person's own affair. `help`: what it does (a
    key of the catalogue), for `/chorus help`; without it the command is not listed there. `help_for_leads`: where it
    does something else for them. `help_roles`: in whose list it is; empty: of everybody who may use it. `button`: its
    label there. The rest: see `CommandInfo`.
    """

    takes_text: bool = False
    may_follow: tuple[str, ...] = ()
    phrase: str = ""
    other_phrases: tuple[str, ...] = ()
    alone: re.Pattern[str] | None = None
    is_about_place: bool = False
    help: str = ""
    help_for_leads: str = ""
    help_roles: tuple[str, ...] = ()
    button: str = ""
    summary: str = ""
    usage: str = ""
    shortcut: MessageShortcut | None = None

    def said_as(self, name: str) -> str:
        """How it is typed (a key of the catalogue); empty where nobody is told of it."""
        return f"{SLASH}{self.phrase or name}" if self.help or self.summary else ""

    def info(self, name: str) -> CommandInfo:
        return CommandInfo(name, self.usage, self.summary, self.takes_text, self.shortcut)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKind:
    """A kind of message that is sent to people, with all that must be known of it.

    `compose` writes the card at the last moment, or None when nothing is to be said any more; without it messages of
    the kind always bring their card. `compose_many` does so for many first messages at once; those it leaves out are
    composed alone. `preload` loads the subjects of a batch in one query. `on_delivered` is told when first messages
    are out. `counts_against_budget`: sent unasked, so it counts against what a person may get in a day and a week.
    `is_confidential`: whether there was something to say is nobody's business, so its rows are all alike: written down
    as sent before they leave, and sent at most once, to those for whom `compose` makes a card.
    """

    compose: Callable[[Job, ComposeRequest], Card | None] | None = None
    compose_many: Callable[[Job, Sequence[int]], Mapping[int, Card]] | None = None
    preload: Preload | None = None
    on_delivered: Callable[[Job, Sequence[Arrival]], list[Effect]] | None = None
    counts_against_budget: bool = False
    is_confidential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage:
    """A page of the console, at `/console/<name>`. `title`: a key of the catalogue. `cards`: what stands on it, with
    buttons and forms that work as in chat. `roles`: who sees it."""

    title: str
    cards: Callable[[Context], Sequence[Card]]
    roles: tuple[str, ...] = ("lead",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRoutes:
    """All that leads into one feature. Names are unique across features.

    `changes`: those forms that are drawn anew while they are filled in; their handlers store nothing.
    `message` answers what people write in plain words; one feature has it. `on_background_result` goes on when a
    `BackgroundRequest` of that kind has its result. `tick_jobs` run at every tick, in this order; `scheduled_jobs` when
    `bot/timetable.py` says. `on_forgetting`: what is to be done elsewhere before the person of the context is erased.
    """

    name: str
    commands: Mapping[str, CommandRoute] = field(default_factory=dict)
    presses: Mapping[str, Route] = field(default_factory=dict)
    forms: Mapping[str, Route] = field(default_factory=dict)
    changes: Mapping[str, Route] = field(default_factory=dict)
    message: Route | None = None
    message_kinds: Mapping[str, MessageKind] = field(default_factory=dict)
    on_background_result: Mapping[str, Callable[[Job, BackgroundResult], list[Effect]]] = field(default_factory=dict)
    tick_jobs: Mapping[str, JobWork] = field(default_factory=dict)
    scheduled_jobs: Mapping[str, JobWork] = field(default_factory=dict)
    console_pages: Mapping[str, ConsolePage] = field(default_factory=dict)
    on_forgetting: Callable[[Context], list[Effect]] | None = None
