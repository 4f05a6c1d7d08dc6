"""Kinds of settings that are written in a form of their own: hours, days, figures by channel, addresses; and quotes."""

from __future__ import annotations

import re
from math import inf
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

HOUR_RANGE = 24
HOST = re.compile(r"(https?://)?[\w-]+(\.[\w-]+)*(:\d{1,5})?(/[\w/-]*)?")
QUOTED = re.compile(r"""(['"])(.*)\1""", re.DOTALL)
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
        rates = {name.strip().lower(): float(rate) for name, _sign, rate in pairs}
    except ValueError:
        rates = {"": 0.0}
    if not all(name and 0 < rate < inf for name, rate in rates.items()):
        raise ValueError('must be channels with a number, as in "linkedin=4.2,x=1.5"')
    return rates


def _web_address(text: str) -> str:
    text = text.strip().rstrip("/")
    found = urlsplit(text)
    if text and found.scheme not in ("http", "https"):
        raise ValueError("must begin with https:// (or http:// on your own machine)")
    if re.search(r"[\s?#]", text) or (text and not found.hostname):
        raise ValueError('must be an address, as in "https://chorus.example"')
    return text


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("must have a name in it")
    return text


def _host(text: str) -> str:
    if text and not HOST.fullmatch(text):
        raise ValueError('must be the name of a host, as in "mastodon.social"')
    return text


def unquoted(value: object) -> object:
    """What stands between quotes, as `chorus init` writes it: docker and kubectl pass them on with the value."""
    if not (isinstance(value, str) and (found := QUOTED.fullmatch(value))):
        return value
    return re.sub(r"\\([\\'\"])", r"\1", found[2])


Hours = Annotated[tuple[int, int], NoDecode, BeforeValidator(_hours)]
Days = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_days)]
Rates = Annotated[dict[str, float], NoDecode, BeforeValidator(_rates)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Name = Annotated[str, AfterValidator(_name)]
Host = Annotated[str, AfterValidator(_host)]
