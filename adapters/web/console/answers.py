"""What every answer of the console carries, and the way to another page."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

SAFE = "/?&=%#:+,;@!$'()*~[]"  # in an address

_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# A page with errors answers a POST; where it may be kept, Back finds it again instead of asking to send once more.
OF_ERRORS = {**HEADERS, "Cache-Control": "private, no-cache"}


def to(address: str) -> Response:
    """`address` is a path of ours; what no header carries is written as percent signs."""
    return Response(status_code=303, headers={"Location": quote(address, safe=SAFE, errors="replace"), **HEADERS})
