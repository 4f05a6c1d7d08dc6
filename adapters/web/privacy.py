"""What Chorus keeps and what it never reads, for whoever meets it in Slack or Teams: the page behind "Privacy"."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from adapters.web.plain_page import plain_page, words_for


def router(organisation: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/privacy")
    async def privacy(request: Request) -> HTMLResponse:
        words = words_for(request)
        points = (
            words.t("Chorus works for {organisation}.", organisation=organisation),
            words.t("It reads only what you send it: no other messages, no files, no private profiles."),
            words.t(
                "It keeps your name, email address, language, time zone and settings, and the shares you make with it."
            ),
            words.t("Only you see how your own shares did; others see totals."),
            words.t(
                "What you answer in the pulse, and that you answered, is deleted when the round closes. Only sums with "
                "noise added remain, which hardly tell anything about any one person."
            ),
            words.t("People who open your links are counted without storing their IP addresses."),
            words.t("Taking part is voluntary, and you can stop at any moment: type /chorus settings."),
        )
        title = words.t("Chorus and your privacy")
        return plain_page(words, title, points=points)

    return router
