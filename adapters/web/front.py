"""The way in: `/` leads to what there is, and browsers find the icon where they look for it."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse

ICON = Path(__file__).parent / "static" / "icon.svg"


def router(home: str) -> APIRouter:
    """`home`: the path of the page that `/` leads to."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def front() -> RedirectResponse:
        return RedirectResponse(home, status_code=302)

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"])
    async def icon() -> FileResponse:
        return FileResponse(ICON, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})

    return router
