"""The door as somebody tries it who guesses: tokens, links, codes; and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from adapters.web.door import ALWAYS, Door
from tests.adapters.asking import Asker
from tests.contract.test_access import Site


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asker(clock: Clock) -> Iterator[Asker]:
    def answer(request: Request) -> Response:
        if request.query_params.get("as") == "refused":
            return RedirectResponse("/console/sign-in?refused=1", 303)
        status = int(request.query_params.get("as", "200"))
        return PlainTextResponse("x", status, headers={"Referrer-Policy": "same-origin"} if status == 200 else {})

    inner = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with Asker(Door(inner, is_secure=True, clock=clock)) as asker:
        yield asker


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        *((path, "401") for path in ("/api/v1/people", "/scim/v2/Users", "/metrics", "/hooks/leads")),
        *((path, refusal) for path in ("/console/in/abc", "/my-data/abc") for refusal in ("403", "404", "410")),
        ("/slack/oauth_redirect", "400"),
    ],
)
def test_who_guesses_is_told_to_wait(asker: Asker, clock: Clock, path: str, refusal: str) -> None:
    said = [asker.get(f"{path}?as={refusal}").status_code for _ in range(40)]
    assert said == [int(refusal)] * 30 + [429] * 10
    answer = asker.get(f"{path}?as={refusal}")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "4")
    assert "strict-transport-security" in answer.headers
    clock.now += 4.1
    assert asker.get(f"{path}?as={refusal}").status_code == int(refusal)
    assert asker.get(f"{path}?as={refusal}").status_code == 429


def test_who_is_not_let_in_stands_in_the_log_without_what_they_tried(asker: Asker) -> None:
    with capture_logs() as said:
        for path in ("/console/in/canary", "/api/v1/people?token=canary", "/elsewhere/canary"):
            asker.get(f"{path}{'&' if '?' in path else '?'}as=403")
        asker.get("/console?as=404")
    assert [(one["path"], one["status"]) for one in said if one["event"] == "refused"] == [
        ("/console/in", 403),
        ("/api/v1", 403),
        ("/elsewhere", 403),
    ]
    assert "canary" not in str(said)


def test_whoever_has_the_right_one_never_waits_for_those_who_guess(asker: Asker) -> None:
    """Behind one address are all people of an office, and a directory beside somebody who tries."""
    for path in ("/scim/v2/Users", "/console/in/abc"):
        for _ in range(100):
            asker.get(f"{path}?as=401")
        assert asker.get(path).status_code == 200


def test_what_a_token_may_not_or_does_not_find_is_no_guess(asker: Asker) -> None:
    for refusal in (400, 403, 404, 409):
        assert {asker.get(f"/scim/v2/Users/1?as={refusal}").status_code for _ in range(60)} == {refusal}


def test_addresses_of_one_network_guess_together(clock: Clock) -> None:
    inner = Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("x", 401))])
    door = Door(inner, is_secure=False, clock=clock)
    said = []
    for number in range(40):
        with Asker(door, f"2001:db8::{number:x}") as one:
            said.append(one.get("/scim/v2/Users").status_code)
    assert said == [401] * 30 + [429] * 10


def test_an_error_and_a_body_that_is_too_large_carry_the_headers_too(tmp_path: Path) -> None:
    """As the whole server is built, not around an app of the test's own."""
    with Site(tmp_path).asker as asker:
        for answer in (
            asker.post("/api/v1/posts", content=b"x" * 2_000_000),
            asker.get("/nothing/here", headers={"Accept": "text/html"}),
            asker.request("DELETE", "/healthz"),
            asker.get("/console/static/console.css"),
            asker.get("/favicon.ico"),
            asker.get("/"),
        ):
            for name in ALWAYS:
                assert name.lower() in answer.headers, (answer.url, answer.status_code, name)
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_sign_in_that_leads_back_is_a_refusal(asker: Asker) -> None:
    said = [asker.post("/console/in/abc?as=refused").status_code for _ in range(31)]
    assert said == [303] * 30 + [429]


def test_who_is_let_in_never_waits(asker: Asker) -> None:
    assert {asker.get("/api/v1/people").status_code for _ in range(500)} == {200}


def test_one_address_does_not_make_another_wait(clock: Clock) -> None:
    inner = Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("x", 401))])
    door = Door(inner, is_secure=False, clock=clock)
    with Asker(door, "10.0.0.1") as one, Asker(door, "10.0.0.2") as other:
        assert [one.get("/scim/v2/Users").status_code for _ in range(31)][-1] == 429
        assert other.get("/scim/v2/Users").status_code == 401


def test_every_answer_carries_the_headers_and_keeps_its_own(asker: Asker) -> None:
    found: Any = asker.get("/anything").headers
    assert found["strict-transport-security"] == "max-age=31536000"
    assert found["referrer-policy"] == "same-origin"
    for name in ALWAYS:
        assert name.lower() in found
    assert asker.get("/x?as=404").headers["referrer-policy"] == "no-referrer"


def test_without_https_nothing_is_said_of_it() -> None:
    inner = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("x"))])
    with Asker(Door(inner, is_secure=False)) as asker:
        assert "strict-transport-security" not in asker.get("/").headers
