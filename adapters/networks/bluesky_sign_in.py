"""Signing in to Bluesky by the AT Protocol's OAuth: PAR, PKCE, DPoP, and who speaks for an account.

Source: atproto.com/specs (OAuth, DID, Handle).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import time
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import regex
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey

from adapters.networks import dpop, wire
from adapters.networks.clients import Clients
from adapters.networks.wire import FORM, Wire, is_ok, json_of, word_in, word_of
from bot.core.networks import Credentials, NetworkAccount, SignIn, SignInFailed
from content.errors import FetchError, NoAnswer, NotSent
from content.read_results import Called

NAME = "bluesky"
COLLECTION = "app.bsky.feed.post"
SCOPE = f"atproto repo:{COLLECTION}?action=create&action=delete blob:image/*"
HANDLE = regex.compile(r"@?((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)", regex.I)
DID = regex.compile(r"did:(plc:[a-z2-7]{24}|web:[a-z0-9.:%-]+)")
RENEW_BEFORE = timedelta(minutes=2)
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WRONG_NAME = "I can’t find this name on Bluesky. It looks like aino.bsky.social."
NO_ANSWER = "Bluesky doesn’t answer. Please try again later."


class BlueskySignIn:
    """How Chorus and people's accounts come to know each other."""

    def __init__(
        self,
        http: Wire,
        proving: dpop.ProvingClient,
        clients: Clients,
        *,
        redirect_uri: str,
        base_url: str,
        entry: str,
        resolver: str,
        plc: str,
    ) -> None:
        """`entry`: where people sign in who name no handle; `resolver` looks up handles and tells reactions; `plc`
        knows where the accounts of did:plc are."""
        self._http = http
        self._proving = proving
        self._clients = clients
        self._redirect_uri = redirect_uri
        self._base_url = base_url
        self._entry = entry.rstrip("/")
        self._resolver = resolver.rstrip("/")
        self._plc = plc.rstrip("/")
        self._now: Callable[[], float] = time

    # -- Chorus as a client -------------------------------------------------------------------------------

    @property
    def is_public(self) -> bool:
        """On this machine there is no address at which a server could read about us: sign-ins last two weeks then."""
        return urlsplit(self._base_url).scheme != "https"

    @property
    def client_id(self) -> str:
        if self.is_public:
            return (
                f"http://localhost?{urlencode({'redirect_uri': self._redirect_uri, 'scope': SCOPE}, quote_via=quote)}"
            )
        return f"{self._base_url}/connect/bluesky/client.json"

    def client_metadata(self) -> dict[str, Any]:
        """What stands at `client_id`."""
        key = self._client_key()
        return {
            "client_id": self.client_id,
            "client_name": "Chorus",
            "client_uri": self._base_url,
            "application_type": "web",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "redirect_uris": [self._redirect_uri],
            "scope": SCOPE,
            "dpop_bound_access_tokens": True,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [{**dpop.public_key(key), "kid": key["kid"], "use": "sig", "alg": "ES256"}]},
        }

    def _client_key(self) -> dict[str, Any]:
        known = self._clients.get(NAME, "")
        if known is None:
            known = {**dpop.new_key(), "kid": secrets.token_hex(8)}
            self._clients.put(NAME, "", known)
        return known

    def _who_we_are(self, issuer: str) -> dict[str, str]:
        """The form fields with which Chorus proves who it is."""
        if self.is_public:
            return {"client_id": self.client_id}
        key, now = self._client_key(), int(self._now())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        assertion = jwt.encode({"alg": "ES256", "kid": key["kid"]}, claims, ECKey.import_key(key))
        return {"client_id": self.client_id, "client_assertion_type": JWT_BEARER, "client_assertion": assertion}

    # -- Signing in ---------------------------------------------------------------------------------------

    def begin(self, state: str, host: str) -> SignIn:
        """`host`: the person's handle; "" begins at the usual server, which asks for it."""
        handle, key, verifier = _handle(host), dpop.new_key(), secrets.token_urlsafe(48)
        try:
            pds = self._home_of(self._did_of(handle)) if handle else self._entry
            server = self._server_of(pds)
            form = {
                "response_type": "code",
                "redirect_uri": self._redirect_uri,
                "scope": SCOPE,
                "state": state,
                "code_challenge": create_s256_code_challenge(verifier),
                "code_challenge_method": "S256",
                **({"login_hint": handle} if handle else {}),
                **self._who_we_are(server["issuer"]),
            }
            pushed = self._form(server["pushed_authorization_request_endpoint"], form, key)
        except FetchError as fault:
            raise SignInFailed(str(fault), NO_ANSWER) from fault
        request = word_of(pushed, "request_uri")
        if not is_ok(pushed) or not request:
            raise SignInFailed(f"pushed: {pushed.status} {word_of(pushed, 'error')}", NO_ANSWER)
        kept = {"issuer": server["issuer"], "token": server["token_endpoint"], "verifier": verifier, "key": key}
        kept["revocation"] = server.get("revocation_endpoint", "")
        query = urlencode({"client_id": self.client_id, "request_uri": request})
        return SignIn(f"{server['authorization_endpoint']}?{query}", kept)

    def finish(self, kept: Credentials, answer: Mapping[str, str]) -> NetworkAccount:
        issuer = str(kept["issuer"])
        if answer.get("iss") != issuer:
            raise SignInFailed("another issuer")
        if not answer.get("code"):
            raise SignInFailed(answer.get("error", "no code"))
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._redirect_uri,
            "code_verifier": str(kept["verifier"]),
            **self._who_we_are(issuer),
        }
        try:
            given = self._form(str(kept["token"]), form, kept["key"])
            did = word_of(given, "sub")
            if not is_ok(given) or not DID.fullmatch(did):
                raise SignInFailed(f"no token: {given.status} {word_of(given, 'error')}")
            if "atproto" not in word_of(given, "scope").split() or COLLECTION not in word_of(given, "scope"):
                raise SignInFailed("rights are missing", "It didn’t allow Chorus to post.")
            document = self._document_of(did)
            pds = _pds_in(document)
            if self._server_of(pds)["issuer"] != issuer:  # or any server could speak for anybody
                raise SignInFailed("that server does not speak for this account")
        except FetchError as fault:
            raise SignInFailed(str(fault), NO_ANSWER) from fault
        handle = self._proven_handle(document, did)
        return NetworkAccount(
            subject=did,
            name=f"@{handle}",
            url=f"https://bsky.app/profile/{did}",
            host=urlsplit(pds).netloc,
            credentials={
                **self._tokens(given),
                **{name: kept[name] for name in ("issuer", "key", "revocation")},
                "token_endpoint": kept["token"],
                "did": did,
                "pds": pds,
            },
        )

    def _proven_handle(self, document: Mapping[str, Any], did: str) -> str:
        """A handle counts only if it leads back to the account."""
        handle = _handle_in(document)
        try:
            return handle if handle and self._did_of(handle) == did else did
        except (FetchError, SignInFailed):
            return did

    def renewed(self, credentials: Credentials) -> Credentials | None:
        if float(credentials["until"]) - self._now() > RENEW_BEFORE.total_seconds():
            return None
        form = {
            "grant_type": "refresh_token",
            "refresh_token": str(credentials["refresh"]),
            **self._who_we_are(str(credentials["issuer"])),
        }
        try:
            given = self._form(str(credentials["token_endpoint"]), form, credentials["key"])
        except NotSent as fault:
            raise ConnectionError(str(fault)) from fault
        except NoAnswer as fault:  # whether the old token still holds shows at the next try
            raise ConnectionError(str(fault)) from fault
        if given.status >= 500 or given.status == wire.TOO_MANY:
            raise ConnectionError(str(given.status))
        if not is_ok(given) or word_of(given, "sub") != credentials["did"]:
            raise SignInFailed(f"not renewed: {given.status} {word_of(given, 'error')}")
        return credentials | self._tokens(given)

    def end(self, credentials: Credentials) -> None:
        if endpoint := str(credentials.get("revocation", "")):
            form = {"token": str(credentials["refresh"]), **self._who_we_are(str(credentials["issuer"]))}
            try:
                self._form(endpoint, form, credentials["key"])
            except FetchError:
                return

    def _tokens(self, given: Called) -> dict[str, Any]:
        lasts = json_of(given).get("expires_in")
        seconds = lasts if isinstance(lasts, int | float) and 0 < lasts < 86_400 else 300
        return {
            "access": word_of(given, "access_token"),
            "refresh": word_of(given, "refresh_token"),
            "until": self._now() + seconds,
        }

    def _form(self, url: str, form: Mapping[str, str], key: Mapping[str, Any]) -> Called:
        return self._proving.send("POST", url, {"Content-Type": FORM}, urlencode(form).encode(), key=key)

    # -- Who is who ---------------------------------------------------------------------------------------

    def _did_of(self, handle: str) -> str:
        answer = self._http.get(f"{self._resolver}/xrpc/com.atproto.identity.resolveHandle", query={"handle": handle})
        did = word_of(answer, "did")
        if not DID.fullmatch(did):
            raise SignInFailed(f"handle: {answer.status}", WRONG_NAME)
        return did

    def _document_of(self, did: str) -> dict[str, Any]:
        """What the world knows of the account; it says itself which handle it has and where it lives."""
        if did.startswith("did:web:"):
            url = f"{self._http.base_of(did.removeprefix('did:web:').replace('%3A', ':'))}/.well-known/did.json"
        else:
            url = f"{self._plc}/{did}"
        document = json_of(self._http.get(url))
        if document.get("id") != did:
            raise SignInFailed("the document is another's")
        return document

    def _home_of(self, did: str) -> str:
        return _pds_in(self._document_of(did))

    def _server_of(self, pds: str) -> dict[str, str]:
        """The metadata of the authorization server that the account's home trusts. Raises SignInFailed."""
        resource = json_of(self._http.get(f"{pds}/.well-known/oauth-protected-resource"))
        trusted = resource.get("authorization_servers")
        issuer = trusted[0] if isinstance(trusted, list) and trusted else pds
        if not isinstance(issuer, str):
            raise SignInFailed("no authorization server")
        found = json_of(self._http.get(f"{issuer.rstrip('/')}/.well-known/oauth-authorization-server"))
        needed = (
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "pushed_authorization_request_endpoint",
        )
        server = {name: word_in(found, name) for name in (*needed, "revocation_endpoint")}
        if server["issuer"] != issuer or not all(server[name] for name in needed):
            raise SignInFailed("the authorization server names another")
        for name in needed[1:]:
            self._http.check(server[name])
        return server


def _handle(said: str) -> str:
    said = said.strip().removeprefix("https://bsky.app/profile/").strip("/\u200e\u200f\u202a\u202c")
    if not said:
        return ""
    found = HANDLE.fullmatch(said)
    if found is None:
        raise SignInFailed("no handle", WRONG_NAME)
    handle: str = found.group(1)
    return handle.lower()


def _pds_in(document: Mapping[str, Any]) -> str:
    services = document.get("service")
    for service in services if isinstance(services, list) else []:
        if isinstance(service, dict) and word_in(service, "id").endswith("#atproto_pds"):
            return word_in(service, "serviceEndpoint").rstrip("/")
    raise SignInFailed("the account has no home")


def _handle_in(document: Mapping[str, Any]) -> str:
    known = document.get("alsoKnownAs")
    names = known if isinstance(known, list) else []
    return next((name.removeprefix("at://") for name in names if str(name).startswith("at://")), "")
