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

from sqlalchemy import DateTime, Integer, String, column, func, select, table
from sqlalchemy.orm import Session

KINDS = (
    "nudged", "opened", "shared", "clicked", "declined", "asked", "answered", "heard", "looked_after", "lead",
)  # fmt: skip
HAPPENED = table(
    "happened", column("at", DateTime(timezone=True)), column("kind", String), column("unit_id", Integer),
    column("channel", String), column("post_id", Integer), column("number", Integer),
)  # fmt: skip


def by_day(session: Session, start: datetime, end: datetime) -> Sequence[tuple[str, str, str, int]]:
    """(day UTC, kind, channel or "", number) in that time, in order; no unit, so that nothing needs hiding."""
    day: Any = func.date(HAPPENED.c.at)
    rows = session.execute(
        select(day, HAPPENED.c.kind, func.coalesce(HAPPENED.c.channel, ""), func.sum(HAPPENED.c.number))
        .where(HAPPENED.c.at >= _bound(session, start), HAPPENED.c.at < _bound(session, end))
        .group_by(day, HAPPENED.c.kind, func.coalesce(HAPPENED.c.channel, ""))
        .order_by(day, HAPPENED.c.kind, func.coalesce(HAPPENED.c.channel, ""))
    )
    return [(str(on), kind, channel, int(number)) for on, kind, channel, number in rows]


def _bound(session: Session, moment: datetime) -> datetime:
    """SQLite keeps moments without a zone."""
    return moment if session.get_bind().dialect.name == "postgresql" else moment.replace(tzinfo=None)
