"""Who did what, for administrators: the newest acts, by person, kind and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from adapters.web.console.act_names import ActNames, act_name, person_about, source_name
from adapters.web.console.parts import Cell, Column, DataTable, Filter, LinkTo, Narrowed
from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words
from storage.audit import entries
from storage.audit.entries import AuditEntry
from storage.people import employees

AT_ONCE = 50
DAYS = (1, 7, 30, 90)
CONCERNS, NOBODY = "concerned", 0


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
    sought = query.text("q").lower()
    person = employees.by_email(session, sought) if sought else None
    number = (person.id if person is not None else NOBODY) if sought else None
    concerns, since = query.among("whose", [CONCERNS]) == CONCERNS, query.among("days", days)
    filters.append(
        Filter(
            "whose",
            words.t("Address of"),
            [("", words.t("Whoever did it")), (CONCERNS, words.t("Whom it concerns"))],
            CONCERNS if concerns else "",
        )
    )
    rows = entries.entries(
        session,
        act=query.among("act", kinds),
        by_id=None if concerns else number,
        about_person=number if concerns else None,
        since=_beginning(context.now, int(since)) if since else None,
        before_id=query.number("after") or None,
        limit=AT_ONCE,
    )
    names = ActNames(session, rows, words)
    head = entries.head(session)
    return AuditPage(
        said=words.n("{count} act.", "{count} acts.", head.id),
        narrowed=Narrowed(
            query=query,
            filters=filters,
            searched=query.text("q"),
            search_hint=words.t("Email address"),
            found=words.t("Nobody has that address.") if sought and person is None else "",
        ),
        table=DataTable(
            words.t("Acts"),
            [
                Column(words.t("When")),
                Column(words.t("Who")),
                Column(words.t("What")),
                Column(words.t("About")),
                Column(words.t("Details")),
            ],
            [_row(row, names, words) for row in rows],
            words.t("Nothing matches."),
            query.following(rows[-1].id if len(rows) == AT_ONCE else 0),
            is_stacked=True,
        ),
    )


def _beginning(now: datetime, days: int) -> datetime:
    return datetime.combine((now - timedelta(days=days)).date(), time(), UTC)


def _row(row: AuditEntry, names: ActNames, words: Words) -> Sequence[Cell]:
    where = source_name(row.source, words)
    who: Cell = where[:1].upper() + where[1:]
    if row.by_id is not None:
        who = LinkTo(f"{names.person(row.by_id)}, {where}", f"/console/people/{row.by_id}")
    about: Cell = row.about or "–"
    if (person := person_about(row)) is not None:
        about = LinkTo(names.person(person), f"/console/people/{person}")
    return words.moment(row.at), who, act_name(row.act, words), about, names.details(row) or "–"
