"""LinkedIn as its documents describe it (learn.microsoft.com/linkedin: "Posts API", "Images API", "Sign In with LinkedIn
using OpenID Connect", "3-legged OAuth"), as far as Chorus uses it. Little text is cut where a reserved sign is bare."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode

import regex
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

VERSIONS = {"202610", "202611"}
LIMIT = 3000
CLIENT, SECRET = "linkedin-client", "linkedin-secret"
BARE = regex.compile(r"(?<!\\)(?:\\\\)*[|{}@\[\]()<>#*_~]")
HASHTAG = regex.compile(r"\{hashtag\|\\#\|([^}]*)\}")


class FakeLinkedIn:
    def __init__(self) -> None:
        self.codes: dict[str, tuple[str, str]] = {}
        self.tokens: dict[str, tuple[str, str]] = {}  # (member, scopes)
        self.posts: dict[str, dict[str, Any]] = {}
        self.images: dict[str, bytes | None] = {}
        self.base = ""
        self.granted = "openid,profile,w_member_social"
        self.app = FastAPI()
        for method, path, work in (
            ("GET", "/oauth/v2/authorization", self.authorize),
            ("POST", "/oauth/v2/accessToken", self.token),
            ("POST", "/oauth/v2/revoke", self.revoke),
            ("GET", "/v2/userinfo", self.userinfo),
            ("POST", "/rest/posts", self.post),
            ("DELETE", "/rest/posts/{urn}", self.delete),
            ("POST", "/rest/images", self.begin_upload),
            ("PUT", "/upload/{number}", self.upload),
        ):
            self.app.add_api_route(path, work, methods=[method], response_model=None)

    def sees(self, urn: str) -> str:
        """What people read: little text, cut at the first reserved sign that stands bare."""
        text = HASHTAG.sub(lambda found: "\\#" + found.group(1), self.posts[urn]["commentary"])
        bare = BARE.search(text)
        return regex.sub(r"\\([\\|{}@\[\]()<>#*_~])", r"\1", text[: bare.start()] if bare else text)

    async def authorize(self, request: Request) -> Response:
        query = request.query_params
        if query["client_id"] != CLIENT or set(query["scope"].split()) != {"openid", "profile", "w_member_social"}:
            return Response("invalid", 400)
        code = secrets.token_hex(8)
        self.codes[code] = (query["redirect_uri"], "member-1")
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        known = self.codes.pop(form.get("code", ""), None)
        if known is None or known[0] != form.get("redirect_uri"):
            return JSONResponse({"error": "invalid_request", "error_description": "authorization code expired"}, 400)
        token = secrets.token_hex(16)
        self.tokens[token] = (known[1], self.granted)
        return JSONResponse(
            {
                "access_token": token,
                "expires_in": 5_183_999,
                "scope": self.granted,
                "token_type": "Bearer",
                "id_token": "without.a.nonce",
            }
        )

    async def revoke(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.tokens.pop(form.get("token", ""), None)
        return Response(status_code=200)

    async def userinfo(self, request: Request) -> Response:
        known = self._member(request)
        return JSONResponse({"sub": known[0], "name": "Aino Virtanen", "locale": "fi_FI"}) if known else _unauthorised()

    async def post(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        body = json.loads(await request.body())
        member = self._member(request)
        if body.get("author") != f"urn:li:person:{member[0]}":
            return _error(403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPostsExternal.CREATE")
        needed = {"author", "commentary", "visibility", "distribution", "lifecycleState"}
        if missing := needed - set(body):
            return _error(422, "MISSING_FIELD", f"/{min(missing)} :: field is required but not found")
        if len(body["commentary"]) > LIMIT + 2000 or len(self._plain(body["commentary"])) > LIMIT:
            return _error(422, "FIELD_LENGTH_TOO_LONG", "/commentary :: length of field is longer than the maximum")
        for image in _images_of(body.get("content", {})):
            if self.images.get(image) is None:
                return _error(400, "INVALID_URN_ID", f"{image} is not uploaded")
        for urn, known in self.posts.items():
            if (known["author"], known["commentary"]) == (body["author"], body["commentary"]):
                return _error(422, "DUPLICATE_POST", f"Duplicate post is detected. Duplicate of {urn}")
        urn = f"urn:li:share:{7_000_000_000 + len(self.posts)}"
        self.posts[urn] = body
        return Response(status_code=201, headers={"x-restli-id": urn})

    async def delete(self, request: Request, urn: str) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        self.posts.pop(urn, None)
        return Response(status_code=204)

    async def begin_upload(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        number = str(len(self.images))
        self.images[f"urn:li:image:{number}"] = None
        url = f"{self.base}/upload/{number}"
        return JSONResponse({"value": {"uploadUrl": url, "image": f"urn:li:image:{number}"}})

    async def upload(self, request: Request, number: str) -> Response:
        if self._member(request) is None:
            return _unauthorised()
        self.images[f"urn:li:image:{number}"] = await request.body()
        return Response(status_code=201)

    def _member(self, request: Request) -> tuple[str, str] | None:
        return self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))

    def _refused(self, request: Request) -> Response | None:
        version = request.headers.get("LinkedIn-Version")
        if version is None:
            return _error(
                400,
                "VERSION_MISSING",
                "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
            )
        if version not in VERSIONS:
            return _error(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
        if self._member(request) is None:
            return _unauthorised()
        if "w_member_social" not in self._member(request)[1]:
            return _error(403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPostsExternal.CREATE")
        return None

    def _plain(self, commentary: str) -> str:
        return regex.sub(r"\\(.)", r"\1", HASHTAG.sub(lambda found: "#" + found.group(1), commentary))


def _images_of(content: dict[str, Any]) -> list[str]:
    found = [content.get("media", {}).get("id"), content.get("article", {}).get("thumbnail")]
    found += [image["id"] for image in content.get("multiImage", {}).get("images", [])]
    return [one for one in found if one]


def _unauthorised() -> Response:
    return JSONResponse(
        {"status": 401, "serviceErrorCode": 65600, "code": "INVALID_ACCESS_TOKEN", "message": "Invalid access token"},
        401,
    )


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"status": status, "code": code, "message": message}, status)
