"""How many people a post is meant for."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Session
from storage.sharing import post_audiences
from storage.sharing.post_audiences import Audience

STEP = 10  # people, to which a number is rounded that would tell what somebody cares about


@dataclass(frozen=True, slots=True)
class Reach:
    """`meant` of `everybody`, `outside` of them in units that are not in and get no nudges. `is_rounded`: to STEP, and
    0 stands for fewer than that."""

    meant: int
    everybody: int
    is_rounded: bool = False
    outside: int = 0


def reach_of(session: Session, audience: Audience, language: str) -> Reach:
    """What people care about is theirs: where it decides, the number is told in steps of ten."""
    meant, outside, everybody = post_audiences.number_of(session, audience, [language])
    if audience.interests:
        return Reach(meant // STEP * STEP, everybody, is_rounded=True)
    return Reach(meant, everybody, outside=outside)


def is_too_few(reach: Reach) -> bool:
    """Whether the nudges that go out would tell what somebody cares about."""
    return reach.is_rounded and reach.meant == 0
