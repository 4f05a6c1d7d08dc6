"""Sending to Teams: the Platform port over the Bot Framework's connector, every fault an Outcome."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from ssl import SSLCertVerificationError
from typing import Any

from botbuilder.core import CloudAdapterBase
from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationAccount
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import (
    AuthenticationConfiguration,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    ClaimsIdentity,
    PasswordServiceClientCredentialFactory,
)
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, SSLError

from adapters.teams import directory, render, signing_keys
from adapters.teams.address import TeamsPlace, place
from adapters.token_refusals import TOKEN_AGAIN, TokenRefusals
from adapters.web.retry import retry_after
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

AUDIENCE = "https://api.botframework.com"
NO_RETRY_AFTER = 15.0  # seconds
FEWEST_MEMBERS = 50  # that can be asked for at once
# learn.microsoft.com, "Rate limiting for bots": 50 requests a second per app and tenant; in one conversation 7 a
# second and 60 in 30 seconds. Kept a little short of, for the clocks of two machines differ. "Respond to
# the dialog submit action": it waits five seconds for an answer.
LIMITS = Limits(sends=Rate(0.0203), conversation_gap=0.55, answers_within=4.0)


class TeamsAdapter(CloudAdapterBase):  # type: ignore[misc]
    """The Bot Framework's adapter without a web server of its own; FastAPI is ours."""


def authentication(app_id: str, password: str, tenant: str) -> BotFrameworkAuthentication:
    signing_keys.fetch_beside_the_loop()
    return BotFrameworkAuthenticationFactory.create(
        credential_factory=PasswordServiceClientCredentialFactory(app_id, password, tenant or None),
        auth_configuration=AuthenticationConfiguration(),
    )


class TeamsPlatform:
    """Teams, for every tenant that installed the bot."""

    name = "teams"
    limits = LIMITS

    def __init__(self, *, token_store: TokenStore, auth: BotFrameworkAuthentication, app_id: str) -> None:
        self._token_store = token_store
        self.auth = auth
        self._app_id = app_id
        self._connectors: dict[str, ConnectorClient] = {}
        self._refusals = TokenRefusals(self.name, self._takes_password)
        self._refused_at: dict[str, TeamsPlace] = {}  # by tenant
        self._seen: dict[tuple[str, str], TeamsPlace] = {}  # where each user spoke last, for their profile

    def saw(self, where: TeamsPlace, user: str) -> None:
        self._seen[where.workspace, user] = where

    async def remember_team(self, where: TeamsPlace, team: str) -> None:
        """A team that the bot is in: its members are the directory."""
        kept = await self._kept(where.workspace)
        if team not in kept.get("teams", []):
            kept = {"service_url": where.service_url, "teams": [*kept.get("teams", []), team]}
            await self._token_store.put(where.workspace, json.dumps(kept))

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        return await self._post(place(address), _activity(render.adaptive_card(card), card.summary, mark))

    async def send_form(self, address: str, form: Form) -> Outcome:
        return await self._post(place(address), _activity(render.form_card(form), form.title, ""))

    async def update(self, message: str, card: Card) -> Outcome:
        where = place(message)
        activity = _activity(render.adaptive_card(card), card.summary, "")
        activity.id = where.activity

        async def call(connector: ConnectorClient) -> str:
            await connector.conversations.update_activity(where.conversation, where.activity, _at(where, activity))
            return message

        return await self._call(where, call)

    async def find(self, address: str, mark: str) -> Outcome:
        return OutcomeUnknown("Teams does not let a bot read back what it said")

    async def profile(self, workspace: str, user: str) -> Profile | None:
        where = self._seen.get((workspace, user))
        if where is None:
            return None
        try:
            connector = await self._connector(where.service_url)
            member = await connector.conversations.get_conversation_member(where.conversation, user)
        except Exception as error:
            raise DirectoryUnavailable(_reason(error)) from error
        found = _fields(member)
        return directory.profile(found, tenant=where.tenant, address=str(where)) if found.get("id") else None

    async def directory(self, workspace: str, cursor: str | None) -> DirectoryPage:
        """The members of the teams that the bot is in; a cursor is "<number of the team>|<page>"."""
        kept = await self._kept(workspace)
        teams = kept.get("teams", [])
        number, _, page = (cursor or "0|").partition("|")
        if int(number) >= len(teams):
            return DirectoryPage((), None, whole=False)
        try:
            connector = await self._connector(kept["service_url"])
            found = await connector.conversations.get_conversation_paged_members(
                teams[int(number)], page_size=200, continuation_token=page or None
            )
        except Exception as error:
            raise DirectoryUnavailable(_reason(error)) from error
        tenant = workspace.partition(":")[2]
        profiles = tuple(directory.profile(_fields(member), tenant=tenant) for member in found.members)
        if found.continuation_token:
            return DirectoryPage(profiles, f"{number}|{found.continuation_token}", whole=False)
        following = int(number) + 1
        return DirectoryPage(profiles, f"{following}|" if following < len(teams) else None, whole=False)

    async def _kept(self, workspace: str) -> dict[str, Any]:
        secret = await self._token_store.get(workspace)
        return dict(json.loads(secret)) if secret else {}

    async def _post(self, where: TeamsPlace, activity: Activity) -> Outcome:
        async def call(connector: ConnectorClient) -> str:
            sent = await connector.conversations.send_to_conversation(where.conversation, _at(where, activity))
            return str(where.with_activity(str(sent.id if sent else "")))

        return await self._call(where, call)

    async def _call(self, where: TeamsPlace, call: Callable[[ConnectorClient], Awaitable[str]]) -> Outcome:
        try:
            connector = await self._connector(where.service_url)
        except PermissionError as refusal:
            return self._refused(where, _error_code(refusal))
        except Exception as error:  # MSAL raises whatever its layers raise; nothing has left
            return RetryAfter(NO_RETRY_AFTER, _reason(error), Calls.SENDS)
        try:
            sent = Sent(await call(connector))
        except Exception as error:  # the connector does, too
            return self._refused(where, "401") if _status(error) == 401 else _outcome(error)
        self._refusals.accepted(where.tenant)
        return sent

    def _refused(self, where: TeamsPlace, reason: str) -> Outcome:
        """The app's password has run out, or Teams knows the app no longer."""
        self._refused_at[where.tenant] = where
        self._refusals.refused(where.tenant, reason)
        return RetryAfter(TOKEN_AGAIN, reason, Calls.SENDS)

    async def _takes_password(self, tenant: str) -> bool:
        where = self._refused_at[tenant]
        connector = await self._connector(where.service_url)
        try:
            await connector.conversations.get_conversation_paged_members(where.conversation, page_size=FEWEST_MEMBERS)
        except Exception as error:
            return (_status(error) or 500) in (403, 404)  # it is told that it has no business there, and so is heard
        return True

    async def _connector(self, service_url: str) -> ConnectorClient:
        """A connector for a service address from an authenticated activity, signed in: it sends the bot's token there.
        Raises PermissionError where Microsoft refuses the app's password."""
        if service_url not in self._connectors:
            claims = ClaimsIdentity({"aud": self._app_id, "appid": self._app_id}, True)
            factory = self.auth.create_connector_factory(claims)
            made = self._connectors[service_url] = await factory.create(service_url, AUDIENCE)
            made.config.hooks.append(_told)
        connector = self._connectors[service_url]
        if self._app_id:
            await asyncio.to_thread(connector.config.credentials.get_access_token)  # it would hold up the event loop
        return connector

    async def close(self) -> None:
        await self._refusals.close()


def _activity(card: dict[str, Any], summary: str, mark: str) -> Activity:
    return Activity(
        type="message",
        summary=summary[: render.SUMMARY],
        attachments=[Attachment(content_type=render.CONTENT_TYPE, content=card)],
        channel_data={"chorus": {"mark": mark}} if mark else None,
    )


def _at(where: TeamsPlace, activity: Activity) -> Activity:
    activity.conversation = ConversationAccount(id=where.conversation, tenant_id=where.tenant)
    activity.from_property = ChannelAccount(id=where.bot) if where.bot else None
    activity.service_url = where.service_url
    activity.channel_id = "msteams"
    return activity


def _fields(member: Any) -> dict[str, Any]:
    extra = getattr(member, "additional_properties", None) or {}
    return {
        **extra,
        "id": member.id,
        "name": member.name,
        "aadObjectId": getattr(member, "aad_object_id", None) or extra.get("aadObjectId"),
        "email": getattr(member, "email", None) or extra.get("email"),
        "userRole": getattr(member, "user_role", None) or extra.get("userRole"),
        "tenantId": getattr(member, "tenant_id", None) or extra.get("tenantId"),
    }


def _outcome(error: Exception) -> Outcome:
    status = _status(error)
    reason = _reason(error)
    match status:
        case 429:
            return RetryAfter(retry_after(_header(error, "Retry-After"), otherwise=NO_RETRY_AFTER), "429", Calls.SENDS)
        case 412 | 502 | 503 | 504:  # learn.microsoft.com, "Rate limiting for bots", tells to try these again
            return RetryAfter(retry_after(_header(error, "Retry-After"), otherwise=NO_RETRY_AFTER), reason)
        case 403 | 404:
            return PermanentFailure(reason, parks="person")  # blocked, uninstalled, or no such conversation
        case None if _never_left(error):
            return RetryAfter(5.0, reason, Calls.SENDS)
        case None:
            return OutcomeUnknown(reason)
        case _ if status >= 500:
            return OutcomeUnknown(reason)
    return PermanentFailure(reason)


def _never_left(error: Exception) -> bool:
    """Whether it failed before there was a connection. msrest keeps what requests raised, and that what urllib3 did."""
    raised = getattr(error, "inner_exception", None)
    tried = raised.args[0] if raised is not None and raised.args else None
    reason = getattr(tried, "reason", None)
    if isinstance(reason, SSLError):
        return isinstance(reason.args[0], SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)


def _error_code(refusal: PermissionError) -> str:
    """OAuth's code, such as "invalid_client", of what the Bot Framework says of a refused sign-in."""
    found = re.search(r"with error: (\w+)", str(refusal))
    return found[1] if found else type(refusal).__name__


def _told(answer: Any, *_more: Any, **_others: Any) -> None:
    """Before the SDK reads the body of a refusal as JSON, which a gateway's is not: its status is what counts."""
    if answer.status_code >= 400:
        answer.close()
        answer.raise_for_status()


def _status(error: Exception) -> int | None:
    response = _answer(error)
    status = getattr(response, "status_code", None) or getattr(error, "status_code", None)
    return int(status) if status else None


def _header(error: Exception, name: str) -> str | None:
    headers = getattr(_answer(error), "headers", None) or {}
    value = headers.get(name)
    return str(value) if value is not None else None


def _answer(error: Exception) -> Any:
    """What was answered, where anything was."""
    response = getattr(error, "response", None)
    return response if response is not None else getattr(getattr(error, "inner_exception", None), "response", None)


def _reason(error: Exception) -> str:
    """The kind of fault, never its text: that may hold addresses and tokens."""
    status = _status(error)
    return f"{status}" if status else type(error).__name__
