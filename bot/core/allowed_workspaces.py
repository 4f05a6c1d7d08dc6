"""Which workspaces and tenants belong to the organisation. Events from any other are dropped."""

from __future__ import annotations

from collections.abc import Iterable


class NotYetKnown(Exception):
    """Whether the workspace belongs is not known yet: whoever asks is to ask again."""


class AllowedWorkspaces:
    """`named`: workspaces as in events ("slack:T0123", "teams:<tenant>"). `platforms`: those that only this machine
    reaches, all of whose workspaces belong. `pending`: a platform whose one workspace is not known yet."""

    def __init__(self, named: Iterable[str] = (), *, platforms: Iterable[str] = (), pending: str = "") -> None:
        self._named = set(named)
        self._platforms = frozenset(platforms)
        self._pending = pending

    def allow(self, workspace: str) -> None:
        """Add one that proves itself: the team of the one bot token that the settings hold."""
        self._named.add(workspace)
        if platform_of(workspace) == self._pending:
            self._pending = ""

    def is_pending(self, workspace: str) -> bool:
        """Whether it may turn out to belong, once its platform has been asked."""
        return workspace not in self and platform_of(workspace) == self._pending

    def __contains__(self, workspace: object) -> bool:
        return workspace in self._named or platform_of(str(workspace)) in self._platforms


def platform_of(workspace: str) -> str:
    return workspace.partition(":")[0]
