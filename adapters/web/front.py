"""The way in: `/` leads to what there is, browsers find the icon where they look for it, and whoever comes to an
address that leads nowhere is told so in words."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from adapters.web.plain_page import plain_page, words_for

ICON = Path(__file__).parent / "static" / "icon.svg"


def router(home: str) -> APIRouter:
    """`home`: the path of the page that `/` leads to."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def front() -> RedirectResponse:
        return RedirectResponse(home, status_code=302)

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"])
    async def icon() -> FileResponse:
        return FileResponse(ICON, media_type="image/svg+xml; charset=utf-8", headers={"Cache-Control": "max-age=86400"})

    return router


async def nothing_here(request: Request, error: Exception) -> Response:
    """For a browser a page with a sentence; programs get what FastAPI says."""
    if not isinstance(error, HTTPException):
        raise error
    if "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    words = words_for(request)
    said = {
        404: words.t("Page not found"),
        405: words.t("There’s nothing to see at this address. Go back and use the button again."),
    }.get(error.status_code, words.t("That didn’t work. Please try again."))
    return plain_page(words, said, status=error.status_code, headers=error.headers)
