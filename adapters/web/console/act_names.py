"""Acts of the audit log as people read them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from adapters.web.console.parts import Cell, LinkTo
from bot.core.i18n import Words, capital
from bot.core.role_names import role_name
from bot.features.sharing.cards.review import state_name
from storage.audit.entries import AuditEntry
from storage.database import Session
from storage.names import names_of
from storage.people import employees, organisation
from storage.sharing.posts import PostState

LONGEST_VALUE = 60  # characters
PEOPLE = {
    *("owner_id", "holder_id", "deputy_id", "decided_by_id", "approved_by_id", "set_by_id", "employee_id"),
    *("published_by", "answered_by"),
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:.*[+]00:00")
_DAY, _LOCAL = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_RULE = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)\b")
DONE = ("made", "changed", "deleted")
PAGES = {"employees": "people", "posts": "library"}  # by table, the page of one row


def act_name(act: str, words: Words) -> str:
    """An act that has no name here is called as it is stored."""
    if (named := _acts().get(act)) is not None:
        return named(words)
    table, _, done = act.rpartition(" ")
    thing = _things().get(table)
    if thing is None or done not in DONE:
        return act
    name = thing(words)
    return {
        "made": words.t("{thing}: added", thing=name),
        "changed": words.t("{thing}: changed", thing=name),
        "deleted": words.t("{thing}: removed", thing=name),
    }[done]


def source_name(source: str, words: Words) -> str:
    return {
        "chat": words.t("in chat"),
        "console": words.t("in the console"),
        "terminal": words.t("on the command line"),
        "api": words.t("by a program"),
        "directory": words.t("by the directory"),
        "sign-in": words.t("at sign-in"),
        "install link": words.t("by an installation link"),
        "job": words.t("by Chorus itself"),
    }.get(source, source)


def _thing_about(row: AuditEntry) -> tuple[str, int]:
    """(table, key) of what the act is about; 0 where it is no row with a number."""
    table, _, number = row.about.rpartition(" ")
    table = table or row.act.rpartition(" ")[0]
    return (table, int(number)) if number.isdecimal() and table in _things() else (table, 0)


def _person_about(row: AuditEntry) -> int | None:
    table, number = _thing_about(row)
    return number if table == "employees" and number else None


def _shortened(said: str) -> str:
    return said if len(said) <= LONGEST_VALUE else f"{said[:LONGEST_VALUE]}…"


class ActNames:
    """What the values of some acts are called: people and units by their names, moments and roles in words."""

    def __init__(self, session: Session, rows: Sequence[AuditEntry], words: Words) -> None:
        self._words, self._labels, self._states = words, labels(words), _states(words)
        self._said = {row.id: _details(row) for row in rows}
        people = {number for row in rows for number in (row.by_id, _person_about(row)) if number is not None}
        for said in self._said.values():
            people |= {one for name, value in said.items() if name in PEOPLE for one in _numbers(value)}
        self._people = employees.some(session, people)
        self._units = {unit.id: unit.name for unit in organisation.units(session)}
        self._named = names_of(session, {_thing_about(row) for row in rows})

    def person(self, number: int) -> str:
        found = self._people.get(number)
        if found is None or found.is_erased:
            return self._words.t("Somebody who was deleted")
        return found.name or found.email or self._words.t("No name")

    def linked(self, number: int, said: str) -> Cell:
        """With the page of the person, where there is one."""
        found = self._people.get(number)
        return said if found is None or found.is_erased else LinkTo(said, f"/console/{PAGES['employees']}/{number}")

    def about(self, row: AuditEntry) -> Cell:
        """What the act is about by its name, with a link where it has a page; its number where nothing is called so any
        more."""
        table, number = _thing_about(row)
        if not number:
            return row.about or "–"
        if table == "employees":
            return self.linked(number, self.person(number))
        name = self._named.get((table, number))
        if name is None:
            return self._words.t("No. {number}", number=number)
        said = _shortened(name)
        return LinkTo(said, f"/console/{PAGES[table]}/{number}") if table in PAGES else said

    def details(self, row: AuditEntry) -> str:
        parts = []
        for name, value in self._said[row.id].items():
            label = self._labels.get(name, name)
            if isinstance(value, list) and len(value) == 2 and row.act.endswith(" changed"):
                parts.append(f"{label}: {self._value(row, name, value[0])} → {self._value(row, name, value[1])}")
            else:
                parts.append(f"{label}: {self._value(row, name, value)}")
        return ", ".join(parts)

    def _value(self, row: AuditEntry, name: str, value: Any) -> str:
        words = self._words
        if value is None or value == []:
            return "–"
        if name in PEOPLE and isinstance(value, int):
            return self.person(value)
        if name in ("unit_id", "parent_id") and isinstance(value, int):
            return self._units.get(value, str(value))
        if name in ("roles", "role"):
            return ", ".join(role_name(role, words) for role in (value if isinstance(value, list) else [value]))
        if name in ("state", "phase") and isinstance(value, str):
            is_of_a_post = row.act.startswith("posts ") and value in list(PostState)
            return capital(state_name(PostState(value), words) if is_of_a_post else self._states.get(value, value))
        if value == "changed":
            return words.t("changed")
        if isinstance(value, bool):
            return words.t("yes") if value else words.t("no")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if isinstance(value, str) and (told := _told(value, words)):
            return told
        return _shortened(str(value))


def _told(value: str, words: Words) -> str:
    """Moments, days and rules of repetition in words; "" for what is none of them."""
    if _MOMENT.fullmatch(value):
        return words.moment(datetime.fromisoformat(value))
    if _DAY.fullmatch(value):
        return words.date(date.fromisoformat(value))
    if _LOCAL.fullmatch(value):
        return words.local_moment(datetime.fromisoformat(value))
    repeats = {
        "DAILY": words.t("daily"),
        "WEEKLY": words.t("weekly"),
        "MONTHLY": words.t("monthly"),
        "YEARLY": words.t("yearly"),
    }
    return repeats[rule[1]] if (rule := _RULE.match(value)) else ""


def _details(row: AuditEntry) -> dict[str, Any]:
    return dict(json.loads(row.details)) if row.details else {}


def _numbers(value: Any) -> list[int]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)]


def _states(words: Words) -> dict[str, str]:
    """But for those of posts, which have names of their own."""
    return {
        "active": words.t("active"),
        "left": words.t("has left"),
        "installed": words.t("installed"),
        "removed": words.t("removed"),
        "proposed": words.t("proposed"),
        "approved": words.t("approved"),
        "draft": words.t("draft"),
        "live": words.t("live"),
        "retired": words.t("no longer used"),
        "waiting": words.t("waiting"),
        "pilot": words.t("pilot"),
        "paused": words.t("paused"),
        "open": words.t("open"),
        "closing": words.t("closing"),
        "closed": words.t("closed"),
        "published": words.t("published"),
    }


def labels(words: Words) -> dict[str, str]:
    """Of all that `storage.audit.watch` tells of a row, and of what is noted beside."""
    return {
        "roles": words.t("Roles"),
        "role": words.t("Role"),
        "unit_id": words.t("Unit"),
        "parent_id": words.t("Above it"),
        "country": words.t("Country"),
        "state": words.t("Status"),
        "phase": words.t("Phase"),
        "owner_id": words.t("Owner"),
        "holder_id": words.t("Owner"),
        "deputy_id": words.t("Deputy"),
        "decided_by_id": words.t("Decided by"),
        "approved_by_id": words.t("Approved by"),
        "expires_at": words.t("Ends"),
        "due": words.t("Due"),
        "starts": words.t("Starts"),
        "target": words.t("Target"),
        "scopes": words.t("Scopes"),
        "new": words.t("New"),
        "changed": words.t("Changed"),
        "left": words.t("Left"),
        "refused": words.t("Refused"),
        "closed_by_directory": words.t("Closed by the directory"),
        "name": words.t("Name"),
        "kind": words.t("Kind"),
        "workspace": words.t("Workspace"),
        "workspace_id": words.t("Workspace"),
        "employee_id": words.t("Person"),
        "set_by_id": words.t("Set by"),
        "revoked_at": words.t("Revoked"),
        "kinds": words.t("Of what"),
        "is_active": words.t("In use"),
        "url": words.t("Address"),
        "address": words.t("Address"),
        "disclosure": words.t("Employer is named"),
        "max_length": words.t("Longest"),
        "blocked": words.t("Blocked phrases"),
        "tone": words.t("Tone"),
        "share_page": words.t("Share page"),
        "phrase": words.t("Phrase"),
        "instead": words.t("Instead"),
        "channel_id": words.t("Channel"),
        "channels": words.t("Channels"),
        "is_retired": words.t("No longer used"),
        "retired_at": words.t("No longer used"),
        "room": words.t("Room"),
        "room_workspace": words.t("Workspace of the room"),
        "names": words.t("Names"),
        "baseline": words.t("Starting value"),
        "repeats": words.t("Repeats"),
        "secret": words.t("Secret"),
        "language": words.t("Language"),
        "topic": words.t("Topic"),
        "priority": words.t("Goes first"),
        "embargo_until": words.t("Not before"),
        "review_on": words.t("Look at it again"),
        "answer": words.t("The answer"),
        "answered_by": words.t("Answered by"),
        "version": words.t("Version"),
        "texts": words.t("Wording"),
        "published_at": words.t("Published"),
        "published_by": words.t("Published by"),
        "action": words.t("What is done about it"),
        "rows": words.t("Rows"),
    }


def _acts() -> dict[str, Callable[[Words], str]]:
    return {
        "signed in to the console": lambda w: w.t("Signed in"),
        "sign-in refused": lambda w: w.t("Sign-in refused"),
        "figures exported": lambda w: w.t("Figures exported"),
        "looked at a person": lambda w: w.t("Looked at a person"),
        "people read": lambda w: w.t("List of people read"),
        "data of a person exported": lambda w: w.t("Somebody’s data exported"),
        "signed out by an administrator": lambda w: w.t("Signed out by an administrator"),
        "secrets resealed": lambda w: w.t("Secrets sealed with the newest key"),
        "person joined": lambda w: w.t("Two places joined to one person"),
        "person erased": lambda w: w.t("Somebody deleted"),
        "people imported": lambda w: w.t("People imported"),
        "audit log exported": lambda w: w.t("Audit log exported"),
        "audit log pruned": lambda w: w.t("Old acts deleted"),
    }


def _things() -> dict[str, Callable[[Words], str]]:
    return {
        "employees": lambda w: w.t("Person"),
        "units": lambda w: w.t("Unit"),
        "workspaces": lambda w: w.t("Workspace"),
        "allowed_places": lambda w: w.t("Allowed workspace"),
        "install_links": lambda w: w.t("Installation link"),
        "sign_in_accounts": lambda w: w.t("Sign-in account"),
        "directory_rules": lambda w: w.t("Directory rule"),
        "api_tokens": lambda w: w.t("API token"),
        "webhooks": lambda w: w.t("Webhook"),
        "channels": lambda w: w.t("Channel"),
        "blocked_phrases": lambda w: w.t("Blocked phrase"),
        "topics": lambda w: w.t("Topic"),
        "goals": lambda w: w.t("Goal"),
        "activities": lambda w: w.t("Activity"),
        "audiences": lambda w: w.t("Audience"),
        "sources": lambda w: w.t("Source"),
        "feeds": lambda w: w.t("Feed"),
        "posts": lambda w: w.t("Post"),
        "captions": lambda w: w.t("Starter"),
        "entries": lambda w: w.t("Saved answer"),
        "statements": lambda w: w.t("Statement"),
        "wordings": lambda w: w.t("Wording"),
        "rounds": lambda w: w.t("Pulse round"),
        "pulse_comments": lambda w: w.t("Pulse comment"),
        "digest_places": lambda w: w.t("Digest in a conversation"),
    }
