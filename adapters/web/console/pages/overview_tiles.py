"""The overview's key figures, each beside what it was before and what is usual."""

from __future__ import annotations

from markupsafe import Markup

from adapters.web.console.charts.figures import sparkline
from adapters.web.console.parts import Tile, Verdict, could_be, ordinary
from bot.core.context import Context
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.core.usual import since_first
from bot.features.digest.domain.key_figures import Count, KeyFigures
from bot.features.pulse.domain.culture import CultureProfile
from storage.people import employees

SHOWN = 12  # periods behind a figure
FEW = 20  # of fewer one says "7 of 9", and no percentage


def tiles(context: Context, figures: KeyFigures, profile: CultureProfile) -> list[Tile]:
    words = context.words
    people = employees.count(context.session)
    per_share = figures.readers.value / figures.shares if figures.shares else None
    return [
        Tile(
            words.t("People who shared"),
            words.number(figures.sharers.value),
            words.t("of {number}", number=words.number(people)),
            _spark(figures.sharers),
            _beside(figures.sharers, words),
            ordinary(figures.sharers.verdict, words),
        ),
        Tile(
            words.t("Readers from their links"),
            words.number(figures.readers.value),
            words.t("{number} per share", number=words.number(round(per_share, 1))) if per_share is not None else "",
            _spark(figures.readers),
            _beside(figures.readers, words),
            ordinary(figures.readers.verdict, words),
        ),
        _answered(figures, words),
        _weakest(profile, words),
    ]


def _spark(count: Count) -> Markup:
    return sparkline([*since_first(count.before)[-SHOWN:], count.value], count.usual.band)


def _beside(count: Count, words: Words) -> list[str]:
    said = []
    if count.last is not None:
        said.append(words.t("{number} in the period before.", number=words.number(count.last)))
    if count.usual.low is not None:
        said.append(
            words.t("Usual: {low}–{high}.", low=words.number(count.usual.low), high=words.number(count.usual.high or 0))
        )
    return [" ".join(said)] if said else []


def _answered(figures: KeyFigures, words: Words) -> Tile:
    answered = figures.answered
    title = words.t("Questions answered in time")
    bounds = answered.interval
    if answered.value is None or bounds is None:
        return Tile(
            title, words.t("Nothing was due"), is_in_words=True, said=[words.t("No question came due in this time.")]
        )
    part = words.t("{part} of {whole}", part=words.number(answered.part), whole=words.number(answered.whole))
    could = could_be(bounds, words)
    shares = [100 * one / whole for one, whole in answered.before if whole]
    trend = sparkline([*shares[-SHOWN:], 100 * answered.value], None)
    verdict = ordinary(answered.verdict, words)
    if answered.whole < FEW:
        return Tile(title, part, "", trend, [could], verdict)
    value = words.t("{value}%", value=round(100 * answered.value))
    return Tile(title, value, part, trend, [could], verdict)


def _weakest(profile: CultureProfile, words: Words) -> Tile:
    title = words.t("Weakest area in the pulse")
    if not profile.areas:
        told = words.t("It shows once enough people have answered a round.")
        return Tile(title, words.t("Not known yet"), is_in_words=True, said=[told])
    if profile.weakest is None:
        told = words.t("The ranges of the lowest areas overlap.")
        return Tile(title, words.t("No clear weakest"), is_in_words=True, said=[told])
    lowest = profile.areas[profile.weakest]
    return Tile(
        title,
        words.t("{value}%", value=lowest.value),
        factor_names(words)[profile.weakest],
        said=[words.t("Could be {low}–{high}%.", low=lowest.low, high=lowest.high)],
        verdict=Verdict(words.t("It sets the overall level"), "warn", "warning"),
    )
