"""The week in a few sentences, from its facts alone: what happened, what it means, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.i18n import Words
from bot.features.digest.domain.facts import ComparisonVerdict, Facts, Finding
from content.channels import kind_of


def summary(facts: Facts, words: Words) -> list[str]:
    """At most five sentences; a quiet week says so."""
    if facts.is_quiet:
        return [words.t("A quiet week: nothing was nudged, shared or asked.")]
    total, before = facts.total, facts.before
    said = [
        words.t(
            "People who shared: {people}. Shares: {shares}, which have brought {clicks} unique clicks.",
            people=words.number(facts.sharers),
            shares=words.number(total.shared),
            clicks=words.number(total.clicks),
        )
    ]
    if before is not None:
        said.append(
            words.t(
                "The week before: {shares} shares and {clicks} unique clicks.",
                shares=words.number(before.shared),
                clicks=words.number(before.clicks),
            )
        )
    else:
        said.append(words.t("It is the first week with anything to count, so there is nothing to compare with yet."))
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
    """What was compared, with each mean and its 95 % interval, and whether one goes with more."""
    names = {option.label: option_name(finding.kind, option.label, words) for option in finding.options}
    shown = "; ".join(
        f"{names[option.label]} {_mean(finding, option.mean, words)} "
        f"({_mean(finding, option.low, words)}–{_mean(finding, option.high, words)})"
        for option in finding.options[:4]
    )
    if finding.verdict == ComparisonVerdict.BETTER:
        best = names[finding.options[0].label]
        verdict = (
            words.t("{best} goes with more answers (more than 99 % sure); that need not be the cause.", best=best)
            if finding.kind == "slot"
            else words.t("{best} goes with more readers (more than 99 % sure); that need not be the cause.", best=best)
        )
    else:
        verdict = words.t("Too early to tell.")
    return f"{shown}. {verdict}"


def finding_name(kind: str, words: Words) -> str:
    return {
        "channel": words.t("Clicks a share, by channel"),
        "topic": words.t("Clicks a share, by topic"),
        "voice": words.t("Clicks a share, own words or suggested"),
        "slot": words.t("Nudges answered within a day, by time"),
    }[kind]


def option_name(kind: str, option: str, words: Words) -> str:
    if kind == "voice":
        return words.t("own words") if option == "own" else words.t("suggested words")
    if kind == "slot":
        day, _, half = option.partition("-")
        days = {
            "mon": words.t("Monday"),
            "tue": words.t("Tuesday"),
            "wed": words.t("Wednesday"),
            "thu": words.t("Thursday"),
            "fri": words.t("Friday"),
        }
        time = words.t("morning") if half == "morning" else words.t("afternoon")
        return f"{days.get(day, day)}, {time}"
    return kind_of(option, None).name if kind == "channel" else option


def changed_line(changes: Sequence[Sequence[object]], names: dict[str, str], words: Words) -> str:
    """What late events changed in the week before."""
    listed = ", ".join(f"{names[str(name)]} {was} → {now}" for name, was, now in changes)
    return words.t("Counted later for the week before: {changes}.", changes=listed)


def _mean(finding: Finding, value: float, words: Words) -> str:
    if finding.kind == "slot":
        return words.t("{value} %", value=round(100 * value))
    return words.number(round(value, 1))
