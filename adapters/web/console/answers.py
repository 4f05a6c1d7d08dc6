"""What every answer of the console carries, and the way to another page."""

from __future__ import annotations

from fastapi.responses import Response

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
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

WITH_SCRIPT = HEADERS | {"Content-Security-Policy": f"{_CSP}; script-src 'self'"}  # for a page that has one of ours


def to(address: str) -> Response:
    return Response(status_code=303, headers={"Location": address, **HEADERS})
