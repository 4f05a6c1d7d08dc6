"""What holds for every request, whatever answers it: the headers of an answer, and a pace for whoever guesses.

An address that is refused over and over (tokens, links and codes that are not there) is asked to wait. Only refusals
count, so that many people behind one address do not get in each other's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

REFUSALS = (401, 403, 404, 410)
MOST = 50_000  # addresses in mind
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
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
REFUSED_AT_SIGN_IN = "/console/sign-in?refused"  # where somebody is led who is not let in


@dataclass(slots=True)
class _Guesser:
    left: float
    at: float
    is_told_of: bool = False


class Door:
    """Around the whole app. `is_secure`: the world reaches it by https."""

    def __init__(self, app: ASGIApp, *, is_secure: bool, clock: Callable[[], float] = monotonic) -> None:
        self._app = app
        self._clock = clock
        self._headers = {**ALWAYS, "Strict-Transport-Security": YEAR} if is_secure else ALWAYS
        self._guessers: dict[tuple[str, str], _Guesser] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begins = _paced(scope["path"])
        key = (begins, scope["client"][0] if scope.get("client") else "")
        if begins and (seconds := self._must_wait(key)):
            answer = JSONResponse({"error": "too many wrong attempts"}, 429, {"Retry-After": str(seconds), **ALWAYS})
            await answer(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(message)
                if begins and _is_refusal(message):
                    self._refused(key)
            await send(message)

        await self._app(scope, receive, sent)

    def _complete(self, message: Message) -> None:
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        for name, value in self._headers.items():
            headers.setdefault(name, value)

    def _must_wait(self, key: tuple[str, str]) -> int:
        """Seconds; 0 for somebody who may ask."""
        known = self._guessers.get(key)
        if known is None:
            return 0
        pace, now = PACES[key[0]], self._clock()
        known.left = min(pace.burst, known.left + (now - known.at) / pace.seconds)
        known.at = now
        if known.left >= pace.burst:
            del self._guessers[key]
        if known.left >= 1:
            return 0
        if not known.is_told_of:
            log.warning("too many wrong attempts", path=key[0])
            known.is_told_of = True
        return max(1, round((1 - known.left) * pace.seconds))

    def _refused(self, key: tuple[str, str]) -> None:
        if len(self._guessers) >= MOST:
            self._guessers.clear()
        known = self._guessers.setdefault(key, _Guesser(PACES[key[0]].burst, self._clock()))
        known.left = max(0.0, known.left - 1)


def _paced(path: str) -> str:
    """How the path begins that is paced; "" for one that is not."""
    return next((begins for begins in PACES if path == begins or path.startswith(f"{begins}/")), "")


def _is_refusal(message: Message) -> bool:
    if message["status"] in REFUSALS:
        return True
    location = Headers(raw=message["headers"]).get("location") or ""
    return bool(message["status"] == 303 and location.startswith(REFUSED_AT_SIGN_IN))
