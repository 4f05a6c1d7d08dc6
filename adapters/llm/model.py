"""The ModelServer port over the `openai` client: any server that speaks its protocol, for words, for vectors, or both.

Total: whatever goes wrong is None, and the bot goes on without. No tools are offered, nothing secret is sent.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, OpenAIError
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion

from bot.core.ports import Request

T = TypeVar("T")
Answer = TypeVar("Answer")
log = structlog.get_logger()

PATIENCE = 10.0  # seconds for an answer, whatever the server is doing
LONGEST = 50_000  # characters of an answer that are looked at
NO_KEY = "none"  # what a local server is shown that asks for no key


class OpenAIModel:
    """`model` and `embedding_model` are names as the server knows them; without one that ability is not there."""

    def __init__(
        self,
        *,
        key: str,
        url: str = "",
        model: str = "",
        embedding_model: str = "",
        embeddings_url: str = "",
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._model, self._embedding_model = model, embedding_model
        self._words = _client(key, url)
        self._vectors = _client(key, embeddings_url or url)

    async def write(self, request: Request) -> str | None:
        if not self._model:
            return None
        asked = self._words.chat.completions.create(
            model=self._model,
            messages=[{"role": "system", "content": request.task}, {"role": "user", "content": request.data}],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": request.schema_name, "schema": dict(request.schema), "strict": True},
            },
        )
        return await _patiently(asked, _said, "write", self._patience)

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        if not self._embedding_model:
            return None
        asked = self._vectors.embeddings.create(model=self._embedding_model, input=list(texts), encoding_format="float")
        rows = await _patiently(asked, _rows, "embed", self._patience + len(texts))
        return rows if rows is not None and len(rows) == len(texts) else None

    async def close(self) -> None:
        await self._words.close()
        await self._vectors.close()


def _client(key: str, url: str) -> AsyncOpenAI:
    to_nobody_else = DefaultAsyncHttpxClient(follow_redirects=False)  # the key goes where it was meant to go
    return AsyncOpenAI(
        api_key=key or NO_KEY, base_url=url or None, timeout=PATIENCE, max_retries=0, http_client=to_nobody_else
    )


def _said(answer: ChatCompletion) -> str | None:
    said = answer.choices[0].message.content
    return said if isinstance(said, str) and len(said) <= LONGEST else None


def _rows(answer: CreateEmbeddingResponse) -> list[list[float]] | None:
    rows = [[float(value) for value in row.embedding] for row in answer.data]
    is_whole = len({len(row) for row in rows}) == 1 and rows[0]
    return rows if is_whole and all(math.isfinite(value) for row in rows for value in row) else None


async def _patiently(
    asked: Awaitable[Answer], read: Callable[[Answer], T | None], what: str, patience: float
) -> T | None:
    """What `read` finds in the answer; None for whatever is no answer, and for one that comes too late."""
    try:
        return read(await asyncio.wait_for(asked, patience))
    except (OpenAIError, TimeoutError, OSError, ValueError, TypeError, AttributeError, LookupError) as fault:
        log.warning("the model server gave nothing", what=what, reason=type(fault).__name__)
        return None
