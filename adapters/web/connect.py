"""Connecting an account, `/connect/<secret>`: from a person's chat to a network's sign-in and back.

The secret stands in the person's own chat. Whose Chorus it is for is said before they go on, so that a link which
somebody else sent is seen for what it is; and only the browser that went may come back.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from adapters.networks.build import BACK
from adapters.web.cookies import cookie_name, drop_cookie, set_cookie
from adapters.web.html import render
from adapters.web.links import HEADERS, gone
from adapters.web.plain_page import words_for
from adapters.web.same_site import is_from_here
from bot.core.context import Effect, Job
from bot.core.dependencies import Dependencies
from bot.core.i18n import Words, closest
from bot.core.network_names import in_words
from bot.core.networks import SignInFailed
from bot.core.tokens import digest_of
from bot.features.accounts import jobs
from content.channels import name_of
from storage.database import Session
from storage.publishing import accounts
from storage.publishing.accounts import AccountRequest

log = structlog.get_logger()

AWAY, AWAY_AT_MOST = "chorus_connect", timedelta(minutes=10)  # the cookie of somebody who signs in at a network
CSP = "default-src 'none'; style-src 'self'; form-action 'self' https:{local}; base-uri 'none'; frame-ancestors 'none'"


class Connect:
    def __init__(
        self,
        dependencies: Dependencies,
        *,
        base_url: str,
        run_job: Callable[[Callable[[Job], list[Effect]]], Awaitable[None]],
    ) -> None:
        self._with = dependencies
        parts = urlsplit(base_url)
        self._is_https, self._origin = parts.scheme == "https", f"{parts.scheme}://{parts.netloc}"
        self._cookie = cookie_name(AWAY, is_secure=self._is_https)
        self._run_job = run_job

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.add_api_route(BACK, self.back, methods=["GET"])
        router.add_api_route("/connect/bluesky/client.json", self.bluesky_client, methods=["GET"], response_model=None)
        router.add_api_route("/connect/{token}", self.ask, methods=["GET"])
        router.add_api_route("/connect/{token}", self.leave, methods=["POST"])
        return router

    async def ask(self, request: Request, token: str) -> Response:
        """Who connects what; looking at it changes nothing."""
        asked = await self._request(token)
        if asked is None:
            return self._over(request)
        words, network = _words(asked), name_of(asked.network)
        return self._page(
            words,
            words.t("Connect {network}", network=network),
            words.t("Server: {host}", host=asked.host) if asked.network == "mastodon" else "",
            words.t("For {name}", name=asked.employee.name),
            words.t(
                "Posts that {name} approves in chat will appear on the account you sign in with.",
                name=asked.employee.name,
            ),
            words.t("Are you somebody else, or did somebody send you this link? Then close this page."),
            action=f"/connect/{token}",
            label=words.t("Sign in {to_network}", **in_words(asked.network, words.language)),
        )

    async def leave(self, request: Request, token: str) -> Response:
        """To the network's sign-in, from the page that says whose it is: no other page sends anybody there."""
        if not is_from_here(request, self._origin):
            log.warning("account not connected", reason="sent from another site")
            return gone(request)
        asked = await self._request(token)
        network = self._with.networks.get(asked.network) if asked else None
        if asked is None or network is None:
            return self._over(request)
        state, words = secrets.token_urlsafe(32), _words(asked)
        try:
            begun = await asyncio.to_thread(network.begin, state, asked.host)
        except SignInFailed as fault:
            return await self._failed(words, asked, fault)

        def keep(session: Session) -> bool:
            row = accounts.request_by_digest(session, asked.digest, now=self._with.now())
            if row is not None:
                row.state_digest, row.kept = digest_of(state), begun.kept
            return row is not None

        if not await self._with.db_executor(keep):
            return self._over(request)
        away = Response(status_code=303, headers={"Location": begun.url, **HEADERS})
        set_cookie(away, AWAY, state, lasts=AWAY_AT_MOST, is_secure=self._is_https)
        return away

    async def back(self, request: Request) -> Response:
        """From the network's sign-in."""
        query = {name: value[:4000] for name, value in request.query_params.items()}
        state, cookie = query.get("state", ""), request.cookies.get(self._cookie, "")
        if not state or not secrets.compare_digest(state.encode(), cookie.encode()):
            log.info("account not connected", reason="the state is of another browser")
            return self._over(request)
        now = self._with.now()
        asked = await self._with.db_executor(lambda session: accounts.take_request(session, digest_of(state), now=now))
        network = self._with.networks.get(asked.network) if asked else None
        if asked is None or network is None:
            log.info("account not connected", reason="the state is unknown, used or too old")
            return self._over(request)
        words = _words(asked)
        try:
            if query.get("error") == "access_denied":
                raise SignInFailed("access_denied", "You chose not to allow it.")
            found = await asyncio.to_thread(network.finish, asked.kept, query)
            await self._run_job(jobs.connected(asked, found))
        except SignInFailed as fault:
            return await self._failed(words, asked, fault)
        log.info("account connected", network=asked.network, person=asked.employee_id)
        page = self._page(
            words,
            words.t("{network} is connected.", network=name_of(asked.network)),
            words.t("For {name}", name=asked.employee.name),
            words.t("I can post as {name} now: each post only by your tap.", name=found.name),
            words.t("You can close this page and go back to the chat."),
        )
        drop_cookie(page, AWAY, is_secure=self._is_https)
        return page

    async def bluesky_client(self) -> Response:
        """What Bluesky's servers read about Chorus."""
        from adapters.networks.bluesky import Bluesky  # only for those who use it

        bluesky = self._with.networks.get("bluesky")
        if not isinstance(bluesky, Bluesky) or bluesky.sign_in.is_public:
            return Response(status_code=404)
        return JSONResponse(await asyncio.to_thread(bluesky.sign_in.client_metadata))

    async def _request(self, token: str) -> AccountRequest | None:
        now = self._with.now()
        return await self._with.db_executor(
            lambda session: accounts.request_by_digest(session, digest_of(token), now=now)
        )

    async def _failed(self, words: Words, asked: AccountRequest, fault: SignInFailed) -> HTMLResponse:
        """Said here and on the person's card, whose link leads nowhere any more."""
        network = name_of(asked.network)
        log.info("account not connected", network=asked.network, person=asked.employee_id, reason=str(fault))
        sentence = words.t(fault.sentence) if fault.sentence else words.t("The sign-in was not finished.")
        await self._run_job(jobs.not_connected(asked, sentence))
        return self._page(
            words,
            words.t("{network} is not connected", network=network),
            words.t("Server: {host}", host=asked.host) if asked.network == "mastodon" else "",
            sentence,
            words.t("Go back to the chat and type /chorus {command} to try again.", command="accounts"),
            status=400,
        )

    def _over(self, request: Request) -> HTMLResponse:
        """A link that was used, or is older than ten minutes; in the language of whoever follows it."""
        words = words_for(request)
        return self._page(
            words,
            words.t("This sign-in is over"),
            words.t("It was used already, or it took longer than ten minutes."),
            words.t("In the chat, /chorus {command} shows what is connected, and starts anew.", command="accounts"),
            status=404,
        )

    def _page(
        self, words: Words, title: str, *sentences: str, action: str = "", label: str = "", status: int = 200
    ) -> HTMLResponse:
        html = render(
            "connect.html",
            w=words,
            title=title,
            sentences=[one for one in sentences if one],
            action=action,
            label=label,
        )
        policy = CSP.format(local="" if self._is_https else " http:")  # the browser follows the redirect by it
        headers = {**HEADERS, "Referrer-Policy": "same-origin", "Content-Security-Policy": policy}
        return HTMLResponse(html, status_code=status, headers=headers)


def _words(asked: AccountRequest) -> Words:
    return Words(closest(asked.employee.language), asked.employee.time_zone)
