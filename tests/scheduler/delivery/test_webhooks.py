"""Webhooks of ours: told once, signed, with bounded retries; never of a person, never inward."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from standardwebhooks.webhooks import Webhook as StandardWebhook

from bot.core.webhook_signing import old_signature
from content.reading import Reader
from scheduler.delivery.webhooks import MOST_ATTEMPTS, WebhookCalls
from storage import reseal
from storage.database import Database
from storage.web import webhooks
from storage.web.webhooks import KINDS, Call, CallState, Webhook
from tests.content.web import Web
from tests.stage import Stage


class Listening(Web):
    """Keeps what it is told; answers with `status`."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 204
        self.told: list[tuple[dict[str, str], bytes]] = []
        listening = self

        def do_post(handler: BaseHTTPRequestHandler) -> None:
            body = handler.rfile.read(int(handler.headers["Content-Length"]))
            listening.told.append(({name.lower(): value for name, value in handler.headers.items()}, body))
            handler.send_response(listening.status)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        self._server.RequestHandlerClass.do_POST = do_post  # type: ignore[attr-defined]


@pytest.fixture
def web() -> Iterator[Listening]:
    with Listening() as web:
        yield web


@pytest.fixture
def stage(sqlite: Database, web: Listening) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("aino")
        with sqlite.transaction() as session:
            session.add(Webhook(url=f"{web.url}/hook", kinds=list(KINDS), secret="s", made_at=stage.now))
        yield stage


def tells(stage: Stage, *, allow: tuple[str, ...] = ("127.0.0.0/8",)) -> None:
    hooks = WebhookCalls(db_executor=stage.db_executor, reader=Reader(also_allow=allow), now=lambda: stage.now)
    stage.run(hooks.tell())


def test_a_share_is_told_once_signed_and_without_a_name(stage: Stage, web: Listening) -> None:
    stage.publishes("Storm")
    stage.shares("aino")
    tells(stage)
    tells(stage)
    ((headers, body),) = web.told
    said = json.loads(body)
    assert (said["kind"], said["channel"], said["own_words"]) == ("share.confirmed", "linkedin", True)
    assert "aino" not in body.decode().lower()
    assert headers["x-chorus-signature"] == old_signature("s", headers["x-chorus-timestamp"], body)
    assert StandardWebhook(b"s").sign(headers["webhook-id"], stage.now, body.decode()) == headers["webhook-signature"]
    with stage.database.transaction() as session:
        assert session.query(Call).one().state == CallState.TOLD


def test_tried_again_with_growing_waits_then_given_up(stage: Stage, web: Listening) -> None:
    web.status = 500
    with stage.database.transaction() as session:
        webhooks.tell(session, "share.confirmed", {"post": 1}, now=stage.now)
    waits = []
    for _attempt in range(MOST_ATTEMPTS + 3):
        tells(stage)
        with stage.database.transaction() as session:
            call = session.query(Call).one()
            waits.append((call.due_at - stage.now).total_seconds())
            stage.now = max(stage.now, call.due_at) + timedelta(seconds=1)
    assert len(web.told) == MOST_ATTEMPTS
    assert waits[0] >= 15
    assert waits[4] > waits[0]
    with stage.database.transaction() as session:
        call = session.query(Call).one()
        assert (call.state, call.reason) == (CallState.GIVEN_UP, "it answered 500")


def test_never_inward(stage: Stage, web: Listening) -> None:
    with stage.database.transaction() as session:
        webhooks.tell(session, "share.confirmed", {"post": 1}, now=stage.now)
    tells(stage, allow=())
    assert web.told == []
    with stage.database.transaction() as session:
        assert session.query(Call).one().reason == "it points inside a network"


def test_one_process_tells_it(stage_on_both: Stage) -> None:
    stage = stage_on_both
    with stage.database.transaction() as session:
        session.add(Webhook(url="https://x.example", kinds=["share.confirmed"], secret="s", made_at=stage.now))
        session.flush()
        webhooks.tell(session, "share.confirmed", {}, now=stage.now)
        webhooks.tell(session, "question.answered", {}, now=stage.now)
    with stage.database.transaction() as session:
        assert len(webhooks.take_due(session, stage.now, 9)) == 1
    with stage.database.transaction() as session:
        assert webhooks.take_due(session, stage.now, 9) == []
    assert reseal.reseal_all(stage.database).secrets >= 1
    with stage.database.transaction() as session:
        assert webhooks.listed(session)[0].secret == "s"
