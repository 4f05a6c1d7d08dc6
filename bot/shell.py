"""The shell around the synchronous core: what the asynchronous edges speak to.

An event comes in; its turn runs in a worker thread within one transaction, which also stores what is to be
said; then the outgoing messages are handed on. Nothing is acknowledged that is not stored.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from time import perf_counter
from typing import Protocol

import structlog

from bot import outgoing, routes
from bot.cards import Card, Form
from bot.crossing import Crossing
from bot.dispatch import name_of, route_for, understood, written
from bot.errors import Refused, TurnError
from bot.events import Event, Joined, Left, Pressed, Submitted
from bot.outgoing import Engine
from bot.people import directory
from bot.platform import DirectoryUnavailable, ModelServer, Pictures, Platform, Profile
from bot.sorry import error_card, refusal_card
from bot.turn import Consult, Consulted, Job, OpenForm, Reply, Rules, Turn, Wish, words_of
from storage import deliveries, employees, events, learning, workspaces
from storage.ballots import BallotBox
from storage.database import Session
from storage.employees import Identity

AtOnce = Callable[[Card], Awaitable[bool]]
log = structlog.get_logger()

NO_EMPLOYEE = "no employee"
LAST_USED_TO = timedelta(minutes=5)  # how exactly it is known where a person was last


class Outbox(Protocol):
    """Carries out what this process decided."""

    async def deliver(self, delivery_ids: Sequence[int]) -> None:
        """Send what was stored, now."""
        ...

    async def replace(self, workspace: str, message: str, card: Card) -> None:
        """Replace a card that was pressed. What the press did is stored; the card only shows it, and doing it
        twice does no harm, so it is stored only when the platform asks to come back later."""
        ...


@dataclass(slots=True)
class Answer:
    """What the adapter itself says in answer, as its platform wants it: a form to open, or (asked for
    `in_place`) the card that takes the place of the one pressed. `sending` ends when all else is out."""

    form: Form | None = None
    card: Card | None = None
    duplicate: bool = False
    sending: Awaitable[None] | None = None


@dataclass(slots=True)
class _Decision:
    answer: Answer
    delivery_ids: list[int] = field(default_factory=list)
    replacement: Card | None = None  # of the card that was pressed
    consults: list[Consult] = field(default_factory=list)
    outcome: str = "done"
    person_id: int | None = None


class _Stranger(Exception):
    """The user is not known in the workspace; ask the platform for their profile."""


class Shell:
    def __init__(
        self,
        *,
        crossing: Crossing,
        platforms: Mapping[str, Platform],
        outbox: Outbox,
        engine: Engine,
        pictures: Pictures,
        rules: Rules,
        ballots: BallotBox,
        model: ModelServer | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Random | None = None,
    ) -> None:
        self._crossing = crossing
        self._platforms = platforms
        self._outbox = outbox
        self._engine = engine
        self._pictures = pictures
        self._rules = rules
        self._ballots = ballots
        self._model = model
        self._now = now
        self._random = random or SystemRandom()
        self._sending: set[asyncio.Task[None]] = set()
        self._declined: set[tuple[str, str]] = set()

    async def handle(self, event: Event, *, in_place: bool = False, at_once: AtOnce | None = None) -> Answer:
        """Decide, store, and start sending. Total: whatever goes wrong becomes a sentence or silence.

        `at_once` replaces the pressed card by a way of the platform's that its limits do not count, if it can.
        """
        started, mark = perf_counter(), secrets.token_hex(4)
        try:
            try:
                decision = await self._decide(event, None, in_place, mark)
            except _Stranger:
                decision = await self._decide(event, await self._profile(event), in_place, mark)
        except Refused as refusal:
            log.info("turn", id=mark, event_key=event.keys[0], outcome=f"refused: {refusal}")
            return Answer(sending=self._decline(event, str(refusal)))
        log.info(
            "turn",
            id=mark,
            event_key=event.keys[0],
            person=decision.person_id,
            capability=name_of(event),
            outcome=decision.outcome,
            ms=round((perf_counter() - started) * 1000, 1),
        )
        if decision.delivery_ids or decision.replacement or decision.consults:
            decision.answer.sending = self._track(asyncio.create_task(self._send(event, decision, at_once, mark)))
        return decision.answer

    async def run_job(self, work: Callable[[Job], list[Wish]], *, scope: str = "", cause: str = "") -> None:
        """One run of scheduled work, in as many transactions as it asks for. The engine sends what it plans."""
        mark = cause or secrets.token_hex(4)

        def run(session: Session, after: int) -> tuple[int | None, list[Consult]]:
            job = Job(
                session, self._now(), self._random, self._rules, self._pictures, self._ballots, scope=scope, after=after
            )
            wishes = work(job)
            outgoing.plan(session, wishes, None, job.now, engine=self._engine, cause=mark)
            return job.more_after, [wish for wish in wishes if isinstance(wish, Consult)]

        after: int | None = 0
        while after is not None:
            after, consults = await self._crossing(lambda session, after=after: run(session, after))  # type: ignore[misc]
            for wish in consults:
                await self._consult(wish, mark)

    async def sync_people(self, workspace_id: str) -> directory.SyncReport:
        """Bring people of a workspace up to date, page by page. Raises DirectoryUnavailable, LookupError."""
        platform = self._platforms[workspace_id.partition(":")[0]]
        report = directory.SyncReport()
        cursor = await self._crossing(lambda s: directory.begin(s, workspace_id, now=self._now()))
        while True:
            page = await platform.directory(workspace_id, cursor)
            done = await self._crossing(
                lambda s, page=page: directory.take_page(s, workspace_id, page, report, now=self._now())  # type: ignore[misc]
            )
            if done:
                return report
            cursor = page.next_cursor

    async def close(self) -> None:
        """Wait for what is being sent."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=10)

    async def _consult(self, wish: Consult, mark: str) -> None:
        """Between two transactions; the capability goes on with what came of it, or without."""
        vectors = written = None
        if self._model is not None and (wish.texts or wish.request) and await self._may_ask_model():
            vectors = await self._model.embed(wish.texts) if wish.texts else None
            written = await self._model.write(wish.request) if wish.request else None
        made = await asyncio.to_thread(wish.work) if wish.work else None
        said = Consulted(wish.subject, written, vectors, made)
        await self.run_job(lambda job: routes.CONSULTED[wish.kind](job, said), cause=mark)

    async def _may_ask_model(self) -> bool:
        """Whether the day's budget allows one more call; if so it is counted."""
        day, budget = self._now().date().isoformat(), self._rules.model_calls_a_day
        return await self._crossing(lambda session: learning.may_call(session, day, budget))

    async def _send(self, event: Event, decision: _Decision, at_once: AtOnce | None, mark: str) -> None:
        message, card = getattr(event, "message", None), decision.replacement
        if card is not None and message and (at_once is None or not await at_once(card)):
            await self._outbox.replace(event.workspace, message, card)
        if decision.delivery_ids:
            await self._outbox.deliver(decision.delivery_ids)
        for wish in decision.consults:
            await self._consult(wish, mark)

    def _track(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return task

    def _decline(self, event: Event, reason: str) -> asyncio.Task[None] | None:
        """One sentence, once, to whoever is no employee; silence to whom no workspace vouches for."""
        if reason != NO_EMPLOYEE or isinstance(event, Joined | Left) or (event.workspace, event.user) in self._declined:
            return None
        self._declined.add((event.workspace, event.user))
        platform = self._platforms[event.workspace.partition(":")[0]]

        async def say() -> None:
            await platform.send(event.address, refusal_card(event.locale), mark="")

        return self._track(asyncio.create_task(say()))

    async def _profile(self, event: Event) -> Profile:
        platform = self._platforms[event.workspace.partition(":")[0]]
        try:
            profile = await platform.profile(event.workspace, event.user)
        except DirectoryUnavailable as cause:
            raise Refused(f"no profile: {cause}") from cause
        if profile is None or not profile.is_employee:
            await self._crossing(
                lambda session: directory.see_off(session, event.workspace, event.user, now=self._now())
            )
            raise Refused(NO_EMPLOYEE)
        return profile

    async def _decide(self, event: Event, profile: Profile | None, in_place: bool, mark: str) -> _Decision:
        try:
            return await self._crossing(lambda session: self._turn(session, event, profile, in_place, None, mark))
        except (Refused, _Stranger):
            raise
        except TurnError as error:
            said: TurnError = error
        except Exception:
            log.exception("turn failed", id=mark, event_key=event.keys[0], capability=name_of(event))
            said = TurnError("Something went wrong on our side; nothing was changed. Please try again. ({id})",
                             kept=written(event), id=mark)  # fmt: skip
        # The turn was rolled back whole; the sentence is stored and sent in a transaction of its own.
        return await self._crossing(lambda session: self._turn(session, event, profile, in_place, said, mark))

    def _turn(
        self,
        session: Session,
        event: Event,
        profile: Profile | None,
        in_place: bool,
        error: TurnError | None,
        mark: str,
    ) -> _Decision:
        now = self._now()
        if not events.first_time(session, event.keys, now=now):
            return _Decision(Answer(duplicate=True), outcome="duplicate")
        if isinstance(event, Joined):
            return self._joined(session, event, profile, now)
        if isinstance(event, Left):
            return _left(session, event, now)
        identity = self._speaker(session, event, profile, now)
        if identity.state == "left" or identity.employee.state == "left":
            raise Refused("has left")
        if now - identity.last_used_at > LAST_USED_TO:
            identity.last_used_at = now
        if getattr(event, "place", "") and identity.address:
            event = replace(event, address=identity.address)  # what is for one alone is not said before all
        person = identity.employee
        words = words_of(person)
        event = understood(event)
        turn = Turn(session, person, now, words, self._random, self._rules, self._pictures, self._ballots, event)
        said = [Reply(error_card(error, words))] if error else None
        wishes = said or route_for(turn, event).handler(turn, event)
        return self._carry_out(wishes, event, turn, in_place, error, mark)

    def _carry_out(
        self,
        wishes: Sequence[Wish],
        event: Event,
        turn: Turn,
        in_place: bool,
        error: TurnError | None,
        mark: str,
    ) -> _Decision:
        answer, later, consults = Answer(), list[Wish](), list[Consult]()
        replacement: Card | None = None
        is_on_card = isinstance(event, Pressed | Submitted) and event.message is not None and error is None
        for wish in wishes:
            match wish:
                case OpenForm(form=form):
                    answer.form = form
                case Consult():
                    consults.append(wish)
                case Reply(card=said) if in_place:
                    answer.card = said
                case Reply(card=said) if is_on_card:
                    replacement = said
                case _:
                    later.append(wish)
        ids = outgoing.plan(turn.session, later, event, turn.now, engine=self._engine, cause=mark) if later else []
        outcome = f"said: {type(error).__name__}" if error else "done"
        return _Decision(answer, ids, replacement, consults, outcome, turn.person.id)

    def _speaker(self, session: Session, event: Event, profile: Profile | None, now: datetime) -> Identity:
        """Who speaks, in an installed workspace. Raises Refused, _Stranger."""
        found = employees.speaker(session, event.workspace, event.user)
        workspace = found.workspace if found else workspaces.workspace(session, event.workspace)
        if workspace is None or workspace.state != "installed":
            raise Refused("workspace not installed")
        if profile is not None:
            return directory.meet(session, event.workspace, profile, now=now)
        if found is None:
            raise _Stranger
        return found

    def _joined(self, session: Session, event: Joined, profile: Profile | None, now: datetime) -> _Decision:
        workspaces.install(session, event.workspace, name=event.workspace_name, now=now)
        if not event.user:
            return _Decision(Answer())
        if profile is None:
            raise _Stranger  # their profile may have changed: ask for it anew
        directory.meet(session, event.workspace, profile, now=now)
        identity = employees.identity(session, event.workspace, event.user)
        if identity is None:
            raise Refused(NO_EMPLOYEE)
        identity.address, identity.state, identity.parked_reason = event.address, "active", None
        return _Decision(Answer(), person_id=identity.employee_id)


def _left(session: Session, event: Left, now: datetime) -> _Decision:
    if event.user:
        directory.see_off(session, event.workspace, event.user, now=now)
    else:
        workspaces.remove(session, event.workspace, now=now)
        deliveries.cancel_workspace(session, event.workspace, now=now)
    return _Decision(Answer())
