"""Installing in many workspaces: Slack's OAuth flow by bolt, encrypted tokens, a state that cannot be forged."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from hashlib import sha256
from logging import Logger, getLogger
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import structlog
from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, Request, Response
from slack_bolt import BoltResponse
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.manifest import BOT_SCOPES
from adapters.web.cookies import cookie_name, set_cookie
from adapters.web.html import render
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.events import Event, Joined
from bot.core.ports import TokenStore

STATE_SECONDS = 600
COOKIE = "chorus-install"  # the link that an administrator made, on its way through Slack
LINK: ContextVar[str] = ContextVar("install link", default="")
log = structlog.get_logger()


class WorkspaceNotAllowed(BoltError):
    """The workspace does not belong to the organisation."""


class StoredInstallations(AsyncInstallationStore):
    """Installations in the token store, encrypted at rest; saving one tells the core. Raises WorkspaceNotAllowed."""

    def __init__(
        self,
        token_store: TokenStore,
        handle: Callable[[Event], Awaitable[Any]],
        *,
        allowed: AllowedWorkspaces,
        use_link: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        """`use_link`: whether a link that holds once lets the workspace in."""
        self._token_store = token_store
        self._handle = handle
        self._allowed = allowed
        self._use_link = use_link

    @property
    def logger(self) -> Logger:
        return getLogger("chorus.slack.install")

    async def async_save(self, installation: Installation) -> None:
        workspace, name = f"slack:{installation.team_id}", installation.team_name or ""
        if not await self._allowed.knows(workspace) and not await self._use_link(LINK.get(), workspace):
            log.warning("installation refused: the workspace does not belong", workspace=workspace)
            raise WorkspaceNotAllowed(workspace)
        kept = {
            "bot_token": installation.bot_token,
            "bot_user_id": installation.bot_user_id,
            "installer": installation.user_id,
        }
        self._allowed.learn(workspace)
        mark = token_urlsafe(6)
        await self._handle(
            Joined(
                workspace=workspace,
                user="",
                address="",
                keys=(f"{workspace}:install:{mark}",),
                workspace_name=name,
            )
        )
        await self._token_store.put(workspace, json.dumps(kept), name=name)

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        secret = await self._token_store.get(f"slack:{team_id}")
        if secret is None:
            return None
        kept = json.loads(secret)
        return Bot(
            team_id=team_id, bot_token=kept["bot_token"], bot_user_id=kept["bot_user_id"], bot_id="", installed_at=0.0
        )


class SignedStates(AsyncOAuthStateStore):
    """States that carry their own proof and age; bolt ties each to the browser by a cookie."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(sha256(f"slack state {secret}".encode()).digest()))

    @property
    def logger(self) -> Logger:
        return getLogger("chorus.slack.install")

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:
        return self._fernet.encrypt(token_urlsafe(12).encode()).decode()

    async def async_consume(self, state: str) -> bool:
        try:
            self._fernet.decrypt(state.encode(), ttl=STATE_SECONDS)
        except InvalidToken:
            return False
        return True


def router(
    *,
    client_id: str,
    client_secret: str,
    signing_secret: str,
    api_url: str,
    base_url: str,
    token_store: TokenStore,
    handle: Callable[[Event], Awaitable[Any]],
    allowed: AllowedWorkspaces,
    use_link: Callable[[str, str], Awaitable[bool]],
    organisation: str,
) -> APIRouter:
    """`/slack/install` and `/slack/oauth_redirect`, for the workspaces that are allowed."""
    is_secure = base_url.startswith("https:")
    flow = AsyncOAuthFlow(
        client=AsyncWebClient(base_url=api_url),
        settings=AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=list(BOT_SCOPES),
            redirect_uri=f"{base_url}/slack/oauth_redirect",
            authorization_url=_authorization_url(api_url),
            installation_store=StoredInstallations(token_store, handle, allowed=allowed, use_link=use_link),
            callback_options=AsyncCallbackOptions(success=_installed, failure=partial(_failed, organisation)),
            state_store=SignedStates(signing_secret),
            state_expiration_seconds=STATE_SECONDS,
            state_cookie_name=cookie_name("chorus-slack-state", is_secure=is_secure),
        ),
    )
    router = APIRouter()

    @router.get("/slack/install", include_in_schema=False)
    async def install(request: Request) -> Response:
        answer = to_starlette_response(await flow.handle_installation(to_async_bolt_request(request, b"")))
        if link := request.query_params.get("link", "")[:100]:
            set_cookie(answer, COOKIE, link, lasts=timedelta(seconds=STATE_SECONDS), is_secure=is_secure)
        return answer

    @router.get("/slack/oauth_redirect", include_in_schema=False)
    async def oauth_redirect(request: Request) -> Response:
        token = LINK.set(request.cookies.get(cookie_name(COOKIE, is_secure=is_secure), ""))
        try:
            return to_starlette_response(await flow.handle_callback(to_async_bolt_request(request, b"")))
        finally:
            LINK.reset(token)

    return router


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    return await args.default.success(args)


async def _failed(organisation: str, args: AsyncFailureArgs) -> BoltResponse:
    if not isinstance(args.error, WorkspaceNotAllowed):
        return await args.default.failure(args)
    sentence = f"This Slack workspace does not belong to {organisation}, so Chorus was not installed in it."
    page = render("page.html", language="en", title="Chorus", sentences=(sentence,), points=())
    return BoltResponse(status=403, body=page, headers={"Content-Type": "text/html; charset=utf-8"})


def _authorization_url(api_url: str) -> str:
    """Where people approve the app: on the host of the API (slack.com, or a test server)."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}/oauth/v2/authorize"
