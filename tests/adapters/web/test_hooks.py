"""Signed webhooks: what is not signed as it should be has no effect; what is told again counts once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from time import time

import pytest
from fastapi import FastAPI

from adapters.web import hooks
from bot.core.db_executor import DbExecutor
from bot.core.signing import sign
from storage.database import Database
from storage.mentions import listening
from storage.mentions.listening import Source
from storage.sharing.leads import Lead
from storage.sharing.links import Link
from tests.adapters.asking import Asker

SECRET = "hook-secret"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def asker(sqlite: Database) -> Iterator[Asker]:
    with sqlite.transaction() as session:
        session.add_all(
            [
                Source(id="monitor", name="Monitor", kind="webhook"),
                Source(id="feed", name="Feed", kind="feed", address="https://x.example"),
            ]
        )
        session.add(Link(code="abc", target="https://koivu.example", created_at=NOW))
    app, db_executor = FastAPI(), DbExecutor(sqlite)
    app.include_router(hooks.router(db_executor, SECRET, lambda: NOW))
    with Asker(app) as asker:
        yield asker
    db_executor.close()


def headers(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    moment = str(int(at if at is not None else time()))
    return {"X-Chorus-Timestamp": moment, "X-Chorus-Signature": sign(secret.encode(), "v1", moment, body)}


def posts(asker: Asker, path: str, data: object, **more: object) -> tuple[int, dict[str, object]]:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    answer = asker.post(path, content=body, headers=headers(body, **more))  # type: ignore[arg-type]
    return answer.status_code, answer.json()


def test_mentions_and_leads_are_taken_once(asker: Asker, sqlite: Database) -> None:
    said = {
        "mentions": [
            {"text": "The map was wrong all evening, again", "url": "https://f.example/1", "at": "2026-11-24T07:00:00"}
        ]
    }
    assert posts(asker, "/hooks/mentions/monitor", said) == (200, {"new": 1, "of": 1})
    assert posts(asker, "/hooks/mentions/monitor", said, at=time() - 9) == (200, {"new": 0, "of": 1})
    told = {
        "leads": [
            {"reference": "crm-1", "link": "https://x.example/r/abc", "at": "2026-11-24T07:00:00Z"},
            {"reference": "crm-2", "link": "https://x.example/r/none", "at": "2026-11-24T07:00:00Z"},
        ]
    }
    assert posts(asker, "/hooks/leads", told) == (200, {"new": 1, "of": 2, "unknown": ["none"]})
    with sqlite.transaction() as session:
        assert len(listening.fresh(session, 9)) == session.query(Lead).count() == 1


def test_a_replay_has_no_effect(asker: Asker) -> None:
    body = b'{"mentions": [{"text": "Once is enough for everybody here"}]}'
    signed = headers(body)
    answers = [asker.post("/hooks/mentions/monitor", content=body, headers=signed).json() for _ in range(50)]
    assert answers[0] == {"new": 1, "of": 1}
    assert answers[1:] == [{"replayed": True}] * 49


@pytest.mark.parametrize("more", [{"secret": "other"}, {"at": 0.0}, {"at": time() + 900}])
def test_what_is_not_signed_as_it_should_be(asker: Asker, more: dict[str, object]) -> None:
    assert posts(asker, "/hooks/leads", {"leads": []}, **more)[0] == 401


def test_no_signature_at_all(asker: Asker) -> None:
    assert asker.post("/hooks/leads", content=b"{}").status_code == 401
    odd = {"X-Chorus-Timestamp": "9" * 5000, "X-Chorus-Signature": "v1=" + "0" * 64}
    assert asker.post("/hooks/leads", content=b"{}", headers=odd).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"leads": 7}',
        b'{"leads": [{}]}',
        b'{"leads": [], "more": 1}',
        b"\xff",
        b'{"leads": [{"reference": "", "link": "x", "at": "now"}]}',
        b'{"leads": NaN}',
    ],
)
def test_signed_nonsense_is_a_400_with_a_reason(asker: Asker, body: bytes) -> None:
    code, answer = posts(asker, "/hooks/leads", body)
    assert code == 400
    assert answer["error"]


def test_only_a_webhooks_own_source(asker: Asker) -> None:
    assert posts(asker, "/hooks/mentions/feed", {"mentions": []})[0] == 404
    assert posts(asker, "/hooks/mentions/feed", {"mentions": []})[0] == 404  # again as it is: still no such source
    assert posts(asker, "/hooks/mentions/nobody", {"mentions": []})[0] == 404
