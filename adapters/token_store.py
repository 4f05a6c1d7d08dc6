"""The tokens that workspaces entrusted to the adapters, encrypted in their rows and cached in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from bot.core.db_executor import DbExecutor
from storage.database import Session
from storage.database_faults import NoAnswer
from storage.people import workspaces
from storage.people.workspaces import WorkspaceState

TRUSTED_FOR = 30.0  # seconds: another process may have installed or removed it


class DatabaseTokenStore:
    def __init__(self, db_executor: DbExecutor, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db_executor = db_executor
        self._now = now
        self._known: dict[str, tuple[str | None, float]] = {}

    async def get(self, workspace: str) -> str | None:
        """Raises NoAnswer where the database stands still and it was never read."""
        secret, until = self._known.get(workspace, (None, 0.0))
        if until > monotonic():
            return secret

        def work(session: Session) -> str | None:
            row = workspaces.workspace(session, workspace)
            return row.credentials if row and row.state == WorkspaceState.INSTALLED else None

        try:
            secret = await self._db_executor.ask(work)
        except NoAnswer:
            if workspace not in self._known:
                raise
            return secret  # of before: whoever pressed is to be told that nothing was stored
        self._known[workspace] = (secret, monotonic() + TRUSTED_FOR)
        return secret

    async def put(self, workspace: str, secret: str, *, name: str = "") -> None:
        def work(session: Session) -> None:
            workspaces.install(session, workspace, name=name, now=self._now()).credentials = secret

        await self._db_executor(work)
        self._known.pop(workspace, None)

    def forget(self, workspace: str) -> None:
        self._known.pop(workspace, None)
