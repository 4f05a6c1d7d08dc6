"""What servers gave to Chorus when they first met: client ids, secrets and keys, sealed in the database."""

from __future__ import annotations

from typing import Any, Protocol

from bot.core.db_executor import DbExecutor
from storage.publishing import accounts


class Clients(Protocol):
    """Called from threads."""

    def get(self, network: str, host: str) -> dict[str, Any] | None: ...

    def put(self, network: str, host: str, value: dict[str, Any]) -> None: ...

    def forget(self, network: str, host: str) -> None: ...


class DatabaseClients:
    def __init__(self, db_executor: DbExecutor) -> None:
        self._run = db_executor.from_thread

    def get(self, network: str, host: str) -> dict[str, Any] | None:
        return self._run(lambda session: accounts.client(session, network, host))

    def put(self, network: str, host: str, value: dict[str, Any]) -> None:
        self._run(lambda session: accounts.remember_client(session, network, host, value))

    def forget(self, network: str, host: str) -> None:
        self._run(lambda session: accounts.forget_client(session, network, host))
