"""Deciding what events lead to, in the session of a transaction: the synchronous half of the shell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from bot import routes
from bot.core import outbox
from bot.core.cards import Card, Form
from bot.core.context import Consult, OpenForm, Reply, Rules, Turn, Wish, words_of
from bot.core.error_cards import error_card
from bot.core.errors import Refused, TurnError
from bot.core.events import Event, Joined, Left, Pressed, Submitted
from bot.core.outbox import Engine
from bot.core.ports import Pictures, Profile
from bot.core.router import is_confidential, route_for, understood
from bot.features.people import directory
from storage import deliveries, employees, events, workspaces
from storage.ballots import BallotBox
from storage.database import Session
from storage.employees import Identity

NO_EMPLOYEE = "no employee"
LAST_USED_TO = timedelta(minutes=5)  # how exactly it is known where a person was last
Speakers = dict[tuple[str, str], Identity]  # by workspace and user


@dataclass(slots=True)
class Answer:
    """What the adapter itself says in answer, as its platform wants it: a form to open, or (asked for
    `in_place`) the card that takes the place of the one pressed. `sending` ends when all else is out."""

    form: Form | None = None
    card: Card | None = None
    duplicate: bool = False
    sending: Awaitable[None] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An event to decide about; `mark` is its id in the log. With `error`, all that is left to do is to say so."""

    event: Event
    mark: str
    in_place: bool = False
    profile: Profile | None = None  # of a speaker who was not known, as the platform tells it
    error: TurnError | None = None


@dataclass(slots=True)
class Decision:
    answer: Answer
    delivery_ids: list[int] = field(default_factory=list)
    replacement: Card | None = None  # of the card that was pressed
    consults: list[Consult] = field(default_factory=list)
    outcome: str = "done"
    person_id: int | None = None


class Stranger(Exception):
    """The user is not known in the workspace; ask the platform for their profile."""


class Decider:
    def __init__(
        self,
        *,
        engine: Engine,
        rules: Rules,
        pictures: Pictures,
        ballots: BallotBox,
        now: Callable[[], datetime],
        random: Random,
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._pictures = pictures
        self._ballots = ballots
        self._now = now
        self._random = random

    def decide(self, session: Session, asked: Sequence[Asked]) -> list[Decision]:
        """What each leads to, in their order. Raises Refused, Stranger, TurnError."""
        now = self._now()
        fresh = events.taken(session, [key for item in asked for key in item.event.keys], now=now)
        speakers = employees.speakers(session, {(item.event.workspace, item.event.user) for item in asked})
        presses = [item.event for item in asked if isinstance(item.event, Pressed)]
        held = routes.loaded(session, [(routes.pressed_on(event.action), event.ref) for event in presses])
        decisions = [self._turn(session, item, fresh, speakers, now) for item in asked]
        held.clear()
        return decisions

    def _turn(self, session: Session, asked: Asked, fresh: set[str], speakers: Speakers, now: datetime) -> Decision:
        event, is_new = asked.event, fresh.issuperset(asked.event.keys)
        fresh.difference_update(event.keys)  # the same event again, among those that wait together
        if not is_new:
            return Decision(Answer(duplicate=True), outcome="duplicate")
        if isinstance(event, Joined):
            return _joined(session, event, asked.profile, now)
        if isinstance(event, Left):
            return _left(session, event, now)
        identity = _speaker(session, event, asked.profile, speakers, now)
        if identity.state == "left" or identity.employee.state == "left":
            raise Refused("has left")
        if now - identity.last_used_at > LAST_USED_TO and not is_confidential(event):
            identity.last_used_at = now
        if getattr(event, "place", "") and identity.address:
            event = replace(event, address=identity.address)  # what is for one alone is not said before all
        person = identity.employee
        words = words_of(person)
        event = understood(event)
        turn = Turn(session, person, now, words, self._random, self._rules, self._pictures, self._ballots, event)
        said = [Reply(error_card(asked.error, words))] if asked.error else None
        return self._carry_out(said or route_for(turn, event).handler(turn, event), event, turn, asked)

    def _carry_out(self, wishes: Sequence[Wish], event: Event, turn: Turn, asked: Asked) -> Decision:
        answer, later, consults = Answer(), list[Wish](), list[Consult]()
        replacement: Card | None = None
        is_on_card = isinstance(event, Pressed | Submitted) and event.message is not None and asked.error is None
        for wish in wishes:
            match wish:
                case OpenForm(form=form):
                    answer.form = form
                case Consult():
                    consults.append(wish)
                case Reply(card=said) if asked.in_place:
                    answer.card = said
                case Reply(card=said) if is_on_card:
                    replacement = said
                case _:
                    later.append(wish)
        ids = outbox.plan(turn.session, later, event, turn.now, engine=self._engine, cause=asked.mark) if later else []
        outcome = f"said: {type(asked.error).__name__}" if asked.error else "done"
        return Decision(answer, ids, replacement, consults, outcome, turn.person.id)


def _speaker(session: Session, event: Event, profile: Profile | None, speakers: Speakers, now: datetime) -> Identity:
    """Who speaks, in an installed workspace. Raises Refused, Stranger."""
    found = speakers.get((event.workspace, event.user))
    workspace = found.workspace if found else workspaces.workspace(session, event.workspace)
    if workspace is None or workspace.state != "installed":
        raise Refused("workspace not installed")
    if profile is not None:
        return directory.meet(session, event.workspace, profile, now=now)
    if found is None:
        raise Stranger
    return found


def _joined(session: Session, event: Joined, profile: Profile | None, now: datetime) -> Decision:
    workspaces.install(session, event.workspace, name=event.workspace_name, now=now)
    if not event.user:
        return Decision(Answer())
    if profile is None:
        raise Stranger  # their profile may have changed: ask for it anew
    directory.meet(session, event.workspace, profile, now=now)
    identity = employees.identity(session, event.workspace, event.user)
    if identity is None:
        raise Refused(NO_EMPLOYEE)
    identity.address, identity.state, identity.parked_reason = event.address, "active", None
    return Decision(Answer(), person_id=identity.employee_id)


def _left(session: Session, event: Left, now: datetime) -> Decision:
    if event.user:
        directory.see_off(session, event.workspace, event.user, now=now)
    else:
        workspaces.remove(session, event.workspace, now=now)
        deliveries.cancel_workspace(session, event.workspace, now=now)
    return Decision(Answer())
