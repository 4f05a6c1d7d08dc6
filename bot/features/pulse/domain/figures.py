"""A released figure in words: the share, how sure it is, what changed, and what stage that is."""

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
    """ "62 % (54–70)", "at least 90 %", or a band."""
    if cell.how == Disclosure.BAND:
        return (words.t("low"), words.t("mixed"), words.t("high"))[cell.value]
    share = words.t("{value} %", value=cell.value)
    if cell.cap == AT_LEAST:
        share = words.t("at least {value} %", value=cell.value)
    if cell.cap == AT_MOST:
        share = words.t("at most {value} %", value=cell.value)
    return f"{share} ({cell.low}–{cell.high})"


def verdict(cell: Cell, words: Words) -> str:
    """What changed since the cycle before; a dash where there is nothing to compare with."""
    said = {
        ChangeVerdict.IMPROVED: words.t("improved"),
        ChangeVerdict.DECLINED: words.t("declined"),
        ChangeVerdict.NO_CLEAR_CHANGE: words.t("no clear change"),
        ChangeVerdict.TOO_LITTLE: words.t("too little data"),
    }
    return said[ChangeVerdict(cell.verdict)] if cell.verdict else "–"


def worst_case(cell: Cell, words: Words) -> str:
    """Between what the share would be if those who did not answer all differed; "" where enough answered."""
    if cell.worst is None:
        return ""
    return words.t(
        "{response} % answered: between {low} and {high} % if the others differ",
        response=cell.response,
        low=cell.worst[0],
        high=cell.worst[1],
    )


def stage_name(stage: int | None, words: Words) -> str:
    names = (words.t("1 fragile"), words.t("2 forming"), words.t("3 working"), words.t("4 strong"))
    return names[stage - 1] if stage else words.t("not enough yet")
