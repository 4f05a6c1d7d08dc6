"""Bluesky: posts as records of the person's own repository.

Source: docs.bsky.app, atproto.com/specs (Record Key). A record has a key of our own, so that it can be there once only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from adapters.networks import dpop
from adapters.networks.answers import attempted, reactions_in, refusal_of
from adapters.networks.bluesky_sign_in import COLLECTION, NAME, BlueskySignIn
from adapters.networks.clients import Clients
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
)
from bot.core.ports import OutcomeUnknown, RetryAfter
from content.errors import FetchError
from content.facets import facets
from content.read_results import Called

RETRIES_IN = 60.0  # seconds
AT_ONCE = 15  # posts that one question about reactions names; 25 make an address that is too long
MAX_PICTURES = 4
ENDED = ("ExpiredToken", "InvalidToken", "AccountTakedown", "RepoDeactivated")


class Bluesky:
    name = NAME
    refuses_repeats = True  # a record's key is taken once
    usual_host = ""

    def __init__(
        self,
        http: Wire,
        clients: Clients,
        *,
        redirect_uri: str,
        base_url: str,
        entry: str = "https://bsky.social",
        resolver: str = "https://public.api.bsky.app",
        plc: str = "https://plc.directory",
    ) -> None:
        """`entry`: where people sign in who name no handle; `resolver` looks up handles and tells reactions; `plc`
        knows where the accounts of did:plc are."""
        self._http = http
        self._proving = dpop.ProvingClient(http)
        self._resolver = resolver.rstrip("/")
        self.sign_in = BlueskySignIn(
            http,
            self._proving,
            clients,
            redirect_uri=redirect_uri,
            base_url=base_url,
            entry=entry,
            resolver=resolver,
            plc=plc,
        )

    def begin(self, state: str, host: str) -> SignIn:
        return self.sign_in.begin(state, host)

    def finish(self, kept: Credentials, answer: Mapping[str, str]) -> NetworkAccount:
        return self.sign_in.finish(kept, answer)

    def renewed(self, credentials: Credentials) -> Credentials | None:
        return self.sign_in.renewed(credentials)

    def end(self, credentials: Credentials) -> None:
        self.sign_in.end(credentials)

    def publish(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        record: dict[str, Any] = {
            "$type": COLLECTION,
            "text": post.text,
            "createdAt": post.written_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "langs": [post.language],
        }
        if marks := _facets(post.text):
            record["facets"] = marks
        embed = self._embed(credentials, post)
        if not isinstance(embed, dict):
            return embed
        if embed:
            record["embed"] = embed
        answer = self._xrpc(
            credentials,
            "com.atproto.repo.createRecord",
            {"repo": credentials["did"], "collection": COLLECTION, "rkey": post.key, "record": record},
        )
        if not isinstance(answer, Called):
            return answer
        if not is_ok(answer):
            return _refusal(answer)
        return _published(credentials, post, answer)

    def find(self, credentials: Credentials, post: OutgoingPost) -> PublishOutcome:
        """By the record's key; anybody may read it."""
        query = {"repo": str(credentials["did"]), "collection": COLLECTION, "rkey": post.key}
        try:
            answer = self._http.get(f"{credentials['pds']}/xrpc/com.atproto.repo.getRecord", query=query)
        except FetchError as fault:
            return OutcomeUnknown(str(fault))
        if is_ok(answer):
            return _published(credentials, post, answer)
        return NotThere() if word_of(answer, "error") == "RecordNotFound" else OutcomeUnknown(str(answer.status))

    def delete(self, credentials: Credentials, post: str) -> PublishOutcome:
        key = post.rpartition("/")[2]
        answer = self._xrpc(
            credentials,
            "com.atproto.repo.deleteRecord",
            {"repo": credentials["did"], "collection": COLLECTION, "rkey": key},
        )
        if not isinstance(answer, Called):
            return answer
        return NotThere() if is_ok(answer) else _refusal(answer)

    def reactions(self, posts: Sequence[str]) -> Mapping[str, Reactions]:
        found = dict[str, Reactions]()
        for start in range(0, len(posts), AT_ONCE):
            query = urlencode([("uris", uri) for uri in posts[start : start + AT_ONCE]])
            try:
                answer = self._http.get(f"{self._resolver}/xrpc/app.bsky.feed.getPosts?{query}")
            except FetchError:
                continue
            told = json_of(answer).get("posts")
            for value in told if isinstance(told, list) else []:
                if not isinstance(value, dict) or value.get("uri") not in posts:
                    continue
                counts = reactions_in(value, "likeCount", "replyCount", "repostCount")
                if counts is not None:
                    found[value["uri"]] = counts
        return found

    def _embed(self, credentials: Credentials, post: OutgoingPost) -> dict[str, Any] | PublishOutcome:
        """The card of the page, or the pictures; {} for words alone."""
        blobs = []
        for picture in post.pictures[: 1 if post.page else MAX_PICTURES]:
            blob = self._uploaded(credentials, picture)
            if not isinstance(blob, dict):
                return blob
            blobs.append((blob, picture.alt))
        if post.page:
            page: dict[str, Any] = {"uri": post.page, "title": post.title, "description": post.description}
            if blobs:
                page["thumb"] = blobs[0][0]
            return {"$type": "app.bsky.embed.external", "external": page}
        if blobs:
            return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": alt} for blob, alt in blobs]}
        return {}

    def _uploaded(self, credentials: Credentials, picture: Picture) -> dict[str, Any] | PublishOutcome:
        answer = self._xrpc(credentials, "com.atproto.repo.uploadBlob", picture)
        if isinstance(answer, OutcomeUnknown):  # what no record refers to is nothing that people see
            return RetryAfter(RETRIES_IN, answer.reason)
        if not isinstance(answer, Called):
            return answer
        blob = json_of(answer).get("blob")
        if is_ok(answer) and isinstance(blob, dict):
            return blob
        refusal = _refusal(answer)
        return RetryAfter(RETRIES_IN, refusal.reason) if isinstance(refusal, OutcomeUnknown) else refusal

    def _xrpc(
        self, credentials: Credentials, method: str, value: Picture | dict[str, Any]
    ) -> Called | RetryAfter | OutcomeUnknown:
        if isinstance(value, Picture):
            headers, body = {"Content-Type": value.media_type}, value.content
        else:
            headers, body = {"Content-Type": "application/json"}, json.dumps(value, ensure_ascii=False).encode()
        return attempted(
            lambda: self._proving.send(
                "POST",
                f"{credentials['pds']}/xrpc/{method}",
                headers,
                body,
                key=credentials["key"],
                token=str(credentials["access"]),
            ),
            RETRIES_IN,
        )


def _facets(text: str) -> list[dict[str, Any]]:
    return [
        {
            "index": {"byteStart": one.start, "byteEnd": one.end},
            "features": [
                {"$type": "app.bsky.richtext.facet#link", "uri": one.value}
                if one.is_link
                else {"$type": "app.bsky.richtext.facet#tag", "tag": one.value}
            ],
        }
        for one in facets(text)
    ]


def _published(credentials: Credentials, post: OutgoingPost, answer: Called) -> PublishOutcome:
    """The record is where we put it, or the server speaks of another."""
    did = str(credentials["did"])
    uri = f"at://{did}/{COLLECTION}/{post.key}"
    if word_of(answer, "uri") != uri:
        return OutcomeUnknown("it names another post")
    return Published(uri, f"https://bsky.app/profile/{did}/post/{post.key}")


def _refusal(answer: Called) -> PublishOutcome:
    error = word_of(answer, "error")
    said = f"{error} {word_of(answer, 'message')}"[:200]
    if answer.status == 400 and error in ENDED:
        return Refused(Refusal.SIGN_IN, said)
    return refusal_of(answer, said)  # 500 also where the record is there already
