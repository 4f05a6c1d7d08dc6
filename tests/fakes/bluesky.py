"""An AT Protocol server as its specifications describe it (atproto.com/specs: OAuth, DID, Record Key), as far as Chorus
uses it: authorization server, personal data server, resolver and PLC directory in one. The real one is tried in
`tests/adapters/networks/test_real_pds.py`."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from time import time
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey

from content import lengths

DID = "did:plc:" + "a" * 24
HANDLE = "aino.pds.example"
COLLECTION = "app.bsky.feed.post"


class FakeBluesky:
    def __init__(self) -> None:
        self.base = ""
        self.nonce = "nonce-1"
        self.requests: dict[str, dict[str, str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.access: dict[str, str] = {}  # thumbprint by token
        self.refresh: dict[str, str] = {}
        self.used: set[str] = set()
        self.proofs: set[str] = set()
        self.records: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.likes: dict[str, int] = {}
        self.lives = 3600
        self.app = FastAPI()
        for method, path, work in (
            ("GET", "/.well-known/oauth-protected-resource", self.resource),
            ("GET", "/.well-known/oauth-authorization-server", self.server),
            ("POST", "/oauth/par", self.par),
            ("GET", "/oauth/authorize", self.authorize),
            ("POST", "/oauth/token", self.token),
            ("POST", "/oauth/revoke", self.revoke),
            ("GET", "/xrpc/com.atproto.identity.resolveHandle", self.resolve),
            ("GET", "/xrpc/com.atproto.repo.getRecord", self.get_record),
            ("POST", "/xrpc/com.atproto.repo.createRecord", self.create_record),
            ("POST", "/xrpc/com.atproto.repo.deleteRecord", self.delete_record),
            ("POST", "/xrpc/com.atproto.repo.uploadBlob", self.upload_blob),
            ("GET", "/xrpc/app.bsky.feed.getPosts", self.get_posts),
            ("GET", "/{did}", self.document),
        ):
            self.app.add_api_route(path, work, methods=[method], response_model=None)

    # -- Identity

    async def resource(self) -> Response:
        return JSONResponse({"resource": self.base, "authorization_servers": [self.base]})

    async def server(self) -> Response:
        ends = ("authorize", "token", "par", "revoke")
        names = (
            "authorization_endpoint",
            "token_endpoint",
            "pushed_authorization_request_endpoint",
            "revocation_endpoint",
        )
        found = {name: f"{self.base}/oauth/{end}" for name, end in zip(names, ends, strict=True)}
        return JSONResponse({"issuer": self.base, **found, "dpop_signing_alg_values_supported": ["ES256"]})

    async def resolve(self, request: Request) -> Response:
        if request.query_params.get("handle") != HANDLE:
            return _error(400, "InvalidRequest", "Unable to resolve handle")
        return JSONResponse({"did": DID})

    async def document(self, did: str) -> Response:
        if unquote(did) != DID:
            return _error(404, "NotFound")
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.base}
        return JSONResponse({"id": DID, "alsoKnownAs": [f"at://{HANDLE}"], "service": [service]})

    # -- OAuth

    async def par(self, request: Request) -> Response:
        proved = self._proof(request, "POST")
        if isinstance(proved, Response):
            return proved
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("code_challenge_method") != "S256" or "atproto" not in form.get("scope", "").split():
            return _error(400, "invalid_request")
        uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_hex(8)}"
        self.requests[uri] = {**form, "jkt": proved}
        return JSONResponse({"request_uri": uri, "expires_in": 300}, 201, self._fresh())

    async def authorize(self, request: Request) -> Response:
        asked = self.requests.pop(request.query_params["request_uri"])
        code = secrets.token_hex(8)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"], "iss": self.base})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def token(self, request: Request) -> Response:
        proved = self._proof(request, "POST")
        if isinstance(proved, Response):
            return proved
        form = dict(parse_qsl((await request.body()).decode()))
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] in self.used:  # replayed: somebody has stolen it
                self.refresh.clear()
                self.access.clear()
            if self.refresh.pop(form["refresh_token"], None) != proved:
                return _error(400, "invalid_grant", "Session was revoked")
            self.used.add(form["refresh_token"])
        else:
            asked = self.codes.pop(form["code"], None)
            if (
                asked is None
                or asked["jkt"] != proved
                or asked["redirect_uri"] != form["redirect_uri"]
                or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]
            ):
                return _error(400, "invalid_grant")
        access, refresh = secrets.token_hex(8), secrets.token_hex(8)
        self.access[access], self.refresh[refresh] = proved, proved
        scope = f"atproto repo:{COLLECTION}?action=create&action=delete blob:image/*"
        body = {"access_token": access, "refresh_token": refresh, "token_type": "DPoP", "sub": DID, "scope": scope}
        return JSONResponse({**body, "expires_in": self.lives}, headers=self._fresh())

    async def revoke(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.refresh.pop(form.get("token", ""), None)
        self.access.clear()
        return Response(status_code=200)

    # -- The repository

    async def create_record(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        body = await request.json()
        record, key = body["record"], body["rkey"]
        if lengths.graphemes(record["text"]) > 300 or len(record["text"].encode()) > 3000:
            return _error(
                400, "InvalidRequest", "Invalid app.bsky.feed.post record: text must not be longer than 300 graphemes"
            )
        for image in _blobs_of(record.get("embed", {})):
            if image["ref"]["$link"] not in self.blobs:
                return _error(400, "BlobNotFound", "Could not find blob")
        if key in self.records:
            return _error(500, "InternalServerError", "Internal Server Error")
        self.records[key] = record
        return JSONResponse({"uri": f"at://{DID}/{COLLECTION}/{key}", "cid": "bafy"}, headers=self._fresh())

    async def get_record(self, request: Request) -> Response:
        key = request.query_params["rkey"]
        if key not in self.records:
            return _error(400, "RecordNotFound", f"Could not locate record: at://{DID}/{COLLECTION}/{key}")
        return JSONResponse({"uri": f"at://{DID}/{COLLECTION}/{key}", "cid": "bafy", "value": self.records[key]})

    async def delete_record(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        self.records.pop((await request.json())["rkey"], None)
        return JSONResponse({}, headers=self._fresh())

    async def upload_blob(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        content = await request.body()
        if len(content) > 1_000_000:
            return _error(413, "PayloadTooLarge", "request entity too large")
        link = "bafkrei" + sha256(content).hexdigest()[:20]
        self.blobs[link] = content
        blob = {
            "$type": "blob",
            "ref": {"$link": link},
            "mimeType": request.headers["content-type"],
            "size": len(content),
        }
        return JSONResponse({"blob": blob}, headers=self._fresh())

    async def get_posts(self, request: Request) -> Response:
        uris = request.query_params.getlist("uris")
        if len(uris) > 25:
            return _error(400, "InvalidRequest", "Error: uris must not have more than 25 elements")
        found = [
            {"uri": uri, "likeCount": self.likes.get(uri, 0), "replyCount": 1, "repostCount": 0}
            for uri in uris
            if uri.rpartition("/")[2] in self.records
        ]
        return JSONResponse({"posts": found})

    # -- Proofs

    def _refused(self, request: Request) -> Response | None:
        token = request.headers.get("Authorization", "").removeprefix("DPoP ")
        proved = self._proof(request, request.method, token)
        if isinstance(proved, Response):
            return proved
        return None if self.access.get(token) == proved else _error(401, "invalid_token", "Token is not valid")

    def _proof(self, request: Request, method: str, token: str = "") -> str | Response:
        """The thumbprint of the key that was proved."""
        proof = request.headers.get("DPoP", "")
        header = jwt.decode(proof, _key_of(proof), algorithms=["ES256"])
        claims = header.claims
        if claims.get("nonce") != self.nonce:
            status = 401 if token else 400
            return JSONResponse({"error": "use_dpop_nonce"}, status, self._fresh())
        ath = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode() if token else None
        url = f"{self.base}{request.url.path}"
        fits = (claims["htm"], claims["htu"], claims.get("ath")) == (method, url, ath)
        if not fits or abs(claims["iat"] - time()) > 60 or claims["jti"] in self.proofs:
            return _error(401, "invalid_dpop_proof")
        self.proofs.add(claims["jti"])
        return _key_of(proof).thumbprint()

    def _fresh(self) -> dict[str, str]:
        return {"DPoP-Nonce": self.nonce}


def _key_of(proof: str) -> ECKey:
    import json
    from base64 import urlsafe_b64decode

    head = proof.partition(".")[0]
    return ECKey.import_key(json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["jwk"])


def _blobs_of(embed: dict[str, Any]) -> list[dict[str, Any]]:
    found = [image["image"] for image in embed.get("images", [])]
    thumb = embed.get("external", {}).get("thumb")
    return [*found, thumb] if thumb else found


def _error(status: int, error: str, message: str = "") -> Response:
    return JSONResponse({"error": error, "message": message}, status)
