"""Tracked links: `/r/<code>` leads on and counts.

The target is looked up, never taken from the request. Counting happens after answering, gathered for a few
milliseconds; when it fails, the reader still arrives.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from adapters.web.cookies import cookie_name, set_cookie
from adapters.web.outage import apology, is_away
from adapters.web.plain_page import plain_page, words_for
from bot.core.db_executor import DbExecutor
from bot.features.sharing.domain import clicks
from storage.database import Session
from storage.sharing import links
from storage.sharing.links import Click

log = structlog.get_logger()

REMEMBERED = 10_000  # links whose target is known without asking the database
TRUSTED_FOR = 2.0  # seconds for which it is: a recall is heeded after that at the latest
LEADS_ON_FOR = 120.0  # seconds for which it is while the database is away, which may have heard of a recall before
GATHER = 0.02  # seconds
MOST_WAITING = 50_000  # clicks; beyond that the database is gone and memory is worth more
OWN, OWN_FOR = "own", timedelta(days=90)  # the cookie of a share's writer, for their own link only
OWN_NAMES = {cookie_name(OWN, is_secure=is_secure, path="/r") for is_secure in (False, True)}
HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    live: bool
    posted_at: datetime | None
    known_until: float


class LinkService:
    def __init__(self, db_executor: DbExecutor, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db_executor = db_executor
        self._now = now
        self._targets: OrderedDict[str, Target | None] = OrderedDict()
        self._waiting: list[Click] = []
        self._gathering: asyncio.Task[None] | None = None
        self._salt: tuple[date, bytes] | None = None

    async def redirect(self, request: Request) -> Response:
        """`/r/{code}`: on to what the link leads to, and the click counted."""
        code = str(request.path_params["code"])
        try:
            target = await self.target(code)
        except Exception as error:
            if not is_away(error):
                raise
            return apology(request)
        if target is None or not target.live or not target.url:
            return gone(request)
        if request.method == "GET" and request.cookies.keys().isdisjoint(OWN_NAMES):
            await self.count(code, target, request)
        return Response(status_code=302, headers={"Location": target.url, **HEADERS})

    async def target(self, code: str) -> Target | None:
        """Where the link leads, from memory for a moment or from the database; while that is away, from memory for
        two minutes."""
        known = self._targets.get(code)
        if known is not None and known.known_until > monotonic():
            return known
        try:
            found = await self._db_executor.ask(lambda session: _look_up(session, code, self._now()))
        except Exception as error:
            if known is None or not is_away(error) or known.known_until + LEADS_ON_FOR < monotonic():
                raise
            return known
        if found is not None:  # unknown codes are not kept: guessing must not fill the memory
            self._targets[code] = found
            if len(self._targets) > REMEMBERED:
                self._targets.popitem(last=False)
        return found

    async def count(self, code: str, target: Target, request: Request) -> None:
        now = self._now()
        visitor = None
        if not _is_automated(request, now, target.posted_at):
            try:
                salt = await self._salt_of(now.date())
            except Exception as error:
                _tell("click not counted", error, reason="no salt")
                return
            address = request.client.host if request.client else ""
            visitor = clicks.visitor(
                salt=salt,
                code=code,
                network_address=address,
                user_agent=request.headers.get("user-agent", ""),
            )
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(Click(code, now.date(), visitor))
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._gather())

    async def close(self) -> None:
        if self._gathering is not None:
            await self._gathering

    async def _gather(self) -> None:
        """Write what has gathered; what cannot be written is tried again with the next."""
        while self._waiting:
            await asyncio.sleep(GATHER)
            batch, self._waiting = self._waiting, []
            try:
                await self._db_executor(lambda session, batch=batch: links.record_clicks(session, batch))  # type: ignore[misc]
            except Exception as error:
                _tell("clicks not written yet", error, number=len(batch))
                self._waiting = [*batch, *self._waiting][:MOST_WAITING]
                await asyncio.sleep(1.0)

    async def _salt_of(self, day: date) -> bytes:
        if self._salt is None or self._salt[0] != day:
            fresh = secrets.token_bytes(32)
            self._salt = (day, await self._db_executor.ask(lambda session: links.salt_of(session, day, fresh)))
        return self._salt[1]


def _tell(what: str, error: Exception, **details: Any) -> None:
    """Of an outage the heartbeat tells; anything else is a fault."""
    if is_away(error):
        log.warning(what, **details)
    else:
        log.error(what, exc_info=error, **details)


def _look_up(session: Session, code: str, now: datetime) -> Target | None:
    row = links.link(session, code)
    if row is None:
        return None
    is_live = row.live and (row.expires_at is None or row.expires_at > now)
    return Target(row.target, is_live, row.posted_at, monotonic() + TRUSTED_FOR)


def _is_automated(request: Request, now: datetime, posted_at: datetime | None) -> bool:
    headers = request.headers
    return clicks.is_automated(
        user_agent=headers.get("user-agent", ""),
        purpose=f"{headers.get('sec-purpose', '')} {headers.get('purpose', '')} {headers.get('x-purpose', '')}",
        at=now,
        posted_at=posted_at,
        wanted_as=headers.get("sec-fetch-dest", ""),
    )


def own_link(response: Response, code: str, base_url: str) -> None:
    """Have this browser's clicks on the link not counted: it is its writer's. The cookie goes with no other link and
    says nothing of them."""
    is_secure = base_url.startswith("https:")
    set_cookie(response, OWN, "1", lasts=OWN_FOR, is_secure=is_secure, path=f"/r/{code}")


def gone(request: Request) -> HTMLResponse:
    """The page for an address that leads nowhere, in the language of whoever follows it."""
    words = words_for(request)
    sentence = words.t("It may have been withdrawn or mistyped. Ask whoever sent it to you. You can close this page.")
    return plain_page(words, words.t("This link doesn’t work"), sentence, status=404, headers=HEADERS)
