"""The application: takes events from adapters, has each decided in a transaction, and sends what it leads to.

An event comes in; it is decided in a worker thread (`bot.core.turn_processor`), within one transaction that also stores
what is to be said; then the outgoing messages are handed on. Nothing is acknowledged that is not stored.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from time import perf_counter
from typing import Protocol

import structlog

from bot.core import measures, outbox, tracing
from bot.core.allowed_workspaces import AllowedWorkspaces, NotYetKnown
from bot.core.background_tasks import BackgroundTasks
from bot.core.call_pace import CallPace
from bot.core.cards import Card
from bot.core.context import BackgroundRequest, BackgroundResult, Effect, Job, NextSlice
from bot.core.db_executor import PATIENT
from bot.core.dependencies import Dependencies
from bot.core.error_cards import flood_card, refusal_card, unknown_card
from bot.core.errors import Refused, TurnError
from bot.core.events import Event, Joined, Left, Pressed, Submitted
from bot.core.ports import Calls, DirectoryUnavailable, ModelServer, Profile
from bot.core.rate_limit import RateLimiter
from bot.core.router import written
from bot.core.turn_batcher import TurnBatcher
from bot.core.turn_processor import (
    FORGOTTEN,
    NO_EMPLOYEE,
    PendingEvent,
    Response,
    TurnProcessor,
    TurnResult,
    UnknownUser,
)
from bot.features.people.domain import directory
from storage.core import model_budget
from storage.database import Session
from storage.database_faults import is_outage

AtOnce = Callable[[Card], Awaitable[bool]]
log = structlog.get_logger()

SOON = 1.5  # seconds in which somebody who spoke for the first time is looked up, or has to speak again


class Outbox(Protocol):
    """Sends what this process has decided."""

    async def deliver(self, delivery_ids: Sequence[int]) -> None:
        """Send what was stored, now."""
        ...

    async def replace(
        self, workspace: str, message: str, card: Card, *, decided_at: datetime, is_confidential: bool = False
    ) -> None:
        """Replace a card that was pressed. What the press did is stored; the card only shows it, and doing it
        twice does no harm, so it is stored only when the platform asks to come back later, and never where it is
        confidential."""
        ...

    async def replaced(self, message: str, *, decided_at: datetime) -> None:
        """A card that was pressed was replaced by a way of the platform's own: what was to take its place before is no
        longer to be."""
        ...

    async def say(self, workspace: str, address: str, card: Card) -> None:
        """Send what is confidential: it is stored nowhere, and what cannot be sent soon is not sent."""
        ...


_OF_LOG = secrets.token_bytes(16)  # of this process: whoever has the log alone can try no platform's ids


class Application:
    def __init__(
        self,
        dependencies: Dependencies,
        *,
        outbox: Outbox,
        model: ModelServer | None = None,
        flood: RateLimiter | None = None,
        allowed: AllowedWorkspaces | None = None,
        publish: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        """`allowed`: the workspaces that belong to the organisation; None in tests, where all do. `publish`: goes on
        with a publication."""
        self._with = dependencies
        self._db_executor = dependencies.db_executor
        self._pace = CallPace(dependencies.db_executor, dependencies.platforms, dependencies.now)
        self._router = dependencies.router
        self._outbox = outbox
        self._model = model
        self._publish = publish or _later
        self._turns = TurnBatcher(dependencies.db_executor, TurnProcessor(dependencies).decide)
        self._sending = BackgroundTasks()
        self._declined: set[tuple[str, str]] = set()
        self._flood = flood or RateLimiter()
        self._allowed = allowed

    async def handle(self, event: Event, *, in_place: bool = False, at_once: AtOnce | None = None) -> Response:
        """Decide, store, and start sending. Whatever goes wrong becomes a sentence or silence, but for what cannot be
        stored now: the database's outages, and NotYetKnown.

        `at_once` replaces the pressed card by a way of the platform's that its limits do not count, if it can.
        """
        started, came_at, mark = perf_counter(), self._with.now(), secrets.token_hex(4)
        is_confidential = self._router.is_confidential(event)
        if is_confidential:
            event = replace(event, keys=(secrets.token_hex(8),))  # the platform's names the person
        if self._allowed is not None and not await self._allowed.knows(event.workspace):
            if self._allowed.is_pending(event.workspace):
                raise NotYetKnown(event.workspace)
            log.warning("not heard: the workspace is not allowed", id=mark, workspace=event.workspace)
            return Response()
        verdict = self._flood.hear(event)
        if not verdict.is_heard:
            if verdict.tells:
                log.warning("flood", id=mark, **self._key_of(event), capability=self._router.name_of(event))
            if in_place:  # whoever presses on a page must not think that it was done
                return Response(card=flood_card(event.locale))
            return Response(sending=self._say(event, flood_card(event.locale)) if verdict.tells else None)
        asked = PendingEvent(event, mark, in_place, is_confidential)
        kind, capability = type(event).__name__.lower(), self._router.name_of(event)
        try:
            with tracing.span(
                "turn", cause=mark, is_confidential=is_confidential, kind=kind, capability=capability
            ) as told:
                decision = await self._decide_for_known(asked)
                told["outcome"] = decision.outcome
        except Refused as refusal:
            log.info("turn", id=mark, **self._key_of(event), outcome=f"refused: {refusal}")
            return Response(sending=self._decline(event, str(refusal)))
        if not is_confidential:  # how many there were, and when, would tell how many answered
            seconds = perf_counter() - started
            key = self._key_of(event)
            who = {**key, "person": decision.person_id} if key else {}
            measures.turns(kind).observe(seconds)
            log.info(
                "turn",
                id=mark,
                **who,
                capability=capability,
                outcome=decision.outcome,
                ms=round(seconds * 1000, 1),
            )
        if (
            decision.delivery_ids
            or decision.replacement
            or decision.unstored
            or decision.consults
            or decision.publications
        ):
            decision.answer.sending = self._sending.begin(self._begin(asked, came_at, decision, at_once))
        return decision.answer

    async def run_job(self, work: Callable[[Job], list[Effect]], *, scope: str = "", cause: str = "") -> None:
        """One run of scheduled work, in as many transactions as it asks for. The engine sends what it plans."""
        mark = cause or secrets.token_hex(4)

        memo: dict[str, object] = {}

        def run(session: Session, after: int) -> tuple[int | None, list[BackgroundRequest]]:
            job = self._with.job(session, scope=scope, after=after, memo=memo)
            effects = work(job)
            outbox.plan(session, effects, None, job.now, engine=self._with.engine, cause=mark)
            following = next((effect.after for effect in effects if isinstance(effect, NextSlice)), None)
            return following, [effect for effect in effects if isinstance(effect, BackgroundRequest)]

        after: int | None = 0
        while after is not None:
            after, consults = await self._db_executor(
                lambda session, after=after: run(session, after),  # type: ignore[misc]
                patience=PATIENT,
            )
            for effect in consults:
                await self._consult(effect, mark)

    async def serves(self, workspace_id: str) -> bool:
        """Whether its platform is set up here, and it belongs, or may."""
        is_set_up = self._with.platform_of(workspace_id) is not None
        return is_set_up and (self._allowed is None or await self._allowed.may_belong(workspace_id))

    async def sync_people(self, workspace_id: str, *, believes_all: bool = False) -> directory.SyncReport:
        """Bring people of a workspace up to date, page by page. `believes_all`: however many are missing, they have
        left. Raises DirectoryUnavailable, LookupError."""
        platform = self._with.platforms[workspace_id.partition(":")[0]]
        report = directory.SyncReport()
        cursor = await self._db_executor(lambda s: directory.begin(s, workspace_id, now=self._with.now()))
        while True:
            page = await self._pace.ask(
                workspace_id, Calls.DIRECTORY, partial(platform.directory, workspace_id, cursor)
            )
            done = await self._db_executor(
                lambda s, page=page: directory.take_page(  # type: ignore[misc]
                    s, workspace_id, page, report, now=self._with.now(), believes_all=believes_all
                )
            )
            if done:
                return report
            cursor = page.next_cursor

    async def close(self) -> None:
        """Wait until everything under way is sent."""
        await self._sending.close()

    async def _consult(self, effect: BackgroundRequest, mark: str) -> None:
        """Between two transactions; the capability goes on with what came of it, or without."""
        vectors = written = None
        if self._model is not None and (effect.texts or effect.request) and await self._may_ask_model():
            vectors = await self._model.embed(effect.texts) if effect.texts else None
            written = await self._model.write(effect.request) if effect.request else None
        made = await self._with.apart(effect.work) if effect.work else None
        said = BackgroundResult(effect.subject, written, vectors, made)
        await self.run_job(lambda job: self._router.on_background_result[effect.kind](job, said), cause=mark)

    async def _may_ask_model(self) -> bool:
        """Whether the day's budget allows one more call; if so it is counted."""
        day, budget = self._with.now().date().isoformat(), self._with.rules.model_calls_a_day
        return await self._db_executor(lambda session: model_budget.may_call(session, day, budget))

    async def _begin(
        self, asked: PendingEvent, came_at: datetime, decision: TurnResult, at_once: AtOnce | None
    ) -> None:
        """Send now; what cannot be sent now stays stored for the engine."""
        try:
            await self._send(asked, came_at, decision, at_once)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("not sent at once", id=asked.mark, reason=type(error).__name__)

    async def _send(self, asked: PendingEvent, came_at: datetime, decision: TurnResult, at_once: AtOnce | None) -> None:
        event, message, card = asked.event, getattr(asked.event, "message", None), decision.replacement
        if card is not None and message:
            if at_once is None or not await at_once(card):
                await self._outbox.replace(
                    event.workspace, message, card, decided_at=came_at, is_confidential=asked.is_confidential
                )
            elif not asked.is_confidential:  # of which nothing waits
                await self._outbox.replaced(message, decided_at=came_at)
        for address, said in decision.unstored:
            await self._outbox.say(event.workspace, address, said)
        if decision.delivery_ids:
            await self._outbox.deliver(decision.delivery_ids)
        for effect in decision.consults:
            await self._consult(effect, asked.mark)
        for publication in decision.publications:
            await self._publish(publication)

    def _decline(self, event: Event, reason: str) -> asyncio.Task[None] | None:
        """Tell people who are not employees once, in one sentence, and those who asked to be forgotten, when they press
        something old; say nothing to users of unknown workspaces."""
        if reason == FORGOTTEN and isinstance(event, Pressed | Submitted):
            return self._say(event, unknown_card(event.locale))
        if reason != NO_EMPLOYEE or isinstance(event, Joined | Left) or (event.workspace, event.user) in self._declined:
            return None
        self._declined.add((event.workspace, event.user))
        return self._say(event, refusal_card(event.locale))

    def _say(self, event: Event, card: Card) -> asyncio.Task[None]:
        """Send something that needs no turn and is not stored."""
        platform = self._with.platforms[event.workspace.partition(":")[0]]

        async def say() -> None:
            await platform.send(event.address, card, mark="")

        return self._sending.begin(say())

    async def _profile(self, event: Event) -> Profile:
        platform = self._with.platforms[event.workspace.partition(":")[0]]
        try:
            ask = partial(platform.profile, event.workspace, event.user)
            profile = await self._pace.ask(event.workspace, Calls.PROFILES, ask, tries=1, patience=SOON)
        except DirectoryUnavailable as cause:
            raise Refused(f"no profile: {cause}") from cause
        if profile is None or not profile.is_employee:
            await self._db_executor(
                lambda session: directory.deactivate_identity(
                    session, event.workspace, event.user, now=self._with.now()
                )
            )
            raise Refused(NO_EMPLOYEE)
        return profile

    async def _decide_for_known(self, asked: PendingEvent) -> TurnResult:
        """Somebody who speaks for the first time is looked up first."""
        try:
            return await self._decide(asked)
        except UnknownUser:
            return await self._decide(replace(asked, profile=await self._profile(asked.event)))

    def _key_of(self, event: Event) -> dict[str, str]:
        """For the log: nothing where it may not say who did it; else a digest, for platforms' keys name people."""
        return (
            {}
            if self._router.is_unnamed(event)
            else {"event_key": blake2b(event.keys[0].encode(), key=_OF_LOG, digest_size=8).hexdigest()}
        )

    async def _decide(self, asked: PendingEvent) -> TurnResult:
        within = self._with.platforms[asked.event.workspace.partition(":")[0]].limits.answers_within
        try:
            return await self._turns(asked, within=within)
        except (Refused, UnknownUser):
            raise
        except TurnError as error:
            said: TurnError = error
        except Exception as error:
            if is_outage(error):
                raise  # nothing can be stored, not even a sentence: the platform is to ask again
            event = asked.event
            log.exception("turn failed", id=asked.mark, **self._key_of(event), capability=self._router.name_of(event))
            said = TurnError(
                "Something went wrong on our side, and nothing was changed. Try again. If it keeps "
                "happening, give your administrator this code: {id}",
                kept=written(event),
                id=asked.mark,
            )
        # The turn was rolled back whole; the sentence is stored and sent in a transaction of its own.
        return await self._turns(replace(asked, error=said), within=within)


async def _later(_publication: int) -> None:
    """Without a publisher in this process the next tick goes on with it."""
