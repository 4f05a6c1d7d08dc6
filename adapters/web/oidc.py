"""Sign-in at the organisation's own identity provider: OpenID Connect, code flow with PKCE, by authlib.

The provider's word counts only where it verified the e-mail address, for that is how people are known here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
import structlog
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.core.db_executor import DbExecutor
from bot.core.tokens import digest_of
from storage.database import Session
from storage.web import sign_in
from storage.web.sign_in import OidcState

log = structlog.get_logger()

PATIENCE = 8.0  # seconds for each answer of the provider
VALID = timedelta(minutes=10)
SCOPE = "openid email"
ALGORITHMS = ["RS256", "ES256", "PS256"]


class SignInFailed(Exception):
    """Nobody is signed in; the reason is for the log."""


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    client_id: str
    client_secret: str


class Oidc:
    def __init__(
        self, *, provider: Provider, db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]
    ) -> None:
        self._provider = provider
        self._db_executor = db_executor
        self._back = f"{base_url}/console/oidc/back"
        self._now = now
        self._known: dict[str, Any] = {}

    async def begin(self) -> tuple[str, str]:
        """(where to send the browser, what to keep in its cookie). Raises SignInFailed."""
        meta = await self._metadata()
        state, verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        with self._client() as client:
            url, _state = client.create_authorization_url(
                meta["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        row = OidcState(digest=digest_of(state), verifier=verifier, nonce=nonce, expires_at=self._now() + VALID)
        await self._db_executor(lambda session: session.add(row))
        return str(url), state

    async def finish(self, code: str, state: str, cookie: str) -> str:
        """The verified e-mail address of whoever signed in. Raises SignInFailed."""
        if not code or not state or not secrets.compare_digest(state.encode(), cookie.encode()):
            raise self._failed("the state is of another browser")

        def take(session: Session) -> tuple[str, str] | None:
            row = sign_in.take_state(session, digest_of(state), now=self._now())
            return (row.verifier, row.nonce) if row is not None else None

        known = await self._db_executor(take)
        if known is None:
            raise self._failed("the state is unknown, used or too old")
        meta = await self._metadata()
        try:
            claims = await asyncio.to_thread(self._exchange, meta, code, known[0])
        except (requests.RequestException, JoseError, ValueError, KeyError) as cause:
            raise self._failed(type(cause).__name__) from cause
        return self._checked(claims, known[1])

    def _checked(self, claims: dict[str, Any], nonce: str) -> str:
        now, audience = self._now().timestamp(), claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        expires = claims.get("exp")
        if claims.get("iss") != self._provider.issuer or self._provider.client_id not in audiences:
            raise self._failed("issuer or audience")
        if len(audiences) > 1 and claims.get("azp") != self._provider.client_id:
            raise self._failed("authorised party")
        if not isinstance(expires, int | float) or expires < now or claims.get("nonce") != nonce:
            raise self._failed("expiry or nonce")
        email = claims.get("email")
        if claims.get("email_verified") is not True or not isinstance(email, str):
            raise self._failed("the address is not verified")
        return email.strip().lower()

    def _exchange(self, meta: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        with self._client() as client:
            token = client.fetch_token(meta["token_endpoint"], code=code, code_verifier=verifier, timeout=PATIENCE)
            keys = client.request("GET", meta["jwks_uri"], withhold_token=True, timeout=PATIENCE).json()
        decoded = jwt.decode(str(token["id_token"]), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        return dict(decoded.claims)

    async def _metadata(self) -> dict[str, Any]:
        if not self._known:
            url = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                answer = await asyncio.to_thread(requests.get, url, timeout=PATIENCE)
                found = answer.json() if answer.status_code == 200 else {}
            except (requests.RequestException, ValueError) as cause:
                raise self._failed(type(cause).__name__) from cause
            if found.get("issuer") != self._provider.issuer:
                raise self._failed("the provider names another issuer")
            self._known = found
        return self._known

    def _client(self) -> OAuth2Session:
        provider = self._provider
        return OAuth2Session(
            provider.client_id,
            provider.client_secret,
            scope=SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
        )

    def _failed(self, reason: str) -> SignInFailed:
        log.info("sign-in failed", reason=reason)
        return SignInFailed(reason)
