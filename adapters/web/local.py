"""Guards for endpoints without a token: only programs and browser pages of this machine may use them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from fastapi import Request

NAMES = {"localhost", "testserver"}  # besides addresses of the loopback range
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class NotLocal(Exception):
    """The request may not come from this machine; the message says why."""


def check_local(request: Request) -> None:
    """Refuse what a stranger could have sent: from another machine, through a proxy or a tunnel, under another name
    (rebinding), or from a page of another origin. Raises NotLocal."""
    client = request.client.host if request.client else ""
    if client != "testclient" and not is_loopback(client):
        raise NotLocal("not from this machine")
    if any(name in request.headers for name in PASSED_ON):
        raise NotLocal("passed on by a proxy")
    host = request.headers.get("host", "")
    if not is_local_address(f"http://{host}"):
        raise NotLocal("another host's name")
    origin = request.headers.get("origin")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        raise NotLocal("from another page")


def is_local(request: Request) -> bool:
    try:
        check_local(request)
    except NotLocal:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether that name or address is this machine's own, for this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in NAMES


def is_local_address(url: str) -> bool:
    """Whether the address of a page or service is on this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and "@" not in parts.netloc and is_loopback(parts.hostname or "")
    except ValueError:
        return False
