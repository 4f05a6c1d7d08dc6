"""Sign-in at an identity provider: a real code flow against a provider of the tests' own, honest or lying."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapters.web import oidc
from adapters.web.console.receive import Console
from adapters.web.oidc import Oidc, Provider
from bot.core.cards import Link
from bot.core.rules import Rules
from storage.database import Database
from storage.people import directory_rules, employees
from storage.people.directory_rules import RuleKind
from storage.web import console_sessions, sign_in
from tests.adapters.asking import Asker
from tests.stage import Stage

TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
HOME = "http://127.0.0.1"
KEY, OTHER = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})


class IdentityProvider:
    """Says who signed in, as `claims` has it; `lies` change what it signs."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.path = ""  # of the issuer
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.nonce = ""
        self.verifiers: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = provider.url
                documents = {
                    f"{provider.path}/.well-known/openid-configuration": {
                        "issuer": url,
                        "authorization_endpoint": f"{url}/authorize",
                        "token_endpoint": f"{url}/token",
                        "jwks_uri": f"{url}/keys",
                    },
                    f"{provider.path}/keys": {"keys": [KEY.as_dict(private=False)]},
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
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return self.host + self.path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


SHAPES: dict[str, dict[str, Any]] = {  # what each provider's ID token says of somebody
    "plain": {"sub": "1"},
    "okta": {"sub": "00uid4BxXw6I6TV4m0g3", "ver": 1, "amr": ["pwd"], "idp": "00ok1u7AsAkrwdZL3z0g"},
    "google": {"sub": "10769150350006150715113082367", "email": "laura@koivu.example", "email_verified": True},
    "entra": {  # no e-mail address that is verified
        "sub": "of this app alone",
        "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "tid": TENANT,
        "preferred_username": "laura@koivu.example",
    },
}


class Door:
    """The console of a stage with Laura, a lead, and Aino; `only`: nobody comes in by a link alone."""

    def __init__(self, stage: Stage, provider: IdentityProvider, *, only: bool = False) -> None:
        self.stage, self.provider = stage, provider
        sign_in = Oidc(
            provider=Provider(provider.url, "chorus", "secret"),
            db_executor=stage.db_executor,
            base_url=HOME,
            now=lambda: stage.now,
        )
        dependencies = replace(stage.dependencies, rules=Rules(base_url=HOME))
        site = Console(dependencies, handle=stage.shell.handle, base_url=HOME, oidc=sign_in, only_oidc=only)
        app = FastAPI()
        app.include_router(site.router())
        self.asker = Asker(app)

    def link(self, user: str) -> str:
        """A new way in, as the bot gives it."""
        self.stage.types(user, "console")
        body = self.stage.cards(user)[-1].body
        url = next(item.url for part in body for item in getattr(part, "items", ()) if isinstance(item, Link))
        return urlsplit(url).path

    def goes(self, path: str = "/console/oidc") -> dict[str, str]:
        """To the provider; the parameters with which the browser was sent there."""
        answer = self.asker.post(path, headers={"Origin": HOME})
        address = urlsplit(answer.headers["refresh"].removeprefix("0; url="))
        assert f"{address.scheme}://{address.netloc}" == self.provider.host
        found = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.provider.nonce = found["nonce"]
        return found

    def comes_back(self, sent: dict[str, str], **more: str) -> str:
        query = {"code": "c", "state": sent["state"], **more}
        return str(self.asker.get("/console/oidc/back", params=query).headers["location"])

    def shows_account(self, user: str) -> str:
        """Signs in by a link from the chat and the provider, so that the account is known from then on."""
        return self.comes_back(self.goes(f"{self.link(user)}/account"))

    def forgets_cookies(self) -> None:
        self.asker.forget_cookies()

    @property
    def is_in(self) -> bool:
        return self.asker.get("/console").status_code == 200


@pytest.fixture
def doors(
    sqlite: Database, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Door]]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider of this test speaks http on loopback
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("aino")
        made = list[Door]()

        def door(**more: Any) -> Door:
            made.append(Door(stage, provider, **more))
            return made[-1]

        yield door
        for one in made:
            one.asker.__exit__()


@pytest.fixture
def door(doors: Callable[..., Door]) -> Door:
    return doors()


@pytest.mark.parametrize("kind", SHAPES)
def test_an_account_is_shown_once_by_a_link_and_lets_in_from_then_on(
    doors: Callable[..., Door], provider: IdentityProvider, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaks_as(kind, provider, monkeypatch)
    door = doors()
    sent = door.goes(f"{door.link('laura')}/account")
    assert door.comes_back(sent) == "/console"
    assert door.is_in
    digest = hashlib.sha256(provider.verifiers[0].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == sent["code_challenge"]
    assert "refused" in door.comes_back(sent)  # a state works once
    door.forgets_cookies()
    assert not door.is_in
    assert door.comes_back(door.goes()) == "/console"
    assert door.is_in


def speaks_as(kind: str, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.claims = dict(SHAPES[kind])
    if kind == "entra":
        provider.path = f"/{TENANT}/v2.0"
        monkeypatch.setattr(oidc, "ENTRA", "127.0.0.1")


def test_an_account_that_nobody_has_shown_lets_nobody_in_whatever_its_address(
    door: Door, provider: IdentityProvider
) -> None:
    """Somebody at the same provider who is called as a lead is."""
    provider.claims |= {"email": "laura@koivu.example", "email_verified": True}
    assert door.comes_back(door.goes()) == "/console/sign-in?refused=unknown"
    assert not door.is_in
    assert "whose account" in door.asker.get("/console/sign-in?refused=unknown").text


def test_nobody_takes_anothers_account_and_nobody_has_two(door: Door, provider: IdentityProvider) -> None:
    assert door.shows_account("laura") == "/console"
    door.forgets_cookies()
    assert door.shows_account("aino") == "/console/sign-in?refused=anothers"
    provider.claims["sub"] = "2"
    assert door.shows_account("laura") == "/console/sign-in?refused=anothers"
    assert not door.is_in


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"exp": 1},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
        {"nonce": "another"},
        {"aud": ["chorus", "other"]},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_who_does_not_get_in(door: Door, provider: IdentityProvider, claims: dict[str, Any]) -> None:
    assert door.shows_account("laura") == "/console"
    door.forgets_cookies()
    provider.claims |= claims
    assert "refused" in door.comes_back(door.goes())
    assert not door.is_in


@pytest.mark.parametrize("claims", [{"tid": "another"}, {"tid": None}, {"oid": None}, {"oid": ""}, {"oid": "another"}])
def test_with_entra_it_is_the_tenant_and_the_object_id(
    doors: Callable[..., Door], provider: IdentityProvider, claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    speaks_as("entra", provider, monkeypatch)
    door = doors()
    assert door.shows_account("laura") == "/console"
    door.forgets_cookies()
    provider.claims |= claims
    assert "refused" in door.comes_back(door.goes())
    provider.claims = {**SHAPES["entra"], "sub": "of another app"}
    assert door.comes_back(door.goes()) == "/console"


def test_keys_that_are_not_the_providers(door: Door, provider: IdentityProvider) -> None:
    assert door.shows_account("laura") == "/console"
    door.forgets_cookies()
    provider.key = OTHER
    assert "refused" in door.comes_back(door.goes())
    provider.key, provider.algorithm = OctKey.import_key("secret" * 8), "HS256"
    assert "refused" in door.comes_back(door.goes())
    assert not door.is_in


def test_a_state_of_another_session(door: Door) -> None:
    first = door.goes()
    door.goes()  # another sign-in in this browser: its cookie is the newer one's
    assert "refused" in door.comes_back(first)
    for state in ("", "nonsense"):
        assert "refused" in door.comes_back({"state": state})
    assert door.asker.post("/console/oidc", headers={"Origin": "https://evil.example"}).status_code == 403
    path = f"{door.link('laura')}/account"
    assert door.asker.post(path, headers={"Origin": "https://evil.example"}).status_code == 403


def test_where_it_is_enforced_a_link_alone_lets_nobody_in(doors: Callable[..., Door]) -> None:
    door = doors(only=True)
    path = door.link("laura")
    page = door.asker.get(path).text
    assert "Sign in with your organisation" in page
    assert page.count("<button") == 1
    answer = door.asker.post(path, headers={"Origin": HOME})  # as an older page would
    assert "refresh" in answer.headers
    assert not door.is_in
    assert door.shows_account("laura") == "/console"
    assert door.is_in


def test_a_leaver_is_out_at_once_and_does_not_come_back(door: Door) -> None:
    assert door.shows_account("laura") == "/console"
    assert door.is_in
    door.stage.leaves("laura")
    assert not door.is_in
    assert "refused" in door.comes_back(door.goes())


def roles_of(door: Door, user: str) -> list[str]:
    with door.stage.database.transaction() as session:
        found = employees.by_email(session, f"{user}@koivu.example")
        assert found is not None
        return found.roles


def test_groups_of_the_provider_give_roles_and_take_back_what_they_gave(door: Door, provider: IdentityProvider) -> None:
    with door.stage.database.transaction() as session:
        directory_rules.set_rule(session, RuleKind.GROUP, "Chorus admins", role="admin")
        directory_rules.set_rule(session, RuleKind.GROUP, "4711-ab", role="owner")
    provider.claims["groups"] = ["CHORUS ADMINS", "others"]
    provider.claims["roles"] = ["4711-ab"]
    assert door.shows_account("aino") == "/console"
    assert roles_of(door, "aino") == ["employee", "owner", "admin"]
    assert door.is_in  # what they gained belongs to the session that begins
    # of too many groups Entra ID tells where they can be read: no word on any of them
    del provider.claims["groups"], provider.claims["roles"]
    provider.claims["_claim_names"] = {"groups": "src1"}
    assert door.comes_back(door.goes()) == "/console"
    assert roles_of(door, "aino") == ["employee", "owner", "admin"]
    provider.claims = {"sub": "1", "groups": []}
    assert door.comes_back(door.goes()) == "/console"
    assert roles_of(door, "aino") == ["employee"]


def test_what_an_administrator_gave_no_group_takes(door: Door, provider: IdentityProvider) -> None:
    with door.stage.database.transaction() as session:
        directory_rules.set_rule(session, RuleKind.GROUP, "leads", role="lead")
    provider.claims["groups"] = ["leads"]
    assert door.shows_account("laura") == "/console"
    provider.claims["groups"] = []
    assert door.comes_back(door.goes()) == "/console"
    assert roles_of(door, "laura") == ["employee", "lead"]


def test_a_group_without_a_rule_gives_nothing(door: Door, provider: IdentityProvider) -> None:
    provider.claims["groups"] = ["admin", "lead", "Administrators"]
    assert door.shows_account("aino") == "/console"
    assert roles_of(door, "aino") == ["employee"]


def test_unbinding_and_signing_out_end_all_sessions(door: Door) -> None:
    assert door.shows_account("laura") == "/console"
    assert door.is_in
    link = door.link("laura")
    with door.stage.database.transaction() as session:
        laura = door.stage.person("laura").id
        sign_in.unbind(session, laura)
        assert console_sessions.sign_out_everywhere(session, laura) == 1
    assert not door.is_in
    assert "refused" in str(door.asker.post(link, headers={"Origin": HOME}).headers["location"])


def test_a_form_of_ours_is_not_answered_by_a_redirect_to_elsewhere(door: Door) -> None:
    """Browsers that heed `form-action` would stop there."""
    answer = door.asker.post("/console/oidc", headers={"Origin": HOME})
    assert answer.status_code == 200
    assert "location" not in answer.headers
    assert "form-action 'self'" in answer.headers["content-security-policy"]
