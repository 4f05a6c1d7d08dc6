"""The wiring: the only file that knows everyone. It builds the parts from the settings and ties them together."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import structlog
from fastapi import APIRouter, FastAPI

from adapters.llm.model import OpenAIModel
from adapters.playground.directory import Member
from adapters.playground.receive import PlaygroundReceiver
from adapters.playground.send import PlaygroundPlatform
from adapters.settings import Settings
from adapters.slack import install as slack_install
from adapters.slack.receive import SlackReceiver
from adapters.slack.send import SlackPlatform
from adapters.slack.socket import SocketLink
from adapters.teams.receive import TeamsReceiver
from adapters.teams.send import TeamsPlatform, authentication
from adapters.token_store import DatabaseTokenStore
from adapters.web import api, calendar, health, hooks, privacy
from adapters.web.console.receive import Console
from adapters.web.links import LinkService
from adapters.web.oidc import Oidc, Provider
from adapters.web.pictures import SealedPictures
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.application import Application
from bot.core.context import Rules
from bot.core.db_executor import DbExecutor
from bot.core.ports import Platform
from bot.features.questions.domain import routing
from content import policy
from content.intake import Intake
from content.listening import Listener
from content.reading import Reader
from scheduler.delivery.at_once import Deliverer
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.delivery.sender import Sender
from scheduler.delivery.webhooks import Hooks
from scheduler.engine import DurableEngine
from scheduler.jobs.clock import Clock
from scheduler.jobs.jobs import Jobs
from storage.database import Database, Session
from storage.delivery import deliveries
from storage.delivery.worker_leases import WorkerLease
from storage.people import workspaces
from storage.pulse.ballots import BallotBox
from storage.secrets import load_keys

log = structlog.get_logger()

MAX_BODY = 1024 * 1024  # bytes of any request


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Chorus:
    """The parts of one process, tied together. `routers` are the web's, `socket` Slack's Socket Mode."""

    settings: Settings
    base_url: str
    database: Database
    db_executor: DbExecutor
    platforms: dict[str, Platform]
    pictures: SealedPictures
    ballots: BallotBox
    allowed: AllowedWorkspaces
    shell: Application
    model: OpenAIModel | None
    engine: DurableEngine
    deliverer: Deliverer
    waves: BatchDrainer
    jobs: Jobs
    heartbeat: Heartbeat
    intake: Intake
    reader: Reader
    links: LinkService
    slack: SlackReceiver | None = None
    teams: TeamsReceiver | None = None
    playground: PlaygroundReceiver | None = None
    console: Console | None = None
    routers: list[APIRouter] = field(default_factory=list)
    has_failed: bool = False  # it ends for a fault: the exit code says so

    async def close(self) -> None:
        await self.links.close()
        if self.slack is not None:
            await self.slack.close()
        await self.shell.close()
        await self.deliverer.close()
        await self.heartbeat.leave()
        if isinstance(slack := self.platforms.get("slack"), SlackPlatform):
            await slack.close()
        if self.model is not None:
            await self.model.close()
        self.jobs.close()
        self.reader.close()
        self.engine.close()
        self.db_executor.close()
        self.ballots.close()
        self.database.close()


def build(settings: Settings, *, base_url: str, members: Sequence[Member] = ()) -> Chorus:
    """Everything, from settings that `checked_settings` let pass. Opens no connection yet."""
    load_keys(settings.keys)
    database = Database(settings.database_url)
    db_executor = DbExecutor(database)
    token_store = DatabaseTokenStore(db_executor)
    pictures = SealedPictures(settings.keys[0], base_url)
    rules = settings.rules(base_url)
    platforms: dict[str, Platform] = {}
    engine = DurableEngine(database)
    ballots = BallotBox(settings.ballots_url)
    allowed = settings.allowed_workspaces()
    sending = Sender(platforms=platforms, pictures=pictures, rules=rules, ballots=ballots, engine=engine, now=utc_now)
    deliverer = Deliverer(db_executor=db_executor, sending=sending, engine=engine, now=utc_now)
    waves = BatchDrainer(db_executor=db_executor, sending=sending, engine=engine, now=utc_now)

    def use_lease(lease: WorkerLease) -> None:
        deliverer.lease = waves.lease = lease

    model = OpenAIModel(**settings.model_server()) if rules.model_writes or rules.model_embeds else None
    shell = Application(
        db_executor=db_executor,
        platforms=platforms,
        outbox=deliverer,
        engine=engine,
        pictures=pictures,
        rules=rules,
        ballots=ballots,
        model=model,
        allowed=allowed,
    )
    reader = Reader()
    intake = Intake(database, reader)
    links = LinkService(db_executor, base_url=base_url)
    chorus = Chorus(
        settings=settings,
        base_url=base_url,
        database=database,
        db_executor=db_executor,
        platforms=platforms,
        pictures=pictures,
        ballots=ballots,
        allowed=allowed,
        shell=shell,
        model=model,
        engine=engine,
        deliverer=deliverer,
        waves=waves,
        jobs=Jobs(
            shell=shell,
            db_executor=db_executor,
            intake=intake,
            listener=Listener(database, reader),
            hooks=Hooks(db_executor=db_executor, reader=reader, now=utc_now),
            engine=engine,
            runner=engine,
            tick=settings.tick_seconds,
            now=utc_now,
            prune=engine.prune,
        ),
        heartbeat=Heartbeat(db_executor=db_executor, engine=engine, now=utc_now, on_lease=use_lease),
        intake=intake,
        reader=reader,
        links=links,
        routers=[
            health.router(database),
            pictures.router(),
            privacy.router(settings.organisation),
            calendar.router(db_executor, settings.organisation, utc_now),
        ],
    )
    _add_console(chorus, rules)
    if secret := settings.webhook_secret.get_secret_value():
        chorus.routers.append(hooks.router(db_executor, secret, utc_now))
    if settings.has_slack:
        _add_slack(chorus, token_store)
    if settings.has_teams:
        _add_teams(chorus, token_store)
    if settings.playground and members:
        _add_playground(chorus, members)
    return chorus


def _add_console(chorus: Chorus, rules: Rules) -> None:
    settings = chorus.settings
    provider = Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())
    oidc = Oidc(provider=provider, db_executor=chorus.db_executor, base_url=chorus.base_url, now=utc_now)
    chorus.console = Console(
        db_executor=chorus.db_executor,
        handle=chorus.shell.handle,
        rules=rules,
        pictures=chorus.pictures,
        ballots=chorus.ballots,
        base_url=chorus.base_url,
        now=utc_now,
        oidc=oidc if settings.oidc_issuer else None,
    )
    chorus.routers.append(chorus.console.router())


def _add_slack(chorus: Chorus, token_store: DatabaseTokenStore) -> None:
    settings = chorus.settings
    platform = SlackPlatform(
        token_store=token_store, api_url=settings.slack_api, single_token=settings.slack_bot_token.get_secret_value()
    )
    signing_secret = settings.slack_signing_secret.get_secret_value()
    receiver = SlackReceiver(
        handle=chorus.shell.handle, platform=platform, signing_secret=signing_secret, allow=chorus.allowed.allow
    )
    chorus.platforms[platform.name] = platform
    chorus.slack = receiver
    if settings.slack_client_id:
        chorus.routers.append(
            slack_install.router(
                client_id=settings.slack_client_id,
                client_secret=settings.slack_client_secret.get_secret_value(),
                signing_secret=signing_secret or settings.keys[0],
                api_url=settings.slack_api,
                base_url=chorus.base_url,
                token_store=token_store,
                handle=chorus.shell.handle,
                allowed=chorus.allowed,
                organisation=settings.organisation,
            )
        )


def _add_teams(chorus: Chorus, token_store: DatabaseTokenStore) -> None:
    settings = chorus.settings
    auth = authentication(
        settings.teams_app_id, settings.teams_app_password.get_secret_value(), settings.teams_tenant_id
    )
    platform = TeamsPlatform(token_store=token_store, auth=auth, app_id=settings.teams_app_id)
    chorus.teams = TeamsReceiver(
        handle=chorus.shell.handle,
        platform=platform,
        auth=auth,
        app_id=settings.teams_app_id,
        tenant=settings.teams_tenant_id,
    )
    chorus.platforms[platform.name] = platform
    chorus.routers.append(chorus.teams.router())


def _add_playground(chorus: Chorus, members: Sequence[Member]) -> None:
    platform = PlaygroundPlatform(members)
    chorus.playground = PlaygroundReceiver(handle=chorus.shell.handle, platform=platform)
    chorus.platforms[platform.name] = platform
    chorus.routers.append(chorus.playground.router())


def web(chorus: Chorus, *, with_worker: bool = False, with_clock: bool = False) -> FastAPI:
    """The web server; the worker and the clock may run in the same process."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(routing.is_chit_chat, "Load what compares questions now, not in somebody's first.")
        async with running(chorus, with_worker=with_worker, with_clock=with_clock):
            yield

    app = FastAPI(
        title="Chorus", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan, max_body_size=MAX_BODY
    )
    chorus.links.add_to(app)  # the busiest first: a request is held against one route after the other
    if chorus.slack is not None and chorus.settings.slack_mode == "http":
        chorus.slack.add_to(app)
    app.mount("/api/v1", api.app(chorus.db_executor, chorus.base_url, utc_now))
    if chorus.console is not None:
        app.mount("/console/static", chorus.console.static_files())
    for router in chorus.routers:
        app.include_router(router)
    if chorus.playground is not None:
        app.mount("/playground/static", chorus.playground.static_files())
    return app


def freeze_gc() -> None:
    """What is loaded now stays: the collector of garbage need not look through it again and again, nor so often while
    a plan makes its many small objects."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _end_for_fault(chorus: Chorus, beating: asyncio.Task[None]) -> None:
    """Without beats this process would be taken for dead: it ends, and its exit code tells whoever started it."""
    if not beating.cancelled():
        chorus.has_failed = True
        log.critical("the heartbeat ended", exc_info=beating.exception())
        signal.raise_signal(signal.SIGTERM)


def _part_from_strangers(session: Session, chorus: Chorus, now: datetime) -> None:
    """Workspaces that installed the bot and do not belong are spoken to no more."""
    installed = [row.id for row in workspaces.installed(session)]
    for workspace in chorus.settings.strangers(installed, chorus.allowed):
        log.warning("workspace removed: it is not in CHORUS_WORKSPACES", workspace=workspace)
        workspaces.remove(session, workspace, now=now)
        deliveries.cancel_workspace(session, workspace, now=now)


@asynccontextmanager
async def running(chorus: Chorus, *, with_worker: bool, with_clock: bool) -> AsyncIterator[None]:
    """Worker, clock and Socket Mode for as long as the block lasts; then everything is closed in order."""
    settings = chorus.settings
    await asyncio.to_thread(policy.language_of, "Load the models now, not in somebody's first share.")
    freeze_gc()
    lease = await chorus.heartbeat.take("worker" if with_worker else "web")
    beating = asyncio.create_task(chorus.heartbeat.hold(chorus.engine.take_over if with_worker else None))
    beating.add_done_callback(partial(_end_for_fault, chorus))
    if with_worker:
        await chorus.engine.start(
            worker=lease.worker, drain_batch=chorus.waves.drain_batch, look=chorus.waves.look, run=chorus.jobs.run
        )
    clock = None
    if with_clock:
        schedules = chorus.jobs.schedules()
        clock = Clock(
            db_executor=chorus.db_executor, runner=chorus.engine, schedules=schedules, seconds=settings.tick_seconds
        )
        clock.start()
    socket = None
    if chorus.slack is not None:
        await chorus.slack.meet_own_team()
        if settings.slack_mode == "socket":
            socket = SocketLink(chorus.slack.app, settings.slack_app_token.get_secret_value())
            socket.open()
    await chorus.db_executor(lambda session: _part_from_strangers(session, chorus, utc_now()))
    try:
        yield
    finally:
        if socket is not None:
            await socket.close()
        if clock is not None:
            clock.stop()
        chorus.waves.is_stopping = True
        await asyncio.to_thread(chorus.engine.stop)
        beating.cancel()
        await chorus.close()
