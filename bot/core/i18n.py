"""Words in the person's language: gettext catalogues, and Babel for dates, numbers and plurals.

A third language is a folder under `locales/` with a `chorus.po`; nothing else knows which there are.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = Path(__file__).parents[1] / "locales"
DEFAULT = "en"


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, the default first."""
    others = sorted(path.parent.name for path in LOCALES.glob("*/chorus.po"))
    return (DEFAULT, *(language for language in others if language != DEFAULT))


def closest(locale: str | None) -> str:
    """Our language for a platform's locale ("fi-FI", "en_US"); the default where we have none."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in languages() else DEFAULT


@cache
def _catalogue(language: str) -> NullTranslations:
    path = LOCALES / language / "chorus.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Words:
    """What the bot says in one language and time zone."""

    language: str = DEFAULT
    time_zone: str = "UTC"

    def t(self, message: str, **values: object) -> str:
        """`message` (English, the catalogue's key) in this language, its {placeholders} filled."""
        text = _catalogue(self.language).gettext(message)
        return text.format_map(_shown(values)) if values else text

    def n(self, one: str, many: str, number: int, **values: object) -> str:
        """The right plural for `number`, which is {count} in the message."""
        text = _catalogue(self.language).ngettext(one, many, number)
        return text.format_map(_shown({"count": self.number(number), **values}))

    def number(self, number: float) -> str:
        return str(format_decimal(number, locale=self.language))

    def day(self, moment: datetime) -> str:
        """The date of `moment` where the person is: "24 Nov 2026"."""
        local = moment.astimezone(ZoneInfo(self.time_zone))
        return str(format_date(local.date(), format="medium", locale=self.language))

    def date(self, day: date) -> str:
        """A date that is the same everywhere."""
        return str(format_date(day, format="medium", locale=self.language))

    def moment(self, moment: datetime) -> str:
        """Date and time of `moment` where the person is."""
        local = moment.astimezone(ZoneInfo(self.time_zone))
        return f"{self.day(moment)} {format_time(local.time(), format='short', locale=self.language)}"

    def local_moment(self, local: datetime) -> str:
        """Date and time that are meant as they stand, in a zone that is told elsewhere."""
        return f"{self.date(local.date())} {format_time(local.time(), format='short', locale=self.language)}"

    def language_name(self, language: str) -> str:
        return str(Locale(language).get_display_name(self.language) or language)


def _shown(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
