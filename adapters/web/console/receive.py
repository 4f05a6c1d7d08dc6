"""The console's addresses: pages to read, actions that go the same way as a press in chat, and the way in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import FormData

from adapters import tables
from adapters.exports import EXPORTS, Rows, in_order
from adapters.tables import MEDIA_TYPES
from adapters.web.console.all_pages import OF_DEVELOPERS, PAGES, of_features
from adapters.web.console.answers import HEADERS, OF_ERRORS, to
from adapters.web.console.bulk import Bulk
from adapters.web.console.charts.figures import bar
from adapters.web.console.compose import Composer
from adapters.web.console.entrance import Entrance
from adapters.web.console.fields import back_of, fields_of, filled, is_path_of_ours, ref_of, values_of
from adapters.web.console.forms import page_of_form, short_notice, take_out_of
from adapters.web.console.identity_provider import IdentityProvider
from adapters.web.console.navigation import Page, menu, waiting_on
from adapters.web.console.people_import import PeopleImport
from adapters.web.console.query import Query
from adapters.web.console.resume import Resume
from adapters.web.console.sessions import Sessions, Viewer
from adapters.web.html import render
from bot.core.cards import Card, Form, card, from_json, text, to_json
from bot.core.context import Context
from bot.core.dependencies import Dependencies
from bot.core.events import Event, Pressed, Submitted
from bot.core.i18n import Words, closest
from bot.core.ports import Handle, TurnAnswer
from content.reading import Reader
from storage.audit import watch
from storage.database import Session
from storage.people import employees

T = TypeVar("T")
OPENERS = ("part.", "entry.edit", "person.edit", "heard", "feed.add")  # presses that open a form and change nothing
ACTS = ("do", "form", "bulk", "again")  # addresses that only take what is sent to them
UNPROCESSABLE = 422
MOST_FILES = 10
MOST_ITEM = 40  # characters of an item's name in an address

HERE = Path(__file__).parent


class Console:
    def __init__(
        self,
        dependencies: Dependencies,
        *,
        handle: Handle,
        base_url: str,
        oidc: IdentityProvider | None = None,
        only_oidc: bool = False,
        reader: Reader | None = None,
        complete: Callable[[int], None] = lambda _post: None,
        shows_components: bool = False,
    ) -> None:
        """`reader` makes uploaded pictures anew, `complete` reads the page of a post; both may wait.
        `shows_components`: there is a page with all parts that pages are made of."""
        self._with = dependencies
        self._db_executor = dependencies.db_executor
        self._now = dependencies.now
        self._handle = handle
        self._base_url = base_url
        self._pages = (
            PAGES | of_features(dependencies.router.console_pages) | (OF_DEVELOPERS if shows_components else {})
        )
        self._sessions = Sessions(dependencies.db_executor, base_url, dependencies.now)
        self._entrance = Entrance(
            self,
            self._sessions,
            db_executor=dependencies.db_executor,
            now=dependencies.now,
            oidc=oidc,
            only_oidc=only_oidc,
            is_secure=base_url.startswith("https:"),
        )
        self._resume = Resume(self, self._sessions)
        self._reader, self._complete = reader, complete

    def static_files(self) -> StaticFiles:
        return StaticFiles(directory=HERE / "static")

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/console", include_in_schema=False)
        router.add_api_route("", self.page, methods=["GET"])
        router.add_api_route("/", self.without_slash, methods=["GET"])
        self._entrance.add_to(router)
        self._resume.add_to(router)
        router.add_api_route("/do", self.press, methods=["POST"])
        router.add_api_route("/form", self.submit, methods=["POST"])
        router.add_api_route("/open/{action}/{ref}", self.open_form, methods=["GET"])
        Bulk(self).add_to(router)
        router.add_api_route("/export/{name}.{ending}", self.export, methods=["GET"])
        Composer(self, reader=self._reader, complete=self._complete).add_to(router)
        PeopleImport(self, reader=self._reader).add_to(router)
        router.add_api_route("/{name}", self.page, methods=["GET"])
        router.add_api_route("/{name}/{item}", self.page, methods=["GET"])
        return router

    # -- Reading ------------------------------------------------------------------------------------------

    async def without_slash(self) -> Response:
        return to("/console")

    async def page(self, request: Request, name: str = "", item: str = "") -> Response:
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return self._sessions.to_sign_in(request)
        if name in ACTS:  # reloaded, or gone back to
            return to("/console")
        page, words = self._pages.get(name), viewer.words
        if page is None or (item and not page.item_template):
            return self.missing(viewer)
        if not viewer.has_role(*page.roles):
            first = next(one for one, shown in self._pages.items() if viewer.has_role(*shown.roles))
            return self.sentence(words, _for_whom(page, words), 403, viewer) if name else to(f"/console/{first}")
        query = Query(str(request.url.path), item[:MOST_ITEM], dict(request.query_params))
        view = await self.in_context(viewer, lambda context: page.view(context, query))
        if view is None:
            return self.missing(viewer)
        return await self.shown(
            page.item_template if item else page.template,
            viewer,
            str(getattr(view, "title", "")) or page.title(words),
            current=name,
            back=query.address(after=query.number("after")),
            page=view,
        )

    async def export(self, request: Request, name: str, ending: str) -> Response:
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return self._sessions.to_sign_in(request)
        words = viewer.words
        if name not in EXPORTS or ending not in MEDIA_TYPES:
            return self.missing(viewer)
        if not viewer.has_role("lead"):
            return self.sentence(words, words.t("This page is for comms leads"), 403, viewer)
        export, query = EXPORTS[name], Query(values=dict(request.query_params))
        first, last = in_order(query.day("from"), query.day("to"))

        def exported(context: Context) -> Rows:
            watch.note(context.session, "figures exported", about=name)
            return export.within(context.session, self._now(), first, last)

        rows = await self.in_context(viewer, exported)
        days = "".join(f"-{day.isoformat()}" for day in (first, last) if day is not None)
        disposition = f'attachment; filename="chorus-{name}{days}.{ending}"'
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

    async def open_form(self, request: Request, action: str, ref: str) -> Response:
        """A form at an address of its own. Only presses that open one, and do nothing else, can be reached so; what the
        address says of a field stands in it."""
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return self._sessions.to_sign_in(request)
        words, back = viewer.words, back_of(request)
        who = await self.identity(viewer)
        if not action.startswith(OPENERS) or who is None:
            return self.missing(viewer)
        answer = await self.handle(Pressed(**who, keys=(f"console:{token_hex(16)}",), action=action, ref=ref_of(ref)))
        if answer.form is None:
            return self.sentence(words, answer.card.summary if answer.card else words.t("Page not found"), 404, viewer)
        form = filled(answer.form, dict(request.query_params))
        return await self.form_page(viewer, form, back)

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
            return self._resume.signed_out(request, fields)
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
        event = event_of({**who, "keys": (f"console:{viewer.csrf[:16]}:{once}",)})
        answer = await self.handle(event)
        if answer.form is not None and answer.form.name == "compose":
            return to(f"/console/compose/{answer.form.ref}" if answer.form.ref else "/console/compose")
        if answer.form is not None:
            status = UNPROCESSABLE if answer.form.errors else 200
            return await self.form_page(viewer, answer.form, back, status=status)
        notice = short_notice(event, answer.card, words) if answer.card is not None else None
        if notice is not None:
            await self.show_next(viewer, notice)
        return to(back)

    # -- Pages ----------------------------------------------------------------------------------------------

    async def shown(self, template: str, viewer: Viewer, title: str, **values: Any) -> Response:
        """A page with what waits beside the pages' names, and what is to be said once."""
        waiting, notice = await self.in_context(
            viewer,
            lambda context: (waiting_on(self._pages, context), self._sessions.take_shown(context.session, viewer)),
        )
        return self.render(template, viewer.words, title, viewer, waiting=waiting, notice=_card_of(notice), **values)

    async def form_page(self, viewer: Viewer, form: Form, back: str, status: int = 200) -> Response:
        current = page_of_form(form.name)
        return await self.shown(
            "form", viewer, form.title, status=status, current=current, back=back, form=form, take_out=take_out_of(form)
        )

    def render(
        self,
        template: str,
        words: Words,
        title: str,
        viewer: Viewer | None = None,
        *,
        current: str | None = None,
        status: int = 200,
        waiting: Mapping[str, int] | None = None,
        **values: Any,
    ) -> Response:
        page = render(
            f"console/{template}.html",
            w=words,
            title=title,
            menu=menu(self._pages, viewer.has_role, waiting or {}, current, words) if viewer is not None else [],
            viewer=viewer,
            once=partial(token_hex, 8),
            organisation=self._with.rules.organisation,
            bar=bar,
            home=f"{self._base_url}/",
            **{"back": "/console", **values},
        )
        return HTMLResponse(page, status_code=status, headers=HEADERS if status != UNPROCESSABLE else OF_ERRORS)

    # -- For pages in files of their own ----------------------------------------------------------------------

    async def lead(self, request: Request, *, keeps: int = 0) -> Viewer | Response:
        """The comms lead who is signed in, else what is said instead. `keeps`: so many fields of what was written are
        kept for somebody whose session has ended."""
        viewer = await self._sessions.viewer(request)
        if viewer is None and keeps:
            fields = await fields_of(request, most=keeps, files=MOST_FILES) or FormData()
            return self._resume.signed_out(request, fields)
        if viewer is None:
            return self._sessions.to_sign_in(request)
        if not viewer.has_role("lead"):
            words = viewer.words
            return self.sentence(words, words.t("This page is for comms leads"), 403, viewer)
        return viewer

    async def administrator(self, request: Request) -> Viewer | Response:
        """The administrator who is signed in, else what is said instead."""
        viewer = await self._sessions.viewer(request)
        if viewer is None:
            return self._sessions.to_sign_in(request)
        if "admin" not in viewer.roles:
            words = viewer.words
            return self.sentence(words, words.t("This page is for administrators"), 403, viewer)
        return viewer

    async def identity(self, viewer: Viewer) -> dict[str, Any] | None:
        """Who they are in chat: in that name they act."""
        return await self._db_executor(lambda session: _identity(session, viewer))

    async def in_context(self, viewer: Viewer, work: Callable[[Context], T]) -> T:
        """`work` in a transaction, as the viewer."""

        def done(session: Session) -> T:
            person = employees.some(session, [viewer.employee_id])[viewer.employee_id]
            with watch.acting(session, person.id, "console"):
                return work(self._with.context(session, person, self._now(), None))

        return await self._db_executor(done)

    async def show_next(self, viewer: Viewer, said: Card) -> None:
        await self._sessions.show_next(viewer, to_json(said))

    def is_own(self, request: Request, viewer: Viewer, token: str) -> bool:
        return self._sessions.is_own(request, viewer, token)

    async def handle(self, event: Event) -> TurnAnswer:
        """What the bot makes of it, in the place of chat."""
        return await self._handle(event, in_place=True)

    def spoken(self, request: Request) -> Words:
        """Before anybody is known: the language of the link, else the browser's."""
        return Words(closest((request.query_params.get("lang") or request.headers.get("accept-language", ""))[:5]))

    def missing(self, viewer: Viewer) -> Response:
        return self.sentence(viewer.words, viewer.words.t("Page not found"), 404, viewer)

    def unreachable(self, viewer: Viewer) -> Response:
        """For somebody who has no name in chat to act in."""
        said = viewer.words.t("Write to me once in Slack or Teams, then come back.")
        return self.sentence(viewer.words, said, 403)

    def not_own(self, words: Words, viewer: Viewer | None = None) -> Response:
        said = words.t("That request didn’t come from this page. Go back, reload the page and try again.")
        return self.sentence(words, said, 403, viewer)

    def sentence(self, words: Words, said: str, status: int, viewer: Viewer | None = None) -> Response:
        return self.render("frame", words, said, viewer, status=status)


def _for_whom(page: Page, words: Words) -> str:
    if "owner" in page.roles:
        return words.t("This page is for owners and comms leads")
    return (
        words.t("This page is for comms leads") if "lead" in page.roles else words.t("This page is for administrators")
    )


def _identity(session: Session, viewer: Viewer) -> dict[str, Any] | None:
    """The identity used last in chat: actions are done in its name."""
    found = employees.reachable(session, viewer.employee_id)
    if found is None or found.address is None:
        return None
    return {"workspace": found.workspace_id, "user": found.user, "address": found.address}


def _card_of(shown: dict[str, Any] | None) -> Card | None:
    return from_json(shown) if shown is not None else None
