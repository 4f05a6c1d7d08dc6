"""Cookies as all of them are set: for this host alone, never for scripts, by https where the world comes by it."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response


def cookie_name(name: str, *, is_secure: bool, path: str = "/") -> str:
    """With the prefix by which a browser takes it from this very host only and, for one of the whole site, lets no
    neighbour plant it; browsers know the prefixes over https."""
    if not is_secure:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def set_cookie(answer: Response, name: str, value: str, *, lasts: timedelta, is_secure: bool, path: str = "/") -> None:
    answer.set_cookie(
        cookie_name(name, is_secure=is_secure, path=path),
        value,
        max_age=int(lasts.total_seconds()),
        path=path,
        httponly=True,
        samesite="lax",
        secure=is_secure,
    )


def drop_cookie(answer: Response, name: str, *, is_secure: bool) -> None:
    answer.delete_cookie(
        cookie_name(name, is_secure=is_secure), path="/", httponly=True, samesite="lax", secure=is_secure
    )
