"""Seal everything that is sealed with the newest key, whichever table it is in, while the processes run."""

from __future__ import annotations

from sqlalchemy import LargeBinary, Table, and_, select, type_coerce, update
from sqlalchemy.orm import Session

import storage.tables  # noqa: F401 -- so that all tables are known
from storage.base import Base, Sealed
from storage.secrets import reseal_secret


def reseal_all(session: Session) -> int:
    """Returns how many secrets there are. A row that somebody changes meanwhile was sealed anew by them. Raises
    KeyRingError."""
    return sum(
        _reseal(session, table, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    )


def _reseal(session: Session, table: Table, name: str) -> int:
    # Past the column's type on purpose: it would open and seal, where rotating keeps the secret closed.
    closed, keys = type_coerce(table.c[name], LargeBinary), list(table.primary_key.columns)
    rows = session.execute(select(*keys, closed).where(table.c[name].is_not(None))).all()
    for row in rows:
        *key, sealed = row
        is_it = and_(*(column == value for column, value in zip(keys, key, strict=True)), closed == sealed)
        anew = type_coerce(reseal_secret(bytes(sealed)), LargeBinary)
        session.execute(update(table).where(is_it).values({table.c[name]: anew}))
    return len(rows)
