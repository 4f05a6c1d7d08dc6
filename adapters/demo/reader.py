"""A made-up follower, who reads what a made-up colleague has posted: over HTTP, as any browser does."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import ClientSession, ClientTimeout

from adapters.playground.parse import WORKSPACE
from bot.core.db_executor import DbExecutor
from bot.features.sharing.domain.clicks import TOO_SOON
from storage.database import Session
from storage.people import employees
from storage.sharing import shares

A_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PATIENCE = ClientTimeout(total=5)
BAD_REQUEST = 400


async def read(db_executor: DbExecutor, base_url: str, user: str) -> bool:
    """Follow the link of the user’s newest post; False where there is none, or it is too fresh for a person."""
    address = await db_executor(lambda session: _address(session, base_url, user))
    if not address:
        return False
    async with (
        ClientSession(headers={"User-Agent": A_BROWSER}, timeout=PATIENCE) as client,
        client.get(address, allow_redirects=False) as answer,
    ):
        return answer.status < BAD_REQUEST


def _address(session: Session, base_url: str, user: str) -> str:
    found = employees.identity(session, WORKSPACE, user)
    posted = shares.shares_of(session, found.employee_id) if found is not None else []
    newest = next((share for share in posted if share.is_confirmed), None)
    if newest is None or newest.link.posted_at is None or datetime.now(UTC) - newest.link.posted_at < TOO_SOON:
        return ""
    return newest.link_in(base_url)
