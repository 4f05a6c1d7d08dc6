"""People from a file: what it would change is shown, line by line what is refused, and only then is it done."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from adapters.web.console.answers import to
from adapters.web.console.fields import fields_of
from adapters.web.console.parts import Column, DataTable
from adapters.web.console.sessions import Viewer
from bot.core.cards import Bold, card, text
from bot.core.context import Context
from bot.core.i18n import Words
from bot.core.role_names import role_name
from bot.features.people.domain import people_file
from bot.features.people.domain.people_file import Change, Difference
from content.errors import ContentError, TooMuch
from content.read_results import Row
from content.reading import Reader

if TYPE_CHECKING:
    from adapters.web.console.receive import Console

MAX_UPLOAD = 4 * 1024 * 1024  # bytes
MAX_BODY = 2 * MAX_UPLOAD  # of a request; what is confirmed comes back as text
SHOWN = 100  # people and lines of each kind
COLUMNS = ("email", "name", "unit", "department", "role", "language", "country")


@dataclass(frozen=True, slots=True)
class ImportPage:
    """`kept`: the file itself, for the press that confirms it; `seen`: what difference was shown."""

    wrong: str = ""
    said: str = ""
    tables: Sequence[DataTable] = ()
    kept: str = ""
    seen: str = ""
    names_all: bool = False
    warning: str = ""
    may_confirm: bool = False
    must_be_sure: bool = False
    columns: Sequence[str] = field(default=COLUMNS)


class PeopleImport:
    def __init__(self, console: Console, *, reader: Reader | None) -> None:
        self._console = console
        self._reader = reader

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/import", self.choose, methods=["GET"])
        router.add_api_route("/import", self.take, methods=["POST"], max_body_size=MAX_BODY)

    async def choose(self, request: Request) -> Response:
        viewer = await self._console.administrator(request)
        return viewer if isinstance(viewer, Response) else await self._shown(viewer, ImportPage())

    async def take(self, request: Request) -> Response:
        """A file that is looked at, or one that was looked at and is confirmed."""
        viewer = await self._console.administrator(request)
        if isinstance(viewer, Response):
            return viewer
        fields = await fields_of(request, most=20, files=1, longest=MAX_BODY) or FormData()
        try:
            return await self._take(request, viewer, fields)
        finally:
            await fields.close()

    async def _take(self, request: Request, viewer: Viewer, fields: FormData) -> Response:
        words = viewer.words
        if not self._console.is_own(request, viewer, str(fields.get("csrf") or "")):
            return self._console.not_own(words, viewer)
        names_all = fields.get("names_all") == "1"
        try:
            content = await _content(fields)
            rows = await asyncio.to_thread(self._rows, content)
        except ContentError as fault:
            said = words.t("Choose a CSV or XLSX file of at most 4 MB that isn’t empty.")
            if not isinstance(fault, TooMuch):
                said = words.t("That file can’t be read as a table. Save it as CSV or XLSX and try again.")
            return await self._shown(viewer, ImportPage(wrong=said), 422)
        columns = people_file.columns_of(rows[0][1], words)
        if isinstance(columns, str):
            return await self._shown(viewer, ImportPage(wrong=columns), 422)
        seen, is_sure = str(fields.get("seen") or ""), fields.get("sure") == "1"

        def work(context: Context) -> tuple[Difference, bool]:
            found = people_file.compare(context.session, rows[1:], columns, words, names_all=names_all)
            is_done = bool(seen) and seen == found.digest and (is_sure or not found.leaves_out_too_many)
            if is_done:
                people_file.carry_out(context.session, found, now=context.now)
            return found, is_done

        found, is_done = await self._console.in_context(viewer, work)
        if is_done:
            done = words.t("Done: {said}", said=_summary(found, words))
            await self._console.show_next(viewer, card(done, text(Bold(done))))
            if found.refused:
                return await self._shown(viewer, ImportPage(tables=[_refused(found, words)]))
            return to("/console/people")
        page = _page(found, words, content, names_all, is_overtaken=bool(seen) and seen != found.digest)
        return await self._shown(viewer, page)

    def _rows(self, content: bytes) -> list[Row]:
        if self._reader is None:
            raise TooMuch("there is nothing to read with")
        return self._reader.table(content)

    async def _shown(self, viewer: Viewer, page: ImportPage, status: int = 200) -> Response:
        title = viewer.words.t("Import people")
        return await self._console.shown(
            "import", viewer, title, status=status, current="people", back="/console/people", page=page
        )


async def _content(fields: FormData) -> bytes:
    """Raises TooMuch."""
    if kept := str(fields.get("kept") or ""):
        try:
            opener = zlib.decompressobj()
            content = opener.decompress(base64.b64decode(kept, validate=True), MAX_UPLOAD)
        except (ValueError, zlib.error) as cause:
            raise TooMuch("it is not what was sent") from cause
        return content
    file = fields.get("file")
    content = await file.read(MAX_UPLOAD + 1) if isinstance(file, UploadFile) else b""
    if not content or len(content) > MAX_UPLOAD:
        raise TooMuch("there is no file, or it is too large")
    return content


def _page(found: Difference, words: Words, content: bytes, names_all: bool, *, is_overtaken: bool) -> ImportPage:
    warning = ""
    if is_overtaken:
        warning = words.t("Somebody changed people meanwhile. This is what would change now.")
    elif found.leaves_out_too_many:
        warning = words.t(
            "The file leaves out {count} of {total} people. Is it the right one?",
            count=words.number(len(found.leavers)),
            total=words.number(found.known),
        )
    return ImportPage(
        said=_summary(found, words),
        tables=[table for table in _tables(found, words) if table.rows],
        kept=base64.b64encode(zlib.compress(content)).decode(),
        seen=found.digest,
        names_all=names_all,
        warning=warning,
        may_confirm=not found.is_empty,
        must_be_sure=found.leaves_out_too_many,
    )


def _summary(found: Difference, words: Words) -> str:
    said = words.t(
        "{new} new, {changed} changed, {left} left, {same} unchanged.",
        new=words.number(len(found.new)),
        changed=words.number(len(found.changed)),
        left=words.number(len(found.leavers)),
        same=words.number(found.same),
    )
    return (
        said
        if not found.refused
        else f"{said} {words.n('{count} line refused.', '{count} lines refused.', len(found.refused))}"
    )


def _tables(found: Difference, words: Words) -> list[DataTable]:
    return [
        _refused(found, words),
        _table(words.t("Roles that change"), found.raised, len(found.raised), words),
        _table(words.t("New people"), [one for one in found.new if "role" not in one.what], SHOWN, words),
        _table(words.t("Changes"), [one for one in found.changed if "role" not in one.what], SHOWN, words),
        DataTable(words.t("People who left"), [Column(words.t("Name"))], [(name,) for _id, name in found.leavers]),
        DataTable(words.t("New units"), [Column(words.t("Unit"))], [(place,) for place in found.units]),
        DataTable(
            words.t("Languages that Chorus doesn’t speak: English instead"),
            [Column(words.t("Language")), Column(words.t("People"), is_number=True)],
            [(one, words.number(number)) for one, number in found.unspoken.items()],
        ),
        DataTable(words.t("Units that move"), [Column(words.t("Unit"))], [(place,) for place in found.moved]),
    ]


def _refused(found: Difference, words: Words) -> DataTable:
    return DataTable(
        words.t("Refused lines"),
        [Column(words.t("Line"), is_number=True), Column(words.t("Email")), Column(words.t("Reason"))],
        [(words.number(one.line), one.who or "–", one.why) for one in found.refused[:SHOWN]],
    )


def _table(title: str, changes: Sequence[Change], most: int, words: Words) -> DataTable:
    """The first `most`, and how many more there are."""
    rows = [_row(one, words) for one in changes[:most]]
    if len(changes) > most:
        rows.append((words.t("… and {count} more", count=words.number(len(changes) - most)), ""))
    return DataTable(title, [Column(words.t("Email")), Column(words.t("Change"))], rows)


def _row(change: Change, words: Words) -> tuple[str, str]:
    names = {
        "name": words.t("Name"),
        "unit": words.t("Unit"),
        "language": words.t("Language"),
        "country": words.t("Country"),
        "role": words.t("Roles"),
        "state": words.t("Status"),
    }
    said = [
        f"{names[name]}: {f'{_value(name, held, words)} → ' if held else ''}{_value(name, now, words)}"
        for name, (held, now) in change.what.items()
    ]
    return change.email, ", ".join(said) or "–"


def _value(name: str, value: str, words: Words) -> str:
    match name:
        case "role":
            return ", ".join(role_name(role, words) for role in value.split(", "))
        case "language":
            return words.language_name(value)
        case "state":
            return words.t("Active") if value == "active" else words.t("Left")
    return value
