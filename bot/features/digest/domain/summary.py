"""The week in a few sentences, from its facts alone: what happened, what it means, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.i18n import Words, capital
from bot.features.digest.domain.facts import ComparisonVerdict, Finding, WeekFacts
from content.channels import kind_of


def summary(facts: WeekFacts, words: Words) -> list[str]:
    """At most five sentences; a quiet week says so."""
    if facts.is_quiet:
        return [words.t("A quiet week: no nudges, no shares, no questions.")]
    total, before = facts.total, facts.before
    said = [
        words.t(
            "{people} of us shared, {times} in all, and brought {readers} so far.",
            people=words.number(facts.sharers),
            times=words.n("{count} time", "{count} times", total.shared),
            readers=words.n("{count} reader", "{count} readers", total.clicks),
        )
    ]
    if before is not None:
        said.append(
            words.t(
                "The week before it was {shares} and {readers}.",
                shares=words.n("{count} share", "{count} shares", before.shared),
                readers=words.n("{count} reader", "{count} readers", before.clicks),
            )
        )
    else:
        said.append(
            words.t("This is the first week with anything to count, so there’s nothing to compare it with yet.")
        )
    if facts.newcomers:
        said.append(
            words.n(
                "{count} person shared for the first time.",
                "{count} people shared for the first time.",
                facts.newcomers,
            )
        )
    if facts.questions.overdue:
        said.append(words.n("{count} question is overdue.", "{count} questions are overdue.", facts.questions.overdue))
    return said


def finding_line(finding: Finding, words: Words) -> str:
    """Whether one of the options goes with more, then the figures: each mean, and its 95 % interval."""
    shown = ", ".join(
        words.t(
            "{option}: about {mean} (could be {low}–{high})",
            option=option_name(finding.kind, option.label, words),
            mean=_mean(finding, option.mean, words),
            low=_mean(finding, option.low, words),
            high=_mean(finding, option.high, words),
        )
        for option in finding.options[:4]
    )
    verdict = words.t("Too early to tell.")
    if finding.verdict == ComparisonVerdict.BETTER:
        best = option_name(finding.kind, finding.options[0].label, words)
        verdict = (
            words.t("More answers came with {best}. We’re more than 99% sure, though not why.", best=best)
            if finding.kind == "slot"
            else words.t("More readers came with {best}. We’re more than 99% sure, though not why.", best=best)
        )
    return f"{verdict} {capital(shown)}."


def finding_name(kind: str, words: Words) -> str:
    return {
        "channel": words.t("Readers per share, by channel"),
        "topic": words.t("Readers per share, by topic"),
        "voice": words.t("Readers per share, own text or ready-made"),
        "slot": words.t("Nudges answered within a day, by time of the week"),
    }[kind]


def option_name(kind: str, option: str, words: Words) -> str:
    if kind == "voice":
        return words.t("people’s own words") if option == "own" else words.t("ready-made text")
    if kind == "slot":
        return {
            "mon-morning": words.t("Monday mornings"),
            "mon-afternoon": words.t("Monday afternoons"),
            "tue-morning": words.t("Tuesday mornings"),
            "tue-afternoon": words.t("Tuesday afternoons"),
            "wed-morning": words.t("Wednesday mornings"),
            "wed-afternoon": words.t("Wednesday afternoons"),
            "thu-morning": words.t("Thursday mornings"),
            "thu-afternoon": words.t("Thursday afternoons"),
            "fri-morning": words.t("Friday mornings"),
            "fri-afternoon": words.t("Friday afternoons"),
        }.get(option, option)
    return kind_of(option, None).name if kind == "channel" else option


def changed_line(changes: Sequence[Sequence[object]], names: dict[str, str], words: Words) -> str:
    """What late events changed in the week before."""
    listed = ", ".join(
        words.t("{name} was {was} and is now {now}", name=names[str(name)], was=was, now=now)
        for name, was, now in changes
    )
    return words.t("The week before has been updated: {changes}.", changes=listed)


def unasked_line(number: int, words: Words) -> str:
    """Those who shared though nobody had nudged them; "" for nobody."""
    if number <= 0:
        return ""
    return words.n("{count} more shared without a nudge.", "{count} more shared without a nudge.", number)


def _mean(finding: Finding, value: float, words: Words) -> str:
    if finding.kind == "slot":
        return words.t("{value}%", value=round(100 * value))
    return words.number(round(value, 1))
