"""Signed webhooks: what is not signed as it should be has no effect; what is told again counts once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from time import time

import pytest
from fastapi import FastAPI
from standardwebhooks.webhooks import Webhook

from adapters.web import hooks
from bot.core.db_executor import DbExecutor
from storage.database import Database
from storage.mentions import listening
from storage.mentions.listening import Source
from storage.sharing.leads import Lead
from storage.sharing.links import TrackedLink
from tests.adapters.asking import Asker

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes or so").decode()
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
        session.add(TrackedLink(code="abc", target="https://koivu.example", created_at=NOW))
    app, db_executor = FastAPI(), DbExecutor(sqlite)
    app.include_router(hooks.router(db_executor, SECRET, lambda: NOW))
    with Asker(app) as asker:
        yield asker
    db_executor.close()


def headers(body: bytes, *, late_by: float = 0, secret: str = SECRET) -> dict[str, str]:
    """As a library of Standard Webhooks makes them; sent `late_by` seconds ago (below 0: ahead of time)."""
    moment = datetime.fromtimestamp(int(time() - late_by), UTC)
    message = f"msg_{secrets.token_hex(4)}"
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, moment, body.decode(errors="replace")),
    }


def headers_of_before(body: bytes, *, late_by: float = 0, secret: str = SECRET) -> dict[str, str]:
    moment = str(int(time() - late_by))
    signed = hmac.new(secret.encode(), b"v1:%b:%b" % (moment.encode(), body), hashlib.sha256).hexdigest()
    return {"X-Chorus-Timestamp": moment, "X-Chorus-Signature": f"v1={signed}"}


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
    assert posts(asker, "/hooks/mentions/monitor", said, late_by=9) == (200, {"new": 0, "of": 1})
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


@pytest.mark.parametrize("more", [{"secret": "whsec_b3RoZXI="}, {"late_by": 1e9}, {"late_by": -900.0}])
def test_what_is_not_signed_as_it_should_be(asker: Asker, more: dict[str, object]) -> None:
    assert posts(asker, "/hooks/leads", {"leads": []}, **more)[0] == 401


@pytest.mark.parametrize("more", [{}, {"secret": "whsec_b3RoZXI="}, {"late_by": 1e9}, {"late_by": -900.0}])
def test_the_signature_of_before_is_still_taken(asker: Asker, more: dict[str, object]) -> None:
    body = b'{"leads": []}'
    answer = asker.post("/hooks/leads", content=body, headers=headers_of_before(body, **more))  # type: ignore[arg-type]
    assert answer.status_code == (401 if more else 200)


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,%%%", "v2,AAAA", "v1,AAAA v1a,BBBB", "v1,ä"])
def test_signatures_that_are_none(asker: Asker, signature: str) -> None:
    body = b'{"leads": []}'
    odd = {**headers(body), "webhook-signature": signature.encode()}
    assert asker.post("/hooks/leads", content=body, headers=odd).status_code == 401  # type: ignore[arg-type]


def test_a_source_with_a_secret_of_its_own_hears_nobody_else(asker: Asker, sqlite: Database) -> None:
    own = "whsec_" + base64.b64encode(b"a secret of this very source alone").decode()
    with sqlite.transaction() as session:
        session.get_one(Source, "monitor").secret = own
    said = {"mentions": [{"text": "Only the monitor may say so, and nobody else"}]}
    assert posts(asker, "/hooks/mentions/monitor", said)[0] == 401
    assert posts(asker, "/hooks/mentions/monitor", said, secret=own)[0] == 200
    assert posts(asker, "/hooks/leads", {"leads": []}, secret=own)[0] == 401


def test_without_any_secret_nobody_is_let_in(sqlite: Database) -> None:
    app, db_executor = FastAPI(), DbExecutor(sqlite)
    app.include_router(hooks.router(db_executor, "", lambda: NOW))
    with Asker(app) as asker:
        assert posts(asker, "/hooks/leads", {"leads": []})[0] == 401
        assert posts(asker, "/hooks/mentions/monitor", {"mentions": []})[0] == 401
    db_executor.close()


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
