"""Sign-in at the organisation's own identity provider: OpenID Connect, code flow with PKCE, by authlib.

Whose an account is, is told by its issuer and subject, and was shown once by a link from the chat: an address could be
given to somebody else, and some providers verify none. Microsoft Entra ID's subject is another for each app, so its
tenant and object id stand for it (learn.microsoft.com, "ID token claims reference").
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.web.console.identity_provider import Account, SignedIn, SignInFailed
from bot.core.db_executor import DbExecutor
from bot.core.tokens import digest_of
from storage.database import Session
from storage.web import sign_in
from storage.web.sign_in import OidcState

log = structlog.get_logger()

PATIENCE = 8.0  # seconds for each answer of the provider
VALID = timedelta(minutes=10)
LEEWAY = 60.0  # seconds by which two clocks may differ
LATER_KEYS = timedelta(hours=12)  # after which the provider is asked anew where its things are
ENTRA = "login.microsoftonline.com"
ALGORITHMS = ["RS256", "ES256", "PS256"]


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    client_id: str
    client_secret: str
    scope: str = "openid profile"  # Entra ID tells the object id only with the profile


class Oidc:
    """An IdentityProvider."""

    def __init__(
        self, *, provider: Provider, db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]
    ) -> None:
        self._provider = provider
        self._db_executor = db_executor
        self._back = f"{base_url}/console/oidc/back"
        self._now = now
        self._known: dict[str, Any] = {}
        self._known_since: datetime | None = None

    async def begin(self, employee: int | None = None) -> tuple[str, str]:
        meta = await self._metadata()
        state, verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        with self._client() as client:
            url, _state = client.create_authorization_url(
                meta["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        row = OidcState(
            digest=digest_of(state),
            verifier=verifier,
            nonce=nonce,
            employee_id=employee,
            expires_at=self._now() + VALID,
        )
        await self._db_executor(lambda session: session.add(row))
        return str(url), state

    async def finish(self, code: str, state: str, cookie: str) -> SignedIn:
        if not code or not state or not secrets.compare_digest(state.encode(), cookie.encode()):
            raise self._failed("the state is of another browser")

        def take(session: Session) -> tuple[str, str, int | None] | None:
            row = sign_in.take_state(session, digest_of(state), now=self._now())
            return (row.verifier, row.nonce, row.employee_id) if row is not None else None

        known = await self._db_executor(take)
        if known is None:
            raise self._failed("the state is unknown, used or too old")
        meta = await self._metadata()
        try:
            claims = await asyncio.to_thread(self._exchange, meta, code, known[0])
        except (requests.RequestException, JoseError, ValueError, KeyError) as cause:
            raise self._failed(type(cause).__name__) from cause
        return SignedIn(self._checked(claims, known[1]), known[2], _groups(claims))

    def _checked(self, claims: dict[str, Any], nonce: str) -> Account:
        now, audience = self._now().timestamp(), claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        expires = claims.get("exp")
        if claims.get("iss") != self._provider.issuer or self._provider.client_id not in audiences:
            raise self._failed("issuer or audience")
        if len(audiences) > 1 and claims.get("azp") != self._provider.client_id:
            raise self._failed("authorised party")
        if not isinstance(expires, int | float) or expires < now - LEEWAY or claims.get("nonce") != nonce:
            raise self._failed("expiry or nonce")
        begins = claims.get("nbf", claims.get("iat", now))
        if not isinstance(begins, int | float) or begins > now + LEEWAY:
            raise self._failed("it is not valid yet")
        return Account(self._provider.issuer, self._subject(claims))

    def _subject(self, claims: dict[str, Any]) -> str:
        if urlsplit(self._provider.issuer).hostname == ENTRA:
            tenant, user = claims.get("tid"), claims.get("oid")
            if not isinstance(tenant, str) or f"/{tenant}/" not in f"{self._provider.issuer}/":
                raise self._failed("another tenant")
            if not isinstance(user, str) or not user:
                raise self._failed("no object id")
            return f"{tenant}/{user}"
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise self._failed("no subject")
        return subject

    def _exchange(self, meta: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        with self._client() as client:
            token = client.fetch_token(meta["token_endpoint"], code=code, code_verifier=verifier, timeout=PATIENCE)
            keys = client.request("GET", meta["jwks_uri"], withhold_token=True, timeout=PATIENCE).json()
        decoded = jwt.decode(str(token["id_token"]), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        return dict(decoded.claims)

    async def _metadata(self) -> dict[str, Any]:
        if self._known_since is None or self._now() - self._known_since > LATER_KEYS:
            url = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                answer = await asyncio.to_thread(requests.get, url, timeout=PATIENCE, allow_redirects=False)
                found = answer.json() if answer.status_code == 200 else {}
            except (requests.RequestException, ValueError) as cause:
                raise self._failed(type(cause).__name__) from cause
            if found.get("issuer") != self._provider.issuer:
                raise self._failed("the provider names another issuer")
            self._known, self._known_since = found, self._now()
        return self._known

    def _client(self) -> OAuth2Session:
        provider = self._provider
        return OAuth2Session(
            provider.client_id,
            provider.client_secret,
            scope=provider.scope,
            redirect_uri=self._back,
            code_challenge_method="S256",
        )

    def _failed(self, reason: str) -> SignInFailed:
        log.info("sign-in failed", reason=reason)
        return SignInFailed(reason)


def _groups(claims: dict[str, Any]) -> tuple[str, ...] | None:
    """Groups, and Entra ID's app roles. Of somebody in more than 200 groups Entra ID tells a pointer instead
    (`_claim_names`): that is no word on any."""
    elsewhere = claims.get("_claim_names")
    if isinstance(elsewhere, dict) and "groups" in elsewhere:
        return None
    said = [claims[name] for name in ("groups", "roles") if isinstance(claims.get(name), list)]
    return tuple(str(one) for some in said for one in some) if said else None
