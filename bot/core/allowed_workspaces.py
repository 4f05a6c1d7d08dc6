"""Which workspaces and tenants belong to the organisation. Events from any other are dropped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from time import monotonic

HOLDS = 15.0  # seconds for which it is not asked again what an administrator listed
ASKED_FOR_UNKNOWN = 1.0  # seconds, for a workspace that is not among them


class NotYetKnown(Exception):
    """It is not known yet whether the workspace belongs; ask again later."""


class AllowedWorkspaces:
    """`named`: workspaces as in events ("slack:T0123", "teams:<tenant>"). `platforms`: those that only this machine
    reaches, all of whose workspaces belong. `pending`: a platform whose one workspace is not known yet. `listed`: asks
    which others an administrator has added, and may take away again."""

    def __init__(
        self,
        named: Iterable[str] = (),
        *,
        platforms: Iterable[str] = (),
        pending: str = "",
        listed: Callable[[], Awaitable[Collection[str]]] | None = None,
    ) -> None:
        self._named = set(named)
        self._platforms = frozenset(platforms)
        self._pending = pending
        self._ask_listed = listed
        self._listed: frozenset[str] = frozenset()
        self._asked_at = -HOLDS

    def allow(self, workspace: str) -> None:
        """Add a workspace that needs no naming: the team of the bot token in the settings."""
        self._named.add(workspace)
        if platform_of(workspace) == self._pending:
            self._pending = ""

    def is_pending(self, workspace: str) -> bool:
        """Whether its platform has still to be asked."""
        return workspace not in self and platform_of(workspace) == self._pending

    async def knows(self, workspace: str) -> bool:
        """Whether it belongs, by the settings or by an administrator's list."""
        if workspace in self:
            return True
        if self._ask_listed is None:
            return False
        age = monotonic() - self._asked_at
        if age > HOLDS or (workspace not in self._listed and age > ASKED_FOR_UNKNOWN):
            self._asked_at = monotonic()
            self._listed = frozenset(await self._ask_listed())
        return workspace in self._listed

    async def may_belong(self, workspace: str) -> bool:
        """Whether it belongs, or may: its platform has still to be asked."""
        return self.is_pending(workspace) or await self.knows(workspace)

    def knew(self, workspace: str) -> bool:
        """The same, as far as was told last: asks nobody."""
        return workspace in self or workspace in self._listed or self.is_pending(workspace)

    def learn(self, workspace: str) -> None:
        """An administrator's link has just let it in."""
        self._listed |= {workspace}

    def __contains__(self, workspace: object) -> bool:
        """Whether it belongs by the settings."""
        return workspace in self._named or platform_of(str(workspace)) in self._platforms


def platform_of(workspace: str) -> str:
    return workspace.partition(":")[0]
