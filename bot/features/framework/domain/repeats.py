"""How often something happens: a few ways to choose from, a rule of RFC 5545, and the rule in words."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from babel.dates import get_day_names

from bot.core.i18n import Words

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPOKEN = {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"}


class Repeats(StrEnum):
    """What can be chosen in a form. `AS_IT_IS`: a rule of its own, which stays."""

    ONCE = "-"
    WORKING_DAYS = "workdays"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    AS_IT_IS = "as_it_is"


def rule_of(repeats: Repeats, starts: datetime, until: date | None) -> str | None:
    """The rule from `starts` on (local), to the end of `until`; None for what happens once. Raises KeyError for a rule
    of its own."""
    if repeats == Repeats.ONCE:
        return None
    rule = {
        Repeats.WORKING_DAYS: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        Repeats.WEEKLY: f"FREQ=WEEKLY;BYDAY={DAYS[starts.weekday()]}",
        Repeats.FORTNIGHTLY: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={DAYS[starts.weekday()]}",
        Repeats.MONTHLY: "FREQ=MONTHLY",
        Repeats.YEARLY: "FREQ=YEARLY",
    }[repeats]
    return f"{rule};UNTIL={until:%Y%m%d}T235959" if until is not None else rule


def choice_of(rule: str | None, starts: datetime) -> tuple[Repeats, date | None]:
    """(what a form shows as chosen, the last day) for the rule."""
    if not rule:
        return Repeats.ONCE, None
    parts = [part for part in rule.strip().upper().split(";") if part]
    until = next((part.removeprefix("UNTIL=") for part in parts if part.startswith("UNTIL=")), "")
    rest = ";".join(part for part in parts if not part.startswith(("UNTIL=", "WKST="))).replace("INTERVAL=1;", "")
    known = [one for one in Repeats if one not in (Repeats.ONCE, Repeats.AS_IT_IS)]
    found = next((one for one in known if _same(rule_of(one, starts, None) or "", rest)), Repeats.AS_IT_IS)
    return found, _day(until)


def in_words(rule: str, words: Words) -> str:
    """Total: a rule without words of its own is called a custom rule."""
    parts = dict(pair.partition("=")[::2] for pair in rule.strip().upper().split(";"))
    days = parts.get("BYDAY", "").split(",") if parts.get("BYDAY") else []
    if not SPOKEN.issuperset(parts) or not set(days).issubset(DAYS):
        return words.t("by a rule of its own")
    number = int(parts.get("INTERVAL", "1"))
    if number == 1:
        spoken = {
            "DAILY": words.t("every day"),
            "WEEKLY": words.t("every week"),
            "MONTHLY": words.t("every month"),
            "YEARLY": words.t("every year"),
        }
    else:
        spoken = {
            "DAILY": words.t("every {count} days", count=number),
            "WEEKLY": words.t("every {count} weeks", count=number),
            "MONTHLY": words.t("every {count} months", count=number),
            "YEARLY": words.t("every {count} years", count=number),
        }
    every = spoken.get(parts.get("FREQ", ""), words.t("by a rule of its own"))
    said = [every]
    if days:
        names = get_day_names("wide", locale=words.language)
        said.append(", ".join(names[DAYS.index(day)] for day in days))
    if "COUNT" in parts:
        said.append(words.n("{count} time", "{count} times", int(parts["COUNT"])))
    if "UNTIL" in parts:
        said.append(words.t("until {day}", day=words.date(date.fromisoformat(parts["UNTIL"][:8]))))
    return ", ".join(said)


def _same(one: str, other: str) -> bool:
    """Whether two rules have the same parts; a weekly rule without a day is that of the day it starts on."""
    first, second = (set(rule.split(";")) for rule in (one, other))
    is_weekly = "FREQ=WEEKLY" in second and not any(part.startswith("BYDAY=") for part in second)
    is_one_day = not any("," in part for part in first)
    return first == second or (is_weekly and is_one_day and {p for p in first if not p.startswith("BYDAY=")} == second)


def _day(until: str) -> date | None:
    try:
        return date.fromisoformat(until[:8]) if until else None
    except ValueError:
        return None
