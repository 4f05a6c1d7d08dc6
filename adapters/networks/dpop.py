"""Proof of possession of a key with every request (DPoP, RFC 9449), with the nonces that servers hand out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from time import time
from typing import Any
from urllib.parse import urlsplit

from authlib.common.encoding import to_native, urlsafe_b64encode
from joserfc import jwt
from joserfc.jwk import ECKey

from adapters.networks.wire import Wire, word_of
from content.read_results import Called

NONCES = 1000  # servers whose last nonce is known


def new_key() -> dict[str, Any]:
    """A private JWK, ES256."""
    return dict(ECKey.generate_key("P-256").as_dict(private=True))


def public_key(private: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in private.items() if name in ("kty", "crv", "x", "y")}


class ProvingClient:
    """Sends requests with a proof; where the server wants its newest nonce in it, once more."""

    def __init__(self, http: Wire) -> None:
        self._http = http
        self._nonces: dict[str, str] = {}  # by origin

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        key: Mapping[str, Any],
        token: str = "",
    ) -> Called:
        """Raises NotSent, NoAnswer. `token`: the access token that is bound to the key."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        for _try in range(2):
            proof = self._proof(method, url, key, token, self._nonces.get(origin))
            more = {"DPoP": proof} | ({"Authorization": f"DPoP {token}"} if token else {})
            answer = self._http.send(method, url, {**headers, **more}, body)
            if nonce := answer.headers.get("dpop-nonce"):
                if len(self._nonces) >= NONCES:
                    self._nonces.clear()
                self._nonces[origin] = nonce
            if answer.status not in (400, 401) or word_of(answer, "error") != "use_dpop_nonce":
                break
        return answer

    def _proof(self, method: str, url: str, key: Mapping[str, Any], token: str, nonce: str | None) -> str:
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("?")[0],
            "iat": int(time()),
            **({"nonce": nonce} if nonce else {}),
            **({"ath": to_native(urlsafe_b64encode(sha256(token.encode()).digest()))} if token else {}),
        }
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public_key(key)}
        return jwt.encode(header, claims, ECKey.import_key(dict(key)))
