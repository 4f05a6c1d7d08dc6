"""Which workspaces and tenants belong to the organisation. Events from any other are dropped."""

from __future__ import annotations

from collections.abc import Iterable


class NotYetKnown(Exception):
    """It is not known yet whether the workspace belongs; ask again later."""


class AllowedWorkspaces:
    """`named`: workspaces as in events ("slack:T0123", "teams:<tenant>"). `platforms`: those that only this machine
    reaches, all of whose workspaces belong. `pending`: a platform whose one workspace is not known yet."""

    def __init__(self, named: Iterable[str] = (), *, platforms: Iterable[str] = (), pending: str = "") -> None:
        self._named = set(named)
        self._platforms = frozenset(platforms)
        self._pending = pending

    def allow(self, workspace: str) -> None:
        """Add a workspace that needs no naming: the team of the bot token in the settings."""
        self._named.add(workspace)
        if platform_of(workspace) == self._pending:
            self._pending = ""

    def is_pending(self, workspace: str) -> bool:
        """Whether its platform has still to be asked."""
        return workspace not in self and platform_of(workspace) == self._pending

    def __contains__(self, workspace: object) -> bool:
        return workspace in self._named or platform_of(str(workspace)) in self._platforms


def platform_of(workspace: str) -> str:
    return workspace.partition(":")[0]
