"""Who did what, for administrators: the newest acts, by person, kind and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from adapters.web.console.act_names import ActNames, act_name, source_name
from adapters.web.console.parts import Cell, Column, DataTable, Filter, Narrowed
from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words
from storage.audit import entries
from storage.audit.entries import AuditEntry
from storage.database import Session
from storage.people import directory, employees
from storage.people.directory import PeopleQuery

AT_ONCE = 50
DAYS = (1, 7, 30, 90)
DID, CONCERNS = "did", "concerned"
MOST_PEOPLE = 100  # whom a part of a name may mean


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
    sought = query.text("q")
    people = _people(session, sought)
    whose, since = query.among("whose", [DID, CONCERNS]), query.among("days", days)
    filters.append(
        Filter(
            "whose",
            words.t("Name or address of"),
            [("", words.t("Either")), (DID, words.t("Whoever did it")), (CONCERNS, words.t("Whom it concerns"))],
            whose,
        )
    )
    rows = entries.entries(
        session,
        act=query.among("act", kinds),
        by_people=None if whose == CONCERNS else people,
        about_people=None if whose == DID else people,
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
            searched=sought,
            search_hint=words.t("Name or email"),
            found=_found(people, words, is_asked=bool(whose)),
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


def _people(session: Session, sought: str) -> list[int] | None:
    """Whom these words may mean; None where nothing was looked for."""
    if not sought:
        return None
    known = employees.by_email(session, sought.lower())  # first: also of whom there is nothing but the address
    found = directory.page(session, PeopleQuery(words=sought), after_id=0, limit=MOST_PEOPLE)
    return sorted({one.id for one in (known, *found) if one is not None})


def _found(people: Sequence[int] | None, words: Words, *, is_asked: bool) -> str:
    if people is None:
        return words.t("Write whose, too: a name or an email address.") if is_asked else ""
    if len(people) > 1:
        return words.n("{count} person is meant by that.", "{count} people are meant by that.", len(people))
    return "" if people else words.t("Nobody has that name or address.")


def _beginning(now: datetime, days: int) -> datetime:
    return datetime.combine((now - timedelta(days=days)).date(), time(), UTC)


def _row(row: AuditEntry, names: ActNames, words: Words) -> Sequence[Cell]:
    where = source_name(row.source, words)
    who: Cell = where[:1].upper() + where[1:]
    if row.by_id is not None:
        who = names.linked(row.by_id, f"{names.person(row.by_id)}, {where}")
    return words.moment(row.at), who, act_name(row.act, words), names.about(row), names.details(row) or "–"
