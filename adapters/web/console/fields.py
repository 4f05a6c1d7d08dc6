"""What a form of the console sends, within bounds."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

MAX_VALUE = 12_000  # characters
REF_LIMIT = 2**31


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
