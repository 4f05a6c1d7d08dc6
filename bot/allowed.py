"""Which workspaces and tenants belong to the organisation. Whoever speaks from elsewhere is not heard."""

from __future__ import annotations

from collections.abc import Iterable


class AllowedWorkspaces:
    """`named`: workspaces as in events ("slack:T0123", "teams:<tenant>"). `platforms`: those that only this machine
    reaches, all of whose workspaces belong."""

    def __init__(self, named: Iterable[str] = (), *, platforms: Iterable[str] = ()) -> None:
        self._named = set(named)
        self._platforms = frozenset(platforms)

    def allow(self, workspace: str) -> None:
        """Add one that proves itself: the team of the one bot token that the settings hold."""
        self._named.add(workspace)

    def __contains__(self, workspace: object) -> bool:
        return workspace in self._named or str(workspace).partition(":")[0] in self._platforms
