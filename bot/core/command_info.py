"""What a platform shows of a command before anybody types it: manifests and lists of suggestions are made from this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageShortcut:
    """The command as an action on somebody's message. English: app manifests are in one language."""

    title: str  # at most 24 characters (Slack)
    description: str


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """`usage`: with what it is typed, "suggest https://…". `summary`: one line for lists of commands; without one the
    command is not listed. `takes_text`: more may follow than its name."""

    name: str
    usage: str = ""
    summary: str = ""
    takes_text: bool = False
    shortcut: MessageShortcut | None = None


def usage_hint(commands: Iterable[CommandInfo]) -> str:
    """What may follow `/chorus`: Slack's usage hint."""
    return " | ".join(command.usage for command in commands if command.usage)
