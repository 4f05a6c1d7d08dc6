"""The event table: everything that is measured, one row an event, as the view `happened` of the database.

| column | holds |
|---|---|
| `at` | when it happened, UTC |
| `kind` | nudged, opened, shared, clicked, declined, asked, answered, heard, looked_after, lead |
| `unit_id` | of the person whose doing it was; null where it is nobody's |
| `channel` | the social-media channel or topic; null where it has none |
| `post_id` | the post; null where it is about none |
| `number` | how many: unique clicks come as one row a share, at the moment of the share that brought them |

It names nobody. A view and no second copy: what is corrected where it happened is corrected here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Integer, String, column, func, literal_column, select, table
from sqlalchemy.orm import Session

KINDS = (
    "nudged",
    "opened",
    "shared",
    "clicked",
    "declined",
    "asked",
    "answered",
    "heard",
    "looked_after",
    "lead",
)
HAPPENED = table(
    "happened",
    column("at", DateTime(timezone=True)),
    column("kind", String),
    column("unit_id", Integer),
    column("channel", String),
    column("post_id", Integer),
    column("number", Integer),
)


def by_day(session: Session, start: datetime, end: datetime) -> Sequence[tuple[str, str, str, int]]:
    """(day UTC, kind, channel or "", number) in that time, in order; no unit, so that nothing needs hiding."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    day: Any = func.date(func.timezone("UTC", HAPPENED.c.at) if is_postgres else HAPPENED.c.at).label("day")
    channel = func.coalesce(HAPPENED.c.channel, literal_column("''")).label("place")
    since, until = (start, end) if is_postgres else (start.replace(tzinfo=None), end.replace(tzinfo=None))
    rows = session.execute(
        select(day, HAPPENED.c.kind, channel, func.sum(HAPPENED.c.number))
        .where(HAPPENED.c.at >= since, HAPPENED.c.at < until)
        .group_by(day, HAPPENED.c.kind, channel)
        .order_by(day, HAPPENED.c.kind, channel)
    )
    return [(str(on), kind, place, int(number)) for on, kind, place, number in rows]
