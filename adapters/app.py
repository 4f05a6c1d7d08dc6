"""Wiring: builds the parts of every process from the settings and connects them; `server` adds the web server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import structlog

from adapters.apart import done_apart
from adapters.key_source import SettingsError
from adapters.lease import beating
from adapters.networks.build import networks
from adapters.networks.post_pictures import PostPictures
from adapters.playground.directory import Member
from adapters.settings import Settings
from adapters.slack.send import SlackPlatform
from adapters.token_store import DatabaseTokenStore
from adapters.web.pictures import SealedPictures
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.application import Application
from bot.core.db_executor import DbExecutor
from bot.core.dependencies import Dependencies
from bot.core.router import Router
from bot.core.routes import FeatureRoutes
from bot.core.working_time import utc_now
from bot.routes import FEATURES
from content.intake import Intake
from content.listening import Listener
from content.reading import Reader
from scheduler.delivery.at_once import Deliverer
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.delivery.sender import Sender
from scheduler.delivery.webhooks import WebhookCalls
from scheduler.engine import POLLING, DurableEngine
from scheduler.jobs.clock import Clock, schedules
from scheduler.jobs.housekeeping import Housekeeping
from scheduler.jobs.run_jobs import Jobs
from scheduler.publishing import Publisher
from storage.database import Database, Session
from storage.delivery.worker_leases import HeldLease
from storage.people import places, workspaces
from storage.pulse.round_store import RoundStore
from storage.secrets import KeyRingError, refresh_keys

if TYPE_CHECKING:
    from adapters.llm.model import OpenAIModel
    from adapters.playground.send import PlaygroundPlatform
    from adapters.slack.receive import SlackReceiver
    from adapters.teams.send import TeamsPlatform

log = structlog.get_logger()

LOOPBACK = ("127.0.0.0/8",)
KEYS_EVERY = 60.0  # seconds between two looks at the file, or questions of the command, that tells the keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Chorus:
    """What every process has, connected."""

    settings: Settings
    base_url: str
    database: Database
    dependencies: Dependencies
    allowed: AllowedWorkspaces
    application: Application
    model: OpenAIModel | None
    engine: DurableEngine
    deliverer: Deliverer
    drainer: BatchDrainer
    jobs: Jobs
    heartbeat: Heartbeat
    intake: Intake
    reader: Reader
    outward: Reader  # to social networks
    pictures: SealedPictures
    token_store: DatabaseTokenStore
    slack: SlackReceiver | None
    failed: Event = field(default_factory=Event)  # it ends for a fault: the exit code says so

    def end_streams(self) -> None:
        """Before a server ends, which would wait for whoever listens."""
        from adapters.playground.send import PlaygroundPlatform

        if isinstance(playground := self.dependencies.platforms.get("playground"), PlaygroundPlatform):
            playground.end_streams()

    async def close(self) -> None:
        if self.slack is not None:
            await self.slack.close()
        await self.application.close()
        await self.deliverer.close()
        await self.heartbeat.leave()
        for platform in self.dependencies.platforms.values():
            await platform.close()
        if self.model is not None:
            await self.model.close()
        self.jobs.close()
        self.reader.close()
        self.outward.close()
        self.engine.close()
        self.dependencies.db_executor.close()
        self.dependencies.ballots.close()
        self.database.close()


def build(
    settings: Settings,
    *,
    base_url: str,
    members: Sequence[Member] = (),
    features: Sequence[FeatureRoutes] = FEATURES,
    polling: float = POLLING,
) -> Chorus:
    """From settings that `checked_settings` let pass. Opens no connection yet. `members`: of the playground;
    `polling`: seconds between two looks of the engine for work."""
    settings.hold_keys()
    database = Database(settings.database_url)
    db_executor = DbExecutor(database)
    token_store = DatabaseTokenStore(db_executor)
    pictures = SealedPictures(settings.keys[0], base_url)
    engine = DurableEngine(database, polling=polling)
    allowed = settings.allowed_workspaces(listed=lambda: db_executor.ask(_listed_workspaces))
    slack_platform = _slack_platform(settings, token_store)
    teams_platform = _teams_platform(settings, token_store)
    playground_platform = _playground_platform(settings, members)
    platforms = (slack_platform, teams_platform, playground_platform)
    outward = Reader(also_allow=LOOPBACK if settings.playground else ())
    dependencies = Dependencies(
        db_executor=db_executor,
        platforms={platform.name: platform for platform in platforms if platform is not None},
        engine=engine,
        router=Router(features),
        rules=settings.rules(base_url),
        pictures=pictures,
        ballots=RoundStore(database),
        networks=networks(settings, outward, db_executor, base_url),
        apart=done_apart,
    )
    rules, held, sending = dependencies.rules, HeldLease(), Sender(dependencies, allowed)
    deliverer = Deliverer(dependencies, sending, held)
    model = _model(settings) if rules.model_writes or rules.model_embeds else None
    publisher = Publisher(dependencies, picture=PostPictures(outward))
    application = Application(dependencies, outbox=deliverer, model=model, allowed=allowed, publish=publisher.publish)
    reader = Reader()
    intake = Intake(db_executor.from_thread, reader)
    return Chorus(
        settings=settings,
        base_url=base_url,
        database=database,
        dependencies=dependencies,
        allowed=allowed,
        application=application,
        model=model,
        engine=engine,
        deliverer=deliverer,
        drainer=BatchDrainer(dependencies, sending, held),
        jobs=Jobs(
            dependencies,
            application=application,
            intake=intake,
            listener=Listener(db_executor.from_thread, reader),
            webhooks=WebhookCalls(db_executor=db_executor, reader=reader, now=utc_now),
            publisher=publisher,
            runner=engine,
            housekeeping=Housekeeping(
                dependencies,
                database,
                prune=engine.prune,
                kept=settings.kept(),
            ),
        ),
        heartbeat=Heartbeat(
            db_executor=db_executor, engine=engine, now=utc_now, held=held, check=database.check_schema
        ),
        intake=intake,
        reader=reader,
        outward=outward,
        pictures=pictures,
        token_store=token_store,
        slack=_slack_receiver(settings, slack_platform, application, allowed),
    )


def _playground_platform(settings: Settings, members: Sequence[Member]) -> PlaygroundPlatform | None:
    if not (settings.playground and members):
        return None
    from adapters.playground.send import PlaygroundPlatform

    return PlaygroundPlatform(members)


def _slack_receiver(
    settings: Settings, platform: SlackPlatform | None, application: Application, allowed: AllowedWorkspaces
) -> SlackReceiver | None:
    if platform is None:
        return None
    from adapters.slack.receive import SlackReceiver  # a tenth of a second: only for those who use Slack

    signing_secret = settings.slack_signing_secret.get_secret_value()
    return SlackReceiver(
        handle=application.handle, platform=platform, signing_secret=signing_secret, allow=allowed.allow
    )


def _model(settings: Settings) -> OpenAIModel:
    from adapters.llm.model import OpenAIModel  # half a second and 30 MB: only for those who use one

    return OpenAIModel(**settings.model_server())


def _slack_platform(settings: Settings, token_store: DatabaseTokenStore) -> SlackPlatform | None:
    if not settings.has_slack:
        return None
    token = settings.slack_bot_token.get_secret_value()
    return SlackPlatform(token_store=token_store, api_url=settings.slack_api, single_token=token)


def _teams_platform(settings: Settings, token_store: DatabaseTokenStore) -> TeamsPlatform | None:
    if not settings.has_teams:
        return None
    from adapters.teams.send import TeamsPlatform, authentication  # 11 MB: only for those who use Teams

    auth = authentication(
        settings.teams_app_id, settings.teams_app_password.get_secret_value(), settings.teams_tenant_id
    )
    return TeamsPlatform(token_store=token_store, auth=auth, app_id=settings.teams_app_id)


def _listed_workspaces(session: Session) -> list[str]:
    return [row.workspace for row in places.allowed(session)]


async def _follow_keys(seconds: float) -> None:
    """Take the keys as they are told now, so that a new one needs no restart."""
    while True:
        await asyncio.sleep(seconds)
        try:
            if await asyncio.to_thread(refresh_keys):
                log.info("the keys changed: the newest seals from now on")
        except (SettingsError, KeyRingError) as fault:
            log.error("the keys could not be read again: those of before stay", fault=str(fault))


def _warn_of_strangers(session: Session, chorus: Chorus) -> None:
    """Of installed workspaces that do not belong by these settings. They stay: the settings may be what is wrong."""
    installed = [row.id for row in workspaces.installed(session)]
    for workspace in chorus.settings.strangers(installed, chorus.allowed, _listed_workspaces(session)):
        log.warning("neither heard nor sent to: the workspace has the bot and does not belong", workspace=workspace)


@asynccontextmanager
async def running(
    chorus: Chorus, *, with_worker: bool, with_clock: bool, with_web: bool = False
) -> AsyncIterator[None]:
    """Worker and clock for as long as the block lasts; then everything is closed in order. `with_web`: the process has
    the web server, too."""
    roles = {"web": with_web, "worker": with_worker, "clock": with_clock}
    lease = await chorus.heartbeat.take("+".join(role for role, is_here in roles.items() if is_here) or "command")
    try:
        async with beating(chorus.heartbeat, chorus.failed, chorus.engine.take_over if with_worker else None):
            following = asyncio.create_task(_follow_keys(KEYS_EVERY)) if chorus.settings.keys_may_change else None
            if chorus.slack is not None:
                await chorus.slack.meet_own_team()  # before anything is sent: to other teams it is not
            if with_worker:
                await chorus.engine.start(
                    worker=lease.worker,
                    drain_batch=chorus.drainer.drain_batch,
                    look=chorus.drainer.look,
                    run=chorus.jobs.run,
                )
            clock = None
            if with_clock:
                tick = chorus.settings.tick_seconds
                clock = Clock(
                    db_executor=chorus.dependencies.db_executor,
                    runner=chorus.engine,
                    schedules=schedules(tick),
                    seconds=tick,
                )
                clock.start()
            await chorus.dependencies.db_executor(lambda session: _warn_of_strangers(session, chorus))
            try:
                yield
            finally:
                if clock is not None:
                    clock.stop()
                chorus.drainer.stop()
                await asyncio.to_thread(chorus.engine.stop)
                await chorus.drainer.close()
                if following is not None:
                    following.cancel()
    finally:
        await chorus.close()
