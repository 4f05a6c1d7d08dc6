"""The articles of the made-up organisation, served by the demo itself so that a tracked link leads somewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from adapters.demo.organisation import FEED, NAME
from adapters.demo.practice_entities import LinkCard
from adapters.web.html import render
from content import feeds
from storage.database import Database
from storage.sharing import shares

_CSP = "default-src 'none'; style-src 'self'; img-src 'self'"


def router(base_url: str) -> APIRouter:
    """`/playground/articles/<slug>` for every entry of the demo's feed."""
    parsed = feeds.parse(FEED.read_bytes(), base_url=f"{base_url}/playground/")
    entries = {urlsplit(entry.url).path.rpartition("/")[2]: entry for entry in parsed.entries}
    router = APIRouter(include_in_schema=False)

    @router.get("/playground/articles/{slug}")
    async def article(slug: str) -> HTMLResponse:
        entry = entries.get(slug)
        if entry is None:
            return HTMLResponse("", status_code=404)
        picture = urlsplit(entry.image_url).path if entry.image_url else ""
        page = render("playground/article.html", entry=entry, picture=picture, organisation=NAME)
        return HTMLResponse(page, headers={"Content-Security-Policy": _CSP})

    return router


def card_of(database: Database, url: str) -> LinkCard | None:
    """What the practice network shows of the page behind a tracked link."""
    code = urlsplit(url).path.rpartition("/")[2]
    with database.transaction() as session:
        share = shares.share_by_code(session, code)
        if share is None:
            return None
        post = share.post
        picture = urlsplit(post.image_url).path if post.image_url else ""
        return LinkCard(post.title, picture, urlsplit(post.url).hostname or "")
