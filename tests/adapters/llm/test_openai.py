"""The model server's client against a server that speaks the protocol: slow, down, wrong, or lying, it is None."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from adapters.llm.model import LONGEST, OpenAIModel
from bot.core.ports import Request
from tests.model_server import Reply, completion, embedding, model_server

REQUEST = Request("Say it.", "{}", "answer", {"type": "object"})


def written(answer: Callable[[dict[str, Any]], Reply], patience: float = 5.0) -> str | None:
    async def ask(url: str) -> str | None:
        model = OpenAIModel(key="k", url=url, model="m", patience=patience)
        try:
            return await model.write(REQUEST)
        finally:
            await model.close()

    with model_server(answer) as url:
        return asyncio.run(ask(url))


def vectors(answer: Callable[[dict[str, Any]], Reply], texts: tuple[str, ...] = ("a", "b")) -> Any:
    async def ask(url: str) -> Any:
        model = OpenAIModel(key="", embeddings_url=url, embedding_model="e")
        try:
            return await model.embed(texts)
        finally:
            await model.close()

    with model_server(answer) as url:
        return asyncio.run(ask(url))


def test_asks_with_task_data_and_schema_and_hears_the_answer() -> None:
    seen: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> Reply:
        seen.append(body)
        return 200, completion('{"a": 1}')

    assert written(answer) == '{"a": 1}'
    (body,) = seen
    assert [message["content"] for message in body["messages"]] == ["Say it.", "{}"]
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "tools" not in body


def test_goes_nowhere_else_with_its_key() -> None:
    asked = list[Any]()

    def answer(body: dict[str, Any]) -> Reply:
        asked.append(body)
        return (307, b"") if len(asked) == 1 else (200, completion('{"a": 1}'))

    assert written(answer) is None
    assert len(asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        None,
        (429, b"{}"),
        (500, b"oops"),
        (200, b""),
        (200, b"{"),
        (200, b"[]"),
        (200, b'{"choices": []}'),
        (200, b'{"choices": [{}]}'),
        (200, completion(None, refusal="No.")),
        (200, completion("x" * (LONGEST + 1))),
        (200, b"<html>hello</html>"),
        (401, b'{"error": {"message": "bad key"}}'),
        (200, json.dumps({"a": "b"}).encode()),
    ],
)
def test_whatever_goes_wrong_is_none(reply: Reply) -> None:
    assert written(lambda _body: reply) is None


def test_waits_no_longer_than_it_says() -> None:
    def slowly(_body: dict[str, Any]) -> Reply:
        time.sleep(1.5)
        return 200, completion("late")

    began = time.monotonic()
    assert written(slowly, patience=0.3) is None
    assert time.monotonic() - began < 4  # the server itself sleeps on


def test_nobody_there_is_none() -> None:
    model = OpenAIModel(key="k", url="http://127.0.0.1:9/v1", model="m", embedding_model="e")
    assert asyncio.run(model.write(REQUEST)) is None
    assert asyncio.run(model.embed(["a"])) is None


def test_vectors_one_a_text() -> None:
    assert vectors(lambda _body: (200, embedding([[1.0, 0.0], [0.0, 1.0]]))) == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[1.0]],
        [[1.0], [1.0, 2.0]],
        [[], []],
        [[float("nan")], [1.0]],
        [[float("inf")], [1.0]],
        ["ab", "cd"],
        [None, None],
    ],
)
def test_vectors_that_cannot_be_are_none(rows: list[Any]) -> None:
    assert vectors(lambda _body: (200, embedding(rows))) is None


def test_without_a_model_nothing_is_asked() -> None:
    model = OpenAIModel(key="k", url="http://127.0.0.1:9/v1")
    assert asyncio.run(model.write(REQUEST)) is None
    assert asyncio.run(model.embed(["a"])) is None
