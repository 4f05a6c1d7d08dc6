"""A rule of RFC 5545 in words: "every 2 weeks, Tuesday, until 22 Feb 2027"."""

from __future__ import annotations

from datetime import date

from babel.dates import get_day_names

from bot.core.i18n import Words

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPOKEN = {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"}


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
