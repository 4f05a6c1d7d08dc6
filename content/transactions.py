"""How what is read from the web comes into the database: each piece in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from storage.database import Session

T = TypeVar("T")


class InTransaction(Protocol):
    """`Database.run`, or in a process that serves people the one executor of all work on the database."""

    def __call__(self, work: Callable[[Session], T]) -> T: ...
