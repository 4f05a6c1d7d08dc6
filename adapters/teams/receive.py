"""Receiving from Teams: authenticate by the Bot Framework's tokens, one event to the core, answer in place."""

from __future__ import annotations

import secrets
from typing import Any

import jwt
import structlog
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity
from botframework.connector.auth import AuthenticateRequestResult, BotFrameworkAuthentication
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from adapters.teams import parse, render
from adapters.teams.send import TeamsAdapter, TeamsPlatform
from adapters.web.local import NotLocal, check_local, is_local_address
from adapters.web.request_body import Malformed, json_object, text_of
from bot.core.error_cards import not_stored
from bot.core.events import Command, Event, Joined
from bot.core.ports import Handle

log = structlog.get_logger()

MAX_BYTES = 256 * 1024
CHANNEL = "msteams"
ISSUER = "https://api.botframework.com"  # of channel tokens; emulator and skill issuers are not ours


class Unauthorized(Exception):
    pass


class TeamsReceiver:
    """`app_id` empty: a development client on loopback is let in without a token."""

    def __init__(
        self,
        *,
        handle: Handle,
        platform: TeamsPlatform,
        auth: BotFrameworkAuthentication,
        app_id: str,
        tenant: str,
    ) -> None:
        self._handle = handle
        self._platform = platform
        self._auth = auth
        self._adapter = TeamsAdapter(auth)
        self._app_id = app_id
        self._tenant = tenant
        self._met: set[tuple[str, str]] = set()

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/api/messages", include_in_schema=False)
        async def messages(request: Request) -> Response:
            body = await request.body()
            if len(body) > MAX_BYTES:
                return Response(status_code=413)
            header = request.headers.get("authorization", "")
            try:
                self._check_issuer(header, request)
                activity = json_object(text_of(body))
                self._check_origin(activity)
                result = await self._authenticate(header, activity)
            except Unauthorized as cause:
                log.warning("teams request rejected", reason=str(cause))
                return Response(status_code=401)
            except Malformed as cause:
                log.warning("teams request malformed", reason=str(cause))
                return Response(status_code=400)
            if self._tenant and parse.tenant_of(activity) != self._tenant:
                log.warning("teams request rejected", reason="another tenant")
                return Response(status_code=403)
            return await self._process(result, activity)

        return router

    def _check_issuer(self, header: str, request: Request) -> None:
        """What can be told before any key is fetched: a token of the channel, or, without an app of ours, a development
        client of this machine that sends JSON (which no foreign page can send unasked)."""
        if not self._app_id:
            try:
                check_local(request)
            except NotLocal as reason:
                raise Unauthorized(f"no TEAMS_APP_ID, and {reason}") from reason
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                raise Unauthorized("no TEAMS_APP_ID, and no JSON")
            return
        scheme, _, token = header.partition(" ")
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
            algorithm = jwt.get_unverified_header(token).get("alg")
        except jwt.InvalidTokenError as cause:
            raise Unauthorized("no token") from cause
        if scheme.lower() != "bearer" or claims.get("iss") != ISSUER or algorithm != "RS256":
            raise Unauthorized("not a channel's token")

    def _check_origin(self, activity: dict[str, Any]) -> None:
        """It comes of Teams, not of another channel that the same app may be added to (a web chat is anybody's). What a
        client without a token is told goes to this machine only."""
        if self._app_id and activity.get("channelId") != CHANNEL:
            raise Unauthorized("another channel")
        if not self._app_id and not is_local_address(str(activity.get("serviceUrl") or "")):
            raise Unauthorized("no TEAMS_APP_ID, and a serviceUrl elsewhere")

    async def _authenticate(self, header: str, activity: dict[str, Any]) -> AuthenticateRequestResult:
        """Signature, audience, expiry by the Bot Framework; then that the token speaks for this service address."""
        try:
            result = await self._auth.authenticate_request(_deserialized(activity), header if self._app_id else "")
        except Exception as cause:  # the SDK raises PermissionError and whatever its parsers raise
            raise Unauthorized(type(cause).__name__) from cause
        claimed = result.claims_identity.claims.get("serviceurl")
        if self._app_id and claimed != activity.get("serviceUrl"):
            raise Unauthorized("serviceUrl mismatch")
        return result

    async def _process(self, result: AuthenticateRequestResult, activity: dict[str, Any]) -> Response:
        async def on_turn(context: TurnContext) -> None:
            answer = await self._answer(activity)
            if activity.get("type") == "invoke":
                response = InvokeResponse(status=200, body=answer)
                await context.send_activity(Activity(type="invokeResponse", value=response))

        try:
            done = await self._adapter.process_activity(result, _deserialized(activity), on_turn)
        except Exception:
            log.exception("teams activity failed", type=activity.get("type"))
            if activity.get("name") == "adaptiveCard/action":  # Teams repeats no press: whoever pressed has to know
                return JSONResponse(_said(not_stored()))
            return Response(status_code=503)  # nothing is acknowledged that is not stored
        if done is None:
            return Response(status_code=200)
        return JSONResponse(done.body, status_code=int(done.status))

    async def _answer(self, activity: dict[str, Any]) -> dict[str, Any]:
        """The core's answer, as the body of an invoke's response; to a message it is sent."""
        where, user = parse.place_of(activity), parse.user_of(activity)
        self._platform.saw(where, user)
        team = (activity.get("channelData") or {}).get("team") or {}
        if isinstance(team, dict) and team.get("id"):
            await self._platform.remember_team(where, str(team["id"]))
        event = parse.event(activity)
        await self._meet(activity, event)
        if event is None:
            return _said("")
        is_invoke = activity.get("type") == "invoke"
        answer = await self._handle(event, in_place=is_invoke)
        if answer.form is not None and (not is_invoke or isinstance(event, Command)):
            await self._platform.send_form(event.address, answer.form)
            return _task(answer.form.title)
        if isinstance(event, Command):
            return _task(answer.card.summary if answer.card else "")
        if answer.form is not None:
            return _replaced(render.form_card(answer.form))
        return _replaced(render.adaptive_card(answer.card)) if answer.card else _said("")

    async def _meet(self, activity: dict[str, Any], event: Event | None) -> None:
        """Whoever speaks has installed the bot: their conversation is where to reach them."""
        where, user = parse.place_of(activity), parse.user_of(activity)
        if not user or not parse.is_personal(activity) or isinstance(event, Joined):
            return
        if activity.get("type") not in ("message", "invoke") or (where.workspace, user) in self._met:
            return
        self._met.add((where.workspace, user))
        mark = secrets.token_hex(6)
        await self._handle(
            Joined(
                workspace=where.workspace,
                user=user,
                address=str(where),
                keys=(f"{where.workspace}:met:{mark}",),
            )
        )


def _deserialized(activity: dict[str, Any]) -> Activity:
    try:
        return Activity().deserialize(activity)
    except Exception as cause:  # msrest raises many kinds
        raise Malformed("no activity") from cause


def _replaced(card: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": 200, "type": render.CONTENT_TYPE, "value": card}


def _said(words: str) -> dict[str, Any]:
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words}


def _task(words: str) -> dict[str, Any]:
    return {"task": {"type": "message", "value": words}}
