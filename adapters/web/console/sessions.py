"""Signing in, staying signed in, and the proofs that an action is the person's own.

The cookie holds a secret of which the database knows only the digest. A form's token is made from that secret, so that
nothing about it is stored. A session ends after two hours unseen or twelve in all, and when the person comes to answer
for more than when it began: whoever was taken for them by an address string must not gain by it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import Response

from adapters.web.console.answers import SAFE, to
from adapters.web.console.fields import is_path_of_ours
from adapters.web.cookies import cookie_name, drop_cookie, set_cookie
from adapters.web.same_site import is_from_here
from bot.core.db_executor import DbExecutor
from bot.core.i18n import Words, capital, closest, languages
from bot.core.role_names import role_name
from bot.core.tokens import digest_of
from storage.audit import watch
from storage.database import Session
from storage.people.employees import Employee
from storage.people.responsibilities import is_within, mandate_of
from storage.web import console_sessions
from storage.web.console_sessions import ConsoleSession

SESSION = "chorus"
ENDED = "ended"  # why somebody is to sign in: they were signed in
IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
WANTED, WANTED_FOR, LONGEST_PATH = "chorus-wanted", timedelta(minutes=15), 500  # the page somebody was on the way to
SEEN_TO = timedelta(minutes=1)  # how exactly it is known when a session was seen


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in."""

    employee_id: int
    name: str
    language: str
    time_zone: str
    roles: tuple[str, ...]
    secret: str
    now: datetime

    @property
    def csrf(self) -> str:
        return hmac.new(self.secret.encode(), b"form", sha256).hexdigest()

    @property
    def words(self) -> Words:
        return Words(self.language, self.time_zone, self.now)

    @property
    def initials(self) -> str:
        """Of the first and the last name."""
        names = self.name.split()
        return "".join(name[0] for name in (names[:1] + names[1:][-1:])).upper()

    def role_in(self, words: Words) -> str:
        """What they do here, in words."""
        widest = next((role for role in ("admin", "lead", "owner") if role in self.roles), "employee")
        return capital(role_name(widest, words))

    @property
    def other_languages(self) -> list[tuple[str, str]]:
        """(language, its name in itself) of those that the person does not read here."""
        return [(one, capital(Words(one).language_name(one))) for one in languages() if one != closest(self.language)]

    def has_role(self, *roles: str) -> bool:
        return "admin" in self.roles or any(role in self.roles for role in roles)


class Sessions:
    def __init__(self, db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]) -> None:
        self._db_executor = db_executor
        self._now = now
        self._is_secure = urlsplit(base_url).scheme == "https"
        self._origin = f"{urlsplit(base_url).scheme}://{urlsplit(base_url).netloc}"
        self.cookie, self._wanted = (cookie_name(name, is_secure=self._is_secure) for name in (SESSION, WANTED))

    async def viewer(self, request: Request) -> Viewer | None:
        """Who is signed in; None where nobody is, or is no longer."""
        secret = request.cookies.get(self.cookie, "")
        if not secret or len(secret) > 100:
            return None
        return await self._db_executor(lambda session: self._viewer(session, secret))

    async def enter(self, request: Request, employee_id: int) -> Response:
        """A new session, whoever was signed in before in this browser; to the sign-in where they may not be here."""
        secret, before = secrets.token_urlsafe(32), request.cookies.get(self.cookie, "")
        may = await self._db_executor(lambda session: self._begin(session, employee_id, secret, before))
        wanted = request.cookies.get(self._wanted, "")
        home = wanted if is_path_of_ours(wanted) else "/console"
        answer = Response(
            status_code=303, headers={"Location": quote(home, safe=SAFE) if may else "/console/sign-in?refused=1"}
        )
        if may:
            drop_cookie(answer, WANTED, is_secure=self._is_secure)
            set_cookie(answer, SESSION, secret, lasts=LONGEST, is_secure=self._is_secure)
        return answer

    def to_sign_in(self, request: Request) -> Response:
        """Whoever follows a link and is not signed in comes back to it once they are."""
        answer = to(f"/console/sign-in?refused={ENDED}" if request.cookies.get(self.cookie) else "/console/sign-in")
        where = quote(request.url.path, safe=SAFE)
        path = f"{where}?{request.url.query}" if request.url.query else where
        if request.method == "GET" and len(path) < LONGEST_PATH:
            set_cookie(answer, WANTED, path, lasts=WANTED_FOR, is_secure=self._is_secure)
        return answer

    async def leave(self, viewer: Viewer) -> Response:
        await self._db_executor(lambda session: console_sessions.sign_out(session, digest_of(viewer.secret)))
        answer = Response(status_code=303, headers={"Location": "/console/sign-in", "Clear-Site-Data": '"cache"'})
        drop_cookie(answer, SESSION, is_secure=self._is_secure)
        return answer

    def is_own(self, request: Request, viewer: Viewer, token: str) -> bool:
        """Whether a form was sent from a page of ours that this very session was shown."""
        return self.is_from_here(request) and hmac.compare_digest(token.encode(), viewer.csrf.encode())

    def is_from_here(self, request: Request) -> bool:
        return is_from_here(request, self._origin)

    async def show_next(self, viewer: Viewer, card: dict[str, Any]) -> None:
        """Show this card once on the next page."""

        def work(session: Session) -> None:
            row = console_sessions.signed_in(session, digest_of(viewer.secret))
            if row is not None:
                row.shown = card

        await self._db_executor(work)

    def take_shown(self, session: Session, viewer: Viewer) -> dict[str, Any] | None:
        """What is to be shown once; it is not there a second time."""
        row = console_sessions.signed_in(session, digest_of(viewer.secret))
        if row is None or row.shown is None:
            return None
        shown, row.shown = row.shown, None
        return shown

    def _begin(self, session: Session, employee_id: int, secret: str, before: str) -> bool:
        if before:
            console_sessions.sign_out(session, digest_of(before))
        now = self._now()
        mandate = mandate_of(session, session.get_one(Employee, employee_id))
        row = ConsoleSession(
            digest=digest_of(secret), employee_id=employee_id, mandate=mandate, began_at=now, seen_at=now
        )
        session.add(row)
        session.flush()
        if not row.person.is_active:
            session.delete(row)
            return False
        with watch.acting(session, employee_id, "console"):
            watch.note(session, "signed in to the console")
        return True

    def _viewer(self, session: Session, secret: str) -> Viewer | None:
        row, now = console_sessions.signed_in(session, digest_of(secret)), self._now()
        if row is None:
            return None
        person = row.person
        is_over = now - row.seen_at > IDLE or now - row.began_at > LONGEST
        has_more = not is_within(mandate_of(session, person), row.mandate)
        if is_over or has_more or not person.is_active:
            session.delete(row)
            return None
        if now - row.seen_at > SEEN_TO:
            row.seen_at = now
        return Viewer(person.id, person.name, person.language, person.time_zone, tuple(person.roles), secret, now)
