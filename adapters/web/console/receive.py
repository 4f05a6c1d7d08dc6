"""The console's addresses: pages to read, actions that go the same way as a press in chat, and the way in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import FormData

from adapters import tables
from adapters.exports import EXPORTS
from adapters.tables import MEDIA_TYPES
from adapters.web.console import pages
from adapters.web.console.answers import HEADERS, to
from adapters.web.console.compose import Composer
from adapters.web.console.fields import fields_of, ref_of, values_of
from adapters.web.console.listings import STATES, ListQuery
from adapters.web.console.sessions import Sessions, Viewer
from adapters.web.html import render
from adapters.web.oidc import Oidc, SignInFailed
from bot.core.cards import Card, card, from_json, text, to_json
from bot.core.context import Context
from bot.core.dependencies import Dependencies
from bot.core.events import Event, Pressed, Submitted
from bot.core.i18n import Words, closest
from bot.core.ports import Handle, TurnAnswer
from bot.core.tokens import digest_of
from content.reading import Reader
from storage.database import Session
from storage.people import employees
from storage.web import console_sessions

T = TypeVar("T")

HERE = Path(__file__).parent


class Console:
    def __init__(
        self,
        dependencies: Dependencies,
        *,
        handle: Handle,
        base_url: str,
        oidc: Oidc | None = None,
        reader: Reader | None = None,
        complete: Callable[[int], None] = lambda _post: None,
    ) -> None:
        """`reader` makes uploaded pictures anew, `complete` reads the page of a post; both may wait."""
        self._with = dependencies
        self._db_executor = dependencies.db_executor
        self._now = dependencies.now
        self._handle = handle
        self._base_url = base_url
        self._oidc = oidc
        self._pages = pages.PAGES | pages.of_features(dependencies.router.console_pages)
        self._sessions = Sessions(dependencies.db_executor, base_url, dependencies.now)
        self._reader, self._complete = reader, complete

    def static_files(self) -> StaticFiles:
        return StaticFiles(directory=HERE / "static")

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/console", include_in_schema=False)
        router.add_api_route("", self.page, methods=["GET"])
        router.add_api_route("/sign-in", self.sign_in, methods=["GET"])
        router.add_api_route("/in/{token}", self.door, methods=["GET"])
        router.add_api_route("/in/{token}", self.enter, methods=["POST"])
        router.add_api_route("/oidc", self.to_provider, methods=["POST"])
        router.add_api_route("/oidc/back", self.from_provider, methods=["GET"])
        router.add_api_route("/out", self.leave, methods=["POST"])
        router.add_api_route("/do", self.press, methods=["POST"])
        router.add_api_route("/form", self.submit, methods=["POST"])
        router.add_api_route("/export/{name}.{ending}", self.export, methods=["GET"])
        Composer(self, reader=self._reader, complete=self._complete).add_to(router)
        router.add_api_route("/{name}", self.page, methods=["GET"])
        return router

    # -- Reading ------------------------------------------------------------------------------------------

    async def page(self, request: Request, name: str = "", after: str = "", q: str = "", state: str = "") -> Response:
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return to("/console/sign-in")
        page, words = self._pages.get(name), viewer.words
        if page is None:
            return self.sentence(words, words.t("Page not found"), 404, viewer)
        if not viewer.has_role(*page.roles):
            return self.sentence(words, words.t("This page is for comms leads"), 403, viewer)
        asked = ListQuery(
            int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0,
            q[:100],
            state if state in STATES else "",
        )
        back = f"/console/{name}".rstrip("/")
        return self.render(
            "sections",
            words,
            page.title(words),
            viewer,
            current=name,
            back=back,
            sections=await self.in_context(viewer, lambda context: page.sections(context, asked)),
            notice=await self.notice(viewer),
        )

    async def export(self, request: Request, name: str, ending: str) -> Response:
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return to("/console/sign-in")
        words = viewer.words
        if name not in EXPORTS or ending not in MEDIA_TYPES:
            return self.sentence(words, words.t("Page not found"), 404, viewer)
        if not viewer.has_role("lead"):
            return self.sentence(words, words.t("This page is for comms leads"), 403, viewer)
        export = EXPORTS[name]
        rows = await self._db_executor(lambda session: export.rows(session, self._now()))
        disposition = f'attachment; filename="chorus-{name}.{ending}"'
        return Response(
            tables.content(ending, export.columns, rows),
            media_type=MEDIA_TYPES[ending],
            headers={**HEADERS, "Content-Disposition": disposition},
        )

    # -- Acting -------------------------------------------------------------------------------------------

    async def press(self, request: Request) -> Response:
        fields = await fields_of(request) or FormData()
        action, _, ref = str(fields.get("do") or "").partition(" ")
        return await self._act(request, fields, lambda who: Pressed(**who, action=action, ref=ref_of(ref)))

    async def submit(self, request: Request) -> Response:
        fields = await fields_of(request) or FormData()
        values = {
            name: value
            for name, value in values_of(fields).items()
            if name not in ("csrf", "back", "once", "form", "ref")
        }
        form, ref = str(fields.get("form") or ""), ref_of(str(fields.get("ref") or ""))
        return await self._act(request, fields, lambda who: Submitted(**who, form=form, ref=ref, values=values))

    async def _act(self, request: Request, fields: FormData, event_of: Callable[[dict[str, Any]], Event]) -> Response:
        """The way of a press in chat: the same rules, roles and checks, in the person's own name."""
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return to("/console/sign-in")
        words, back = viewer.words, str(fields.get("back") or "")
        if not is_path_of_ours(back):
            back = "/console"
        if not self._sessions.is_own(request, viewer, str(fields.get("csrf") or "")):
            return self.not_own(words, viewer)
        who = await self.identity(viewer)
        if who is None:
            said = words.t("I don’t know you yet. Write to me once in Slack or Teams, then come back.")
            await self.show_next(viewer, card(said, text(said)))
            return to(back)
        once = str(fields.get("once") or "")[:32]
        answer = await self.handle(event_of({**who, "keys": (f"console:{viewer.csrf[:16]}:{once}",)}))
        if answer.form is not None and answer.form.name == "compose":
            return to(f"/console/compose/{answer.form.ref}" if answer.form.ref else "/console/compose")
        if answer.form is not None:
            return self.render("form", words, answer.form.title, viewer, back=back, form=answer.form)
        if answer.card is not None:
            await self.show_next(viewer, answer.card)
        return to(back)

    # -- The way in and out ----------------------------------------------------------------------------------

    async def sign_in(self, request: Request, refused: str = "") -> Response:
        words = _spoken(request)
        said = words.t("To sign in, type /chorus console to the bot in Slack or Teams. It gives you a link.")
        wrong = words.t(
            "That didn’t work: the link is used or too old, or your role can’t use the console. Type "
            "/chorus console for a new link."
        )
        return self.render(
            "sign_in",
            words,
            words.t("Sign in to Chorus"),
            said=said,
            wrong=wrong if refused else "",
            button=words.t("Sign in with your organisation’s account") if self._oidc is not None else "",
            action="/console/oidc",
        )

    async def door(self, request: Request, token: str) -> Response:
        """A page with a button: programs that look at links in chat must not use it up."""
        words = _spoken(request)
        said = words.t("You followed a link from the bot. One more click and you’re in.")
        return self.render(
            "sign_in", words, words.t("Sign in to Chorus"), said=said, wrong="", button=words.t("Sign in"), action=""
        )

    async def enter(self, request: Request, token: str) -> Response:
        if not self._sessions.is_from_here(request):
            return self.not_own(_spoken(request))
        employee = await self._db_executor(
            lambda session: console_sessions.use_link(session, digest_of(token), now=self._now())
        )
        return await self._enter(request, employee)

    async def to_provider(self, request: Request) -> Response:
        if not self._sessions.is_from_here(request):
            return self.not_own(_spoken(request))
        if self._oidc is None:
            return self.sentence(_spoken(request), _spoken(request).t("Page not found"), 404)
        try:
            url, cookie = await self._oidc.begin()
        except SignInFailed:
            return await self._enter(request, None)
        answer = to(url)
        answer.set_cookie(
            "chorus-oidc",
            cookie,
            max_age=600,
            path="/console/oidc",
            httponly=True,
            samesite="lax",
            secure=self._base_url.startswith("https:"),
        )
        return answer

    async def from_provider(self, request: Request, code: str = "", state: str = "") -> Response:
        if self._oidc is None:
            return self.sentence(_spoken(request), _spoken(request).t("Page not found"), 404)
        try:
            email = await self._oidc.finish(code, state, request.cookies.get("chorus-oidc", ""))
        except SignInFailed:
            return await self._enter(request, None)
        found = await self._db_executor(lambda session: employees.by_email(session, email))
        return await self._enter(request, found.id if found is not None else None)

    async def leave(self, request: Request) -> Response:
        viewer, fields = await self._sessions.viewer(request), await fields_of(request) or FormData()
        if viewer is None:
            return to("/console/sign-in")
        if not self._sessions.is_own(request, viewer, str(fields.get("csrf") or "")):
            return self.not_own(viewer.words, viewer)
        return await self._sessions.leave(viewer)

    async def _enter(self, request: Request, employee: int | None) -> Response:
        if employee is None:
            return to("/console/sign-in?refused=1")
        return await self._sessions.enter(request, employee)

    # -- Pages ----------------------------------------------------------------------------------------------

    def render(
        self,
        template: str,
        words: Words,
        title: str,
        viewer: Viewer | None = None,
        *,
        current: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] = HEADERS,
        **values: Any,
    ) -> Response:
        menu = [
            (f"/console/{name}".rstrip("/"), page.title(words), name == current)
            for name, page in self._pages.items()
            if viewer is not None and viewer.has_role(*page.roles)
        ]
        page = render(
            f"console/{template}.html",
            w=words,
            title=title,
            menu=menu,
            viewer=viewer,
            once=partial(token_hex, 8),
            svg_address=self._svg_address,
            **values,
        )
        return HTMLResponse(page, status_code=status, headers=headers)

    # -- For pages in files of their own ----------------------------------------------------------------------

    async def lead(self, request: Request) -> Viewer | Response:
        """The comms lead who is signed in, else what is said instead."""
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return to("/console/sign-in")
        if not viewer.has_role("lead"):
            words = viewer.words
            return self.sentence(words, words.t("This page is for comms leads"), 403, viewer)
        return viewer

    async def identity(self, viewer: Viewer) -> dict[str, Any] | None:
        """Who they are in chat: in that name they act."""
        return await self._db_executor(lambda session: _identity(session, viewer))

    async def in_context(self, viewer: Viewer, work: Callable[[Context], T]) -> T:
        """`work` in a transaction, as the viewer."""

        def done(session: Session) -> T:
            person = employees.some(session, [viewer.employee_id])[viewer.employee_id]
            return work(self._with.context(session, person, self._now(), None))

        return await self._db_executor(done)

    async def notice(self, viewer: Viewer) -> Card | None:
        """What is to be shown once on the next page."""
        shown = await self._sessions.take_shown(viewer)
        return from_json(shown) if shown is not None else None

    async def show_next(self, viewer: Viewer, said: Card) -> None:
        await self._sessions.show_next(viewer, to_json(said))

    def is_own(self, request: Request, viewer: Viewer, token: str) -> bool:
        return self._sessions.is_own(request, viewer, token)

    async def handle(self, event: Event) -> TurnAnswer:
        """What the bot makes of it, in the place of chat."""
        return await self._handle(event, in_place=True)

    def _svg_address(self, picture: str) -> str:
        """Where the chart of a PNG's address is drawn as SVG."""
        return picture.removeprefix(self._base_url).removesuffix(".png") + ".svg"

    def not_own(self, words: Words, viewer: Viewer | None = None) -> Response:
        said = words.t("That request didn’t come from this page. Go back, reload the page and try again.")
        return self.sentence(words, said, 403, viewer)

    def sentence(self, words: Words, said: str, status: int, viewer: Viewer | None = None) -> Response:
        return self.render("frame", words, said, viewer, status=status)


def is_path_of_ours(back: str) -> bool:
    """Whether `back` is a page of the console, and nothing that a browser would read as another host."""
    parts = urlsplit(back)
    return not parts.scheme and not parts.netloc and back.startswith("/console") and "\\" not in back


def _spoken(request: Request) -> Words:
    """Before anybody is known: the language of the link, else the browser's."""
    return Words(closest((request.query_params.get("lang") or request.headers.get("accept-language", ""))[:5]))


def _identity(session: Session, viewer: Viewer) -> dict[str, Any] | None:
    """The identity used last in chat: actions are done in its name."""
    found = employees.reachable(session, viewer.employee_id)
    if found is None or found.address is None:
        return None
    return {"workspace": found.workspace_id, "user": found.user, "address": found.address}
