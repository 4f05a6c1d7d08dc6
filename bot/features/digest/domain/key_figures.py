"""The figures that an overview begins with, for a period and for those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.confidence_intervals import Interval, newcombe, wilson
from bot.core.usual import Ordinary, Usual, usual
from bot.features.digest.domain.periods import Period
from storage.database import Session
from storage.digest import series
from storage.remembered import remembered

FEWEST = 10  # answers, of which one can say whether they are more in time than others


@dataclass(frozen=True, slots=True)
class Count:
    """A count with those of the periods before, the oldest first, and what is usual."""

    value: int
    before: Sequence[int]
    usual: Usual

    @property
    def verdict(self) -> Ordinary:
        return self.usual.verdict(self.value)

    @property
    def last(self) -> int | None:
        """Of the period before; None before anything was counted."""
        return self.before[-1] if any(self.before) else None


@dataclass(frozen=True, slots=True)
class Proportion:
    """`part` of `whole`, with its 95 % interval and those of the periods before."""

    part: int
    whole: int
    before: Sequence[tuple[int, int]]

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.part, self.whole) if self.whole else None

    @property
    def verdict(self) -> Ordinary:
        """Beside all periods before together, by the 95 % interval of the difference."""
        part, whole = (sum(values) for values in zip(*self.before, strict=True)) if self.before else (0, 0)
        if self.whole < FEWEST or whole < FEWEST or self.interval is None:
            return Ordinary.TOO_EARLY
        found = newcombe(self.part / self.whole, self.interval, part / whole, wilson(part, whole))
        return Ordinary.MORE if found.low > 0 else Ordinary.FEWER if found.high < 0 else Ordinary.USUAL


@dataclass(frozen=True, slots=True)
class KeyFigures:
    sharers: Count
    readers: Count
    shares: int
    answered: Proportion


def key_figures(session: Session, period: Period, now: datetime) -> KeyFigures:
    """Where they take long to compute they may be older. A period that is not over yet is not compared."""
    is_over = period.end <= now
    return remembered(
        session, ("key_figures", period, is_over), lambda session: _computed(session, period, is_over=is_over)
    )


def _computed(session: Session, period: Period, *, is_over: bool) -> KeyFigures:
    borders = period.borders
    begun = series.first_share(session)
    history = sum(begun is not None and end > begun for end in borders[1:-1]) if is_over else 0
    shared = series.shared(session, borders)
    answered = series.answered(session, borders)
    return KeyFigures(
        sharers=_count([row.people for row in shared], history),
        readers=_count([row.readers for row in shared], history),
        shares=shared[-1].shares,
        answered=Proportion(*answered[-1], before=answered[:-1] if is_over else ()),
    )


def nothing_yet(figures: KeyFigures) -> bool:
    """Whether nothing was ever shared in that time, nor answered."""
    return not (any([*figures.sharers.before, figures.sharers.value]) or figures.answered.whole)


def _count(values: Sequence[int], history: int) -> Count:
    """`history`: how many of the periods before are since somebody first shared."""
    before = values[:-1]
    return Count(values[-1], before, usual(before[len(before) - history :]))
