"""Words in the person's language: gettext catalogues, and Babel for dates, numbers and plurals.

A third language is a folder under `locales/` with a `chorus.po`; nothing else knows which there are.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_time, get_day_names
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


def base(locale: str) -> str:
    """The language alone, ours or not: "sv" of "sv-FI" and of "sv_FI"."""
    return locale.strip().replace("_", "-").partition("-")[0].lower()


def closest(locale: str | None) -> str:
    """Our language for a platform's locale ("fi-FI", "en_US"); the default where we have none."""
    language = base(locale or "")
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


LOCALE = {"en": "en_GB"}  # of dates and numbers, where it is not the language itself
SHORT = {"en": "d MMM", "fi": "d.M."}  # a date of this year; in a language that is not here the year always stands
SPAN = {"en": "MMMd", "fi": "Md"}  # of the days of a week
NEAR = timedelta(days=14)  # within which the weekday helps


@dataclass(frozen=True, slots=True)
class Words:
    """What the bot says in one language and time zone. `now`: dates of this year go without it."""

    language: str = DEFAULT
    time_zone: str = "UTC"
    now: datetime | None = None

    def t(self, message: str, **values: object) -> str:
        """`message` (English, the catalogue's key) in this language, its {placeholders} filled."""
        return _filled(_catalogue(self.language).gettext(message), values)

    def n(self, one: str, many: str, number: int, **values: object) -> str:
        """The right plural for `number`, which is {count} in the message."""
        text = _catalogue(self.language).ngettext(one, many, number)
        return _filled(text, {"count": self.number(number), **values})

    def number(self, number: float) -> str:
        return str(format_decimal(number, locale=self._locale))

    def day(self, moment: datetime) -> str:
        """The date of `moment` where the person is: "Tue 24 Nov", "24 Feb", "24 Nov 2025"."""
        return self.date(self._local(moment).date())

    def short_date(self, day: date) -> str:
        """A date without its year, for where there is little room: "24 Nov"."""
        return _written(day, SHORT.get(self.language, "short"), self._locale)

    def weekday(self, day: date) -> str:
        """A date with its day of the week: "Tue 24 Nov"."""
        return _written(day, f"EEE {SHORT.get(self.language, 'd MMM')}", self._locale)

    def weekdays(self, days: Sequence[int]) -> str:
        """Days of the week, Monday is 0: "Tue–Thu" where they follow each other, else "Mon, Wed"."""
        names = get_day_names("abbreviated", context="stand-alone", locale=self._locale)
        if len(days) > 1 and list(days) == list(range(days[0], days[-1] + 1)):
            return f"{names[days[0]]}–{names[days[-1]]}"
        return ", ".join(names[day] for day in days)

    def date(self, day: date) -> str:
        """A date that is the same everywhere."""
        today = self._local(self.now).date() if self.now is not None else None
        if today is None or self.language not in SHORT or day.year != today.year:
            return _written(day, "medium", self._locale)
        return self.weekday(day) if abs(day - today) <= NEAR else self.short_date(day)

    def moment(self, moment: datetime) -> str:
        """Date and time of `moment` where the person is: "Tue 24 Nov at 14:05"."""
        return self.local_moment(self._local(moment).replace(tzinfo=None))

    def local_moment(self, local: datetime) -> str:
        """Date and time that are meant as they stand, in a zone that is told elsewhere."""
        return self.t("{day} at {time}", day=self.date(local.date()), time=self.time(local.time()))

    def time(self, of_day: time) -> str:
        return str(format_time(of_day, format="short", locale=self._locale))

    def week(self, iso_week: str) -> str:
        """ "2026-W47" as "week 47 (16–22 Nov)"."""
        year, _, number = iso_week.partition("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
        days = format_interval(
            monday, monday + timedelta(days=6), SPAN.get(self.language, "yMMMd"), locale=self._locale
        )
        return self.t("week {number} ({days})", number=int(number), days=days)

    def month(self, iso_month: str) -> str:
        """ "2026-10" as "October 2026"."""
        first = date.fromisoformat(f"{iso_month}-01")
        return capital(str(format_date(first, format="LLLL yyyy", locale=self._locale)))

    @property
    def _locale(self) -> str:
        return LOCALE.get(self.language, self.language)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.time_zone))

    def language_name(self, language: str) -> str:
        return str(Locale(language).get_display_name(self.language) or language)


def capital(said: str) -> str:
    """As a sentence begins; the rest stays as it is, names in it too."""
    return said[:1].upper() + said[1:]


def _filled(text: str, values: Mapping[str, object]) -> str:
    """`text` with its {placeholders} filled. A full stop after a value that ends in one ("24.11.") is left out."""
    if not values:
        return text
    shown = {name: str(value) for name, value in values.items()}
    for name, value in shown.items():
        if value.endswith("."):
            text = text.replace(f"{{{name}}}.", f"{{{name}}}")
    return text.format_map(shown)


@lru_cache(maxsize=1024)
def _written(day: date, form: str, locale: str) -> str:
    return str(format_date(day, format=form, locale=locale))
