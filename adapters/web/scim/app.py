"""`/scim/v2`: the organisation's directory tells who works here (SCIM 2.0, RFC 7644), by scim2-server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from scim2_models import ForbiddenException, UnauthorizedException
from scim2_server.applications.asgi import ASGIApplication, Receive, Scope
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from starlette.types import ASGIApp

from adapters.web import bearer
from adapters.web.outage import is_away
from adapters.web.request_body import Malformed, json_object, text_of
from adapters.web.scim.resources import provider
from adapters.web.scim.store import DirectoryStore
from bot.core.db_executor import DbExecutor

SCOPE = "directory:write"
PATH = "/scim"


class ScimApp(ASGIApplication):
    """To be mounted at /scim. `base_url`: how the world reaches this server, whatever a request says of it."""

    def __init__(self, db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]) -> None:
        described = provider()
        self._root = f"{base_url.rstrip('/')}{PATH}/v2"
        super().__init__(DirectoryStore(db_executor, described, self._root, now), described)
        self._db_executor = db_executor
        self._now = now

    def get_base_url(self, scope: Scope) -> str:  # type: ignore[override]
        return self._root

    async def read_request(self, scope: Scope, receive: Receive) -> ScimRequest:
        request = await super().read_request(scope, receive)
        if request.body:
            request.body = _as_the_standard_has_it(request.body)
        return request

    async def dispatch_request(self, request: ScimRequest) -> ScimResponse:
        if self.needs_auth(request):
            await self._check_token(request)
        return await self.handler.handle(request)

    def handle_exception(self, request: ScimRequest, exception: Exception) -> ScimResponse:
        if is_away(exception):
            raise exception  # said for all pages alike, without a traceback
        return super().handle_exception(request, exception)

    async def _check_token(self, request: ScimRequest) -> None:
        scopes = await bearer.scopes_of(self._db_executor, request.header("Authorization") or "", self._now())
        if scopes is None:
            raise UnauthorizedException
        if SCOPE not in scopes:
            raise ForbiddenException(detail=f"The token lacks the scope {SCOPE}.")


def app(db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]) -> ASGIApp:
    return cast(ASGIApp, ScimApp(db_executor, base_url, now))  # its annotations are narrower than what it takes


def _as_the_standard_has_it(body: bytes) -> bytes:
    """Entra ID sends single values as lists of objects (`"active": [{"value": "False"}]`). What is no JSON object stays
    for the library to refuse."""
    try:
        said = json_object(text_of(body))
    except Malformed:
        return body if len(body) < 2 else b"!"  # never deep JSON to the library's parser
    for part in (said, *_operations(said)):
        if "active" in part:
            part["active"] = _single(part["active"])
        if isinstance(part.get("value"), list) and str(part.get("path", "")).lower() == "active":
            part["value"] = _single(part["value"])
    return json.dumps(said).encode()


def _operations(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of a PATCH, and the values that they set together."""
    many = [value for name, value in said.items() if name.lower() == "operations" and isinstance(value, list)]
    parts = [one for some in many for one in some if isinstance(one, dict)]
    return parts + [one["value"] for one in parts if isinstance(one.get("value"), dict)]


def _single(value: Any) -> Any:
    is_wrapped = isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "value" in value[0]
    return value[0]["value"] if is_wrapped else value
