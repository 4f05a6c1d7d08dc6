"""Sends one message: composes it, waits for its turn under the rate limits, and records the outcome."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Container, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, NamedTuple

import structlog

from bot.core import measures, outbox, tracing
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.cards import Card
from bot.core.context import Arrival
from bot.core.dependencies import Dependencies
from bot.core.ports import Calls, Limits, Outcome, OutcomeUnknown, PermanentFailure, Platform, RetryAfter, Sent
from scheduler.delivery.rate_limits import Pacer
from scheduler.delivery.render_late import compose
from storage.database import Session
from storage.delivery import deliveries, replacements
from storage.delivery.deliveries import DeliveryState, OutboundMessage, StatusUpdate
from storage.people import employees, workspaces

log = structlog.get_logger()

FIRST_WAIT, GROWTH, LONGEST_WAIT = 5.0, 4.0, 900.0  # seconds before the second attempt; each later one waits longer
MAX_ATTEMPTS = 90  # which with these waits are a day
HELD_BACK = "held back"
FOR_OTHERS = 30.0  # seconds until it is looked at again what this process does not send: another may
UNSTORED_TRIES, LONGEST_TRY = 4, 900.0  # of what is confidential: how often, and how many seconds apart at most


_Composed = tuple[OutboundMessage, Card]


class ReadyMessage(NamedTuple):
    """A delivery with its card and the moment it may leave (seconds since 1970)."""

    row: OutboundMessage
    card: Card
    moment: float
    holder: str


class SendResult(NamedTuple):
    """The outcome of a request, and the process that made it (None: it was looked up)."""

    row: OutboundMessage
    outcome: Outcome
    holder: str | None = None
    was_tried: bool = True


class Sender:
    """The steps that waves and single sends share. Those that take a session run in a worker thread."""

    def __init__(self, dependencies: Dependencies, allowed: AllowedWorkspaces | None = None) -> None:
        """`allowed`: the workspaces that are sent to; None in tests, where all are."""
        self._with = dependencies
        self._allowed = allowed
        self._now = dependencies.now
        self.pacer = Pacer(dependencies.now)
        self._waiting = set[int]()  # messages that this process holds and has not asked the platform to take
        self._is_ending = False

    def limits(self, workspace: str) -> Limits:
        platform = self.platform(workspace)
        return platform.limits if platform else Limits()

    def platform(self, workspace: str) -> Platform | None:
        return self._with.platform_of(workspace)

    async def serves(self, workspace: str) -> bool:
        """Whether this process sends there: it has the platform's settings, and the workspace belongs. What it does not
        send waits: for a process with other settings, or for whoever mends these."""
        is_set_up = self.platform(workspace) is not None
        return is_set_up and (self._allowed is None or await self._allowed.may_belong(workspace))

    def served(self, workspace: str) -> bool:
        """The same, as far as was told last."""
        return self.platform(workspace) is not None and (self._allowed is None or self._allowed.knew(workspace))

    def prepare(
        self, session: Session, rows: Sequence[OutboundMessage], *, holder: str, installed: Container[str]
    ) -> tuple[list[ReadyMessage], list[ReadyMessage]]:
        """The last look: compose, drop what is no longer to be said, reserve a moment for the rest and hold it; and,
        apart from these, what is confidential, which is written down as sent already.

        `installed` are the workspaces that have the bot.
        """
        settled = [
            _cancelled(row, "the workspace removed the bot") for row in rows if row.workspace_id not in installed
        ]
        here = [row for row in rows if row.workspace_id in installed]
        replacing = [row for row in here if row.replaces is not None and not self._is_confidential(row)]
        overtaken = {row.id for row in replacing if replacements.is_overtaken(session, row)}
        settled += [_cancelled(row, replacements.OVERTAKEN) for row in here if row.id in overtaken]
        wanted = [row for row in here if row.id not in overtaken]
        cards, unstored = list[tuple[OutboundMessage, Card]](), list[tuple[OutboundMessage, Card | None]]()
        for row, said in zip(wanted, compose(self._with.job(session), wanted), strict=True):
            if self._is_confidential(row):
                unstored.append((row, said))
                settled.append(_sent_before_it_leaves(row))
            elif said is None:
                settled.append(_cancelled(row, "no longer to be said"))
            else:
                cards.append((row, said))
        ready = self._with_moments(session, cards, holder)
        deliveries.hold(session, [item.row.id for item in ready], holder, now=self._now())
        self._waiting.update(item.row.id for item in ready)
        deliveries.settle(session, settled, now=self._now())
        return ready, self._unnamed_moments(session, unstored, holder)

    async def send_at_its_moment(self, ready: ReadyMessage) -> None:
        """Send what is confidential."""
        await self.pacer.until(ready.moment)
        await self.send_unstored(ready.row.workspace_id, ready.row.address, ready.card)

    async def send(self, ready: ReadyMessage) -> SendResult:
        """Wait for its moment and send; nothing is sent to a paused workspace."""
        row, platform = ready.row, self.platform(ready.row.workspace_id)
        calls = _calls(row, self.limits(row.workspace_id))
        if platform is not None and _is_post(row, calls):
            await self.pacer.depart(ready.moment, row.workspace_id, row.address, platform.limits)
        else:
            await self.pacer.until(ready.moment)
        self._waiting.discard(row.id)
        seconds = self.pacer.is_paused_local(row.workspace_id, calls)
        if seconds > 0 or platform is None or self._is_ending:
            wait = seconds if platform is not None else FOR_OTHERS
            return SendResult(row, RetryAfter(wait, HELD_BACK), ready.holder, was_tried=False)
        outcome = await _outcome(platform, ready)
        if isinstance(outcome, RetryAfter) and outcome.refused is not None:
            self.pacer.pause_local(row.workspace_id, outcome.refused, outcome.seconds)
        return SendResult(row, outcome, ready.holder)

    def end(self) -> list[int]:
        """Ask nothing of a platform any more but for what is confidential. Returns the messages that have not left."""
        self._is_ending = True
        waiting, self._waiting = self._waiting, set()
        return sorted(waiting)

    async def send_unstored(self, workspace: str, address: str, card: Card, *, replaces: str | None = None) -> None:
        """Send what is confidential, with a few tries and no more: neither that it was sent nor what came of it is
        stored or logged, nor does a refusal hold up other messages."""
        platform = self.platform(workspace)
        if platform is None:
            return
        calls = platform.limits.calls(replaces or address, replaces=replaces is not None)
        for _ in range(UNSTORED_TRIES):
            wait = self.pacer.is_paused_local(workspace, calls)
            if wait <= 0:
                with suppress(Exception):
                    sent = platform.update(replaces, card) if replaces else platform.send(address, card, mark="")
                    outcome = await sent
                    if isinstance(outcome, RetryAfter):
                        wait = outcome.seconds
                if wait <= 0:
                    return
            await asyncio.sleep(min(wait, LONGEST_TRY))

    def settle(self, session: Session, sent_results: Sequence[SendResult]) -> list[OutboundMessage]:
        """Store the outcomes; those in doubt are to be looked up later."""
        now, settled = self._now(), list[StatusUpdate]()
        arrived: dict[str, list[Arrival]] = defaultdict(list)
        for item in sent_results:
            row, outcome = item.row, item.outcome
            settled.append(self._settled(item, now))
            if isinstance(outcome, Sent) and row.replaces is not None:
                replacements.drop_older(session, row, now=now)
            elif isinstance(outcome, Sent) and row.subject_id is not None:
                arrived[row.kind].append(Arrival(row.subject_id, row.id))
            if isinstance(outcome, RetryAfter) and outcome.refused is not None:
                self.pacer.pause(session, row.workspace_id, outcome.refused)
            if isinstance(outcome, PermanentFailure):
                self._park(session, row, outcome)
        deliveries.settle(session, settled, now=now)
        for kind, arrivals in arrived.items():
            on_delivered = self._with.router.message_kind(kind).on_delivered
            if on_delivered is not None:
                effects = on_delivered(self._with.job(session), arrivals)
                outbox.plan(session, effects, None, now, engine=self._with.engine, cause=sent_results[0].row.cause)
        _log(sent_results)
        return [
            item.row for item in sent_results if isinstance(item.outcome, OutcomeUnknown) and item.row.replaces is None
        ]

    def _settled(self, item: SendResult, now: datetime) -> StatusUpdate:
        row, was = item.row, DeliveryState.SENDING if item.holder else DeliveryState.UNKNOWN
        outcome = item.outcome if row.replaces is None else to_be_repeated(item.outcome)
        if isinstance(outcome, Sent):  # as nearly all
            return StatusUpdate(row.id, DeliveryState.SENT, outcome.message, was=was, holder=item.holder)

        def became(state: str, **more: Any) -> StatusUpdate:
            return StatusUpdate(row.id, state, was=was, holder=item.holder, **more)

        match outcome:
            case OutcomeUnknown(reason=reason):
                return became(DeliveryState.UNKNOWN, reason=reason)
            case PermanentFailure(reason=reason):
                return became(DeliveryState.FAILED, reason=reason)
            case RetryAfter() as later if later.refused is not None or not item.was_tried:
                due = now + timedelta(seconds=later.seconds)
                return became(DeliveryState.PLANNED, reason=later.reason, due_at=due, was_tried=False)
            case RetryAfter() as later if row.attempts + 1 >= MAX_ATTEMPTS:
                return became(DeliveryState.FAILED, reason=f"gave up after {MAX_ATTEMPTS} attempts: {later.reason}")
            case RetryAfter() as later:
                wait = max(later.seconds, min(FIRST_WAIT * GROWTH**row.attempts, LONGEST_WAIT))
                wait *= random.uniform(1.0, 1.3)  # so that those that failed together are not tried together
                return became(DeliveryState.PLANNED, reason=later.reason, due_at=now + timedelta(seconds=wait))

    def _with_moments(self, session: Session, cards: Sequence[_Composed], holder: str) -> list[ReadyMessage]:
        """Reserve the moment at which each may leave; all are of one workspace."""
        timed = list[ReadyMessage]()
        for workspace in dict.fromkeys(row.workspace_id for row, _card in cards):
            here = [item for item in cards if item[0].workspace_id == workspace]
            limits = self.limits(workspace)
            posts, others = list[_Composed](), defaultdict[Calls, list[_Composed]](list)
            for item in here:
                calls = _calls(item[0], limits)
                (posts if _is_post(item[0], calls) else others[calls]).append(item)
            moments = self.pacer.sends(session, workspace, [row.address for row, _card in posts], limits)
            for calls, items in others.items():
                posts += items
                moments += self.pacer.calls(session, workspace, calls, len(items), limits)
            timed += [ReadyMessage(*item, at, holder) for item, at in zip(posts, moments, strict=True)]
        return timed

    def _unnamed_moments(
        self, session: Session, said: Sequence[tuple[OutboundMessage, Card | None]], holder: str
    ) -> list[ReadyMessage]:
        """A moment for each, also where there is nothing to say: how many there are is not told either."""
        timed = list[ReadyMessage]()
        for workspace in dict.fromkeys(row.workspace_id for row, _card in said):
            here = [item for item in said if item[0].workspace_id == workspace]
            moments = self.pacer.calls(session, workspace, Calls.SENDS, len(here), self.limits(workspace))
            timed += [
                ReadyMessage(row, card, at, holder)
                for (row, card), at in zip(here, moments, strict=True)
                if card is not None
            ]
        return timed

    def _is_confidential(self, row: OutboundMessage) -> bool:
        return self._with.router.message_kind(row.kind).is_confidential

    def _park(self, session: Session, row: OutboundMessage, outcome: PermanentFailure) -> None:
        if outcome.parks == "workspace":
            workspaces.remove(session, row.workspace_id, now=self._now())
            deliveries.cancel_workspace(session, row.workspace_id, now=self._now())
        elif outcome.parks == "person":
            employees.park(session, row.workspace_id, row.address, outcome.reason)


def to_be_repeated(outcome: Outcome) -> Outcome:
    """Of replacing a card: what may have arrived is tried again, for to do it twice does no harm."""
    return RetryAfter(FIRST_WAIT, outcome.reason) if isinstance(outcome, OutcomeUnknown) else outcome


def _calls(row: OutboundMessage, limits: Limits) -> Calls:
    return limits.calls(row.replaces or row.address, replaces=row.replaces is not None)


def _is_post(row: OutboundMessage, calls: Calls) -> bool:
    """Whether it is a new message in a conversation, which has a limit of its own."""
    return calls is Calls.SENDS and row.replaces is None


async def _outcome(platform: Platform, ready: ReadyMessage) -> Outcome:
    """The outcome of one request. An unexpected error or answer leaves it in doubt, as no answer does."""
    row, started = ready.row, perf_counter()
    labels = platform.name, "send" if row.replaces is None else "update"
    with tracing.span(labels[1], cause=row.cause, platform=platform.name, kind=row.kind) as told:
        try:
            if row.replaces is not None:
                outcome = await platform.update(row.replaces, ready.card)
            else:
                outcome = await platform.send(row.address, ready.card, mark=row.mark)
        except Exception as error:
            log.exception("send failed", id=row.cause, delivery=row.id)
            outcome = OutcomeUnknown(type(error).__name__)
        became = told["outcome"] = type(outcome).__name__.lower()
    measures.REQUESTS.labels(*labels).observe(perf_counter() - started)
    measures.OUTCOMES.labels(*labels, became).inc()
    return outcome


def _sent_before_it_leaves(row: OutboundMessage) -> StatusUpdate:
    return StatusUpdate(row.id, DeliveryState.SENT, was=DeliveryState.PLANNED)


def _cancelled(row: OutboundMessage, reason: str) -> StatusUpdate:
    return StatusUpdate(row.id, DeliveryState.CANCELLED, reason=reason, was_tried=False, was=DeliveryState.PLANNED)


def _log(sent_results: Sequence[SendResult]) -> None:
    """Log each delivery that did not arrive, and one line for all that did."""
    sent = [item.row for item in sent_results if isinstance(item.outcome, Sent)]
    if sent:
        log.info("sent", id=sent[0].cause, number=len(sent), kind=sent[0].kind, wave=sent[0].wave)
    for item in sent_results:
        if not isinstance(item.outcome, Sent):
            log.info(
                "not sent",
                id=item.row.cause,
                delivery=item.row.id,
                kind=item.row.kind,
                outcome=type(item.outcome).__name__.lower(),
                reason=item.outcome.reason,
            )
