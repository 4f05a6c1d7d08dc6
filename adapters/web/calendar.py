"""The calendar's address: what a person's own calendar subscribes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Response

from bot.core.db_executor import DbExecutor
from bot.features.framework.handlers import subscription


def router(db_executor: DbExecutor, organisation: str, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/calendar/{secret}.ics")
    async def calendar(secret: str) -> Response:
        """404 alike for what never was and what was ended."""
        found = await db_executor(
            lambda session: subscription.feed(session, secret, name=f"Chorus · {organisation}", now=now())
        )
        headers = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
        if found is None:
            return Response(status_code=404, headers=headers)
        return Response(found, media_type="text/calendar; charset=utf-8", headers=headers)

    return router
