"""The culture profile as a chart: each area's positive answers with the range they could be in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from adapters.web.console.charts.figures import IntervalRow, Intervals
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.pulse.domain.figures import Figure
from storage.pulse.readings import STAGES


class Profile(Protocol):
    """What is known of the areas, and which is clearly the weakest."""

    @property
    def areas(self) -> Mapping[str, Figure]: ...

    @property
    def weakest(self) -> str | None: ...


def chart(profile: Profile, words: Words) -> Intervals | None:
    """The lowest area first; None before anything is known."""
    if not profile.areas:
        return None
    rows = [
        _row(area, level, area == profile.weakest, words)
        for area, level in sorted(profile.areas.items(), key=lambda item: item[1].value)
    ]
    stages = (words.t("fragile"), words.t("taking shape"), words.t("working"), words.t("strong"))
    borders = [(100 * border, name) for border, name in zip((0.0, *STAGES), stages, strict=True)]
    return Intervals(", ".join(f"{row.label}: {row.said}" for row in rows), rows, borders)


def said(profile: Profile, words: Words) -> str:
    """What the chart comes to."""
    told = words.t("Positive answers of those who answered, with the range where the figure very likely lies.")
    if profile.weakest is None:
        return told
    weakest = words.t(
        "{area} is clearly the weakest among them, and sets the overall level.",
        area=factor_names(words)[profile.weakest],
    )
    return f"{told} {weakest}"


def _row(area: str, level: Figure, is_marked: bool, words: Words) -> IntervalRow:
    short = words.t("{value}% ({low}–{high})", value=level.value, low=level.low, high=level.high)
    name = factor_names(words)[area]
    return IntervalRow(name, float(level.value), float(level.low), float(level.high), short, is_marked)
