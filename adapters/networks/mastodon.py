"""Mastodon, and what speaks its interface: any instance, where Chorus registers when the first person names it.

Source: docs.joinmastodon.org, "Methods". A post carries an Idempotency-Key, which an instance remembers for an hour.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import sleep
from typing import Any
from urllib.parse import urlencode

import regex
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from adapters.networks import wire
from adapters.networks.answers import attempted, reactions_in, refusal_of
from adapters.networks.clients import Clients
from adapters.networks.wire import Wire, is_ok, json_of, word_in, word_of
from bot.core.networks import (
    Credentials,
    NetworkAccount,
    NotThere,
    OutgoingPost,
    Picture,
    Published,
    PublishOutcome,
    Reactions,
    SignIn,
    SignInFailed,
)
from bot.core.ports import OutcomeUnknown, RetryAfter
from content.addresses import server_in
from content.errors import FetchError, NotAnAddress
from content.read_results import Called

WRITE = ("write:statuses", "write:media")
SCOPES = ("profile", *WRITE)  # `profile` since 4.3
OLDER_SCOPES = ("read:accounts", *WRITE)
USER = regex.compile(r"[\w.-]{1,60}")
ID = regex.compile(r"[A-Za-z0-9]{1,40}")  # of a post or account
PAGE, PAGES = 40, 5  # posts of the account that are looked at
PICTURE_TRIES, PICTURE_WAIT = 10, 1.0  # seconds between looks at whether a picture is processed
CLOCKS_DIFFER = timedelta(minutes=10)
ALT_LIMIT = 1500  # characters; every instance takes that
RETRIES_IN = 60.0  # seconds


class Mastodon:
    name = "mastodon"
    refuses_repeats = True  # by the Idempotency-Key

    def __init__(self, http: Wire, clients: Clients, *, redirect_uri: str, website: str, usual_host: str = "") -> None:
        self._http = http
        self._clients = clients
        self._redirect_uri = redirect_uri
        self._website = website
        self.usual_host = usual_host
        self._pause: Callable[[float], None] = sleep

    # -- Signing in ---------------------------------------------------------------------------------------

    def begin(self, state: str, host: str) -> SignIn:
        host = instance_of(host)
        try:
            client = self._clients.get(self.name, host) or self._registered(host)
        except FetchError as fault:
            raise SignInFailed(f"{host}: {fault}", "This server doesn’t answer. Is its name right?") from fault
        verifier = secrets.token_urlsafe(48)
        query = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": self._redirect_uri,
            "scope": client["scope"],
            "state": state,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return SignIn(
            f"{self._http.base_of(host)}/oauth/authorize?{urlencode(query)}", {"host": host, "verifier": verifier}
        )

    def finish(self, kept: Credentials, answer: Mapping[str, str]) -> NetworkAccount:
        host, base = str(kept["host"]), self._http.base_of(str(kept["host"]))
        client = self._clients.get(self.name, host)
        if not answer.get("code") or client is None:
            raise SignInFailed(answer.get("error", "no code"))
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "redirect_uri": self._redirect_uri,
            "code_verifier": kept["verifier"],
        }
        try:
            given = self._http.post_form(f"{base}/oauth/token", form)
            if word_of(given, "error") == "invalid_client":  # apps that nobody signed in to vanish after a day
                self._clients.forget(self.name, host)
                raise SignInFailed("the instance has forgotten Chorus", "Please start again.")
            token = word_of(given, "access_token")
            if not is_ok(given) or not token:
                raise SignInFailed(f"no token: {given.status}")
            missing = set(WRITE) - set(word_of(given, "scope").split())
            if missing and "write" not in word_of(given, "scope").split():
                raise SignInFailed(f"not granted: {sorted(missing)}", "It didn’t allow Chorus to post.")
            told = self._http.get(f"{base}/api/v1/accounts/verify_credentials", headers=_bearer(token))
            if not is_ok(told):
                raise SignInFailed(f"the account is not told: {told.status}")
            max_length = self._max_length(base)
        except FetchError as fault:
            raise SignInFailed(str(fault), "This server doesn’t answer. Is its name right?") from fault
        subject, user = word_of(told, "id"), word_of(told, "username")
        if not ID.fullmatch(subject) or not USER.fullmatch(user):
            raise SignInFailed("the account has no name")
        return NetworkAccount(
            subject=f"{host}:{subject}",
            name=f"@{user}@{host}",
            url=f"{base}/@{user}",
            host=host,
            credentials={"host": host, "token": token, "account": subject, "user": user},
            max_length=max_length,
        )

    def renewed(self, credentials: Credentials) -> Credentials | None:
        """Mastodon's tokens do not end by themselves."""
        return None

    def end(self, credentials: Credentials) -> None:
        host = str(credentials["host"])
        if client := self._clients.get(self.name, host):
            form = {name: client[name] for name in ("client_id", "client_secret")} | {"token": credentials["token"]}
            try:
                self._http.post_form(f"{self._http.base_of(host)}/oauth/revoke", form)
            except FetchError:
                return

    # -- Posting ------------------------------------------------------------------------------------------

    def publish(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        base, headers = self._http.base_of(str(credentials["host"])), _bearer(str(credentials["token"]))
        status: dict[str, Any] = {"status": post.text, "language": post.language, "visibility": "public"}
        if post.pictures and not post.page:  # of a page the instance makes the card by itself
            media = [self._uploaded(base, headers, picture) for picture in post.pictures]
            if any(not isinstance(one, str) for one in media):
                return next(one for one in media if not isinstance(one, str))
            status["media_ids"] = media
        answer = attempted(
            lambda: self._http.post_json(
                f"{base}/api/v1/statuses", status, headers={**headers, "Idempotency-Key": post.key}
            ),
            RETRIES_IN,
        )
        if not isinstance(answer, Called):
            return answer
        if is_ok(answer):
            return _published(credentials, base, word_of(answer, "id"))
        return _refusal(answer)

    def find(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        """Among the account's newest posts, as anybody may read them (with a token it would take one more right), back
        to when it was written."""
        if not post.link:  # without a link of its own a post cannot be told from its like
            return OutcomeUnknown("no link to look for")
        base = self._http.base_of(str(credentials["host"]))
        query = {"limit": str(PAGE), "exclude_reblogs": "true"}
        for _page in range(PAGES):
            try:
                answer = self._http.get(f"{base}/api/v1/accounts/{credentials['account']}/statuses", query=query)
            except FetchError as fault:
                return OutcomeUnknown(str(fault))
            statuses = _list_of(answer)
            if statuses is None:
                return OutcomeUnknown(f"it does not tell ({answer.status})")
            for status in statuses:
                account = status.get("account")
                is_own = isinstance(account, dict) and word_in(account, "id") == credentials["account"]
                if is_own and post.link in word_in(status, "content"):
                    return _published(credentials, base, word_in(status, "id"))
            if len(statuses) < PAGE or _is_before(word_in(statuses[-1], "created_at"), post.written_at):
                return NotThere()
            query["max_id"] = word_in(statuses[-1], "id")
        return OutcomeUnknown("it is not among the newest, and there are many")

    def delete(self, credentials: Credentials, post: str) -> PublishOutcome:
        number = post.rpartition("/")[2]
        address = f"{self._http.base_of(str(credentials['host']))}/api/v1/statuses/{number}"
        try:
            answer = self._http.send("DELETE", address, _bearer(str(credentials["token"])), b"")
        except FetchError as fault:
            return OutcomeUnknown(str(fault))
        return NotThere() if is_ok(answer) or answer.status == 404 else _refusal(answer)

    def reactions(self, posts: Sequence[str]) -> Mapping[str, Reactions]:
        found = dict[str, Reactions]()
        for post in posts:
            host, _, number = post.rpartition("/")
            try:
                answer = self._http.get(f"{self._http.base_of(host)}/api/v1/statuses/{number}")
            except FetchError:
                continue
            told = reactions_in(json_of(answer), "favourites_count", "replies_count", "reblogs_count")
            if is_ok(answer) and told is not None:
                found[post] = told
        return found

    def _uploaded(self, base: str, headers: Mapping[str, str], picture: Picture) -> str | PublishOutcome:
        """The id of the picture at the instance, once it is processed."""
        file = (f"picture.{picture.media_type.rpartition('/')[2]}", picture.content, picture.media_type)
        try:
            answer = self._http.post_file(
                f"{base}/api/v2/media", {"description": picture.alt[:ALT_LIMIT]}, file, headers=headers
            )
            found = word_of(answer, "id")
            for _try in range(PICTURE_TRIES):
                if answer.status not in (202, 206) or not found:
                    break
                self._pause(PICTURE_WAIT)
                answer = self._http.get(f"{base}/api/v1/media/{found}", headers=headers)
        except FetchError as fault:  # an upload that nobody refers to is nothing that people see
            return RetryAfter(RETRIES_IN, str(fault))
        if answer.status == 200 and found:
            return found
        return RetryAfter(RETRIES_IN, "the picture is not ready") if is_ok(answer) else _refusal(answer)

    # -- Meeting an instance ------------------------------------------------------------------------------

    def _registered(self, host: str) -> dict[str, Any]:
        for scopes in (SCOPES, OLDER_SCOPES):
            form = {
                "client_name": "Chorus",
                "redirect_uris": self._redirect_uri,
                "scopes": " ".join(scopes),
                "website": self._website,
            }
            answer = self._http.post_form(f"{self._http.base_of(host)}/api/v1/apps", form)
            given = {name: word_of(answer, name) for name in ("client_id", "client_secret")}
            if is_ok(answer) and all(given.values()):
                client = {**given, "scope": " ".join(scopes)}
                self._clients.put(self.name, host, client)
                return client
            if answer.status != 422:
                break
        raise SignInFailed(f"{host} is no Mastodon server ({answer.status})", "That isn’t a Mastodon server.")

    def _max_length(self, base: str) -> int | None:
        instance = json_of(self._http.get(f"{base}/api/v2/instance"))
        found: Any = instance
        for name in ("configuration", "statuses", "max_characters"):
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 1_000_000 else None


def instance_of(said: str) -> str:
    """Raises SignInFailed."""
    try:
        return server_in(said)
    except NotAnAddress as fault:
        raise SignInFailed("no host", "Type the name of your server, for example mastodon.social.") from fault


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _published(credentials: Credentials, base: str, number: str) -> PublishOutcome:
    """The post as it is known from now on: its number is told apart from other servers', its address is our own."""
    if not ID.fullmatch(number):
        return OutcomeUnknown("it names no post")
    return Published(f"{credentials['host']}/{number}", f"{base}/@{credentials['user']}/{number}")


def _list_of(answer: Called) -> list[dict[str, Any]] | None:
    """None where it is no list of posts."""
    found = wire.loaded(answer.body) if is_ok(answer) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) and word_in(one, "content") for one in found):
        return None
    return found


def _is_before(said: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(said) < moment - CLOCKS_DIFFER
    except (ValueError, TypeError):
        return False


def _refusal(answer: Called) -> PublishOutcome:
    return refusal_of(answer, word_of(answer, "error")[:200], text=(400, 413, 422))
