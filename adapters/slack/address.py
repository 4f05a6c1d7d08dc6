"""Slack's addresses and messages as the core carries them: opaque strings that only this folder reads.

slack:T1:U1           the person, in the bot's direct conversation with them
slack:T1:D9           a conversation
slack:T1:D9:1700.25   a message in it; as an address: the thread below it
slack:T1:home:U1      a person's App Home
"""

from __future__ import annotations

from dataclasses import dataclass

HOME = "home"  # in the place of a conversation


@dataclass(frozen=True, slots=True)
class SlackPlace:
    team: str
    conversation: str
    ts: str = ""  # of a message; in the home: whose it is

    @property
    def workspace(self) -> str:
        return f"slack:{self.team}"

    @property
    def is_home(self) -> bool:
        return self.conversation == HOME

    def __str__(self) -> str:
        return ":".join(part for part in ("slack", self.team, self.conversation, self.ts) if part)


def place(address: str) -> SlackPlace:
    """The parsed address. Raises ValueError if it is not Slack's."""
    platform, team, conversation, *rest = address.split(":")
    if platform != "slack":
        raise ValueError(address)
    return SlackPlace(team, conversation, rest[0] if rest else "")


def team_of(workspace: str) -> str:
    return workspace.partition(":")[2]
