"""How exactly a share may be shown, given how many people it is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.features.pulse.domain.scores import Prior


class Disclosure(StrEnum):
    """How exactly a share is shown."""

    BAND = "band"
    ROUNDED = "rounded"
    WHOLE = "whole"


AT_LEAST, AT_MOST = "at least", "at most"
LOW, MIXED, HIGH = 0, 1, 2  # bands
BAND_BELOW, ROUNDED_BELOW = 10, 20  # people

Key = tuple[str, str | None, str, int | None]  # factor, statement, part, unit


@dataclass(frozen=True, slots=True)
class Shown:
    """A share as shown: a band, or a percentage, capped so that it never tells that everybody agrees."""

    how: str
    value: int  # per cent, or a band
    cap: str = ""  # at least | at most

    @property
    def share(self) -> float:
        """From 0 to 1; the middle of a band."""
        return (0.25, 0.55, 0.85)[self.value] if self.how == Disclosure.BAND else self.value / 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One released figure. `low` and `high` in per cent; None where the figure is a band."""

    factor: str
    statement: str | None  # None: the factor itself
    part: str  # factor | anchor
    unit: int | None  # None: the organisation
    n: int
    how: str
    value: int
    cap: str
    low: int | None
    high: int | None
    shrunk: int | None  # per cent, towards the organisation's mean: for comparing units
    stage: int | None
    worst: tuple[int, int] | None  # per cent, where fewer than 70 % answered
    response: int  # per cent
    verdict: str | None  # since the cycle before
    round: int  # number in the cycle of the round at whose close it was computed
    fits: tuple[int, int]  # the fewest and most favourable people that the figure may stand for

    @property
    def shown(self) -> Shown:
        return Shown(self.how, self.value, self.cap)

    @property
    def key(self) -> Key:
        return self.factor, self.statement, self.part, self.unit


def current(cells: Iterable[Cell]) -> dict[Key, Cell]:
    """The current ones of all cells ever released, given in the order of their release."""
    return {cell.key: cell for cell in cells}


def say(x: float, n: int, prior: Prior) -> Shown:
    """How x favourable of n people may be shown."""
    share = x / n
    if n < BAND_BELOW:
        numbers = Counter(_band(other, n, prior) for other in range(n + 1))
        names_one = min(numbers.values()) == 1  # a band that stands for one number would name the number
        return Shown(Disclosure.BAND, MIXED if names_one else _band(x, n, prior))
    step, edge = (5, 10) if n < ROUNDED_BELOW else (1, 5)
    value = int(step * round(share * 100 / step))
    if value >= 100 - edge:
        return Shown(Disclosure.ROUNDED if step == 5 else Disclosure.WHOLE, 100 - edge, AT_LEAST)
    if value <= edge:
        return Shown(Disclosure.ROUNDED if step == 5 else Disclosure.WHOLE, edge, AT_MOST)
    return Shown(Disclosure.ROUNDED if step == 5 else Disclosure.WHOLE, value)


def _band(x: float, n: int, prior: Prior) -> int:
    estimate = prior.shrunk(x, n)
    return LOW if estimate < 0.40 else HIGH if estimate > 0.70 else MIXED


def fits(shown: Shown, n: int, prior: Prior) -> tuple[int, int]:
    """The fewest and the most favourable people of n that are shown like that."""
    fitting = [x for x in range(n + 1) if say(x, n, prior) == shown]
    return (min(fitting), max(fitting)) if fitting else (0, n)
