"""The culture profile as a chart: each area's positive answers with the range they could be in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from adapters.web.console.charts.figures import IntervalRow, Intervals
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.pulse.domain.culture import CultureProfile
from bot.features.pulse.domain.disclosure import Cell, Disclosure, Shown
from bot.features.pulse.domain.figures import Released, figure
from bot.features.pulse.domain.scores import STAGES


class Area(Released, Protocol):
    """The released figure of an area."""

    @property
    def factor(self) -> str: ...


def chart(areas: Sequence[Area], words: Words) -> Intervals | None:
    """The lowest area first; None before anything is known."""
    if not areas:
        return None
    lowest = clearly_lowest(areas)
    rows = [_row(area, area is lowest, words) for area in sorted(areas, key=_share)]
    stages = (words.t("fragile"), words.t("taking shape"), words.t("working"), words.t("strong"))
    borders = [(100 * border, name) for border, name in zip((0.0, *STAGES), stages, strict=True)]
    return Intervals(", ".join(f"{row.label}: {row.said}" for row in rows), rows, borders)


def said(areas: Sequence[Area], words: Words) -> str:
    """What the chart comes to."""
    told = words.t("Positive answers, with the range where the true figure very likely lies.")
    lowest = clearly_lowest(areas)
    if lowest is None:
        return told
    weakest = words.t(
        "{area} is clearly the weakest, and sets the overall level.", area=factor_names(words)[lowest.factor]
    )
    return f"{told} {weakest}"


def clearly_lowest(areas: Sequence[Area]) -> Area | None:
    """The area whose range lies below those of all others; None where the ranges of the lowest overlap."""
    ranked = sorted((area for area in areas if area.high is not None), key=lambda area: area.value)
    if len(ranked) < 2:
        return None
    lowest, *others = ranked
    is_apart = all((area.low or 0) > (lowest.high or 0) for area in others)
    return lowest if is_apart else None


def areas_of(profile: CultureProfile) -> list[Cell]:
    """Those of the areas that are known."""
    return [item.cell for item in profile.standings if item.cell is not None]


def _share(area: Area) -> float:
    return Shown(area.how, area.value, area.cap).share


def _row(area: Area, is_marked: bool, words: Words) -> IntervalRow:
    name = factor_names(words)[area.factor]
    if area.how == Disclosure.BAND or area.low is None or area.high is None:
        return IntervalRow(name, 100 * _share(area), None, None, figure(area, words), is_marked)
    short = words.t("{value}% ({low}–{high})", value=area.value, low=area.low, high=area.high)
    return IntervalRow(name, float(area.value), float(area.low), float(area.high), short, is_marked)
