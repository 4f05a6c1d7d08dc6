"""Puts posts on people's own accounts: attempt after attempt, each begun and ended in a transaction of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

import structlog

from bot.core import outbox
from bot.core.context import Effect, Job
from bot.core.dependencies import Dependencies
from bot.core.networks import Credentials, OutgoingPost, Picture, PublishOutcome, Refusal, Refused, SignInFailed
from bot.core.ports import OutcomeUnknown, RetryAfter
from bot.features.sharing.domain.publishing import Attempt, Step
from bot.features.sharing.jobs import publish
from storage.database import Session

T = TypeVar("T")
log = structlog.get_logger()

SIDE_BY_SIDE = 8  # attempts
STEPS_AT_ONCE = 4  # of one publication: a look, then the repeat
RENEWING_AGAIN = 60.0  # seconds


class PictureSource(Protocol):
    def __call__(self, url: str, alt: str) -> Picture | None:
        """The picture at an address that somebody else chose, small enough for every network. None where there is none
        to be had: then the post goes without."""
        ...


class Publisher:
    def __init__(self, dependencies: Dependencies, *, picture: PictureSource) -> None:
        self._with = dependencies
        self._picture = picture
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def publish_due(self) -> None:
        """Everything whose moment has come; then ask for reactions to what is out."""
        due = await self._run(lambda job: (publish.due(job), []))
        await asyncio.gather(*(self.publish(publication) for publication in due))
        await self._count()

    async def publish(self, publication: int) -> None:
        """Whatever is due of it: an attempt, or a look and a repeat. A fault is logged and leaves it for a later tick:
        where an attempt was begun, when its lease is over, and then it is looked for first."""
        async with self._places:
            try:
                for _step in range(STEPS_AT_ONCE):
                    attempt = await self._run(lambda job: publish.begin(job, publication))
                    if attempt is None:
                        return
                    await self._make(attempt)
            except Exception:
                log.exception("publishing broke off", publication=publication)

    async def _make(self, attempt: Attempt) -> None:
        try:
            credentials = await self._renewed(attempt)
            outcome = await asyncio.to_thread(self._carry_out, attempt, credentials)
        except SignInFailed as fault:
            credentials, outcome = attempt.credentials, Refused(Refusal.SIGN_IN, str(fault))
        except OSError as fault:
            credentials, outcome = attempt.credentials, RetryAfter(RENEWING_AGAIN, str(fault))
        log.info(
            "publishing",
            publication=attempt.publication,
            network=attempt.network,
            step=attempt.step,
            outcome=type(outcome).__name__,
            reason=getattr(outcome, "why", ""),
        )
        await self._run(lambda job: (None, publish.finish(job, attempt, outcome, credentials)))

    async def _renewed(self, attempt: Attempt) -> Credentials:
        """Credentials that hold, stored before they are used. Raises SignInFailed, OSError."""
        fresh = await asyncio.to_thread(self._with.networks[attempt.network].renewed, attempt.credentials)
        if fresh is None:
            return attempt.credentials
        if not await self._run(lambda job: (publish.store_credentials(job, attempt, fresh), [])):
            await asyncio.to_thread(self._with.networks[attempt.network].end, fresh)
            raise SignInFailed("the account ended meanwhile")
        return fresh

    def _carry_out(self, attempt: Attempt, credentials: Credentials) -> PublishOutcome:
        """In a thread. Total: a fault of our own leaves the outcome open."""
        network = self._with.networks[attempt.network]
        try:
            match attempt.step:
                case Step.DELETE:
                    return network.delete(credentials, attempt.posted)
                case Step.FIND:
                    return network.find(credentials, attempt.post)
                case Step.PUBLISH:
                    return network.publish(credentials, self._with_pictures(attempt))
        except Exception as fault:
            log.exception("publishing failed", publication=attempt.publication, network=attempt.network)
            return OutcomeUnknown(type(fault).__name__)

    def _with_pictures(self, attempt: Attempt) -> OutgoingPost:
        found = (self._picture(url, alt) for url, alt in attempt.pictures)
        read = tuple(picture for picture in found if picture is not None)
        return replace(attempt.post, pictures=attempt.post.pictures + read)

    async def _count(self) -> None:
        for network, posts in (await self._run(lambda job: (publish.to_count(job), []))).items():
            try:
                told = await asyncio.to_thread(self._with.networks[network].reactions, posts)
            except Exception:
                log.exception("reactions not read", network=network)
                continue
            await self._run(lambda job, network=network, told=told: (None, publish.take_reactions(job, network, told)))  # type: ignore[misc]

    async def _run(self, work: Callable[[Job], tuple[T, list[Effect]]]) -> T:
        def run(session: Session) -> T:
            job = self._with.job(session)
            found, effects = work(job)
            outbox.plan(session, effects, None, job.now, engine=self._with.engine, cause="publishing")
            return found

        return await self._with.db_executor(run)
