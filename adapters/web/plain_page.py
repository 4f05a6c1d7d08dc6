"""A page of sentences: for somebody who comes from outside the console and has nothing to press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse

from adapters.web.html import PAGE_CSP, render
from bot.core.i18n import Words, closest


def words_for(request: Request) -> Words:
    """In the language that the browser asks for first, or one near it."""
    return Words(closest(request.headers.get("accept-language", "")[:5]))


def plain_page(
    words: Words,
    title: str,
    *sentences: str,
    points: Sequence[str] = (),
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    page = render("page.html", language=words.language, title=title, sentences=sentences, points=points)
    return HTMLResponse(page, status_code=status, headers={"Content-Security-Policy": PAGE_CSP, **(headers or {})})
