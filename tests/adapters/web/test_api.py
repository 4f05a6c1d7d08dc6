"""The API: what its tokens open, and that nothing that is sent to it breaks it (schemathesis, from its own OpenAPI)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from adapters.web import api
from bot.core.tokens import digest_of
from bot.features.digest.domain import facts
from bot.features.digest.domain.compute_facts import last_week
from bot.features.digest.jobs import sending
from storage.database import Database
from storage.questions.questions import Question
from storage.sharing import posts
from storage.sharing.leads import Lead
from storage.web import api_tokens
from storage.web.api_tokens import SCOPES, ApiToken
from tests.adapters.asking import Asker
from tests.stage import Stage

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

TOKEN = "chorus_test"


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("aino", unit="Field service")
        with sqlite.transaction() as session:
            session.add(ApiToken(name="all", digest=digest_of(TOKEN), scopes=list(SCOPES), made_at=stage.now))
        yield stage


@pytest.fixture
def app(stage: Stage) -> FastAPI:
    return api.app(stage.db_executor, "http://127.0.0.1", lambda: stage.now)


@pytest.fixture
def asker(app: FastAPI) -> Iterator[Asker]:
    with Asker(app) as asker:
        yield asker


def key(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_content_comes_in_once(asker: Asker, stage: Stage) -> None:
    body = {"url": "https://www.koivu.example/storm?utm_source=x", "title": "Storm", "topic": "Operations"}
    taken = asker.post("/posts", json=body, headers=key())
    assert (taken.status_code, taken.json()["state"]) == (201, "draft")
    again = asker.post("/posts", json={"url": "https://koivu.example/storm"}, headers=key())
    assert (again.status_code, again.json()) == (200, {**taken.json(), "duplicate": True})
    wrong = asker.post("/posts", json={"url": "javascript:alert(1)"}, headers=key())
    assert (wrong.status_code, wrong.json()["error"]) == (422, "body.url: Value error, it is no web address")
    with stage.database.transaction() as session:
        assert [row.title for row in posts.listed(session)] == ["Storm"]


def test_conversions_count_once(asker: Asker, stage: Stage) -> None:
    stage.publishes("Storm")
    code = stage.shares("aino")
    body = {
        "conversions": [
            {"reference": "crm-1", "link": f"https://x.example/r/{code}", "at": "2026-11-24T08:00:00"},
            {"reference": "crm-2", "link": "none", "at": "2026-11-24T08:00:00Z"},
        ]
    }
    assert asker.post("/conversions", json=body, headers=key()).json() == {"new": 1, "of": 2, "unknown": ["none"]}
    assert asker.post("/conversions", json=body, headers=key()).json()["new"] == 0
    with stage.database.transaction() as session:
        assert session.query(Lead).count() == 1


def test_facts_are_the_digests_own_without_the_words_of_questions(asker: Asker, stage: Stage) -> None:
    stage.publishes("Storm")
    stage.shares("aino")
    with stage.database.transaction() as session:
        asked = {"asked_at": stage.now, "opened_at": stage.now, "answer_by": stage.now + timedelta(days=2)}
        session.add(Question(text="May I share this about the CANARY?", state="open", **asked))
    stage.now += timedelta(days=7)
    week = last_week(stage.now)
    with stage.database.transaction() as session:
        written = sending.digest_of_week(session, week, k=5, now=stage.now).facts
    assert "CANARY" in written
    told = asker.get(f"/facts/{week}", headers=key()).text
    assert "CANARY" not in told
    assert facts.figures(facts.from_json(told)) == facts.figures(facts.from_json(written))
    assert asker.get("/facts", headers=key()).json() == {"weeks": [week]}
    assert asker.get("/facts/2020-W01", headers=key()).status_code == 404
    assert asker.get("/exports/weeks.csv", headers=key()).status_code == 200


def test_people_page_by_page(asker: Asker, stage: Stage) -> None:
    first = asker.get("/people?limit=1", headers=key()).json()
    assert [person["name"] for person in first["people"]] == ["Laura"]
    rest = asker.get(f"/people?after={first['next']}", headers=key()).json()
    assert [(person["name"], person["unit"]) for person in rest["people"]] == [("Aino", "Field service")]
    assert rest["next"] is None


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_opens_what_its_scopes_say(asker: Asker, stage: Stage, scope: str) -> None:
    with stage.database.transaction() as session:
        session.add(ApiToken(name="one", digest=digest_of("one"), scopes=[scope], made_at=stage.now))
    doors = {
        "content:write": ("POST", "/posts", {"url": "https://k.example"}),
        "people:read": ("GET", "/people", None),
        "conversions:write": ("POST", "/conversions", {"conversions": []}),
        "facts:read": ("GET", "/facts", None),
        "exports:read": ("GET", "/exports/weeks.json", None),
    }
    for door, (method, path, body) in doors.items():
        status = asker.request(method, path, json=body, headers=key("one")).status_code
        assert (status < 300) == (door == scope), door
        assert asker.request(method, path, json=body, headers=key("other")).status_code == 401
        assert asker.request(method, path, json=body).status_code == 401


def test_a_revoked_token_opens_nothing(asker: Asker, stage: Stage) -> None:
    assert asker.get("/people", headers=key()).status_code == 200
    with stage.database.transaction() as session:
        assert api_tokens.revoke(session, 1, now=stage.now)
        assert not api_tokens.revoke(session, 1, now=stage.now)
    assert asker.get("/people", headers=key()).status_code == 401


def test_a_token_ends(asker: Asker, stage: Stage) -> None:
    with stage.database.transaction() as session:
        row = session.get_one(ApiToken, 1)
        row.expires_at = stage.now + timedelta(minutes=1)
    assert asker.get("/people", headers=key()).status_code == 200
    stage.now += timedelta(minutes=2)
    assert asker.get("/people", headers=key()).status_code == 401


def test_nothing_that_is_sent_breaks_it(app: FastAPI) -> None:
    """Every operation of the OpenAPI document, with data that fits it and data that does not."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == 6
    for operation in operations:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @_given(operation)
        def check(case):  # type: ignore[no-untyped-def]
            case.call_and_validate(headers=key())

        check()


def _given(operation):  # type: ignore[no-untyped-def]
    from hypothesis import given

    return given(case=operation.as_strategy())
