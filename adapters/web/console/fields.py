"""What a form of the console sends, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData

from bot.core.cards import DateField, Field, Form, MomentField, TextField

MAX_VALUE = 12_000  # characters
REF_LIMIT = 2**31
DATE = 10  # characters of a day in ISO 8601


async def fields_of(request: Request, *, most: int = 60, files: int = 0, longest: int = 1024 * 1024) -> FormData | None:
    """`most` fields of `longest` bytes and `files` at most; None where it is more, or no form."""
    try:
        return await request.form(max_fields=most, max_files=files, max_part_size=longest)
    except Exception:
        return None


def values_of(fields: FormData) -> dict[str, str]:
    """What was written; several values of one name go together, and files are not among them."""
    values: dict[str, str] = {}
    for name, value in fields.multi_items():
        if isinstance(value, str):
            values[name] = (f"{values[name]},{value}" if name in values else value)[:MAX_VALUE]
    return values


def ref_of(written: str) -> int:
    """The id of a row; 0 for what is none."""
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 11 else 0
    return number if number < REF_LIMIT else 0


def filled(form: Form, values: Mapping[str, str]) -> Form:
    """The form with these values in its fields of that name, as far as they can stand there."""
    return replace(form, fields=tuple(_filled(field, values.get(field.name)) for field in form.fields))


def _filled(field: Field, value: str | None) -> Field:
    match field:
        case TextField() if value:
            return replace(field, value=value[: field.max_length])
        case DateField() if value and (moment := _moment(value)) is not None:
            return replace(field, value=moment.date())
        case MomentField() if value and (moment := _moment(value)) is not None:
            return replace(field, value=moment)
    return field


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value[:16])
    except ValueError:
        return None
    return moment.replace(hour=9, tzinfo=UTC) if len(value) <= DATE else moment.replace(tzinfo=UTC)


def back_of(request: Request) -> str:
    """The page of ours that the browser comes from, without what only it can know; else the overview."""
    parts = urlsplit(request.headers.get("referer", ""))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_form = path.startswith(("/console/open/", "/console/do", "/console/form"))
    return path if parts.netloc == request.url.netloc and is_path_of_ours(path) and not is_form else "/console"


def is_path_of_ours(back: str) -> bool:
    """Whether `back` is a page of the console, and nothing that a browser would read as another host."""
    parts = urlsplit(back)
    is_below = parts.path == "/console" or parts.path.startswith("/console/")
    return not parts.scheme and not parts.netloc and is_below and "\\" not in back
