"""The door as somebody tries it who guesses: tokens, links, codes; and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.web.door import ALWAYS, Door
from tests.adapters.asking import Asker


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
    "path", ["/api/v1/people", "/scim/v2/Users", "/console/in/abc", "/my-data/abc", "/hooks/leads"]
)
@pytest.mark.parametrize("refusal", ["401", "403", "404"])
def test_who_guesses_has_to_wait(asker: Asker, clock: Clock, path: str, refusal: str) -> None:
    said = [asker.get(f"{path}?as={refusal}").status_code for _ in range(40)]
    assert said == [int(refusal)] * 30 + [429] * 10
    answer = asker.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "4")
    clock.now += 4.1
    assert asker.get(path).status_code == 200
    assert asker.get("/console").status_code == 200  # other places are as before


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
