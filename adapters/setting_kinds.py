"""Kinds of settings that are written in a form of their own: hours, days, figures by channel, web addresses."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

HOUR_RANGE = 24
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _hours(text: object) -> object:
    """`9-16` as (9, 16)."""
    if not isinstance(text, str):
        return text
    first, _, last = text.partition("-")
    try:
        start, end = int(first), int(last)
    except ValueError:
        start = end = 0
    if not 0 <= start < end <= HOUR_RANGE:
        raise ValueError('must be two hours, as in "9-16"')
    return start, end


def _days(text: object) -> object:
    """`tue-thu` or `mon,wed` as the numbers of the days; Monday is 0."""
    if not isinstance(text, str):
        return text
    days = set[int]()
    try:
        for part in text.lower().replace(" ", "").split(","):
            first, _, last = part.partition("-")
            days |= set(range(DAYS.index(first[:3]), DAYS.index((last or first)[:3]) + 1))
    except ValueError:
        days.clear()
    if not days:
        raise ValueError('must be days, as in "tue-thu" or "mon,wed"')
    return tuple(sorted(days))


def _rates(text: object) -> object:
    """`linkedin=4.2,x=1.5` as numbers by channel."""
    if not isinstance(text, str):
        return text
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    try:
        return {name.strip().lower(): float(rate) for name, _sign, rate in pairs}
    except ValueError:
        raise ValueError('must be channels with a number, as in "linkedin=4.2,x=1.5"') from None


def _web_address(text: str) -> str:
    if text and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError("must begin with https:// (or http:// on your own machine)")
    return text


Hours = Annotated[tuple[int, int], NoDecode, BeforeValidator(_hours)]
Days = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_days)]
Rates = Annotated[dict[str, float], NoDecode, BeforeValidator(_rates)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
