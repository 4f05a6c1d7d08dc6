"""The composer's addresses. One form holds the page, and each of its buttons first stores what is written: what is
stored and what is wrong is decided where it is for chat, by the handler of the form "compose"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile

from adapters.web.console import compose_page
from adapters.web.console.answers import to
from adapters.web.console.compose_page import ComposePage
from adapters.web.console.fields import MAX_VALUE, fields_of, ref_of, values_of
from adapters.web.console.sessions import Viewer
from bot.core.cards import Bold, Card, Form, Text, card, text
from bot.core.context import Context
from bot.core.events import Pressed, Submitted
from bot.features.sharing.domain.draft import is_unnamed
from bot.features.sharing.handlers import compose as handlers
from content.errors import ContentError
from content.read_results import SMALL, PictureInfo
from content.reading import Reader
from storage.sharing import posts
from storage.sharing.post_pictures import MOST

if TYPE_CHECKING:
    from adapters.web.console.receive import Console

log = structlog.get_logger()

MAX_UPLOAD = 10 * 1024 * 1024  # bytes of one picture
MAX_BODY = MOST * MAX_UPLOAD + 1024 * 1024  # bytes of a whole request
MAX_OF_STRANGERS = 2 * 1024 * 1024  # bytes that are read of somebody who is signed in no longer
UPLOADS = "pictures"  # the field that files come in
MAX_FIELDS = 300


class Hindrance(Enum):
    """Why what was written is not stored yet."""

    FIXED = auto()  # the post can be changed no longer, or not now
    OVERTAKEN = auto()  # it was changed since the page showed it: by somebody else, or in another tab


class Composer:
    def __init__(self, console: Console, *, reader: Reader | None, complete: Callable[[int], None]) -> None:
        self._console = console
        self._reader = reader
        self._complete = complete

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/compose", self.new, methods=["GET"])
        router.add_api_route("/compose/{post}", self.edit, methods=["GET"])
        router.add_api_route("/compose/{post}", self.store, methods=["POST"], max_body_size=MAX_BODY)

    async def new(self, request: Request, address: str = "", version_of: str = "") -> Response:
        viewer = await self._console.lead(request)
        if isinstance(viewer, Response):
            return viewer

        def work(context: Context) -> ComposePage:
            draft = compose_page.new_draft(context, address=address, version_of=ref_of(version_of))
            return compose_page.page_of(context, None, draft)

        return await self._shown(viewer, await self._console.in_context(viewer, work))

    async def edit(self, request: Request, post: str) -> Response:
        viewer = await self._console.lead(request)
        if isinstance(viewer, Response):
            return viewer
        if not ref_of(post) and post != "0":  # 0 is the page of a post not stored yet
            return self._console.missing(viewer)
        return await self._shown(
            viewer, await self._console.in_context(viewer, lambda context: _page(context, ref_of(post), {}, {}))
        )

    async def store(self, request: Request, post: str) -> Response:
        """Store what is written, then do what the button says."""
        is_short = int(request.headers.get("content-length") or 0) < MAX_OF_STRANGERS
        viewer = await self._console.lead(request, keeps=MAX_FIELDS if is_short else 0)
        if isinstance(viewer, Response):
            return viewer
        words = viewer.words
        fields = await fields_of(request, most=MAX_FIELDS, files=MOST * 2, longest=MAX_VALUE * 4)
        if fields is None:
            return self._console.sentence(words, words.t("That was too much at once. Try fewer or smaller files."), 413)
        try:
            return await self._store(request, viewer, fields, ref_of(post))
        finally:
            await fields.close()

    async def _store(self, request: Request, viewer: Viewer, fields: FormData, post: int) -> Response:
        words = viewer.words
        values = values_of(fields)
        if not self._console.is_own(request, viewer, values.get("csrf", "")):
            return self._console.not_own(words, viewer)
        who = await self._console.identity(viewer)
        if who is None:
            return self._console.unreachable(viewer)
        hindrance = await self._console.in_context(viewer, lambda context: _hindrance(context, post, values))
        if hindrance is not None:
            if hindrance is Hindrance.OVERTAKEN:  # where it is fixed, the page says why
                said = words.t(
                    "Somebody changed it while you were writing. Your words are here: saving now overwrites theirs."
                )
                await self._console.show_next(viewer, card(said, text(said)))
            page = await self._console.in_context(viewer, lambda context: _page(context, post, values, {}))
            return await self._shown(viewer, page, status=409)
        key = f"console:{viewer.csrf[:16]}:{values.get('once', '')[:32]}"
        answer = await self._console.handle(Submitted(**who, keys=(key,), form="compose", ref=post, values=values))
        if answer.form is not None:
            errors = _errors(answer.form)
            page = await self._console.in_context(viewer, lambda context: _page(context, post, values, errors))
            return await self._shown(viewer, page, status=422)
        stored = await self._console.in_context(viewer, lambda context: _stored(context, post))
        if stored == 0:  # it was refused: the answer says why
            return await self._said(viewer, answer.card, "/console/library")
        return await self._then(viewer, fields, values.get("do", ""), stored, answer.card, key, who)

    async def _then(
        self,
        viewer: Viewer,
        fields: FormData,
        do: str,
        post: int,
        said: Card | None,
        key: str,
        who: Mapping[str, Any],
    ) -> Response:
        """What the button asks for beside storing."""
        words, here = viewer.words, f"/console/compose/{post}"
        refused = await self._take_pictures(viewer, post, fields)
        action, _, argument = do.partition(" ")
        if action == "remove":
            await self._console.in_context(viewer, lambda context: _remove(context, post, ref_of(argument)))
        if action == "read":
            await asyncio.to_thread(self._complete, post)
            if await self._console.in_context(viewer, lambda context: _is_unnamed(context, post)):
                unread = words.t("I couldn’t read the page. Give the post a title first.")
                return await self._said(viewer, card(unread, text(unread)), here)
        if action == "version":
            return to(f"/console/compose?version_of={post}")
        if action == "review.approve":
            page = await self._console.in_context(viewer, lambda context: compose_page.undescribed(context, post))
            if page is not None:
                return await self._shown(viewer, page, status=422)
        if action in ("review.approve", "compose.test") and not refused:
            pressed = Pressed(**who, keys=(f"{key}:{action}",), action=action, ref=post)
            answer = await self._console.handle(pressed)
            is_done = action == "review.approve" and await self._console.in_context(
                viewer, lambda context: _is_live(context, post)
            )
            return await self._said(viewer, answer.card, "/console/library" if is_done else here)
        if refused:
            return await self._said(viewer, card(refused[0], *(text(one) for one in refused)), here)
        if said is None:
            return to(here)
        saved = words.t("Saved.")
        return await self._said(viewer, card(saved, text(saved)), here)

    async def _take_pictures(self, viewer: Viewer, post: int, fields: FormData) -> list[str]:
        """Make each picture anew in the reader's process, and store it. Returns what could not be taken, in words."""
        words, refused = viewer.words, list[str]()
        for file in fields.getlist(UPLOADS):
            if not isinstance(file, UploadFile) or not file.filename or self._reader is None:
                continue
            content = await file.read(MAX_UPLOAD + 1)
            if len(content) > MAX_UPLOAD:
                most = MAX_UPLOAD // 1024 // 1024
                refused.append(words.t("“{name}” is larger than {count} MB.", name=file.filename, count=most))
                continue
            try:
                info, made = await asyncio.to_thread(self._reader.picture, content)
                _info, small = await asyncio.to_thread(self._reader.picture, made, SMALL)
            except ContentError as fault:
                log.info("picture not taken", reason=str(fault), post=post)
                refused.append(
                    words.t("“{name}” can’t be read as a picture. Use JPEG, PNG, WebP or GIF.", name=file.filename)
                )
                continue
            if not await self._console.in_context(
                viewer, partial(_add, post_id=post, info=info, content=made, small=small)
            ):
                refused.append(
                    words.t("A post takes {count} pictures. “{name}” is left out.", count=MOST, name=file.filename)
                )
            elif not info.is_still:
                refused.append(words.t("“{name}” was moving. I kept its first picture.", name=file.filename))
        return refused

    async def _shown(self, viewer: Viewer, page: ComposePage | None, status: int = 200) -> Response:
        words = viewer.words
        if page is None:
            return self._console.missing(viewer)
        title = words.t("Edit post") if page.post else words.t("New post")
        return await self._console.shown(
            "compose", viewer, title, status=status, current="library", back="/console/library", page=page
        )

    async def _said(self, viewer: Viewer, said: Card | None, address: str) -> Response:
        """Off to a page that says once what the card says in bold; the rest of it is on the page itself."""
        if said is not None:
            bold = [one for one in said.body if isinstance(one, Text) and isinstance(one.parts[0], Bold)]
            await self._console.show_next(viewer, Card(said.summary, tuple(bold) or said.body))
        return to(address)


def _page(context: Context, post_id: int, values: Mapping[str, str], errors: Mapping[str, str]) -> ComposePage | None:
    post = posts.post(context.session, post_id) if post_id else None
    if post_id and post is None:
        return None
    return compose_page.page_of(context, post, handlers.filled_in(context, post, values), errors)


def _add(context: Context, *, post_id: int, info: PictureInfo, content: bytes, small: bytes) -> bool:
    post = posts.post(context.session, post_id)
    return post is not None and handlers.add_picture(context, post, info, content, small)


def _remove(context: Context, post_id: int, picture_id: int) -> None:
    post = posts.post(context.session, post_id)
    if post is not None:
        handlers.remove_picture(context, post, picture_id)


def _stored(context: Context, post_id: int) -> int:
    """The post that was stored just now; 0 where none was."""
    if post_id:
        return post_id if posts.post(context.session, post_id) is not None else 0
    newest = next(iter(posts.listed(context.session, limit=1)), None)
    return newest.id if newest is not None and context.person.id in newest.writers else 0


def _hindrance(context: Context, post_id: int, values: Mapping[str, str]) -> Hindrance | None:
    post = posts.post(context.session, post_id) if post_id else None
    if post is None:
        return None
    if not handlers.is_editable(post):
        return Hindrance.FIXED
    return Hindrance.OVERTAKEN if values.get("seen") != compose_page.seen_of(context, post) else None


def _is_unnamed(context: Context, post_id: int) -> bool:
    post = posts.post(context.session, post_id)
    return post is not None and is_unnamed(post)


def _is_live(context: Context, post_id: int) -> bool:
    post = posts.post(context.session, post_id)
    return post is not None and not post.is_undecided


def _errors(form: Form) -> Mapping[str, str]:
    return {name: form.error_of(name) for name, _sentence in form.errors}
