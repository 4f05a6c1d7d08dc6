"""Which handler an event reaches, and what of the event may be logged. Built from the routes of all features."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeVar

from bot.core.command_info import CommandInfo
from bot.core.context import BackgroundResult, Context, Effect, Job
from bot.core.errors import NotAllowed, NotUnderstood
from bot.core.events import Changed, Command, Event, Message, Pressed, Submitted
from bot.core.i18n import Words, languages
from bot.core.routes import (
    SLASH,
    CommandRoute,
    ConsolePage,
    FeatureRoutes,
    JobWork,
    MessageKind,
    Preload,
    Route,
)
from storage.database import Session, keep_loaded

AS_IT_STANDS = MessageKind()
SHOW = "show."  # `show.<command>` is the command as a button
NAME = "chorus"
LONGEST_WISH = 200  # characters of a message that may ask something of the bot itself
NEAR = 0.75  # likeness from which on a mistyped command is taken for another
T = TypeVar("T")


class Router:
    def __init__(self, features: Sequence[FeatureRoutes]) -> None:
        """`features` in the order in which their jobs run. Raises ValueError where two use one name."""
        self.commands: Mapping[str, CommandRoute] = _merged(features, "commands")
        self._phrases = {
            phrase.lower(): name
            for name, route in self.commands.items()
            for phrase in (name, route.phrase, *route.other_phrases, *_in_all_languages(route.said_as(name)))
            if phrase
        }
        self._longest_phrase = max((len(phrase.split()) for phrase in self._phrases), default=1)  # words
        self._alone = {name: route.alone for name, route in self.commands.items() if route.alone is not None}
        self.forms: Mapping[str, Route] = _merged(features, "forms")
        self.changes: Mapping[str, Route] = _merged(features, "changes")
        self.message_kinds: Mapping[str, MessageKind] = _merged(features, "message_kinds")
        self.on_background_result: Mapping[str, Callable[[Job, BackgroundResult], list[Effect]]] = _merged(
            features, "on_background_result"
        )
        self.tick_jobs: Mapping[str, JobWork] = _merged(features, "tick_jobs")
        self.scheduled_jobs: Mapping[str, JobWork] = _merged(features, "scheduled_jobs")
        self.console_pages: Mapping[str, ConsolePage] = _merged(features, "console_pages")
        self.on_forgetting = [feature.on_forgetting for feature in features if feature.on_forgetting is not None]
        self.budgeted_kinds = frozenset(name for name, kind in self.message_kinds.items() if kind.counts_against_budget)
        as_buttons: dict[str, Route] = {SHOW + name: route for name, route in self.commands.items()}
        pressed: dict[str, Route] = _merged(features, "presses")
        self.presses: Mapping[str, Route] = as_buttons | pressed
        self._open_ended = {
            id(routes): sorted((key for key in routes if key.endswith("*")), key=len, reverse=True)
            for routes in (self.presses, self.forms, self.changes)
        }
        messages = [feature.message for feature in features if feature.message is not None]
        if len(messages) > 1:
            raise ValueError("two features answer plain words")
        self._message = messages[0] if messages else None

    def command_infos(self) -> list[CommandInfo]:
        """What platforms show of the commands."""
        return [route.info(name) for name, route in self.commands.items() if name]

    def message_kind(self, name: str) -> MessageKind:
        """Of a message that is kept: replies and notices bring their card and have nothing more to them."""
        return self.message_kinds.get(name, AS_IT_STANDS)

    def understood(self, event: Event) -> Event:
        """Plain words that are a command ("help", "/chorus settings", "suggest https://…") as that command. A command
        that was typed where others are is answered to the person alone."""
        if isinstance(event, Command):
            name, rest = self._meant(f"{event.name} {event.text}".strip())
            if name in self.commands and name != event.name:
                event = replace(event, name=name, text=rest)
            known = self.commands.get(event.name)
            return event if known is not None and known.is_about_place else replace(event, place="")
        if not isinstance(event, Message):
            return event
        said, is_command = _after_name(event.text.strip())
        name, rest = self._meant(said)
        route = self.commands.get(name)
        is_whole = route is not None and (not rest or route.takes_text or rest.lower() in route.may_follow)
        if not (is_command or is_whole):
            return event
        return Command(
            workspace=event.workspace,
            user=event.user,
            address=event.address,
            keys=event.keys,
            locale=event.locale,
            name=name,
            text=rest,
            place=event.place,
        )

    def _meant(self, said: str) -> tuple[str, str]:
        """The command that these words are, in whatever language, and what follows its name; else the first word and
        the rest."""
        shapes = self._alone.items() if len(said) <= LONGEST_WISH else ()
        if alone := next((name for name, shape in shapes if shape.fullmatch(said)), None):
            return alone, said if self.commands[alone].takes_text else ""
        words = said.split(" ", self._longest_phrase)
        for number in range(min(len(words), self._longest_phrase), 0, -1):
            name = self._phrases.get(" ".join(words[:number]).lower())
            if name is None:
                continue
            rest = " ".join(words[number:]).strip()
            if not rest or number == 1 or self.commands[name].takes_text:
                return name, rest
        first, _, rest = said.partition(" ")
        return first.lower(), rest.strip()

    def route_for(self, context: Context, event: Event) -> Route:
        """Who answers, if the person may ask. Raises NotUnderstood, NotAllowed."""
        route = self._route(event)
        if route is None and isinstance(event, Command):
            raise self._unknown(context, event.name)
        if route is None:
            raise NotUnderstood(
                "That button no longer works – it’s probably from an older message. Type /chorus help to see "
                "what I can do.",
                kept=written(event),
            )
        if route.role is not None and not context.person.has_role(route.role):
            raise NotAllowed(
                "Only comms leads can do that. If you should be one, ask your administrator.",
                kept=written(event),
            )
        return route

    def _unknown(self, context: Context, said: str) -> NotUnderstood:
        """With what was meant, where that is near."""
        for phrase in get_close_matches(said.lower(), self._phrases, n=3, cutoff=NEAR):
            role = self.commands[self._phrases[phrase]].role
            if role is None or context.person.has_role(role):
                return NotUnderstood(
                    "I don’t know “{name}”. Did you mean /chorus {command}?", name=said[:40], command=phrase
                )
        return NotUnderstood("I don’t know “{name}”. Type /chorus help to see what I can do.", name=said[:40])

    def with_argument(self, event: Event) -> Event:
        """The event with what stands for the "*" in the name of its route."""
        if isinstance(event, Pressed | Submitted):
            name = _name(event)
            key = self._key(self._table(event), name)
            if key is not None and key.endswith("*"):
                return replace(event, argument=name.removeprefix(key[:-1]))
        return event

    def is_confidential(self, event: Event) -> bool:
        """Whether that somebody does this, and when, is to be found nowhere afterwards."""
        route = self._route(self.understood(event))
        return route is not None and route.is_confidential

    def is_unnamed(self, event: Event) -> bool:
        """Whether the log is not to say who did it."""
        route = self._route(self.understood(event))
        return isinstance(event, Message) or (route is not None and route.is_unnamed)

    def name_of(self, event: Event) -> str:
        """For the log: never a word that somebody wrote, and of a confidential press only its feature."""
        match event:
            case Command(name=name):
                return f"command {name if name in self.commands else '?'}"
            case Pressed(action=name):
                return f"press {self._logged(self.presses, name)}"
            case Changed(form=name):
                return f"change {self._logged(self.changes, name)}"
            case Submitted(form=name):
                return f"form {self._logged(self.forms, name)}"
            case _:
                return type(event).__name__.lower()

    def preload_presses(self, session: Session, presses: Iterable[Pressed]) -> None:
        """Load the rows that these presses are about, in one query a kind."""
        preload(session, ((route.preload, event.ref) for event in presses if (route := self._route(event))))

    def _route(self, event: Event) -> Route | None:
        match event:
            case Command(name=name):
                return self.commands.get(name)
            case Pressed() | Submitted():
                routes = self._table(event)
                return routes.get(self._key(routes, _name(event)) or "")
            case Message():
                return self._message
            case _:
                return None

    def _table(self, event: Pressed | Submitted) -> Mapping[str, Route]:
        match event:
            case Changed():
                return self.changes
            case Submitted():
                return self.forms
            case _:
                return self.presses

    def _key(self, routes: Mapping[str, Route], name: str) -> str | None:
        """The name in the table: `name` itself, else the longest that ends in "*" and that `name` begins with."""
        if name in routes:
            return name
        return next((key for key in self._open_ended[id(routes)] if name.startswith(key[:-1])), None)

    def _logged(self, routes: Mapping[str, Route], name: str) -> str:
        key = self._key(routes, name)
        if key is None:
            return "?"
        return key.replace("cancel.", "").partition(".")[0] if routes[key].is_confidential else key


def _after_name(said: str) -> tuple[str, bool]:
    """What follows the bot's name, or a slash, and whether either is there: "/chorus share", "/chrous share", "/share",
    "chorus share"."""
    first, _, rest = said.partition(" ")
    name = first.removeprefix("/").lower()
    if name == NAME or (first.startswith("/") and get_close_matches(name, [NAME], cutoff=NEAR)):
        return rest.strip(), True
    return (said[1:], True) if first.startswith("/") and name.isalpha() else (said, False)


def _in_all_languages(said: str) -> list[str]:
    """Without the slash and our name."""
    return [Words(language).t(said).removeprefix(SLASH) for language in languages()] if said else []


def _name(event: Pressed | Submitted) -> str:
    return event.action if isinstance(event, Pressed) else event.form


def preload(session: Session, wanted: Iterable[tuple[Preload | None, int]]) -> None:
    """Load these rows, in one query a loader, for whoever looks them up in this transaction."""
    ids: dict[Preload, set[int]] = {}
    for load, number in wanted:
        if load is not None:
            ids.setdefault(load, set()).add(number)
    for load, numbers in ids.items():
        keep_loaded(session, load(session, sorted(numbers)))


def written(event: Event) -> str:
    """What the person wrote in a form, to give it back."""
    if not isinstance(event, Submitted):
        return ""
    return max(event.values.values(), key=len, default="")[:3000]


def _merged(features: Sequence[FeatureRoutes], table: str) -> dict[str, T]:
    """One table of all features. Raises ValueError where two features use one name."""
    found: dict[str, T] = {}
    for feature in features:
        rows: Mapping[str, T] = getattr(feature, table)
        if both := found.keys() & rows.keys():
            raise ValueError(f"{feature.name} and another feature both have {table} named {', '.join(sorted(both))}")
        found |= rows
    return found
