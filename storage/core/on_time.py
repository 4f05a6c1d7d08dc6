"""Whether what came to a person was dealt with on time: the same for questions and mentions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, false, null


def on_time(table: Any, waiting: Collection[str], as_of: datetime) -> ColumnElement[bool | None]:
    """No, too, for what waits still (its state is one of `waiting`) and was due by `as_of`: else the best figure is had
    by not answering at all. NULL where it is not known yet."""
    is_late = table.state.in_(waiting) & (table.answer_by <= as_of)
    return case((table.was_in_time.is_not(None), table.was_in_time), (is_late, false()), else_=null())
