"""The keys that the Bot Framework signs its tokens with, fetched beside the event loop.

The SDK fetches them in it, without a time-out: one forged token that names an unknown key holds up everybody. What it
asks for keys is replaced by `SigningKeys`, in the cache where the SDK looks for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import requests
import structlog
from botframework.connector.auth import AuthenticationConstants
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

log = structlog.get_logger()

PATIENCE = 5.0  # seconds for each of the two answers
AGE = 86_400.0  # seconds that keys are taken for all there are
UNKNOWN_AGAIN = 300.0  # seconds between two fetches for keys that are not known: anybody can make those up
FAILED_AGAIN = 10.0  # seconds after a fetch that failed


class UnknownKey(Exception):
    """The token names a key that the Bot Framework does not publish."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What the SDK asks of a key: `endorsements` are the channels that may sign with it."""

    public_key: Any
    endorsements: list[str]


class SigningKeys:
    """Those published at `url`, an OpenID Connect discovery document. `clock`: seconds."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched = self._may_fetch = float("-inf")
        self._fetching = asyncio.Lock()

    async def get(self, key_id: str | None) -> SigningKey:
        """Raises UnknownKey; what is known goes on while nothing can be fetched."""
        if not self._is_settled(key_id):
            async with self._fetching:  # whoever waited finds what the first fetched
                if not self._is_settled(key_id):
                    await self._fetch()
        found = self._keys.get(key_id or "")
        if found is None:
            raise UnknownKey(key_id)
        return found

    def _is_settled(self, key_id: str | None) -> bool:
        """Whether there is nothing to fetch for it now."""
        now = self._clock()
        return now < self._may_fetch or (key_id in self._keys and now - self._fetched < AGE)

    async def _fetch(self) -> None:
        try:
            found = await asyncio.to_thread(_published, self._url)
        except (requests.RequestException, ValueError, KeyError, TypeError) as cause:
            self._may_fetch = self._clock() + FAILED_AGAIN
            log.warning("no signing keys of the Bot Framework", reason=type(cause).__name__)
            return
        self._keys, self._fetched = found, self._clock()
        self._may_fetch = self._fetched + UNKNOWN_AGAIN


def fetch_beside_the_loop() -> None:
    """Have the SDK ask `SigningKeys` for the channel's keys."""
    url = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
    JwtTokenExtractor.metadataCache.setdefault(url, SigningKeys(url))


def _published(url: str) -> dict[str, SigningKey]:
    keys_url = requests.get(url, timeout=PATIENCE, allow_redirects=False).json()["jwks_uri"]
    listed = requests.get(keys_url, timeout=PATIENCE, allow_redirects=False).json()["keys"]
    return {
        key["kid"]: SigningKey(jwt.PyJWK(key, algorithm="RS256").key, list(key.get("endorsements") or ()))
        for key in listed
        if key.get("kty") == "RSA"
    }
