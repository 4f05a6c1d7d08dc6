"""Receiving from Slack: the gate, then bolt's own routing, then one event to the core; acknowledged once stored."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from secrets import token_hex
from typing import Any, TypeVar

import structlog
from slack_bolt import BoltResponse
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.slack import parse, render
from adapters.slack.parse import OpenView
from adapters.slack.request_verifier import RequestVerifier
from adapters.slack.send import SlackPlatform
from adapters.web.replay_protection import Rejected
from adapters.web.request_body import Malformed
from bot.core.background_tasks import BackgroundTasks
from bot.core.cards import Form
from bot.core.error_cards import not_opened, not_stored, not_stored_form
from bot.core.events import Changed, Command, Event, Joined, Left
from bot.core.ports import Handle, Sent, TurnAnswer

log = structlog.get_logger()
ANYTHING = re.compile(".*")
MEET_AGAIN = 15.0  # seconds
Read = TypeVar("Read")
SHAPE_FAULTS = (AttributeError, KeyError, TypeError, ValueError, IndexError)  # Malformed is a ValueError
Ack = Callable[..., Awaitable[Any]]


def _nobody(_workspace: str) -> None:
    """Nobody is told."""


class SlackReceiver:
    """Slack's requests and Socket Mode envelopes, by the same listeners."""

    def __init__(
        self, *, handle: Handle, platform: SlackPlatform, signing_secret: str, allow: Callable[[str], None] = _nobody
    ) -> None:
        """`allow` is told the workspace of the single token, before it is met."""
        self._handle = handle
        self._allow = allow
        self._platform = platform
        self._gate = RequestVerifier(signing_secret)
        self.app = AsyncApp(
            name="chorus",
            client=platform.anonymous_client(),  # for what needs no bot token, such as opening a socket
            signing_secret=signing_secret,
            authorize=_Tokens(platform),  # type: ignore[arg-type]  # bolt takes its own class, and annotates a function
            request_verification_enabled=False,  # the gate has verified the raw bytes
            process_before_response=True,  # acknowledged once stored: bolt would acknowledge an event at once
        )
        self._background = BackgroundTasks()  # what the acknowledgement need not wait for
        self._meeting: asyncio.Task[None] | None = None  # the next try to meet the own team
        self.app.error(_answer_to_fault)
        self.app.action(ANYTHING)(self._on_action)
        self.app.command(ANYTHING)(self._on_command)
        self.app.event(ANYTHING)(self._on_event)
        self.app.view(ANYTHING)(self._on_submission)
        self.app.shortcut(ANYTHING)(self._on_shortcut)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The receiver as an app of its own: what Starlette puts around a function takes a twentieth of a press."""
        answer = await self.hear(Request(scope, receive))
        await answer(scope, receive, send)

    async def hear(self, request: Request) -> Response:
        """One HTTP request of Slack's."""
        headers = request.headers
        try:
            payload = self._gate.admit(
                await request.body(),
                headers,
                timestamps=len(headers.getlist("x-slack-request-timestamp")),
                signatures=len(headers.getlist("x-slack-signature")),
            )
        except Rejected as rejection:
            log.warning("slack request rejected", status=rejection.status, reason=str(rejection))
            return Response(status_code=rejection.status)
        if payload is None:
            return Response(status_code=200)
        if payload.get("type") == "app_rate_limited":
            log.warning("slack holds events back", workspace=f"slack:{payload.get('team_id')}")
            return Response(status_code=200)
        try:
            # "socket_mode": read already, as what comes over the socket; the headers, which nobody signed, stay outside
            asked = AsyncBoltRequest(mode="socket_mode", body=payload)
            return to_starlette_response(await self.app.async_dispatch(asked))
        except SHAPE_FAULTS as cause:
            # signed, yet of a shape that bolt itself does not expect
            log.warning("slack request rejected", status=400, reason=type(cause).__name__)
            return Response(status_code=400)

    async def meet_own_team(self) -> None:
        """With a single token: install the team it belongs to. Retries until Slack answers."""
        team = await self._platform.own_team()
        if team is None and self._platform.has_single_token:
            self._meeting = asyncio.create_task(self._meet_later())
        if team is not None:
            self._allow(f"slack:{team[0]}")
            await self._handle(
                Joined(
                    workspace=f"slack:{team[0]}",
                    user="",
                    address="",
                    workspace_name=team[1],
                    keys=(f"slack:{team[0]}:own:{token_hex(6)}",),
                )
            )

    async def _meet_later(self) -> None:
        await asyncio.sleep(MEET_AGAIN)
        await self.meet_own_team()

    async def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        event = _read(parse.command, body)
        try:
            answer = await self._handle(event)
        except Exception as error:
            log.warning("command not stored", reason=type(error).__name__)
            await ack(text=not_stored())  # Slack repeats no command: whoever typed it has to know
            return
        await ack()
        self._open(answer, event, body)

    async def _on_event(self, ack: Ack, body: dict[str, Any]) -> None:
        event = _read(parse.event, body)
        if event is not None:
            await self._handle(event)
        if isinstance(event, Left) and not event.user:
            self._platform.forget(event.workspace.partition(":")[2])
        await ack()

    async def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        if parse.is_in_modal(body):
            await self._on_change(ack, body)
            return
        event = _read(parse.pressed, body)
        if event is None:
            await ack()
            return
        try:
            answer = await self._handle(event, at_once=self._platform.replacing(body.get("response_url")))
        except Exception as error:
            await self._admit(body, error)
            raise
        await ack()
        self._open(answer, event, body)
        if parse.is_from_home(body):
            self._background.begin(self._refresh_home(event))

    async def _on_change(self, ack: Ack, body: dict[str, Any]) -> None:
        """Something live in an open modal: it is drawn anew. Where that fails it stays as it is, words and all."""
        event, view = _read(parse.changed, body), _read(parse.open_view, body)
        answer = await self._handle(event)
        await ack()
        if answer.form is not None:
            filling = view.filling + render.is_rewritten(answer.form, event.values)
            self._background.begin(self._update_form(replace(view, filling=filling), answer.form, event))

    async def _update_form(self, view: OpenView, form: Form, event: Changed) -> None:
        outcome = await self._platform.update_form(event.workspace.partition(":")[2], view, form, event.message)
        log.info("form updated", form=form.name, outcome=type(outcome).__name__.lower())

    async def _on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        event = _read(parse.submitted, body)
        try:
            answer = await self._handle(event)
        except Exception as error:
            if not (field := parse.first_field(body)):
                raise
            log.warning("form not stored", reason=type(error).__name__)
            await ack(response_action="errors", errors={field: not_stored()})  # the words stay in the form
            return
        form, view = answer.form, _read(parse.open_view, body)
        filling = view.filling
        if form is None:
            await ack()
            if view.from_home:
                self._background.begin(self._refresh_home(event))
        elif errors := render.errors(form, filling):
            await ack(response_action="errors", errors=errors)
        else:
            filling += render.is_rewritten(form, event.values)
            fresh = render.modal(form, message=event.message, filling=filling, from_home=view.from_home)
            await ack(response_action="update", view=fresh)

    async def _on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        event = _read(parse.shortcut, body)
        try:
            answer = await self._handle(event)
        except Exception as error:
            await self._admit(body, error)
            raise
        await ack()
        self._open(answer, event, body)

    async def _admit(self, body: dict[str, Any], error: Exception) -> None:
        """Slack does not resend a press: tell the person that it did nothing, where Slack allows it."""
        if parse.is_from_home(body):
            told = await self._admit_in_modal(body)
        else:
            told = await self._platform.whisper(body.get("response_url"), not_stored())
        log.warning("press not stored", reason=type(error).__name__, told=told)

    async def _admit_in_modal(self, body: dict[str, Any]) -> bool:
        """The Home has no `response_url`."""
        team, trigger = str(body["team"]["id"]), str(body.get("trigger_id") or "")
        try:
            shown = await self._platform.open_form(team, trigger, not_stored_form(), None, from_home=True)
        except Exception:  # the token is in the database, which is away
            return False
        return isinstance(shown, Sent)

    def _open(self, answer: TurnAnswer, event: Event, body: dict[str, Any]) -> None:
        if answer.form is not None:
            self._background.begin(self._open_form(answer.form, event, body))

    async def _open_form(self, form: Form, event: Event, body: dict[str, Any]) -> None:
        trigger, from_home = str(body.get("trigger_id") or ""), parse.is_from_home(body)
        team, message = event.workspace.partition(":")[2], getattr(event, "message", None)
        outcome = await self._platform.open_form(team, trigger, form, message, from_home=from_home)
        if not isinstance(outcome, Sent):  # that one was opened is no line of the log: it may be of the pulse
            told = await self._platform.whisper(body.get("response_url"), not_opened())
            log.warning("form not opened", outcome=type(outcome).__name__.lower(), told=told)

    async def close(self) -> None:
        """Wait until all started tasks are done; a team that was not met is not waited for."""
        if self._meeting is not None:
            self._meeting.cancel()
            await asyncio.wait({self._meeting})
        await self._background.close()

    async def _refresh_home(self, event: Event) -> None:
        team = event.workspace.partition(":")[2]
        await self._handle(
            Command(
                workspace=event.workspace,
                user=event.user,
                address=f"slack:{team}:home:{event.user}",
                keys=(f"{event.keys[0]}:home",),
                name="home",
                is_typed=False,
            )
        )


def _read(reader: Callable[[parse.Payload], Read], body: dict[str, Any]) -> Read:
    """What the payload says. Raises Malformed where it has not the shape that Slack documents."""
    try:
        return reader(body)
    except SHAPE_FAULTS as cause:
        raise Malformed(f"{type(cause).__name__} in {reader.__name__}") from cause


async def _answer_to_fault(error: Exception) -> BoltResponse:
    """400 for what is malformed; else 503, so that Slack sends it again: nothing is acknowledged unstored."""
    is_malformed = isinstance(error, SHAPE_FAULTS)
    if is_malformed:
        log.warning("slack request refused", reason=str(error))
    else:  # what is more than an outage, which the heartbeat tells of, its turn has said
        log.info("slack is asked to send it again", reason=type(error).__name__)
    return BoltResponse(status=400 if is_malformed else 503)


class _Tokens(AsyncAuthorize):
    """Gives bolt the bot token of a team; None if the team has not installed the bot."""

    def __init__(self, platform: SlackPlatform) -> None:
        self._platform = platform

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_more: object
    ) -> AuthorizeResult | None:
        token = await self._platform.token(team_id or "")
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token) if token else None
