"""Whether a form was sent from a page of ours, as the browser tells."""

from __future__ import annotations

from fastapi import Request


def is_from_here(request: Request, origin: str) -> bool:
    """Whether the browser's Origin and Sec-Fetch-Site headers name this site; a request without them is refused."""
    said = request.headers.get("origin")
    if said is not None:
        return said == origin
    return request.headers.get("sec-fetch-site") == "same-origin"
