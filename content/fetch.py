"""Fetching an address that somebody else chose: capped in bytes and seconds, never into a private network.

Connections go only to addresses that AntiSSRF found to be public; it resolves once, connects to what it
checked, and is asked again at every hop of a redirect.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from socket import gaierror
from time import monotonic
from urllib.parse import urljoin

import requests
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from content.addresses import validate_url
from content.errors import FetchError, NoAnswer, NotAnAddress, NotSent, PrivateAddress
from content.read_results import MAX_SECONDS, Called, Fetched

MAX_BYTES = 5 * 1024 * 1024  # also after decompression
MAX_HOPS = 5
# Ranges that AntiSSRF's list of November 2026 leaves open: NAT64 with a local prefix, site-local, benchmarks.
ALSO_INWARD = [
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2002::/16",
    "2001::/32",
    "fec0::/10",
    "198.18.0.0/15",
    "192.0.0.0/24",
    "168.63.129.16/32",
    "240.0.0.0/4",
    "224.0.0.0/4",
]
USER_AGENT = "Chorus/0.1 (feed reader)"
_NEVER_LEFT = (NewConnectionError, NameResolutionError, ConnectTimeoutError, gaierror)


def outward_policy(also_allow: Iterable[str] = ()) -> AntiSSRFPolicy:
    """Connections to public addresses only, and to the networks of `also_allow`."""
    policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
    policy.add_denied_addresses(ALSO_INWARD)
    policy.allow_plain_text_http = True
    policy.add_xff_header = False
    if allowed := list(also_allow):
        policy.add_allowed_addresses(allowed)
    return policy


class Fetcher:
    """Reads addresses. `also_allow` names networks that count as public (for tests on loopback)."""

    def __init__(self, *, also_allow: Iterable[str] = (), clock: Callable[[], float] = monotonic) -> None:
        self._policy = outward_policy(also_allow)
        self._clock = clock

    def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, accept: str = "*/*"
    ) -> Fetched:
        """Raises PrivateAddress, FetchError."""
        headers = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        deadline = self._clock() + MAX_SECONDS
        with self._policy.get_antissrf_session() as session:
            session.trust_env = False
            for _hop in range(MAX_HOPS + 1):
                url = _checked(url)
                with self._get(session, url, headers, deadline) as response:
                    if not response.is_redirect:
                        return self._read(response, url, deadline)
                    url = urljoin(url, response.headers.get("Location", ""))
        raise FetchError("it redirects too often")

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """POST `body` to an address that somebody else chose. Returns the status. No redirect is followed.

        Raises PrivateAddress, FetchError.
        """
        url = _checked(url)
        with self._policy.get_antissrf_session() as session:
            session.trust_env = False
            try:
                with session.post(
                    url,
                    data=body,
                    headers={"User-Agent": USER_AGENT, **headers},
                    timeout=5.0,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    return int(response.status_code)
            except AntiSSRFError as cause:
                raise PrivateAddress("it points inside a network") from cause
            except (requests.RequestException, OSError, ValueError) as cause:
                raise FetchError(f"it does not answer ({type(cause).__name__})") from cause

    def call(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Called:
        """One request to an interface at an address that somebody else chose. No redirect is followed.

        Raises NotSent, also where it points inside a network, and NoAnswer.
        """
        try:
            url = validate_url(url)
        except NotAnAddress as cause:
            raise NotSent("it is no web address") from cause
        deadline = self._clock() + MAX_SECONDS
        with self._policy.get_antissrf_session() as session:
            session.trust_env = False
            try:
                with session.request(
                    method,
                    url,
                    headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate", **headers},
                    data=body,
                    timeout=MAX_SECONDS,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    content = capped_body(response, deadline, self._clock)
                    told = {name.lower(): value for name, value in response.headers.items()}
                    return Called(int(response.status_code), told, content)
            except AntiSSRFError as cause:
                raise NotSent("it points inside a network") from cause
            except FetchError as cause:
                raise NoAnswer(str(cause)) from cause
            except (requests.RequestException, OSError, ValueError) as cause:
                kind = NotSent if _never_left(cause) else NoAnswer
                raise kind(f"it does not answer ({type(cause).__name__})") from cause

    def _get(self, session: requests.Session, url: str, headers: dict[str, str], deadline: float) -> requests.Response:
        left = deadline - self._clock()
        if left <= 0:
            raise FetchError("it took too long")
        try:
            return session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=min(left, 5.0))
        except AntiSSRFError as cause:
            raise PrivateAddress("it points inside a network") from cause
        except (requests.RequestException, OSError, ValueError) as cause:
            raise FetchError(f"it does not answer ({type(cause).__name__})") from cause

    def _read(self, response: requests.Response, url: str, deadline: float) -> Fetched:
        if response.status_code not in (200, 304):
            raise FetchError(f"it answered {response.status_code}")
        return Fetched(
            url=url,
            status=response.status_code,
            body=b"" if response.status_code == 304 else capped_body(response, deadline, self._clock),
            content_type=response.headers.get("Content-Type", ""),
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )


def capped_body(response: requests.Response, deadline: float, clock: Callable[[], float] = monotonic) -> bytes:
    """The body of a response that was asked for as a stream, unpacked; up to MAX_BYTES, until `deadline` (of `clock`).

    Raises FetchError.
    """
    inflate = _inflater(response.headers.get("Content-Encoding", ""))
    body, wire = bytearray(), 0
    try:
        # read1 returns what has come, so that one byte a second cannot outlast the deadline
        while chunk := response.raw.read1(64 * 1024, decode_content=False):
            wire += len(chunk)
            body += inflate(chunk, MAX_BYTES + 1 - len(body))
            if wire > MAX_BYTES or len(body) > MAX_BYTES:
                raise FetchError("it is larger than 5 MB")
            if clock() > deadline:
                raise FetchError("it took too long")
    except FetchError:
        raise
    except Exception as cause:
        raise FetchError(f"it broke off ({type(cause).__name__})") from cause
    return bytes(body)


def _never_left(cause: BaseException) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    seen: BaseException | None = cause
    while seen is not None:
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        if any(isinstance(one, _NEVER_LEFT) for one in (seen, inner, getattr(inner, "reason", None))):
            return True
        seen = seen.__cause__
    return False


def _checked(url: str) -> str:
    try:
        return validate_url(url)
    except NotAnAddress as cause:
        raise FetchError("it is no web address") from cause


def _inflater(encoding: str) -> Callable[[bytes, int], bytes]:
    """Decompresses in pieces, up to the cap, so that a decompression bomb stops there."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, _room: chunk
        case "gzip" | "x-gzip" | "deflate":
            machine = zlib.decompressobj(wbits=47)  # gzip or zlib, told by the header
            return lambda chunk, room: machine.decompress(chunk, max(room, 1))
        case _:
            raise FetchError("it is packed in a way we did not ask for")
