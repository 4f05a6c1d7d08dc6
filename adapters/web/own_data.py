"""What is kept of somebody, as a file for them, behind the link that the bot gave them: once, within ten minutes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from adapters.web.html import PAGE_CSP, render
from adapters.web.same_site import is_from_here
from bot.core.db_executor import DbExecutor
from bot.core.i18n import Words, closest
from bot.features.people.handlers.own_data import download_digest
from storage.database import Session
from storage.privacy.export import everything_of
from storage.web import console_sessions

# With "no-referrer" browsers send forms of ours with the origin "null", which is also that of a hostile frame.
HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin"}
CSP = PAGE_CSP.replace("form-action 'none'", "form-action 'self'")


def router(db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    def page(words: Words, title: str, *sentences: str, status: int = 200, **form: str) -> HTMLResponse:
        form = {"action": "", "label": "", **form}
        html = render("connect.html", w=words, title=title, sentences=sentences, **form)
        return HTMLResponse(html, status, headers={**HEADERS, "Content-Security-Policy": CSP})

    def over(words: Words) -> HTMLResponse:
        said = words.t("This link has been used or is too old. Type /chorus my data for a new one.")
        return page(words, words.t("This link no longer works"), said, status=410)

    @router.get("/my-data/{token}")
    async def ask(request: Request, token: str) -> Response:
        """A page with a button: programs that look at links in chat must not use it up."""
        words = _spoken(request)
        person = await db_executor(
            lambda session: console_sessions.opens_for(session, download_digest(token), now=now())
        )
        if person is None:
            return over(words)
        return page(
            words,
            words.t("What I keep about you"),
            words.t(
                "A file with everything that Chorus keeps about {name}. It is yours: keep it safe.", name=person.name
            ),
            action=f"/my-data/{token}?lang={words.language}",
            label=words.t("Download it all"),
        )

    @router.post("/my-data/{token}")
    async def download(request: Request, token: str) -> Response:
        words = _spoken(request)
        if not is_from_here(request, base_url):
            return over(words)

        def take(session: Session) -> list[dict[str, Any]] | None:
            person = console_sessions.use_link(session, download_digest(token), now=now())
            return None if person is None else everything_of(session, person)

        kept = await db_executor(take)
        if kept is None:
            return over(words)
        for kind in kept:
            kind |= {name: words.t(kind[name]) for name in ("what", "why", "seen_by", "kept")}
        name = f'attachment; filename="chorus-{now().date().isoformat()}.json"'
        body = json.dumps(kept, ensure_ascii=False, indent=2)
        return Response(body, media_type="application/json", headers={**HEADERS, "Content-Disposition": name})

    return router


def _spoken(request: Request) -> Words:
    return Words(closest(request.query_params.get("lang") or request.headers.get("accept-language", "")[:5]))
