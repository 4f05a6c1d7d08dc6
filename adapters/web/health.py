"""Is it alive, can it work: for whoever runs it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from storage.database import Database, DatabaseError


def router(database: Database) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        try:
            await asyncio.to_thread(database.ping)
        except DatabaseError as cause:
            return JSONResponse({"status": "not ready", "reason": str(cause)}, status_code=503)
        return JSONResponse({"status": "ready"})

    return router
