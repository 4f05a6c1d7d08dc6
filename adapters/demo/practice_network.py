"""A small social network for the demo, which speaks Mastodon's interface: so that connecting an account and publishing
can be tried without one. It forgets everything when the demo ends.

Written after docs.joinmastodon.org ("Methods", "Rate limits"): what it answers, refuses and counts is what an instance
of Mastodon 4.4 would.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import regex
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from adapters.demo.practice_entities import (
    INVALID_CLIENT,
    INVALID_GRANT,
    Client,
    Grant,
    LinkCard,
    Status,
    Token,
)
from adapters.web.html import render
from bot.core.i18n import DEFAULT, Words
from content import lengths
from content.facets import facets

MAX_CHARACTERS, MAX_PICTURES, MAX_ALT = 500, 4, 1500
KNOWN_SCOPES = {"profile", "read:accounts", "read", "write", "write:statuses", "write:media"}
NAME = regex.compile(r"[a-z0-9_]{1,30}")
STATIC = Path(__file__).parent / "static"
CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' http: https:; base-uri 'none'"

Answer = Response


@dataclass
class PracticeNetwork:
    """`base_url`: where it begins, no slash at its end."""

    base_url: str
    describe: Callable[[str], LinkCard | None] = lambda _url: None  # what stands at a link, for the card below a post
    language: Callable[[], str] = lambda: DEFAULT  # that its pages speak
    clients: dict[str, Client] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)  # id by name
    statuses: dict[str, Status] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)  # alt, content, media type
    keys: dict[tuple[str, str], str] = field(default_factory=dict)  # status by (user, Idempotency-Key)

    def router(self, prefix: str = "") -> APIRouter:
        router = APIRouter(prefix=prefix, include_in_schema=False)
        for method, path, work in (
            ("POST", "/api/v1/apps", self.register),
            ("GET", "/oauth/authorize", self.ask),
            ("POST", "/oauth/authorize", self.allow),
            ("POST", "/oauth/token", self.give_token),
            ("POST", "/oauth/revoke", self.revoke),
            ("GET", "/api/v1/accounts/verify_credentials", self.verify),
            ("GET", "/api/v1/accounts/{user}/statuses", self.of_account),
            ("GET", "/api/v2/instance", self.instance),
            ("POST", "/api/v2/media", self.upload),
            ("GET", "/api/v1/media/{number}", self.uploaded),
            ("POST", "/api/v1/statuses", self.post),
            ("GET", "/api/v1/statuses/{number}", self.show),
            ("DELETE", "/api/v1/statuses/{number}", self.delete),
            ("GET", "", self.timeline),
            ("GET", "/style.css", self.style),
            ("GET", "/media/{number}", self.picture),
            ("GET", "/@{user}", self.profile),
            ("GET", "/@{user}/{number}", self.page),
        ):
            router.add_api_route(path, work, methods=[method], response_model=None)
        return router

    # -- Clients and people -------------------------------------------------------------------------------

    async def register(self, request: Request) -> Answer:
        form = await _form(request)
        scopes, uri = set(form.get("scopes", "read").split()), form.get("redirect_uris", "")
        if not form.get("client_name") or not uri:
            return _error(422, "Validation failed: Application name can't be blank, Redirect URI can't be blank")
        if not scopes <= KNOWN_SCOPES:
            return _error(422, "Validation failed: Scopes doesn't match configured on the server.")
        number = secrets.token_urlsafe(32)
        self.clients[number] = Client(form["client_name"], secrets.token_urlsafe(32), uri, scopes)
        return JSONResponse(
            {
                "id": str(len(self.clients)),
                "name": form["client_name"],
                "client_id": number,
                "client_secret": self.clients[number].secret,
                "redirect_uri": uri,
                "redirect_uris": [uri],
                "scopes": sorted(scopes),
            }
        )

    async def ask(self, request: Request) -> Answer:
        """The page that asks whether the app may."""
        query, client = request.query_params, self.clients.get(request.query_params.get("client_id", ""))
        if client is None or query.get("redirect_uri") != client.redirect_uri:
            return _error(400, "invalid_client")
        scopes = query.get("scope", "read").split()
        if not set(scopes) <= client.scopes:
            return self._back(client.redirect_uri, error="invalid_scope", state=query.get("state", ""))
        return self._page("allow", client=client.name, scopes=scopes, query=dict(query))

    async def allow(self, request: Request) -> Answer:
        form = await _form(request)
        client = self.clients.get(form.get("client_id", ""))
        if client is None or form.get("redirect_uri") != client.redirect_uri:
            return _error(400, "invalid_client")
        if form.get("answer") != "allow":
            return self._back(client.redirect_uri, error="access_denied", state=form.get("state", ""))
        user = form.get("user", "").strip().lower()
        if NAME.fullmatch(user) is None:
            user = "somebody"
        self.users.setdefault(user, str(109_000 + len(self.users)))
        code = secrets.token_urlsafe(32)
        scopes = set(form.get("scope", "read").split())
        challenge = form.get("code_challenge", "")
        self.grants[code] = Grant(form["client_id"], user, scopes, client.redirect_uri, challenge)
        return self._back(client.redirect_uri, code=code, state=form.get("state", ""))

    async def give_token(self, request: Request) -> Answer:
        form = await _form(request)
        client = self.clients.get(form.get("client_id", ""))
        if client is None or not secrets.compare_digest(client.secret, form.get("client_secret", "")):
            return JSONResponse(INVALID_CLIENT, 401)
        grant = self.grants.pop(form.get("code", ""), None)  # a code is good for once
        fits = grant is not None and (grant.client, grant.redirect_uri) == (
            form.get("client_id"),
            form.get("redirect_uri"),
        )
        proves = fits and grant and create_s256_code_challenge(form.get("code_verifier", "")) == grant.challenge
        if not grant or not proves:
            return JSONResponse(INVALID_GRANT, 400)
        token = secrets.token_urlsafe(32)
        self.tokens[token] = Token(grant.user, grant.scopes, grant.client)
        return JSONResponse(
            {
                "access_token": token,
                "token_type": "Bearer",
                "scope": " ".join(sorted(grant.scopes)),
                "created_at": int(datetime.now(UTC).timestamp()),
            }
        )

    async def revoke(self, request: Request) -> Answer:
        form = await _form(request)
        token, client = self.tokens.get(form.get("token", "")), self.clients.get(form.get("client_id", ""))
        if client is None or client.secret != form.get("client_secret"):
            return JSONResponse({"error": "unauthorized_client"}, status_code=403)
        if token is not None and token.client == form.get("client_id"):
            del self.tokens[form["token"]]
        return JSONResponse({})

    async def verify(self, request: Request) -> Answer:
        token = self._token(request, {"profile", "read:accounts", "read"})
        return JSONResponse(self._account(token.user)) if isinstance(token, Token) else token

    # -- Posts --------------------------------------------------------------------------------------------

    async def instance(self) -> Answer:
        statuses = {
            "max_characters": MAX_CHARACTERS,
            "max_media_attachments": MAX_PICTURES,
            "characters_reserved_per_url": 23,
        }
        media = {"description_limit": MAX_ALT, "image_size_limit": 16_777_216, "image_matrix_limit": 33_177_600}
        return JSONResponse(
            {
                "domain": self.base_url.partition("//")[2],
                "title": "Practice network",
                "version": "4.4.8",
                "configuration": {"statuses": statuses, "media_attachments": media},
            }
        )

    async def upload(self, request: Request) -> Answer:
        token = self._token(request, {"write:media", "write"})
        if not isinstance(token, Token):
            return token
        async with request.form() as form:
            file, alt = form.get("file"), str(form.get("description", ""))
            if file is None or isinstance(file, str) or not str(file.content_type).startswith("image/"):
                return _error(422, "Validation failed: File content type is invalid, File is invalid")
            content, media_type = await file.read(), str(file.content_type)
        if len(alt) > MAX_ALT:
            return _error(422, f"Validation failed: Description is too long (maximum is {MAX_ALT} characters)")
        number = str(500_000 + len(self.media))
        self.media[number] = (alt, content, media_type)
        return JSONResponse({"id": number, "type": "image", "url": None, "description": alt}, status_code=202)

    async def uploaded(self, request: Request, number: str) -> Answer:
        token = self._token(request, {"write:media", "write"})
        if not isinstance(token, Token):
            return token
        if number not in self.media:
            return _error(404, "Record not found")
        return JSONResponse({"id": number, "type": "image", "url": f"{self.base_url}/media/{number}"})

    async def post(self, request: Request) -> Answer:
        token = self._token(request, {"write:statuses", "write"})
        if not isinstance(token, Token):
            return token
        key = request.headers.get("Idempotency-Key", "")
        if key and (known := self.statuses.get(self.keys.get((token.user, key), ""))):
            return JSONResponse(self._status(known))
        body = await request.json() if "json" in request.headers.get("content-type", "") else await _form(request)
        text, media = str(body.get("status", "")), tuple(str(one) for one in body.get("media_ids", []))
        if not text.strip() and not media:
            return _error(422, "Validation failed: Text can't be blank")
        if lengths.mastodon(text) > MAX_CHARACTERS:
            return _error(422, f"Validation failed: Text character limit of {MAX_CHARACTERS} exceeded")
        if len(media) > MAX_PICTURES or not all(one in self.media for one in media):
            return _error(422, "Validation failed: Cannot attach files that have not finished processing.")
        number = str(115_000_000_000 + len(self.statuses))
        language = str(body.get("language", "en"))
        status = Status(number, token.user, text, language, media, datetime.now(UTC))
        self.statuses[number] = status
        if key:
            self.keys[token.user, key] = number
        return JSONResponse(self._status(status))

    async def of_account(self, request: Request, user: str) -> Answer:
        if request.headers.get("Authorization"):
            token = self._token(request, {"read:statuses", "read"})
            if not isinstance(token, Token):
                return token
        names = {number: name for name, number in self.users.items()}
        if user not in names:
            return _error(404, "Record not found")
        query = request.query_params
        found = [status for status in reversed(self.statuses.values()) if status.user == names[user]]
        if before := query.get("max_id"):
            found = [status for status in found if int(status.id) < int(before)]
        return JSONResponse([self._status(status) for status in found[: int(query.get("limit", "20"))]])

    async def show(self, number: str) -> Answer:
        status = self.statuses.get(number)
        return JSONResponse(self._status(status)) if status else _error(404, "Record not found")

    async def delete(self, request: Request, number: str) -> Answer:
        token = self._token(request, {"write:statuses", "write"})
        if not isinstance(token, Token):
            return token
        status = self.statuses.get(number)
        if status is None or status.user != token.user:
            return _error(404, "Record not found")
        del self.statuses[number]
        return JSONResponse({**self._status(status), "text": status.text})

    # -- Pages --------------------------------------------------------------------------------------------

    async def timeline(self) -> Answer:
        title = self._words.t("Practice network")
        return self._page("timeline", title=title, statuses=list(reversed(self.statuses.values())))

    async def profile(self, user: str) -> Answer:
        found = [status for status in reversed(self.statuses.values()) if status.user == user]
        return self._page("timeline", title=f"@{user}", statuses=found)

    async def page(self, user: str, number: str) -> Answer:
        status = self.statuses.get(number)
        if status is None or status.user != user:
            return self._page("timeline", title=self._words.t("This post isn’t here any more"), statuses=[], code=404)
        return self._page("timeline", title=f"@{user}", statuses=[status])

    async def picture(self, number: str) -> Answer:
        if number not in self.media:
            return Response(status_code=404)
        _alt, content, media_type = self.media[number]
        return Response(content, media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})

    async def style(self) -> Answer:
        return Response((STATIC / "practice.css").read_bytes(), media_type="text/css")

    @property
    def _words(self) -> Words:
        return Words(self.language())

    def _page(self, name: str, *, code: int = 200, **values: Any) -> HTMLResponse:
        pictures = {number: alt for number, (alt, _content, _type) in self.media.items()}
        html = render(
            f"demo/{name}.html",
            w=self._words,
            base=self.base_url,
            pictures=pictures,
            html_of=_html_of,
            card_of=self._card,
            **values,
        )
        return HTMLResponse(html, status_code=code, headers={"Content-Security-Policy": CSP})

    def _card(self, status: Status) -> LinkCard | None:
        links = [one.value for one in facets(status.text) if one.is_link]
        return self.describe(links[0]) if links and not status.media else None

    # -- Entities -----------------------------------------------------------------------------------------

    def _token(self, request: Request, scopes: set[str]) -> Token | JSONResponse:
        said = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = self.tokens.get(said)
        if not said:
            return _error(401, "This method requires an authenticated user")
        if token is None or token.client not in self.clients:
            return _error(401, "The access token is invalid")
        return token if token.scopes & scopes else _error(403, "This action is outside the authorized scopes")

    def _account(self, user: str) -> dict[str, Any]:
        name = {"id": self.users[user], "username": user, "acct": user, "display_name": user.title()}
        return {**name, "url": f"{self.base_url}/@{user}"}

    def _status(self, status: Status) -> dict[str, Any]:
        return {
            "id": status.id,
            "created_at": status.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "language": status.language,
            "visibility": "public",
            "url": f"{self.base_url}/@{status.user}/{status.id}",
            "content": _html_of(status.text),
            "favourites_count": status.favourites,
            "replies_count": status.replies,
            "reblogs_count": status.reblogs,
            "account": self._account(status.user),
            "media_attachments": [
                {"id": number, "type": "image", "description": self.media[number][0]} for number in status.media
            ],
        }

    def _back(self, uri: str, **query: str) -> RedirectResponse:
        sign = "&" if "?" in uri else "?"
        return RedirectResponse(f"{uri}{sign}{urlencode(query)}", status_code=302)


def _html_of(text: str) -> str:
    """The text with its links, as an instance stores it."""
    encoded, made, at = text.encode("utf-8", "replace"), list[str](), 0
    for one in facets(text):
        if not one.is_link:
            continue
        made.append(escape(encoded[at : one.start].decode()))
        made.append(f'<a href="{escape(one.value)}" rel="nofollow noopener" target="_blank">{escape(one.value)}</a>')
        at = one.end
    made.append(escape(encoded[at:].decode()))
    paragraphs = "".join(made).split("\n\n")
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in paragraphs)


async def _form(request: Request) -> Mapping[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _error(status: int, said: str) -> JSONResponse:
    return JSONResponse({"error": said}, status_code=status)
