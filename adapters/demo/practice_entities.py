"""What the practice network keeps in memory, and what it says where a client is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

INVALID_CLIENT = {
    "error": "invalid_client",
    "error_description": "Client authentication failed due to unknown client, no client authentication included, or "
    "unsupported authentication method.",
}
INVALID_GRANT = {
    "error": "invalid_grant",
    "error_description": "The provided authorization grant is invalid, expired, revoked, does not match the "
    "redirection URI used in the authorization request, or was issued to another client.",
}


@dataclass(slots=True)
class Client:
    name: str
    secret: str
    redirect_uri: str
    scopes: set[str]


@dataclass(slots=True)
class Token:
    user: str
    scopes: set[str]
    client: str


@dataclass(slots=True)
class Status:
    id: str
    user: str
    text: str
    language: str
    media: tuple[str, ...]
    created_at: datetime
    favourites: int = 0
    replies: int = 0
    reblogs: int = 0


@dataclass(slots=True)
class Grant:
    client: str
    user: str
    scopes: set[str]
    redirect_uri: str
    challenge: str


@dataclass(frozen=True, slots=True)
class LinkCard:
    """What a network shows of a page that a post links to."""

    title: str
    picture: str
    domain: str
