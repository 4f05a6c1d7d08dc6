"""Wiring of the web server: what receives events and presses, the console, the share page, the tracked links."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from adapters.app import Chorus, running
from adapters.playground.receive import PlaygroundReceiver
from adapters.playground.send import PlaygroundPlatform
from adapters.web import api, bearer, calendar, front, health, hooks, own_data, post_pictures, privacy
from adapters.web.connect import Connect
from adapters.web.console.receive import Console
from adapters.web.door import Door
from adapters.web.links import LinkService
from adapters.web.local import is_local
from adapters.web.on_first_request import OnFirstRequest
from adapters.web.outage import Outage
from adapters.web.share_page import SharePage
from adapters.web.shortcut import Shortcut
from bot.core.tokens import digest_of
from bot.core.working_time import utc_now
from storage.audit import watch
from storage.database import Session
from storage.people import places

MAX_BODY = 1024 * 1024  # bytes of any request


class WebServer:
    """The web server of a process; a worker and a clock may run in the same one."""

    def __init__(
        self,
        chorus: Chorus,
        *,
        pages: Sequence[APIRouter] = (),
        with_worker: bool = False,
        with_clock: bool = False,
    ) -> None:
        """`pages`: more of its routes."""
        self._chorus = chorus
        self._roles = {"with_worker": with_worker, "with_clock": with_clock}
        self._links = LinkService(chorus.dependencies.db_executor)
        self.playground = _playground(chorus)
        busiest = self._busiest()
        app = self._app(busiest, pages)
        self.routes: Sequence[BaseRoute] = app.routes
        answering = Outage(app, health.Look(chorus.database.ping))
        self.app = Door(Shortcut(answering, busiest), is_secure=chorus.base_url.startswith("https:"))

    def _busiest(self) -> list[Route]:
        """Plain routes of Starlette: they need nothing that FastAPI adds."""
        chorus, errors = self._chorus, Middleware(ServerErrorMiddleware)
        routes = [Route("/r/{code}", self._links.redirect, methods=["GET", "HEAD"], middleware=[errors])]
        if chorus.slack is not None and chorus.settings.slack_mode == "http":
            routes.append(Route("/slack/events", chorus.slack, methods=["POST"], max_body_size=MAX_BODY))
        return routes

    def _app(self, busiest: Sequence[Route], pages: Sequence[APIRouter]) -> FastAPI:
        chorus, db_executor = self._chorus, self._chorus.dependencies.db_executor
        console = _console(chorus)
        share_page = SharePage(db_executor, base_url=chorus.base_url, handle=chorus.application.handle)
        app = FastAPI(
            title="Chorus",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            lifespan=self._lifespan,
            max_body_size=MAX_BODY,
            redirect_slashes=False,
        )
        app.add_exception_handler(HTTPException, front.nothing_here)
        app.router.routes.extend(busiest)
        app.mount("/api/v1", api.app(db_executor, chorus.base_url, utc_now))
        app.mount("/scim", OnFirstRequest(partial(_scim, chorus)))
        app.mount("/console/static", console.static_files())
        app.mount("/o/static", share_page.static_files())
        for router in (*self._routers(console, share_page), *pages):
            app.include_router(router)
        if self.playground is not None:
            app.include_router(self.playground.router())
            app.mount("/playground/static", self.playground.static_files())
        return app

    def _routers(self, console: Console, share_page: SharePage) -> list[APIRouter]:
        chorus, settings = self._chorus, self._chorus.settings
        db_executor = chorus.dependencies.db_executor
        routers = [
            APIRouter(routes=health.routes(chorus.database, may_look=self._may_look)),
            front.router("/playground" if self.playground is not None else "/console"),
            chorus.pictures.router(),
            post_pictures.router(db_executor),
            hooks.router(db_executor, settings.webhook_secret.get_secret_value(), utc_now),
            privacy.router(settings.organisation),
            own_data.router(db_executor, chorus.base_url, utc_now),
            calendar.router(db_executor, settings.organisation, utc_now),
            console.router(),
            share_page.router(),
            Connect(chorus.dependencies, base_url=chorus.base_url, run_job=chorus.application.run_job).router(),
        ]
        if chorus.slack is not None and settings.slack_client_id:
            routers.append(_slack_install(chorus))
        if settings.has_teams:
            routers.append(_teams(chorus))
        return routers

    async def _may_look(self, request: Request) -> bool:
        """Into metrics and what is not well: with a token, or on the demo's own machine."""
        chorus = self._chorus
        if chorus.settings.playground and is_local(request):
            return True
        said = request.headers.get("authorization", "")
        return "metrics:read" in (await bearer.scopes_of(chorus.dependencies.db_executor, said, utc_now()) or ())

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        chorus = self._chorus
        async with running(chorus, **self._roles, with_web=True):
            socket = None
            if chorus.slack is not None and chorus.settings.slack_mode == "socket":
                from adapters.slack.socket import SocketLink

                socket = SocketLink(chorus.slack.app, chorus.settings.slack_app_token.get_secret_value())
                socket.open()
            try:
                yield
            finally:
                if socket is not None:
                    await socket.close()
                await self._links.close()


def _console(chorus: Chorus) -> Console:
    settings, dependencies, oidc = chorus.settings, chorus.dependencies, None
    if settings.oidc_issuer:
        from adapters.web.oidc import Oidc, Provider  # 3 MB

        secret = settings.oidc_client_secret.get_secret_value()
        provider = Provider(settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_scopes)
        oidc = Oidc(provider=provider, db_executor=dependencies.db_executor, base_url=chorus.base_url, now=utc_now)
    return Console(
        dependencies,
        handle=chorus.application.handle,
        base_url=chorus.base_url,
        oidc=oidc,
        only_oidc=settings.enforces_oidc,
        reader=chorus.reader,
        complete=lambda post: chorus.intake.complete(post, now=utc_now()),
        shows_components=settings.playground,
    )


def _slack_install(chorus: Chorus) -> APIRouter:
    from adapters.slack import install as slack_install  # only for those who install it by a link

    settings = chorus.settings

    def used(session: Session, link: str, workspace: str) -> bool:
        with watch.acting(session, None, "install link"):
            return places.use(session, digest_of(link), workspace, now=utc_now())

    async def use_link(link: str, workspace: str) -> bool:
        return bool(link) and await chorus.dependencies.db_executor(lambda session: used(session, link, workspace))

    return slack_install.router(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value() or settings.keys[0],
        api_url=settings.slack_api,
        base_url=chorus.base_url,
        token_store=chorus.token_store,
        handle=chorus.application.handle,
        allowed=chorus.allowed,
        use_link=use_link,
        organisation=settings.organisation,
    )


def _teams(chorus: Chorus) -> APIRouter:
    from adapters.teams.receive import TeamsReceiver  # as its platform: only for those who use Teams
    from adapters.teams.send import TeamsPlatform

    platform, settings = cast(TeamsPlatform, chorus.dependencies.platforms["teams"]), chorus.settings
    return TeamsReceiver(
        handle=chorus.application.handle,
        platform=platform,
        auth=platform.auth,
        app_id=settings.teams_app_id,
        tenant=settings.teams_tenant_id,
    ).router()


def _scim(chorus: Chorus) -> ASGIApp:
    from adapters.web.scim import app as scim  # a second and 10 MB: only for those who have a directory

    return scim.app(chorus.dependencies.db_executor, chorus.base_url, utc_now)


def _playground(chorus: Chorus) -> PlaygroundReceiver | None:
    platform = chorus.dependencies.platforms.get("playground")
    if not isinstance(platform, PlaygroundPlatform):
        return None
    return PlaygroundReceiver(
        handle=chorus.application.handle,
        platform=platform,
        commands={
            route.said_as(name): route.help for name, route in chorus.dependencies.router.commands.items() if route.help
        },
    )
