"""Who did what, for administrators: the newest acts, by person, kind and day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters.web.console.act_names import act_name, source_name
from adapters.web.console.parts import Cell, Column, DataTable, Filter, LinkTo, Narrowed
from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words
from storage.audit import entries
from storage.audit.entries import AuditEntry
from storage.people import employees
from storage.people.employees import Employee

AT_ONCE = 50
DAYS = (1, 7, 30, 90)
LONGEST_VALUE = 60  # characters


@dataclass(frozen=True, slots=True)
class AuditPage:
    said: str
    narrowed: Narrowed
    table: DataTable


def view(context: Context, query: Query) -> AuditPage:
    session, words = context.session, context.words
    kinds, days = entries.kinds(session), [str(number) for number in DAYS]
    filters = [
        Filter(
            "act",
            words.t("What"),
            [("", words.t("Any")), *sorted(((kind, act_name(kind, words)) for kind in kinds), key=lambda one: one[1])],
            query.among("act", kinds),
        ),
        Filter(
            "days",
            words.t("When"),
            [("", words.t("Any time")), *((day, words.n("{count} day", "{count} days", int(day))) for day in days)],
            query.among("days", days),
        ),
    ]
    person = employees.by_email(session, query.text("q").lower()) if query.text("q") else None
    since = query.among("days", days)
    rows = entries.entries(
        session,
        act=query.among("act", kinds),
        by_id=(person.id if person is not None else 0) if query.text("q") else None,
        since=_beginning(context.now, int(since)) if since else None,
        before_id=query.number("after") or None,
        limit=AT_ONCE,
    )
    people = employees.some(session, {row.by_id for row in rows if row.by_id is not None})
    head = entries.head(session)
    return AuditPage(
        said=words.n("{count} act.", "{count} acts.", head.id),
        narrowed=Narrowed(
            query=query,
            filters=filters,
            searched=query.text("q"),
            search_hint=words.t("Email address of whoever did it"),
            found=words.t("Nobody has that address.") if query.text("q") and person is None else "",
        ),
        table=DataTable(
            words.t("Audit log"),
            [
                Column(words.t("When")),
                Column(words.t("Who")),
                Column(words.t("What")),
                Column(words.t("About"), is_secondary=True),
                Column(words.t("Details"), is_secondary=True),
            ],
            [_row(row, people, words) for row in rows],
            words.t("Nothing matches."),
            query.following(rows[-1].id if len(rows) == AT_ONCE else 0),
        ),
    )


def _beginning(now: datetime, days: int) -> datetime:
    return datetime.combine((now - timedelta(days=days)).date(), time(), UTC)


def _row(row: AuditEntry, people: Mapping[int, Employee], words: Words) -> Sequence[Cell]:
    where = source_name(row.source, words)
    who: Cell = where[:1].upper() + where[1:]
    if row.by_id is not None:
        person = people.get(row.by_id)
        name = (person.name or person.email if person is not None else None) or words.t("No name")
        who = LinkTo(f"{name}, {where}", f"/console/people/{row.by_id}")
    return words.moment(row.at), who, act_name(row.act, words), row.about or "–", _details(row)


def _details(row: AuditEntry) -> str:
    """Values as they are stored: an administrator holds them against settings and the command line."""
    said: dict[str, Any] = json.loads(row.details) if row.details else {}
    parts = [
        f"{name}: {_value(value[0])} → {_value(value[1])}"
        if isinstance(value, list) and len(value) == 2 and row.act.endswith(" changed")
        else f"{name}: {_value(value)}"
        for name, value in said.items()
    ]
    return ", ".join(parts) or "–"


def _value(value: Any) -> str:
    said = ", ".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)
    return said if len(said) <= LONGEST_VALUE else f"{said[:LONGEST_VALUE]}…"
