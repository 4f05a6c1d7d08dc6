"""What is said of a level in words: the share, its uncertainty, what changed, and the stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.core.i18n import Words
from storage.pulse.readings import Change, Level


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


def bounds_sentence(levels: Iterable[tuple[str, Level]], words: Words) -> str | None:
    """What those who did not answer could change, of areas where they are many. `levels`: (its name, level)."""
    wide = [
        words.t("{area} {low}–{high}%", area=name, low=bounds[0], high=bounds[1])
        for name, level in levels
        if (bounds := level.could_be) is not None
    ]
    if not wide:
        return None
    return words.t(
        "Fewer than 70% answered about these areas. Depending on what the others think, the figures could be: "
        "{figures}.",
        figures=", ".join(wide),
    )


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
