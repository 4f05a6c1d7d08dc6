"""Requests to social networks, some of whose servers people name themselves. They are made by `content.reading`: never
into a private network, ended by the clock, capped in bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from time import time
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from urllib3 import encode_multipart_formdata

from content.errors import NotSent
from content.read_results import Called

Header = Mapping[str, str]
FORM = "application/x-www-form-urlencoded"
TOO_MANY, USUAL_WAIT, LONGEST_WAIT = 429, 300.0, 24 * 3600.0  # seconds
MOMENT = 1_000_000_000  # a number beyond is no length of time


class Caller(Protocol):
    """`content.reading.Reader.call`."""

    def __call__(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Called: ...


class Wire:
    def __init__(self, call: Caller, *, is_local: bool = False) -> None:
        """`is_local`: servers on this machine may be spoken to by plain http, on any port."""
        self._call = call
        self._is_local = is_local

    def get(self, url: str, *, headers: Header | None = None, query: Header | None = None) -> Called:
        """Raises NotSent, NoAnswer, as all of these."""
        return self.send("GET", f"{url}?{urlencode(query)}" if query else url, headers or {}, b"")

    def post_form(self, url: str, form: Header, *, headers: Header | None = None) -> Called:
        return self.send("POST", url, {**(headers or {}), "Content-Type": FORM}, urlencode(form).encode())

    def post_json(self, url: str, value: Any, *, headers: Header | None = None) -> Called:
        body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return self.send("POST", url, {**(headers or {}), "Content-Type": "application/json"}, body)

    def post_file(
        self, url: str, fields: Header, file: tuple[str, bytes, str], *, headers: Header | None = None
    ) -> Called:
        """`file`: its name, content and media type."""
        body, content_type = encode_multipart_formdata({**fields, "file": file})
        return self.send("POST", url, {**(headers or {}), "Content-Type": content_type}, body)

    def send(self, method: str, url: str, headers: Header, body: bytes) -> Called:
        self.check(url)
        return self._call(method, url, {"Accept": "application/json", **headers}, body)

    def check(self, url: str) -> None:
        """Raises NotSent for what no network's server is."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as cause:
            raise NotSent("no web address") from cause
        if not parts.hostname or parts.username is not None:
            raise NotSent("no web address")
        if not self._is_local and (parts.scheme != "https" or port not in (None, 443)):
            raise NotSent("not https on its usual port")

    def base_of(self, host: str) -> str:
        """Where a server begins that a person named ("mastodon.social"). On this machine it may have a port."""
        if self._is_local and host.partition(":")[0].partition("/")[0] in ("127.0.0.1", "localhost"):
            return f"http://{host}".rstrip("/")
        return f"https://{host}"


def is_ok(answer: Called) -> bool:
    return 200 <= answer.status < 300


def loaded(body: bytes) -> Any:
    """What the JSON says; None where it is none, or nested beyond reading."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def json_of(answer: Called) -> dict[str, Any]:
    """The object in the body; empty where it is none."""
    found = loaded(answer.body)
    return found if isinstance(found, dict) else {}


def word_of(answer: Called, name: str) -> str:
    """A text of the body's object; "" where it is none."""
    return word_in(json_of(answer), name)


def word_in(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def wait_of(answer: Called, fallback: float) -> float:
    """Seconds that the server asks us to wait: by Retry-After, or until its rate limit begins anew."""
    for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
        seconds = _seconds(answer.headers.get(name, "").strip())
        if seconds is not None:
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return fallback


def _seconds(said: str) -> float | None:
    """From a number of seconds, a moment as a number (Unix), or as a date in either of the two usual forms."""
    try:
        number = float(said)
    except ValueError:
        pass
    else:
        return None if not isfinite(number) else number - time() if number > MOMENT else number
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(said)
        except (ValueError, TypeError):
            continue
        return moment.timestamp() - time() if moment.tzinfo else None
    return None
