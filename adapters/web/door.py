"""What holds for every request, whatever answers it: the headers of an answer, and a pace for whoever guesses.

An address that is refused over and over (tokens, links, codes that are not there) is told to wait instead of what was
wrong with its guess. Whoever shows what is right is let in at any time: many people may stand behind one address, and
secrets of 256 bits are not found by trying.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from time import monotonic

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

REFUSALS = (400, 401, 403, 404, 410)
NOT_LET_IN = (401, 403)
NO_TOKEN = (401,)  # what else a program with a token is told is no guess
OF_TOKENS = ("/api/v1", "/scim", "/metrics")
MOST = 50_000  # addresses in mind
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}
YEAR = "max-age=31536000"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many refusals at once, and one more in how many seconds."""

    burst: float
    seconds: float


GUESSES = Pace(30, 4.0)
CODES = Pace(300, 0.2)  # of tracked links, of which many readers behind one address follow old ones
# By how a path begins; what is not here is not paced: Slack and Teams sign what they send, and speak for everybody.
PACES: Mapping[str, Pace] = {
    **dict.fromkeys(("/api/v1", "/scim", "/console/in", "/console/sign-in", "/console/oidc", "/my-data"), GUESSES),
    **dict.fromkeys(("/hooks", "/connect", "/calendar", "/slack/install", "/slack/oauth_redirect"), GUESSES),
    **dict.fromkeys(("/metrics", "/o"), GUESSES),
    "/r": CODES,
}
_BEGINNINGS = tuple((begins, f"{begins}/") for begins in PACES)
REFUSED_AT_SIGN_IN = "/console/sign-in?refused"  # where somebody is led who is not let in


@dataclass(slots=True)
class _Guesser:
    left: float
    at: float
    is_told_of: bool = False


class Door:
    """Around the whole app. `is_secure`: the world reaches it by https."""

    def __init__(self, app: ASGIApp, *, is_secure: bool, clock: Callable[[], float] = monotonic) -> None:
        self.app = app
        self._clock = clock
        headers = {**ALWAYS, "Strict-Transport-Security": YEAR} if is_secure else ALWAYS
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._guessers: dict[tuple[str, str], _Guesser] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # the lifespan
            await self.app(scope, receive, send)
            return
        begins = _paced(scope["path"])
        is_replaced = False

        async def sent(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start":
                if begins and _is_refusal(message, begins) and (seconds := self._refused(begins, scope)):
                    is_replaced = True
                    await self._say_wait(seconds, send)
                    return
                if message["status"] in NOT_LET_IN:
                    log.info("refused", path=begins or f"/{scope['path'].split('/')[1][:40]}", status=message["status"])
                self._complete(message)
            if not is_replaced:
                await send(message)

        await self.app(scope, receive, sent)

    async def _say_wait(self, seconds: int, send: Send) -> None:
        body = json.dumps({"error": "too many wrong attempts"}).encode()
        start: Message = {"type": "http.response.start", "status": 429, "headers": []}
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Type"], headers["Retry-After"] = "application/json", str(seconds)
        headers["Content-Length"] = str(len(body))
        self._complete(start)
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _complete(self, message: Message) -> None:
        said = message["headers"] = list(message.get("headers", ()))
        names = {name.lower() for name, _value in said}
        if b"etag" in names:
            names.add(b"cache-control")  # a file of ours may be kept
        said.extend(header for header in self._headers if header[0] not in names)

    def _refused(self, begins: str, scope: Scope) -> int:
        """Count a refusal. Seconds to wait; 0 for somebody who may try again at once."""
        key = (begins, _network(scope["client"][0]) if scope.get("client") else "")
        if len(self._guessers) >= MOST:  # the oldest half is forgotten
            for old in sorted(self._guessers, key=lambda one: self._guessers[one].at)[: MOST // 2]:
                del self._guessers[old]
        pace, now = PACES[begins], self._clock()
        known = self._guessers.setdefault(key, _Guesser(pace.burst, now))
        known.left = min(pace.burst, known.left + (now - known.at) / pace.seconds)
        known.at = now
        if known.left >= 1:
            known.left -= 1
            return 0
        if not known.is_told_of:
            log.warning("too many wrong attempts", path=begins)
            known.is_told_of = True
        return max(1, round((1 - known.left) * pace.seconds))


def _network(address: str) -> str:
    """An IPv6 address is one of 2**64 that its owner may use."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def _paced(path: str) -> str:
    """How the path begins that is paced; "" for one that is not."""
    return next((begins for begins, within in _BEGINNINGS if path == begins or path.startswith(within)), "")


def _is_refusal(message: Message, begins: str) -> bool:
    if message["status"] in (NO_TOKEN if begins in OF_TOKENS else REFUSALS):
        return True
    location = Headers(raw=message["headers"]).get("location") or ""
    return bool(message["status"] == 303 and location.startswith(REFUSED_AT_SIGN_IN))
