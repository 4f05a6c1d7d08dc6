"""Deciding what events lead to, in the session of a transaction: the synchronous half of the application."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core import outbox
from bot.core.cards import Card, Form
from bot.core.context import BackgroundRequest, Context, Effect, OpenForm, Publish, Reply
from bot.core.dependencies import Dependencies
from bot.core.error_cards import error_card
from bot.core.errors import Refused, TurnError
from bot.core.events import Changed, Command, Event, Joined, Left, Message, Pressed, Submitted
from bot.core.ports import Profile
from bot.features.people.domain import directory
from storage.audit import watch
from storage.core import events
from storage.database import Session
from storage.delivery import deliveries
from storage.people import employees, workspaces
from storage.people.employees import Identity, IdentityState
from storage.people.responsibilities import split_off_joined_identities
from storage.people.workspaces import WorkspaceState
from storage.privacy import erasure

NO_EMPLOYEE = "no employee"
FORGOTTEN = "asked to be forgotten"
LAST_USED_TO = timedelta(minutes=5)  # how exactly it is known where a person was last
Speakers = dict[tuple[str, str], Identity]  # by workspace and user


@dataclass(slots=True)
class Response:
    """What the adapter itself says in answer, as its platform wants it: a form to open, or (asked for
    `in_place`) the card that takes the place of the one pressed. `sending` ends when all else is out."""

    form: Form | None = None
    card: Card | None = None
    duplicate: bool = False
    sending: Awaitable[None] | None = None


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event to decide about; `mark` is its id in the log. With `error`, all that is left to do is to say so."""

    event: Event
    mark: str
    in_place: bool = False
    is_confidential: bool = False
    profile: Profile | None = None  # of a speaker who was not known, as the platform tells it
    error: TurnError | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether it does no harm twice, so that it is not written down that it came."""
        return self.is_confidential or isinstance(self.event, Changed)


@dataclass(slots=True)
class TurnResult:
    answer: Response
    delivery_ids: list[int] = field(default_factory=list)
    replacement: Card | None = None  # of the card that was pressed
    unstored: list[tuple[str, Card]] = field(default_factory=list)  # (address, what is said there), stored nowhere
    consults: list[BackgroundRequest] = field(default_factory=list)
    publications: list[int] = field(default_factory=list)  # to be gone on with at once
    outcome: str = "done"
    person_id: int | None = None


class UnknownUser(Exception):
    """The user is not known in the workspace; ask the platform for their profile."""


class TurnProcessor:
    def __init__(self, dependencies: Dependencies) -> None:
        self._with = dependencies

    def decide(self, session: Session, asked: Sequence[PendingEvent]) -> list[TurnResult]:
        """The response to each event, in order. Raises Refused, UnknownUser, TurnError."""
        now = self._with.now()
        keys = [key for item in asked if not item.may_repeat for key in item.event.keys]
        fresh = events.taken(session, keys, now=now)
        speakers = employees.speakers(session, {(item.event.workspace, item.event.user) for item in asked})
        self._with.router.preload_presses(session, [item.event for item in asked if isinstance(item.event, Pressed)])
        return [self._turn(session, item, fresh, speakers, now) for item in asked]

    def _turn(
        self, session: Session, asked: PendingEvent, fresh: set[str], speakers: Speakers, now: datetime
    ) -> TurnResult:
        event = asked.event
        is_new = asked.may_repeat or fresh.issuperset(event.keys)
        fresh.difference_update(event.keys)  # the same event again, among those that wait together
        if not is_new:
            return TurnResult(Response(duplicate=True), outcome="duplicate")
        if isinstance(event, Joined | Left):
            with watch.acting(session, None, source_of(event)):
                if isinstance(event, Joined):
                    return _joined(session, event, asked.profile, now)
                return _left(session, event, now)
        identity = _speaker(session, event, asked.profile, speakers, now)
        if event.time_zone:
            directory.heed(identity.employee, locale=event.locale, time_zone=event.time_zone)
        if identity.state == IdentityState.LEFT or not identity.employee.is_active:
            raise Refused("has left")
        router = self._with.router
        if now - identity.last_used_at > LAST_USED_TO and not asked.is_confidential:
            identity.last_used_at = now
        if identity.joined_by_email:
            split_off_joined_identities(session, identity.employee, now=now)
        if getattr(event, "place", "") and identity.address:
            event = replace(event, address=identity.address)  # what is for one alone is not said before all
        event = router.with_argument(router.understood(event))
        context = self._with.context(session, identity.employee, now, event)
        with watch.acting(session, context.person.id, source_of(event)):
            if asked.error:
                effects: list[Effect] = [Reply(error_card(asked.error, context.words))]
            else:
                effects = router.route_for(context, event).handler(context, event)
        return self._carry_out(effects, event, context, asked)

    def _carry_out(self, effects: Sequence[Effect], event: Event, context: Context, asked: PendingEvent) -> TurnResult:
        answer, later, consults = Response(), list[Effect](), list[BackgroundRequest]()
        publications, unstored = list[int](), list[tuple[str, Card]]()
        replacement: Card | None = None
        is_on_card = isinstance(event, Pressed | Submitted) and event.message is not None and asked.error is None
        for effect in effects:
            match effect:
                case OpenForm(form=form):
                    answer.form = form
                case BackgroundRequest():
                    consults.append(effect)
                case Publish(publication=number):
                    publications.append(number)
                case Reply(card=said) if asked.in_place:
                    answer.card = said
                case Reply(card=said) if is_on_card:
                    replacement = said
                case Reply(card=said) if asked.is_confidential:
                    unstored.append((event.address, said))
                case _:
                    later.append(effect)
        ids = (
            outbox.plan(context.session, later, event, context.now, engine=self._with.engine, cause=asked.mark)
            if later
            else []
        )
        outcome = f"said: {type(asked.error).__name__}" if asked.error else "done"
        return TurnResult(
            answer,
            ids,
            replacement,
            unstored,
            consults,
            publications,
            outcome,
            context.person.id,
        )


def source_of(event: Event) -> str:
    """Where it was done, for the audit log."""
    return "console" if event.keys and event.keys[0].startswith("console:") else "chat"


def _speaker(session: Session, event: Event, profile: Profile | None, speakers: Speakers, now: datetime) -> Identity:
    """The sender of the event, if the workspace is installed. Raises Refused, UnknownUser."""
    found = speakers.get((event.workspace, event.user))
    workspace = found.workspace if found else workspaces.workspace(session, event.workspace)
    if workspace is None or workspace.state != WorkspaceState.INSTALLED:
        raise Refused("workspace not installed")
    if profile is not None:
        is_erased = not erasure.may_come(session, event.workspace, [(event.user, profile.email)])
        if is_erased and not _is_written(event):
            raise Refused(FORGOTTEN)
        erasure.begin_anew(session, event.workspace, event.user, profile.email)
        return directory.upsert_identity(session, event.workspace, profile, now=now)
    if found is None:
        raise UnknownUser
    if found.state == IdentityState.PARKED:
        found.reach_again()  # the platform refused a message once: here they are
    return found


def _is_written(event: Event) -> bool:
    """A button on an old card is not, nor is a page that was opened: neither brings back who asked to be forgotten."""
    return isinstance(event, Message) or (isinstance(event, Command) and event.is_typed)


def _joined(session: Session, event: Joined, profile: Profile | None, now: datetime) -> TurnResult:
    workspaces.install(session, event.workspace, name=event.workspace_name, now=now)
    if not event.user:
        return TurnResult(Response())
    if not erasure.may_come(session, event.workspace, [(event.user, profile.email if profile else None)]):
        return TurnResult(Response())  # they asked to be forgotten, and have not spoken since
    if profile is None:
        raise UnknownUser  # their profile may have changed: ask for it anew
    directory.upsert_identity(session, event.workspace, profile, now=now)
    identity = employees.identity(session, event.workspace, event.user)
    if identity is None:
        raise Refused(NO_EMPLOYEE)
    identity.reach_again(event.address)
    return TurnResult(Response(), person_id=identity.employee_id)


def _left(session: Session, event: Left, now: datetime) -> TurnResult:
    if event.user:
        directory.deactivate_identity(session, event.workspace, event.user, now=now)
    else:
        workspaces.remove(session, event.workspace, now=now)
        deliveries.cancel_workspace(session, event.workspace, now=now)
    return TurnResult(Response())
