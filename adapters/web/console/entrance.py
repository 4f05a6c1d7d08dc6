"""The way into the console and out of it: by the bot's link, or by the organisation's own sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from adapters.web.console.answers import to
from adapters.web.console.fields import fields_of
from adapters.web.console.identity_provider import IdentityProvider, SignedIn, SignInFailed
from adapters.web.console.sessions import ENDED, Sessions
from adapters.web.cookies import cookie_name, set_cookie
from bot.core.db_executor import DbExecutor
from bot.core.tokens import digest_of
from bot.features.people.domain import roster
from storage.audit import watch
from storage.database import Session
from storage.people import directory_rules
from storage.people.employees import Employee
from storage.web import console_sessions, sign_in

REFUSED = "/console/sign-in?refused="
UNKNOWN, ANOTHERS = "unknown", "anothers"  # why an account of the organisation did not let in
AT_PROVIDER, AT_MOST = "chorus-oidc", timedelta(minutes=10)  # the cookie of somebody who is at the provider
BY_ACCOUNT = "Sign in with your organisation’s account"

if TYPE_CHECKING:
    from adapters.web.console.receive import Console


class Entrance:
    def __init__(
        self,
        console: Console,
        sessions: Sessions,
        *,
        db_executor: DbExecutor,
        now: Callable[[], datetime],
        oidc: IdentityProvider | None,
        is_secure: bool,
        only_oidc: bool = False,
    ) -> None:
        """`only_oidc`: nobody comes in but by the organisation's own sign-in; a link from the chat says whose account
        it is, the first time."""
        self._console = console
        self._sessions = sessions
        self._db_executor = db_executor
        self._now = now
        self._oidc = oidc
        self._is_secure, self._cookie = is_secure, cookie_name(AT_PROVIDER, is_secure=is_secure)
        self._only_oidc = only_oidc

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/sign-in", self.sign_in, methods=["GET"])
        router.add_api_route("/in/{token}", self.door, methods=["GET"])
        router.add_api_route("/in/{token}", self.enter, methods=["POST"])
        router.add_api_route("/in/{token}/account", self.show_account, methods=["POST"])
        router.add_api_route("/oidc", self.to_provider, methods=["POST"])
        router.add_api_route("/oidc/back", self.from_provider, methods=["GET"])
        router.add_api_route("/out", self.leave, methods=["POST"])

    async def sign_in(self, request: Request, refused: str = "") -> Response:
        words = self._console.spoken(request)
        said = words.t("To sign in, type /chorus console to the bot in Slack or Teams. It gives you a link.")
        wrong = words.t(
            "That didn’t work: the link is used or too old, or your role can’t use the console. Type "
            "/chorus console for a new link."
        )
        if refused == UNKNOWN:
            wrong = words.t(
                "I don’t know yet whose account that is. Type /chorus console to the bot, open its link, and sign in "
                "with your organisation’s account from there, once."
            )
        if refused == ANOTHERS:
            wrong = words.t(
                "That account belongs to somebody else, or you have another one here. Ask your administrator: "
                "chorus people unbind."
            )
        if refused == ENDED:
            wrong = words.t(
                "You were signed out: your session is over, or what you may do here has changed. Everything you saved "
                "is saved."
            )
        return self._console.render(
            "sign_in",
            words,
            words.t("Sign in to Chorus"),
            said=said,
            wrong=wrong if refused else "",
            buttons=[(words.t(BY_ACCOUNT), "/console/oidc")] if self._oidc is not None else [],
        )

    async def door(self, request: Request, token: str) -> Response:
        """A page with a button: programs that look at links in chat must not use it up."""
        words = self._console.spoken(request)
        name = await self._db_executor(lambda session: _name_of(session, token, self._now()))
        if name is None:
            return to(f"/console/sign-in?refused=1&lang={words.language}")
        said = words.t("You followed a link from the bot. One more click and you’re in as {name}.", name=name)
        buttons = [] if self._only_oidc else [(words.t("Sign in"), "")]
        if self._oidc is not None:
            buttons.append((words.t(BY_ACCOUNT), f"/console/in/{token}/account"))
        return self._console.render(
            "sign_in", words, words.t("Sign in to Chorus"), said=said, wrong="", buttons=buttons
        )

    async def enter(self, request: Request, token: str) -> Response:
        if not self._sessions.is_from_here(request):
            return self._console.not_own(self._console.spoken(request))
        if self._only_oidc:
            return await self.show_account(request, token)
        employee = await self._db_executor(
            lambda session: console_sessions.use_link(session, digest_of(token), now=self._now())
        )
        return await self._enter(request, employee)

    async def show_account(self, request: Request, token: str) -> Response:
        """To the organisation's sign-in, by a link from the chat: the account that comes back is theirs."""
        if not self._sessions.is_from_here(request):
            return self._console.not_own(self._console.spoken(request))
        if self._oidc is None:
            return self._not_here(request)
        employee = await self._db_executor(
            lambda session: console_sessions.use_link(session, digest_of(token), now=self._now())
        )
        return await self._enter(request, None) if employee is None else await self._begin(request, employee)

    async def to_provider(self, request: Request) -> Response:
        if not self._sessions.is_from_here(request):
            return self._console.not_own(self._console.spoken(request))
        return self._not_here(request) if self._oidc is None else await self._begin(request, None)

    async def _begin(self, request: Request, employee: int | None) -> Response:
        assert self._oidc is not None  # noqa: S101 - whoever calls has looked
        try:
            url, cookie = await self._oidc.begin(employee)
        except SignInFailed:
            return await self._enter(request, None)
        words = self._console.spoken(request)
        # A page that goes on by itself: a form of ours may not be answered by a redirect to elsewhere (form-action).
        answer = self._console.sentence(words, words.t("Going to your organisation’s sign-in…"), 200)
        answer.headers["Refresh"] = f"0; url={url}"
        set_cookie(answer, AT_PROVIDER, cookie, lasts=AT_MOST, is_secure=self._is_secure)
        return answer

    async def from_provider(self, request: Request, code: str = "", state: str = "") -> Response:
        if self._oidc is None:
            return self._not_here(request)
        try:
            found = await self._oidc.finish(code, state, request.cookies.get(self._cookie, ""))
        except SignInFailed:
            return await self._enter(request, None)
        account, employee = found.account, found.employee
        if employee is None:
            owner = await self._db_executor(lambda session: sign_in.owner_of(session, *account))
            if owner is None:
                return await self._refuse(UNKNOWN)
            await self._db_executor(lambda session: _give_roles(session, found))
            return await self._enter(request, owner)
        is_theirs = await self._db_executor(lambda session: sign_in.bind(session, *account, employee, now=self._now()))
        if not is_theirs:
            return await self._refuse(ANOTHERS)
        await self._db_executor(lambda session: _give_roles(session, found))
        return await self._enter(request, employee)

    async def leave(self, request: Request) -> Response:
        viewer, fields = await self._sessions.viewer(request), await fields_of(request) or FormData()
        if viewer is None:
            return to("/console/sign-in")
        if not self._sessions.is_own(request, viewer, str(fields.get("csrf") or "")):
            return self._console.not_own(viewer.words, viewer)
        return await self._sessions.leave(viewer)

    async def _refuse(self, why: str) -> Response:
        def work(session: Session) -> None:
            with watch.acting(session, None, "console"):
                watch.note(session, "sign-in refused", about="" if why == "1" else why)

        await self._db_executor(work)
        return to(f"{REFUSED}{why}")

    def _not_here(self, request: Request) -> Response:
        words = self._console.spoken(request)
        return self._console.sentence(words, words.t("Page not found"), 404)

    async def _enter(self, request: Request, employee: int | None) -> Response:
        if employee is None:
            return await self._refuse("1")
        return await self._sessions.enter(request, employee)


def _name_of(session: Session, token: str, now: datetime) -> str | None:
    person = console_sessions.opens_for(session, digest_of(token), now=now)
    return person.name if person is not None else None


def _give_roles(session: Session, found: SignedIn) -> None:
    """The roles of their groups, and no others of groups: before the session begins, for it ends when they gain one."""
    row = sign_in.account(session, *found.account)
    if row is None or found.groups is None:
        return
    rules = directory_rules.for_groups(session, found.groups)
    with watch.acting(session, None, "sign-in"):
        person = session.get_one(Employee, row.employee_id)
        row.granted = roster.grant(person, row.granted, {rule.role for rule in rules if rule.role})
