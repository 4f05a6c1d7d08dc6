"""Every change of what an administrator, a lead or an owner decides is in the audit log, with what it was before,
whichever way it came: the session tells of it as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from storage.audit import entries
from storage.audit.entries import Act
from storage.digest.digests import DigestPlace
from storage.framework.framework import Activity, Audience, Goal
from storage.mentions.listening import Source
from storage.people.directory_rules import DirectoryRule
from storage.people.employees import Employee
from storage.people.organisation import Unit
from storage.people.places import AllowedPlace, InstallLink
from storage.people.workspaces import Workspace
from storage.pulse.comments import Comment
from storage.pulse.rounds import Round
from storage.pulse.statements import Statement, Wording
from storage.questions.knowledge import Entry
from storage.questions.topics import Topic
from storage.sharing.feeds import Feed
from storage.sharing.posts import Caption, Post
from storage.sharing.social_channels import BlockedPhrase, SocialChannel
from storage.web.api_tokens import ApiToken
from storage.web.sign_in import SignInAccount
from storage.web.webhooks import Webhook

ACTOR = "audit actor"  # in the session's own dictionary


class Watched(NamedTuple):
    """`values`: columns of which it is kept what they were and are; `words`: those of which it is kept that they
    changed. `is_made`: whether a new row, or one that is deleted, is an act of somebody."""

    values: tuple[str, ...]
    words: tuple[str, ...] = ()
    is_made: bool = True


class Actor(NamedTuple):
    by_id: int | None
    source: str


NOBODY = Actor(None, "job")
WATCHED: Mapping[type, Watched] = {
    Employee: Watched(("roles", "unit_id", "own_country", "closed_by_directory", "state"), is_made=False),
    Unit: Watched(("phase", "parent_id", "country", "starts"), ("name",)),
    Workspace: Watched(("state",)),
    SignInAccount: Watched(("employee_id",)),
    DirectoryRule: Watched(("kind", "name", "unit_id", "role")),
    AllowedPlace: Watched(("workspace",)),
    InstallLink: Watched(("expires_at",)),
    ApiToken: Watched(("scopes", "revoked_at", "expires_at"), ("name",)),
    Webhook: Watched(("kinds", "is_active"), ("url",)),
    SocialChannel: Watched(
        ("state", "disclosure", "owner_id", "max_length", "blocked"), ("name", "tone", "share_page")
    ),
    BlockedPhrase: Watched(("phrase", "instead")),
    Topic: Watched(("holder_id", "deputy_id", "channel_id", "is_retired", "room_workspace"), ("names", "room")),
    Goal: Watched(("owner_id", "baseline", "target", "starts", "due"), ("name",)),
    Activity: Watched(("owner_id", "starts", "repeats"), ("name",)),
    Audience: Watched(("kind", "channels"), ("name",)),
    Source: Watched(("state", "kind"), ("name", "address", "secret")),
    Feed: Watched(("language",), ("url", "topic")),
    Post: Watched(("state", "decided_by_id", "priority", "expires_at", "embargo_until"), is_made=False),
    Caption: Watched(("approved_by_id", "state"), is_made=False),
    Entry: Watched(("state", "owner_id", "review_on"), ("answer",)),
    Statement: Watched(("retired_at",)),
    Wording: Watched(("version",), ("texts",)),
    Round: Watched(("published_at", "published_by", "state"), ("action",)),
    Comment: Watched(("answered_by",), ("answer",), is_made=False),
    DigestPlace: Watched(("set_by_id", "workspace_id")),
}


@contextmanager
def acting(session: Session, by_id: int | None, source: str) -> Iterator[None]:
    """Whatever is changed inside was done by them. `source`: chat | console | terminal | api."""
    before = session.info.get(ACTOR, NOBODY)
    session.info[ACTOR] = Actor(by_id, source)
    try:
        yield
        if any(type(row) in WATCHED for rows in (session.new, session.dirty, session.deleted) for row in rows):
            session.flush()  # before somebody else acts in the same transaction
    finally:
        session.info[ACTOR] = before


def actor_of(session: Session) -> Actor:
    found: Actor = session.info.get(ACTOR, NOBODY)
    return found


def note(
    session: Session,
    act: str,
    *,
    about: str = "",
    details: Mapping[str, Any] | None = None,
    person: int | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    """An act that changes no row, such as a look at somebody's data, by whoever acts in the session."""
    by_id, source = actor_of(session)
    entries.note(session, Act(act, datetime.now(UTC), source, by_id, about, details, person, personal))


def _tell(session: Session, _flushed: object) -> None:
    """The session's rows are as they were before the flush, and have their ids already."""
    (by_id, source), now, acts = actor_of(session), datetime.now(UTC), list[Act]()
    for done, rows in (("made", session.new), ("changed", session.dirty), ("deleted", session.deleted)):
        for row in rows:
            watched = WATCHED.get(type(row))
            if watched is None or (done != "changed" and not watched.is_made):
                continue
            details = _changes(row, watched) if done == "changed" else _values(row, watched)
            if details or done != "changed":
                acts.append(Act(f"{_name(row)} {done}", now, source, by_id, _about(row), details))
    entries.note_all(session, acts)


def _changes(row: Any, watched: Watched) -> dict[str, Any]:
    """Of columns whose value is another: [before, now]; of words that they are."""
    found: dict[str, Any] = {}
    state = inspect(row)
    for name in (*watched.values, *watched.words):
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        before, now = (next(iter(values), None) for values in (history.deleted, history.added))
        if before != now:
            found[_column(name)] = "changed" if name in watched.words else [_plain(before), _plain(now)]
    return found


def _values(row: Any, watched: Watched) -> dict[str, Any]:
    return {_column(name): _plain(getattr(row, name)) for name in watched.values if getattr(row, name) is not None}


def _name(row: Any) -> str:
    return str(row.__tablename__)


def _about(row: Any) -> str:
    return " ".join(str(value) for value in inspect(row).identity or inspect(row).mapper.primary_key_from_instance(row))


def _column(name: str) -> str:
    return name.removeprefix("own_")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


event.listen(Session, "after_flush", _tell)
