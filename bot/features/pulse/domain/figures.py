"""A released figure in words: the share, its uncertainty, what changed, and the stage."""

from __future__ import annotations

from typing import Protocol

from bot.core.i18n import Words
from bot.features.pulse.domain.disclosure import AT_LEAST, AT_MOST, Cell, Disclosure
from bot.features.pulse.domain.scores import ChangeVerdict


class Released(Protocol):
    """A figure as it was released: a `Cell`, or what is kept of one."""

    @property
    def how(self) -> str: ...

    @property
    def value(self) -> int: ...

    @property
    def cap(self) -> str: ...

    @property
    def low(self) -> int | None: ...

    @property
    def high(self) -> int | None: ...


def figure(cell: Released, words: Words) -> str:
    """ "about 62% (could be 54–70%)", "at least 90%", or a band."""
    if cell.how == Disclosure.BAND:
        return (words.t("fewer than half"), words.t("about half"), words.t("most"))[cell.value]
    if cell.cap == AT_LEAST:
        return words.t("at least {value}%", value=cell.value)
    if cell.cap == AT_MOST:
        return words.t("at most {value}%", value=cell.value)
    return words.t("about {value}% (could be {low}–{high}%)", value=cell.value, low=cell.low, high=cell.high)


def verdict(cell: Cell, words: Words) -> str:
    """What changed since the cycle before; a dash where there is nothing to compare with."""
    said = {
        ChangeVerdict.IMPROVED: words.t("clearly better"),
        ChangeVerdict.DECLINED: words.t("clearly worse"),
        ChangeVerdict.NO_CLEAR_CHANGE: words.t("no clear change"),
        ChangeVerdict.TOO_LITTLE: words.t("too early to tell"),
    }
    return said[ChangeVerdict(cell.verdict)] if cell.verdict else "–"


def worst_case(cell: Cell, words: Words) -> str:
    """Between what the share would be if those who did not answer all differed; "" where enough answered."""
    if cell.worst is None:
        return ""
    return words.t(
        "{response}% answered, so the true figure could be anything from {low}% to {high}%",
        response=cell.response,
        low=cell.worst[0],
        high=cell.worst[1],
    )


def stage_name(stage: int | None, words: Words) -> str:
    names = (
        words.t("fragile (1 of 4)"),
        words.t("taking shape (2 of 4)"),
        words.t("working (3 of 4)"),
        words.t("strong (4 of 4)"),
    )
    return names[stage - 1] if stage else words.t("too few answers yet")
