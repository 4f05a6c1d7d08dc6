"""Sending to Slack: the Platform port over slack_sdk, every fault an Outcome."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import aiohttp
import structlog
from pydantic_core import to_json
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import directory, render
from adapters.slack.address import HOME, SlackPlace, place, team_of
from adapters.slack.parse import OpenView
from adapters.token_refusals import TOKEN_AGAIN, TokenRefusals
from adapters.web.retry import LONGEST_WAIT, retry_after
from bot.core.cards import Card, Form
from bot.core.ports import (
    Calls,
    DirectoryPage,
    DirectoryUnavailable,
    Limits,
    Outcome,
    OutcomeUnknown,
    PermanentFailure,
    Profile,
    Rate,
    RetryAfter,
    Sent,
    TokenStore,
)

log = structlog.get_logger()

TIMEOUT = 20  # seconds for one call
RESPONSES = "https://hooks.slack.com/"
# docs.slack.dev, "Rate limits": one message a second and conversation, "several hundred" a minute and workspace; each
# other method by its tier, for a workspace. Kept a little short of, for the clocks of two machines differ.
# users.list in tier 2 (20 a minute); conversations.open, conversations.history and chat.update in tier 3 (50 a minute);
# views.publish and users.info in tier 4 (100 a minute). Tiers allow bursts, of which nothing more is said. And
# "Handling user interaction": it wants an answer within three seconds.
LIMITS = Limits(
    sends=Rate(0.205),
    conversation_gap=1.05,
    updates=Rate(1.25, burst=20),
    pages=Rate(0.65, burst=20),
    page_mark=f":{HOME}:",
    looks=Rate(1.25, burst=5),
    directory=Rate(3.1, burst=2),
    profiles=Rate(0.65, burst=20),
    answers_within=2.5,
)
LOOK_AT = 200  # messages of a conversation, the newest, when looking for one of ours
JSON = {"Content-Type": "application/json; charset=utf-8"}
NO_RETRY_AFTER = 30.0  # seconds, where a 429 names none that can be read
PERSON_GONE = {
    "channel_not_found",
    "user_not_found",
    "user_disabled",
    "user_not_visible",
    "cannot_dm_bot",
    "is_archived",
    "messages_tab_disabled",
    "restricted_action",
}
# Of the token. None of them removes a workspace, for a wrong one may be told, or set, for a moment: that the bot was
# removed is told by an event.
TOKEN_REFUSED = {
    "token_revoked",
    "invalid_auth",
    "account_inactive",
    "not_authed",
    "token_expired",
    "team_disabled",
}
MAY_HAVE_ARRIVED = {"internal_error", "fatal_error", "request_timeout"}


class SlackPlatform:
    """Slack, for every workspace that installed the bot."""

    name = "slack"
    limits = LIMITS

    def __init__(self, *, token_store: TokenStore, api_url: str, single_token: str = "") -> None:
        self._token_store = token_store
        self._api_url = api_url
        self._root = urljoin(api_url, "/")
        self._single_token = single_token
        self._http: aiohttp.ClientSession | None = None
        self._clients: dict[str, AsyncWebClient] = {}
        self._conversations: dict[str, str] = {}  # person → direct conversation, as conversations.open told
        self._refusals = TokenRefusals(self.name, self._takes_token)

    @property
    def has_single_token(self) -> bool:
        return bool(self._single_token)

    def anonymous_client(self) -> AsyncWebClient:
        """A client of the same Web API without a token."""
        return AsyncWebClient(base_url=self._api_url)

    async def token(self, team: str) -> str | None:
        """The bot token of a team; None when it is not installed."""
        if self._single_token:
            return self._single_token
        secret = await self._token_store.get(f"slack:{team}")
        return json.loads(secret).get("bot_token") if secret else None

    async def own_team(self) -> tuple[str, str] | None:
        """(id, name) of the team of the single token; None without one, or when Slack does not know it."""
        if not self._single_token:
            return None
        try:
            client = await self.client("")
            if client is None:
                return None
            response = await client.auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            self.forget("")
            self._refusals.refused("", _reason(error) if isinstance(error, SlackApiError) else type(error).__name__)
            return None
        self._refusals.accepted("")
        return str(response["team_id"]), str(response.get("team") or "")

    def forget(self, team: str) -> None:
        self._clients.pop(team, None)
        self._token_store.forget(f"slack:{team}")

    async def client(self, team: str) -> AsyncWebClient | None:
        if team not in self._clients:
            token = await self.token(team)
            if token is None:
                return None
            client = AsyncWebClient(token=token, base_url=self._api_url, session=self._session(), timeout=TIMEOUT)
            client.retry_handlers = []  # the SDK's own would repeat a post whose fate is unknown
            self._clients[team] = client
        return self._clients[team]

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        where = place(address)
        if where.is_home:
            return await self.update(address, card)
        content = render.message(card)

        async def post(client: AsyncWebClient, body: dict[str, Any]) -> str:
            # To a person's id, too: Slack answers with the conversation, and conversations.open has a limit of its own.
            response = await client.chat_postMessage(
                channel=where.conversation,
                thread_ts=where.ts or None,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": "chorus_delivery", "event_payload": {"mark": mark}},
                **body,
            )
            return str(SlackPlace(where.team, _told(response, "channel"), _told(response, "ts")))

        return await self._call(where.team, content, post, Calls.SENDS)

    async def update(self, message: str, card: Card) -> Outcome:
        where = place(message)

        async def publish(client: AsyncWebClient, _body: dict[str, Any]) -> str:
            await client.views_publish(user_id=where.ts, view=render.home(card))
            return message

        async def replace(client: AsyncWebClient, body: dict[str, Any]) -> str:
            await client.chat_update(channel=where.conversation, ts=where.ts, **body)
            return message

        if where.is_home:
            return await self._call(where.team, render.message(card), publish, Calls.PAGES)
        return await self._call(where.team, render.message(card), replace, Calls.UPDATES)

    def replacing(self, address: object) -> Callable[[Card], Awaitable[bool]] | None:
        """A way to replace the card that was just pressed through the `response_url` of the press, which Slack does not
        count as a call of its Web API (api.slack.com, "Handling user interaction": five times within 30 minutes).

        None for an address that is not Slack's; False from it where Slack does not take it, and nothing is lost.
        """
        if not isinstance(address, str) or not self._is_slacks(address):
            return None

        async def replace(card: Card) -> bool:
            return await self._respond(address, {"replace_original": True, **render.message(card)})

        return replace

    async def whisper(self, address: object, words: str) -> bool:
        """Say something to the person alone who pressed, through the `response_url`; whether it arrived."""
        if not isinstance(address, str) or not self._is_slacks(address):
            return False
        body = {"response_type": "ephemeral", "replace_original": False, "text": words}
        return await self._respond(address, body)

    async def _respond(self, address: str, body: dict[str, Any]) -> bool:
        try:
            async with self._session().post(address, data=to_json(body), headers=JSON, allow_redirects=False) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("response address not reached", reason=type(error).__name__)
            return False

    def _is_slacks(self, address: str) -> bool:
        """Nothing is sent to anywhere else: the address comes with a request, if a signed one. Both end in a slash, so
        that the host is theirs."""
        return address.startswith((RESPONSES, self._root))

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),  # what one team is given is not shown for another
            )
        return self._http

    async def open_form(self, team: str, trigger: str, form: Form, message: str | None, *, from_home: bool) -> Outcome:
        """A modal; Slack takes the trigger for three seconds."""

        async def open_view(client: AsyncWebClient, _body: dict[str, Any]) -> str:
            response = await client.views_open(
                trigger_id=trigger, view=render.modal(form, message=message, from_home=from_home)
            )
            return str(response["view"]["id"])

        return await self._call(team, {}, open_view)

    async def update_form(self, team: str, view: OpenView, form: Form, message: str | None) -> Outcome:
        """Draw an open modal anew, unless it changed meanwhile."""

        async def update_view(client: AsyncWebClient, _body: dict[str, Any]) -> str:
            fresh = render.modal(form, message=message, filling=view.filling, from_home=view.from_home)
            await client.views_update(view_id=view.id, hash=view.hash, view=fresh)
            return view.id

        return await self._call(team, {}, update_view)

    async def find(self, address: str, mark: str) -> Outcome:
        where = place(address)
        if where.is_home:  # drawn anew whenever it is opened: nothing is to be made up for
            return Sent(address)
        if where.ts:
            return OutcomeUnknown("threads are not read back: that would take a right to read channels")

        async def look(client: AsyncWebClient, _body: dict[str, Any]) -> str:
            conversation = await self._conversation(client, where)
            asked = {"channel": conversation, "limit": str(LOOK_AT), "include_all_metadata": "true"}
            response = await client.api_call("conversations.history", data=asked)
            for said in response["messages"]:
                payload = (said.get("metadata") or {}).get("event_payload") or {}
                if payload.get("mark") == mark:
                    return str(SlackPlace(where.team, conversation, str(said["ts"])))
            return ""

        outcome = await self._call(where.team, {}, look, Calls.LOOKS)
        return PermanentFailure("not there") if outcome == Sent("") else outcome

    async def profile(self, workspace: str, user: str) -> Profile | None:
        try:
            client = await self._needed(workspace)
            response = await client.api_call("users.info", data={"user": user, "include_locale": "true"})
        except SlackApiError as error:
            if _reason(error) == "user_not_found":
                return None
            raise _unavailable(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DirectoryUnavailable(type(error).__name__) from error
        return directory.profile(response["user"], team_of(workspace))

    async def directory(self, workspace: str, cursor: str | None) -> DirectoryPage:
        try:
            client = await self._needed(workspace)
            response = await client.users_list(cursor=cursor, limit=200, include_locale=True)
        except SlackApiError as error:
            raise _unavailable(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DirectoryUnavailable(type(error).__name__) from error
        members = [directory.profile(member, team_of(workspace)) for member in response["members"]]
        return DirectoryPage(tuple(members), (response.get("response_metadata") or {}).get("next_cursor") or None)

    async def close(self) -> None:
        await self._refusals.close()
        if self._http is not None:
            await self._http.close()

    async def _needed(self, workspace: str) -> AsyncWebClient:
        client = await self.client(team_of(workspace))
        if client is None:
            raise DirectoryUnavailable("not installed", retry_after=LONGEST_WAIT)
        return client

    async def _takes_token(self, team: str) -> bool:
        """Whether the team takes the token now; True, too, where it has none any more, and there is nothing to ask."""

        async def show(client: AsyncWebClient, _body: dict[str, Any]) -> str:
            return str((await client.auth_test())["team_id"])

        return isinstance(await self._call(team, {}, show), Sent | PermanentFailure)

    async def _conversation(self, client: AsyncWebClient, where: SlackPlace) -> str:
        """The direct conversation with a person, asked for to look for a lost message; any other as it is."""
        if not where.conversation.startswith(("U", "W")):
            return where.conversation
        known = self._conversations.get(str(where))
        if known is None:
            response = await client.api_call("conversations.open", data={"users": where.conversation})
            known = self._conversations[str(where)] = str(response["channel"]["id"])
        return known

    async def _call(self, team: str, body: dict[str, Any], call: Any, calls: Calls | None = None) -> Outcome:
        """`calls`: what a refusal for too many is about; None: about this call alone."""
        client = await self.client(team)
        if client is None:
            return PermanentFailure("not installed", parks="workspace")
        try:
            try:
                sent = Sent(await call(client, body))
            except SlackApiError as error:
                blocks = body.get("blocks", [])
                if _reason(error) != "invalid_blocks" or render.without_images(blocks) == blocks:
                    raise
                sent = Sent(await call(client, {**body, "blocks": render.without_images(blocks)}))
            self._refusals.accepted(team)
            return sent
        except SlackApiError as error:
            if _reason(error) in TOKEN_REFUSED:
                self.forget(team)  # there may be another by the time that it is asked for again
                self._refusals.refused(team, _reason(error))
            return _outcome(error, calls)
        except aiohttp.ClientConnectorError as error:
            return RetryAfter(5.0, type(error).__name__, calls)  # it never left
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return OutcomeUnknown(type(error).__name__)
        except AttributeError as error:
            if error.name != "get":
                raise
            return OutcomeUnknown("JSON that is no object")  # which the SDK takes it for


def _outcome(error: SlackApiError, calls: Calls | None) -> Outcome:
    status, reason = _status(error), _reason(error)
    if status == 429 or reason == "ratelimited":
        return RetryAfter(
            retry_after(error.response.headers.get("Retry-After"), otherwise=NO_RETRY_AFTER),
            "ratelimited",
            calls,
        )
    if status == 503 or reason in ("service_unavailable", "team_added_to_org"):
        return RetryAfter(10.0, reason)
    if reason in ("", *MAY_HAVE_ARRIVED) or status >= 500:
        return OutcomeUnknown(reason or f"{status} without JSON")
    if reason in TOKEN_REFUSED:
        return RetryAfter(TOKEN_AGAIN, reason, calls)
    return PermanentFailure(reason, parks="person" if reason in PERSON_GONE else "")


def _told(response: AsyncSlackResponse, name: str) -> str:
    """Raises ValueError where it is not there: the message may have arrived, and cannot be named."""
    if not (value := response.get(name)):
        raise ValueError(name)
    return str(value)


def _reason(error: SlackApiError) -> str:
    """The error that Slack names; "" where the answer was no JSON, and so is no answer of Slack's API."""
    said = error.response.data if isinstance(error.response, AsyncSlackResponse) else None
    return str(said.get("error") or "") if isinstance(said, dict) else ""


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(response.status_code if isinstance(response, AsyncSlackResponse) else response.status)


def _unavailable(error: SlackApiError) -> DirectoryUnavailable:
    reason = _reason(error) or str(_status(error))
    return DirectoryUnavailable(
        reason,
        retry_after(error.response.headers.get("Retry-After"), otherwise=NO_RETRY_AFTER),
        is_refusal=_status(error) == HTTPStatus.TOO_MANY_REQUESTS or reason == "ratelimited",
    )
