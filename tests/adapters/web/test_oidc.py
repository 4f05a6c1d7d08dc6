"""Sign-in at an identity provider: a real code flow against a provider of the tests' own, honest or lying."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapters.web.console.receive import Console
from adapters.web.oidc import Oidc, Provider
from bot.core.context import Rules
from storage.database import Database
from tests.adapters.asking import Asker
from tests.stage import Stage

HOME = "http://127.0.0.1"
KEY, OTHER = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})


class IdentityProvider:
    """Says who signed in, as `claims` has it; `lies` change what it signs."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"email": "laura@koivu.example", "email_verified": True}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.nonce = ""
        self.verifiers: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = provider.url
                documents = {
                    "/.well-known/openid-configuration": {
                        "issuer": url,
                        "authorization_endpoint": f"{url}/authorize",
                        "token_endpoint": f"{url}/token",
                        "jwks_uri": f"{url}/keys",
                    },
                    "/keys": {"keys": [KEY.as_dict(private=False)]},
                }
                self._answer(documents.get(self.path, {}))

            def do_POST(self) -> None:
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.verifiers += body.get("code_verifier", [])
                claims = {
                    "iss": provider.url,
                    "aud": "chorus",
                    "exp": int(time.time()) + 300,
                    "nonce": provider.nonce,
                    "sub": "1",
                    **provider.claims,
                }
                header = {"alg": provider.algorithm, "kid": "one"}
                token = jwt.encode(header, claims, provider.key, algorithms=[provider.algorithm])
                self._answer({"access_token": "a", "token_type": "Bearer", "id_token": token})

            def _answer(self, document: object) -> None:
                content = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


@pytest.fixture
def asker(sqlite: Database, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asker]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider of this test speaks http on loopback
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("aino")
        oidc = Oidc(
            provider=Provider(provider.url, "chorus", "secret"),
            db_executor=stage.db_executor,
            base_url=HOME,
            now=lambda: stage.now,
        )
        dependencies = replace(stage.dependencies, rules=Rules(base_url=HOME))
        site = Console(dependencies, handle=stage.shell.handle, base_url=HOME, oidc=oidc)
        app = FastAPI()
        app.include_router(site.router())
        with Asker(app) as asker:
            yield asker


def goes(asker: Asker, provider: IdentityProvider) -> dict[str, str]:
    """To the provider; the parameters with which the browser was sent there."""
    answer = asker.post("/console/oidc", headers={"Origin": HOME})
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}" == provider.url
    found = {name: values[0] for name, values in parse_qs(address.query).items()}
    provider.nonce = found["nonce"]
    return found


def comes_back(asker: Asker, sent: dict[str, str], **more: str) -> str:
    query = {"code": "c", "state": sent["state"], **more}
    return str(asker.get("/console/oidc/back", params=query).headers["location"])


def test_a_lead_signs_in(asker: Asker, provider: IdentityProvider) -> None:
    assert "Sign in with your organisation" in asker.get("/console/sign-in").text
    sent = goes(asker, provider)
    assert comes_back(asker, sent) == "/console"
    assert asker.get("/console").status_code == 200
    digest = hashlib.sha256(provider.verifiers[0].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == sent["code_challenge"]
    assert "refused" in comes_back(asker, sent)  # a state works once


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@koivu.example"},
        {"email": None},
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"exp": 1},
        {"nonce": "another"},
        {"aud": ["chorus", "other"]},
        {"exp": "soon"},
    ],
)
def test_who_does_not_get_in(asker: Asker, provider: IdentityProvider, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    assert "refused" in comes_back(asker, goes(asker, provider))
    assert asker.get("/console").status_code == 303


def test_keys_that_are_not_the_providers(asker: Asker, provider: IdentityProvider) -> None:
    provider.key = OTHER
    assert "refused" in comes_back(asker, goes(asker, provider))
    provider.key, provider.algorithm = (
        OctKey.import_key("secret" * 8),
        "HS256",
    )
    assert "refused" in comes_back(asker, goes(asker, provider))


def test_a_state_of_another_session(asker: Asker, provider: IdentityProvider) -> None:
    first = goes(asker, provider)
    goes(asker, provider)  # another sign-in in this browser: its cookie is the newer one's
    assert "refused" in comes_back(asker, first)
    for state in ("", "nonsense"):
        assert "refused" in comes_back(asker, {"state": state})
    assert asker.post("/console/oidc", headers={"Origin": "https://evil.example"}).status_code == 403
