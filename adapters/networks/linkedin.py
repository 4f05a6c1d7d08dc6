"""LinkedIn: sign-in by OAuth 2 with `openid profile w_member_social`, posts by the versioned Posts API.

Source: learn.microsoft.com/linkedin ("Sign In with LinkedIn using OpenID Connect", "Posts API", "Images API"). Its
tokens last some 60 days and are not renewed; a post cannot be read back, and a repeat is refused with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any
from urllib.parse import quote, urlencode

import regex

from adapters.networks.answers import attempted, refusal_of
from adapters.networks.wire import Wire, is_ok, json_of, word_of
from bot.core.networks import (
    Credentials,
    NetworkAccount,
    NotThere,
    OutgoingPost,
    Picture,
    Published,
    PublishOutcome,
    Reactions,
    Refusal,
    Refused,
    SignIn,
    SignInFailed,
)
from bot.core.ports import OutcomeUnknown, RetryAfter
from content.errors import FetchError
from content.read_results import Called

SCOPES = ("openid", "profile", "w_member_social")
RESERVED = regex.compile(r"([\\|{}@\[\]()<>#*_~])")
TAG = regex.compile(r"(?<![\w&/])#([\p{L}\p{M}\p{N}_]*[\p{L}\p{M}][\p{L}\p{M}\p{N}_]*)")
URN = regex.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
UPLOAD_SETTLES = 20.0  # seconds: members cannot ask whether a picture is ready
RETRIES_IN = 120.0  # seconds
TITLE_LIMIT, DESCRIPTION_LIMIT, ALT_LIMIT = 400, 4086, 4086  # characters


class LinkedIn:
    name = "linkedin"
    refuses_repeats = True  # DUPLICATE_POST, which names the post that is there
    usual_host = ""

    def __init__(
        self,
        http: Wire,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        version: str,
        site: str = "https://www.linkedin.com",
        api: str = "https://api.linkedin.com",
    ) -> None:
        """`version`: of the API, as "202611"; each is served for a year."""
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._version = version
        self._site = site.rstrip("/")
        self._api = api.rstrip("/")
        self._pause: Callable[[float], None] = sleep
        self._now: Callable[[], datetime] = lambda: datetime.now(UTC)

    # -- Signing in ---------------------------------------------------------------------------------------

    def begin(self, state: str, host: str) -> SignIn:
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "state": state,
            "scope": " ".join(SCOPES),
        }
        return SignIn(f"{self._site}/oauth/v2/authorization?{urlencode(query, quote_via=quote)}", {})

    def finish(self, kept: Credentials, answer: Mapping[str, str]) -> NetworkAccount:
        if not answer.get("code"):
            raise SignInFailed(answer.get("error", "no code"))
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "redirect_uri": self._redirect_uri,
        }
        try:
            given = self._http.post_form(f"{self._site}/oauth/v2/accessToken", form)
            token = word_of(given, "access_token")
            if not is_ok(given) or not token:
                raise SignInFailed(f"no token: {given.status} {word_of(given, 'error')}")
            granted = word_of(given, "scope").replace(",", " ").split()
            if "w_member_social" not in granted:
                raise SignInFailed(f"not granted: {granted}", "It didn’t allow Chorus to post.")
            told = self._http.get(f"{self._api}/v2/userinfo", headers={"Authorization": f"Bearer {token}"})
        except FetchError as fault:
            raise SignInFailed(str(fault), "LinkedIn doesn’t answer. Please try again later.") from fault
        subject = word_of(told, "sub")
        if not is_ok(told) or not subject:
            raise SignInFailed(f"the account is not told: {told.status}")
        lasts = json_of(given).get("expires_in")
        seconds = lasts if isinstance(lasts, int) and lasts > 0 else 0
        return NetworkAccount(
            subject=subject,
            name=word_of(told, "name") or "LinkedIn",
            url=f"{self._site}/in/me/",
            host="",
            credentials={"token": token, "author": f"urn:li:person:{subject}"},
            expires_at=self._now() + timedelta(seconds=seconds),
        )

    def renewed(self, credentials: Credentials) -> Credentials | None:
        """Only partners of LinkedIn may renew: the person signs in again every two months."""
        return None

    def end(self, credentials: Credentials) -> None:
        form = {"client_id": self._client_id, "client_secret": self._client_secret, "token": credentials["token"]}
        try:
            self._http.post_form(f"{self._site}/oauth/v2/revoke", form)
        except FetchError:
            return

    # -- Posting ------------------------------------------------------------------------------------------

    def publish(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        content = self._content(credentials, post)
        if not isinstance(content, dict):
            return content
        body: dict[str, Any] = {
            "author": credentials["author"],
            "commentary": commentary(post.text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
            **({"content": content} if content else {}),
        }
        answer = attempted(
            lambda: self._http.post_json(f"{self._api}/rest/posts", body, headers=self._headers(credentials)),
            RETRIES_IN,
        )
        if not isinstance(answer, Called):
            return answer
        if is_ok(answer):
            urn = answer.headers.get("x-restli-id", "") or answer.headers.get("x-linkedin-id", "")
            return self._published(urn) if URN.fullmatch(urn) else OutcomeUnknown("it names no post")
        return self._refusal(answer)

    def find(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        return OutcomeUnknown("members' posts cannot be read")

    def delete(self, credentials: Credentials, post: str) -> PublishOutcome:
        address = f"{self._api}/rest/posts/{quote(post, safe='')}"
        try:
            answer = self._http.send(
                "DELETE", address, {**self._headers(credentials), "X-RestLi-Method": "DELETE"}, b""
            )
        except FetchError as fault:
            return OutcomeUnknown(str(fault))
        return NotThere() if is_ok(answer) or answer.status == 404 else self._refusal(answer)

    def reactions(self, posts: Sequence[str]) -> Mapping[str, Reactions]:
        """LinkedIn tells members' reactions to its partners only."""
        return {}

    def _content(self, credentials: Credentials, post: OutgoingPost) -> dict[str, Any] | PublishOutcome:
        """The card of the page (LinkedIn reads nothing from it by itself), or the pictures; {} for words alone."""
        images = []
        for picture in post.pictures[: 1 if post.page else None]:
            image = self._uploaded(credentials, picture)
            if not isinstance(image, str):
                return image
            images.append({"id": image, "altText": picture.alt[:ALT_LIMIT]})
        if images:
            self._pause(UPLOAD_SETTLES)
        if post.page:
            page = {
                "source": post.page,
                "title": post.title[:TITLE_LIMIT],
                "description": post.description[:DESCRIPTION_LIMIT],
            }
            return {"article": page | ({"thumbnail": images[0]["id"]} if images else {})}
        if len(images) > 1:
            return {"multiImage": {"images": images}}
        return {"media": images[0]} if images else {}

    def _uploaded(self, credentials: Credentials, picture: Picture) -> str | PublishOutcome:
        try:
            begun = self._http.post_json(
                f"{self._api}/rest/images?action=initializeUpload",
                {"initializeUploadRequest": {"owner": credentials["author"]}},
                headers=self._headers(credentials),
            )
            value = json_of(begun).get("value")
            if not is_ok(begun) or not isinstance(value, dict):
                return self._refusal(begun)
            url, image = str(value.get("uploadUrl", "")), str(value.get("image", ""))
            put = self._http.send(
                "PUT",
                url,
                {"Authorization": f"Bearer {credentials['token']}", "Content-Type": picture.media_type},
                picture.content,
            )
        except FetchError as fault:  # what no post refers to is nothing that people see
            return RetryAfter(RETRIES_IN, str(fault))
        return image if is_ok(put) else RetryAfter(RETRIES_IN, f"the picture: {put.status}")

    def _headers(self, credentials: Credentials) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {credentials['token']}",
            "LinkedIn-Version": self._version,
            "X-Restli-Protocol-Version": "2.0.0",
        }

    def _published(self, urn: str) -> Published:
        return Published(urn, f"{self._site}/feed/update/{urn}/")

    def _refusal(self, answer: Called) -> PublishOutcome:
        said = f"{word_of(answer, 'code')} {word_of(answer, 'message')}"[:300]
        if answer.status in (409, 422) and "DUPLICATE" in said.upper():
            urn = URN.search(said)
            return self._published(urn.group()) if urn else Refused(Refusal.DUPLICATE, said)
        # 426: the version of the API is served no longer
        return refusal_of(answer, said, text=(400, 413, 422), wait=_to_midnight(self._now()))


def commentary(text: str) -> str:
    """The text in LinkedIn's "little text": what is reserved is escaped, or the post would be cut there in silence;
    hashtags are marked as such."""
    made, at = list[str](), 0
    for found in TAG.finditer(text):
        made += [_escaped(text[at : found.start()]), r"{hashtag|\#|", _escaped(found.group(1)), "}"]
        at = found.end()
    return "".join([*made, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return RESERVED.sub(r"\\\1", text)


def _to_midnight(now: datetime) -> float:
    """LinkedIn's daily limits begin anew at midnight UTC."""
    return 86_400.0 - (now.hour * 3600 + now.minute * 60 + now.second)
