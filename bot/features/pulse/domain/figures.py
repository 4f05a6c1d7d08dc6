"""What is said of a level in words: the share, its uncertainty, what changed, and the stage."""

from __future__ import annotations

from typing import Protocol

from bot.core.i18n import Words
from storage.pulse.readings import Change


class Figure(Protocol):
    """A level in whole per cent, or what is kept of one."""

    @property
    def value(self) -> int: ...

    @property
    def low(self) -> int: ...

    @property
    def high(self) -> int: ...


def figure(level: Figure, words: Words) -> str:
    """ "about 62% (could be 54–70%)"."""
    return words.t("about {value}% (could be {low}–{high}%)", value=level.value, low=level.low, high=level.high)


def verdict(change: str | None, words: Words) -> str:
    """What changed since the cycle before; a dash where there is nothing to compare with."""
    said = {
        Change.BETTER: words.t("clearly better"),
        Change.WORSE: words.t("clearly worse"),
        Change.NOT_CLEAR: words.t("no clear change"),
        Change.TOO_FEW: words.t("too early to tell"),
    }
    return said[Change(change)] if change else "–"


def stage_name(stage: int | None, words: Words) -> str:
    names = (
        words.t("fragile (1 of 4)"),
        words.t("taking shape (2 of 4)"),
        words.t("working (3 of 4)"),
        words.t("strong (4 of 4)"),
    )
    return names[stage - 1] if stage else words.t("too few answers yet")
