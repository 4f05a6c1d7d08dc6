"""How many people a post is meant for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.i18n import languages
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


def few_meant(session: Session, audience: Audience, most: int) -> int | None:
    """How many people some units or roles make, where it is no more than `most`: results would tell who shared it. They
    are counted in all languages, for a translation may have few readers. None where nothing would be told."""
    if not (audience.units or audience.roles):
        return None
    meant, *_ = post_audiences.number_of(session, audience, languages())
    return meant if meant <= most else None


def is_too_few(reach: Reach) -> bool:
    """Whether the nudges that go out would tell what somebody cares about."""
    return reach.is_rounded and reach.meant == 0
