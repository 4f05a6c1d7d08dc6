"""The playground's people: the made-up members whose conversations the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.playground.parse import address_of
from bot.core.ports import Profile


@dataclass(frozen=True, slots=True)
class Member:
    user: str
    name: str
    email: str
    locale: str
    title: str
    unit: str = ""


def profile(member: Member) -> Profile:
    return Profile(
        user=member.user,
        name=member.name,
        email=member.email,
        locale=member.locale,
        time_zone="Europe/Helsinki",
        unit=member.unit or None,
        address=address_of(member.user),
    )


def find(members: Sequence[Member], user: str) -> Member | None:
    return next((member for member in members if member.user == user), None)
