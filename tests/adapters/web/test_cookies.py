"""Every cookie is set in one place, so that none is easier to plant, to read or to take along than the others."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import Response

import adapters
from adapters.web.cookies import drop_cookie, set_cookie

ELSEWHERE = re.compile(r"\.(set|delete)_cookie\(")


@pytest.mark.parametrize(("path", "prefix"), [("/", "__Host-"), ("/r/abc", "__Secure-")])
def test_by_https_a_browser_holds_it_to_its_name(path: str, prefix: str) -> None:
    answer = Response()
    set_cookie(answer, "one", "1", lasts=timedelta(minutes=1), is_secure=True, path=path)
    said = answer.headers["set-cookie"]
    assert said.startswith(f"{prefix}one=1; ")
    assert set(said.lower().split("; ")[1:]) == {"httponly", "max-age=60", f"path={path}", "samesite=lax", "secure"}


def test_what_is_dropped_is_what_was_set() -> None:
    for is_secure in (False, True):
        first, last = Response(), Response()
        set_cookie(first, "one", "1", lasts=timedelta(minutes=1), is_secure=is_secure)
        drop_cookie(last, "one", is_secure=is_secure)
        names = [answer.headers["set-cookie"].partition("=")[0] for answer in (first, last)]
        assert names[0] == names[1]
        assert "Max-Age=0" in last.headers["set-cookie"]


def test_none_is_set_elsewhere() -> None:
    folder = Path(adapters.__file__).parent
    setting = {
        str(path.relative_to(folder)) for path in folder.rglob("*.py") if ELSEWHERE.search(path.read_text("utf-8"))
    }
    assert setting == {"web/cookies.py"}
