"""The page that a share leads to, `/o/<secret>`: the text to take along, the way into the network, "Yes, posted".

Looking at it changes nothing. The secret is the permission: only the person's own card holds the address.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from adapters.web.html import render
from adapters.web.links import HEADERS, gone, own_link
from adapters.web.plain_page import plain_page
from bot.core.db_executor import DbExecutor
from bot.core.events import Pressed
from bot.core.i18n import Words, closest
from bot.core.ports import Handle
from content.addresses import absolute, validate_url
from content.channels import ChannelKind, Prefill, kind_of, with_link
from content.errors import NotAnAddress
from storage.database import Session
from storage.people import employees
from storage.people.employees import Identity, IdentityState
from storage.sharing import shares
from storage.sharing.posts import Post, PostState
from storage.sharing.shares import Share, ShareState

STATIC = Path(__file__).parent / "static"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src https: http:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class ShareView:
    """What the page shows of a share, read in one transaction."""

    words: Words
    channel: ChannelKind
    text: str  # with the tracked link
    address: str  # where it is posted; "": we know no page for that
    has_link: bool
    title: str
    pictures: tuple[tuple[str, str], ...]  # (address, what it shows)
    is_posted: bool
    code: str  # of the tracked link


class SharePage:
    def __init__(
        self,
        db_executor: DbExecutor,
        *,
        base_url: str,
        handle: Handle,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`handle` takes the press of "I’ve posted it", as from the card in chat."""
        self._db_executor = db_executor
        self._base_url = base_url
        self._handle = handle
        self._now = now

    def static_files(self) -> StaticFiles:
        return StaticFiles(directory=STATIC)

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/o", include_in_schema=False)

        @router.api_route("/{opener}", methods=["GET", "HEAD"])
        async def page(request: Request, opener: str) -> Response:
            found = await self._db_executor(lambda session: self._view(session, opener) or _withdrawn(session, opener))
            if found is None:
                return gone(request)
            if not isinstance(found, ShareView):
                return found
            page = _html(found, opener)
            own_link(page, found.code, self._base_url)
            return page

        @router.get("/{opener}/go")
        async def straight(request: Request, opener: str) -> Response:
            """Straight to a network that fills in the whole text: there is nothing to take along."""
            found = await self._db_executor(lambda session: self._view(session, opener) or _withdrawn(session, opener))
            if not isinstance(found, ShareView):
                return found or gone(request)
            response = Response(status_code=302, headers={"Location": found.address, **HEADERS})
            own_link(response, found.code, self._base_url)
            return response

        @router.get("/{opener}/post")
        async def own_post(request: Request, opener: str) -> Response:
            """To the post that is out. This browser is its writer's from now on, who is no reader."""
            found = await self._db_executor(lambda session: _posted_at(session, opener))
            if found is None:
                return gone(request)
            address, code = found
            response = Response(status_code=302, headers={"Location": address, **HEADERS})
            own_link(response, code, self._base_url)
            return response

        @router.post("/{opener}/opened")
        async def opened(request: Request, opener: str) -> Response:
            """The page's script says that the network was opened, which is no share yet."""
            found = await self._db_executor(lambda session: self._open(session, opener))
            return Response(status_code=204) if found else gone(request)

        @router.post("/{opener}/posted")
        async def posted(request: Request, opener: str) -> Response:
            press = await self._db_executor(lambda session: _press(session, opener))
            if press is None:
                withdrawn = await self._db_executor(lambda session: _withdrawn(session, opener))
                return withdrawn or gone(request)
            await self._handle(press)
            return Response(status_code=303, headers={"Location": f"/o/{opener}", **HEADERS})

        return router

    def _view(self, session: Session, opener: str) -> ShareView | None:
        share = _share(session, opener)
        if share is None:
            return None
        link, channel = share.link_in(self._base_url), kind_of(share.channel, share.social)
        text = with_link(share.text, link)
        person = share.employee
        return ShareView(
            words=Words(closest(person.language), person.time_zone),
            channel=channel,
            text=text,
            address=channel.share_page(text, link, share.post.title),
            has_link=bool(link),
            title=share.post.title,
            pictures=self._pictures(share.post),
            is_posted=share.is_confirmed,
            code=share.code,
        )

    def _pictures(self, post: Post) -> tuple[tuple[str, str], ...]:
        if post.pictures:
            return tuple((absolute(one.path, self._base_url), one.alt) for one in post.pictures)
        return ((post.image_url, ""),) if post.image_url else ()

    def _open(self, session: Session, opener: str) -> bool:
        share = _share(session, opener)
        if share is not None and share.opened_at is None:
            share.open_page(self._now())
        return share is not None


def _share(session: Session, opener: str) -> Share | None:
    """The share, if it may still be posted."""
    share = shares.share_by_opener(session, opener)
    is_over = share is None or share.state == ShareState.UNDONE or share.post.state == PostState.RECALLED
    return None if is_over else share


def _posted_at(session: Session, opener: str) -> tuple[str, str] | None:
    """(where the post stands, the code of its link)."""
    share = shares.share_by_opener(session, opener)
    if share is None or not share.public_url:
        return None
    try:
        return validate_url(share.public_url), share.code
    except NotAnAddress:
        return None


def _withdrawn(session: Session, opener: str) -> HTMLResponse | None:
    """The page of a share whose post was withdrawn meanwhile; the person may have posted it already."""
    share = shares.share_by_opener(session, opener)
    if share is None or share.post.state != PostState.RECALLED:
        return None
    words = Words(closest(share.employee.language), share.employee.time_zone)
    return plain_page(
        words,
        words.t("Withdrawn"),
        words.t("The comms team has withdrawn “{title}”. Please don’t share it.", title=share.post.title),
        words.t("If you’ve posted it already, please delete your post. Thank you."),
        status=410,
        headers=HEADERS,
    )


def _press(session: Session, opener: str) -> Pressed | None:
    """ "Yes, posted" on the person's card, as if it was pressed in chat."""
    share = _share(session, opener)
    who = _identity(session, share) if share is not None else None
    if share is None or who is None:
        return None
    return Pressed(
        workspace=who.workspace_id,
        user=who.user,
        address=who.address or "",
        keys=(f"{who.workspace_id}:share page:{secrets.token_hex(8)}",),
        action="share.posted",
        ref=share.id,
        message=share.nudge.message,
    )


def _identity(session: Session, share: Share) -> Identity | None:
    """The person where their card is, else where they were reached last."""
    here = [
        identity
        for identity in share.employee.identities
        if identity.workspace_id == share.nudge.workspace_id and identity.state == IdentityState.ACTIVE
    ]
    return here[0] if here else employees.reachable(session, share.employee_id)


def _html(view: ShareView, opener: str) -> HTMLResponse:
    w, channel = view.words, view.channel.name
    how = w.t("Opening {channel} copies your text: paste it there.", channel=channel)
    if view.has_link or view.channel.prefill != Prefill.LINK:
        how = {
            Prefill.TEXT: w.t("Opening {channel} copies your text, and it’s filled in there.", channel=channel),
            Prefill.ON_COMPUTERS: w.t(
                "Opening {channel} copies your text. On a computer it’s filled in there; on a phone, paste it.",
                channel=channel,
            ),
            Prefill.LINK: w.t(
                "Opening {channel} copies your text. Only the link is filled in there: paste your text.",
                channel=channel,
            ),
        }[view.channel.prefill]
    html = render("share.html", w=w, view=view, how=how, channel=channel, opener=opener)
    headers = {**HEADERS, "Referrer-Policy": "same-origin", "Content-Security-Policy": CSP}
    return HTMLResponse(html, headers=headers)
