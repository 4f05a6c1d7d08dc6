"""Signed webhooks: monitoring services bring mentions, whoever keeps leads brings those.

Signed as `bot.core.webhook_signing` says, with the secret of CHORUS_WEBHOOK_SECRET. What comes twice counts once.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import time
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from adapters.web.replay_protection import Rejected, ReplayMemory, checked_timestamp
from adapters.web.request_body import Malformed, json_object, text_of
from bot.core import webhook_signing
from bot.core.db_executor import DbExecutor
from content import listening as keeping
from content.sources import MAX_TEXT, Heard
from storage.database import Session
from storage.mentions import listening
from storage.mentions.listening import SourceKind, SourceState
from storage.sharing import leads
from storage.sharing.leads import LeadInput

log = structlog.get_logger()

MOST = 200  # of one request
Words = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Short = Annotated[str, StringConstraints(max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Mention(_Strict):
    text: Words
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    author: Short = ""
    at: datetime | None = None
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}$")] | None = None


class _Mentions(_Strict):
    mentions: list[_Mention] = Field(max_length=MOST)


class _Lead(_Strict):
    reference: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    link: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    at: datetime


class _Leads(_Strict):
    leads: list[_Lead] = Field(max_length=MOST)


def router(db_executor: DbExecutor, secret: str, now: Callable[[], datetime]) -> APIRouter:
    """`secret`: of all that have none of their own; "" lets in only those that have."""
    router = APIRouter(include_in_schema=False)
    replays = ReplayMemory()

    async def admitted(request: Request, source_id: str) -> str | None:
        """The body's text; None for a replay. Raises Rejected, Malformed."""
        body = await request.body()
        own = await db_executor(lambda session: _secret_of(session, source_id)) if source_id else None
        _verify(own or secret, body, request.headers)
        words = text_of(body)
        json_object(words)
        return words if replays.is_new(_signature_of(request.headers)) else None

    async def handle(
        request: Request, take: Callable[[Session, str], dict[str, object]], source_id: str = ""
    ) -> JSONResponse:
        try:
            words = await admitted(request, source_id)
            if words is None:
                return JSONResponse({"replayed": True})
            try:
                done = await db_executor(lambda session: take(session, words))
            except Exception:
                replays.forget(_signature_of(request.headers))
                raise
        except Rejected as fault:
            log.info("hook rejected", path=request.url.path, reason=str(fault))
            return JSONResponse({"error": "not signed as it should be"}, status_code=fault.status)
        except (Malformed, ValidationError) as fault:
            return JSONResponse({"error": _plain(fault)}, status_code=400)
        except LookupError as fault:
            return JSONResponse({"error": str(fault.args[0])}, status_code=404)
        return JSONResponse(done)

    @router.post("/hooks/mentions/{source_id}")
    async def mentions(source_id: str, request: Request) -> JSONResponse:
        return await handle(request, lambda session, words: _take_mentions(session, source_id, words, now()), source_id)

    @router.post("/hooks/leads")
    async def contacts(request: Request) -> JSONResponse:
        return await handle(request, _take_leads)

    return router


def _secret_of(session: Session, source_id: str) -> str | None:
    """A source's own; with it no other secret signs for it."""
    source = listening.source(session, source_id)
    return source.secret if source is not None else None


def _verify(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Raises Rejected(401)."""
    if not secret:
        raise Rejected(401, "no secret is set")
    if webhook_signing.SIGNATURE in headers:
        if not webhook_signing.is_signed(secret, body, headers):
            raise Rejected(401, "signature")
        return
    timestamp = checked_timestamp(headers.get(webhook_signing.OLD_TIMESTAMP, ""), time())
    expected = webhook_signing.old_signature(secret, timestamp, body).encode()
    if not hmac.compare_digest(expected, headers.get(webhook_signing.OLD_SIGNATURE, "").encode("utf-8", "replace")):
        raise Rejected(401, "signature")


def _signature_of(headers: Mapping[str, str]) -> str:
    return headers.get(webhook_signing.SIGNATURE) or headers.get(webhook_signing.OLD_SIGNATURE, "")


def _take_mentions(session: Session, source_id: str, words: str, now: datetime) -> dict[str, object]:
    source = listening.source(session, source_id)
    if source is None or source.kind != SourceKind.WEBHOOK or source.state != SourceState.ACTIVE:
        raise LookupError("there is no such source that listens to a webhook")
    said = _Mentions.model_validate_json(words).mentions
    heard = [Heard(item.text[:MAX_TEXT], item.url, item.author, _aware(item.at), item.language) for item in said]
    return {"new": keeping.store(session, heard, source_id=source_id, now=now), "of": len(heard)}


def _take_leads(session: Session, words: str) -> dict[str, object]:
    told = [
        LeadInput(item.reference, urlsplit(item.link).path.rpartition("/")[2], _aware(item.at) or item.at)
        for item in _Leads.model_validate_json(words).leads
    ]
    new, unknown = leads.take(session, told)
    return {"new": new, "of": len(told), "unknown": unknown}


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _plain(fault: Malformed | ValidationError) -> str:
    """One sentence on what is wrong, without what was sent."""
    if isinstance(fault, Malformed):
        return f"no JSON object: {fault}"
    first = fault.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
