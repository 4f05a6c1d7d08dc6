"""Tokens of Teams against keys that a server publishes, as the Bot Framework's documents say; and forged ones."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx2 as http
import jwt
import pytest
from botframework.connector.auth import AuthenticationConstants
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

from adapters.teams.receive import ISSUER, TeamsReceiver
from adapters.teams.send import TeamsPlatform, authentication
from adapters.teams.signing_keys import UNKNOWN_AGAIN, SigningKeys
from tests.adapters.asking import Answer, MemoryVault, Server
from tests.adapters.teams.test_teams import TENANT, Core, activity

SERVICE = "https://smba.trafficmanager.net/emea/"


@cache
def private_key(name: str) -> Any:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def bearer(key_id: str, *, signed_by: str = "", **claims: Any) -> dict[str, str]:
    now = int(time.time())
    said = {"iss": ISSUER, "aud": "app-1", "exp": now + 600, "nbf": now - 60, "serviceurl": SERVICE, **claims}
    token = jwt.encode(said, private_key(signed_by or key_id), algorithm="RS256", headers={"kid": key_id})
    return {"Authorization": f"Bearer {token}"}


class Publisher:
    """The Bot Framework's discovery document and its keys. `holds`: answers wait until it is cleared."""

    def __init__(self) -> None:
        self.keys = {"k1": ["msteams"], "k2": ["webchat"]}
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.url = ""

    def __call__(self, method: str, path: str, fields: dict[str, Any]) -> Answer:
        self.may_answer.wait(30)
        if path != "/keys":
            return 200, {}, json.dumps({"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"}).encode()
        return 200, {}, json.dumps({"keys": [self._public(name) for name in self.keys]}).encode()

    def _public(self, name: str) -> dict[str, Any]:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
        return {**key, "kid": name, "endorsements": self.keys[name]}


class Bot:
    """Our receiver for the app `app-1`, which asks a publisher for keys; `at` is its clock, in seconds."""

    def __init__(self, publisher: Publisher, server: Server) -> None:
        self.publisher, self.server, self.core, self.at = publisher, server, Core(), 0.0
        auth = authentication("app-1", "secret", TENANT)
        url = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
        JwtTokenExtractor.metadataCache[url] = SigningKeys(f"{server.url}/openid", clock=lambda: self.at)
        platform = TeamsPlatform(token_store=MemoryVault(), auth=auth, app_id="app-1")
        receiver = TeamsReceiver(handle=self.core, platform=platform, auth=auth, app_id="app-1", tenant=TENANT)
        self.app = FastAPI()
        self.app.include_router(receiver.router())
        self.app.add_api_route("/healthz", lambda: "well", methods=["GET"])

    @property
    def fetches(self) -> int:
        return len(self.server.calls["/keys"])

    def hears(self, *requests: dict[str, str], **said: Any) -> list[int]:
        """The statuses of messages that come at once, each with these headers."""

        async def play() -> list[int]:
            async with self.client() as client:
                message = activity(text="help", serviceUrl=SERVICE, **said)
                asked = [client.post("/api/messages", json=message, headers=headers) for headers in requests]
                return [answer.status_code for answer in await asyncio.gather(*asked)]

        return asyncio.run(play())

    def client(self) -> http.AsyncClient:
        return http.AsyncClient(transport=http.ASGITransport(app=self.app), base_url="http://bot")


@contextmanager
def bots() -> Iterator[Bot]:
    publisher = Publisher()
    with Server(publisher) as server:
        publisher.url = server.url
        yield Bot(publisher, server)
    JwtTokenExtractor.metadataCache.clear()


@pytest.fixture
def bot() -> Iterator[Bot]:
    with bots() as bot:
        yield bot


def test_a_token_of_the_channel_is_heard(bot: Bot) -> None:
    assert bot.hears(bearer("k1")) == [200]
    assert len(bot.core.events) == 2  # that they came, and what they said


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("k1", signed_by="another"),
        bearer("k2"),  # endorsed for a web chat, which is anybody's
        bearer("k9"),
        bearer("k1", aud="app-2"),
        bearer("k1", exp=1),
        bearer("k1", serviceurl="https://elsewhere.example/"),
    ],
)
def test_no_other_is(bot: Bot, headers: dict[str, str]) -> None:
    assert bot.hears(headers) == [401]
    assert bot.core.events == []


def test_the_same_app_in_another_channel_is_not_heard(bot: Bot) -> None:
    """Whoever adds a web chat to the registration could be anybody, under any name and tenant."""
    bot.publisher.keys["k1"] = ["msteams", "webchat"]
    assert bot.hears(bearer("k1"), channelId="webchat") == [401]
    assert bot.core.events == []


def test_a_forged_token_holds_up_nobody(bot: Bot) -> None:
    """The server of keys does not answer; who asks for something else has it meanwhile."""
    bot.publisher.may_answer.clear()

    async def play() -> list[str]:
        order = list[str]()

        async def forged() -> None:
            answer = await client.post(
                "/api/messages", json=activity(text="help", serviceUrl=SERVICE), headers=bearer("k9")
            )
            order.append(f"forged {answer.status_code}")

        async with bot.client() as client:
            waits = asyncio.create_task(forged())
            await asyncio.sleep(0.2)
            order.append(f"health {(await client.get('/healthz')).status_code}")
            bot.publisher.may_answer.set()
            await waits
        return order

    assert asyncio.run(play()) == ["health 200", "forged 401"]


def test_a_flood_of_made_up_keys_is_one_fetch(bot: Bot) -> None:
    assert bot.hears(bearer("k1")) == [200]
    assert set(bot.hears(*(bearer(f"made-up-{number}", signed_by="another") for number in range(30)))) == {401}
    assert bot.fetches == 1
    bot.at = UNKNOWN_AGAIN + 1
    assert set(bot.hears(*(bearer(f"made-up-{number}", signed_by="another") for number in range(30)))) == {401}
    assert bot.fetches == 2


def test_a_new_key_is_found_and_an_old_one_is_forgotten(bot: Bot) -> None:
    assert bot.hears(bearer("k1")) == [200]
    bot.publisher.keys = {"k3": ["msteams"]}
    bot.at = UNKNOWN_AGAIN + 1
    assert bot.hears(bearer("k3")) == [200]
    assert bot.hears(bearer("k1")) == [401]


def test_what_is_known_goes_on_while_nothing_can_be_fetched(bot: Bot) -> None:
    assert bot.hears(bearer("k1")) == [200]
    bot.publisher.url = "http://127.0.0.1:9"  # where nobody listens
    bot.at = 90_000.0
    assert bot.hears(bearer("k1")) == [200]
