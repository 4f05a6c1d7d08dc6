"""The real adapters, against servers on loopback that speak as the networks do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.networks.wire import Wire
from bot.core.networks import NetworkAccount, OutgoingPost
from content.reading import Reader


class Clients:
    def __init__(self) -> None:
        self.known: dict[tuple[str, str], dict[str, Any]] = {}

    def get(self, network: str, host: str) -> dict[str, Any] | None:
        return self.known.get((network, host))

    def put(self, network: str, host: str, value: dict[str, Any]) -> None:
        self.known[network, host] = value

    def forget(self, network: str, host: str) -> None:
        self.known.pop((network, host), None)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(also_allow=["127.0.0.0/8"])
    yield reader
    reader.close()


@pytest.fixture
def wire(reader: Reader) -> Wire:
    return Wire(reader.call, is_local=True)


@pytest.fixture
def clients() -> Clients:
    return Clients()


def post(key: str = "3l2aaaaaaaaaa", **more: Any) -> OutgoingPost:
    return OutgoingPost(
        **{
            "key": key,
            "text": f"Myrsky ohi 🎉 (kiitos_kaikille) https://chorus.example/r/{key}",
            "language": "fi",
            "written_at": datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
            "link": f"https://chorus.example/r/{key}",
            "title": "Myrsky",
            "description": "Miten kävi.",
            **more,
        }
    )


def usable(account: NetworkAccount) -> dict[str, Any]:
    return account.credentials
