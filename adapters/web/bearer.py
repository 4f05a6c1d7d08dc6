"""Bearer tokens of programs: what whoever shows one may do."""

from __future__ import annotations

from datetime import datetime

from bot.core.db_executor import DbExecutor
from bot.core.tokens import digest_of
from storage.web import api_tokens


async def scopes_of(db_executor: DbExecutor, authorization: str, now: datetime) -> list[str] | None:
    """`authorization`: the header's value, "Bearer …". None where it lets nobody in."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer":
        return None
    digest = digest_of(token.strip())
    return await db_executor(lambda session: api_tokens.scopes_of(session, digest, now=now))
