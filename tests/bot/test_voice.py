"""How Chorus speaks: what no card and no form of it may say, in either language. See docs/voice.md."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import regex

from bot.core.cards import Actions, Card, Choice, Form, Quote, plain_text
from bot.core.i18n import Words, languages
from bot.features.people.samples import NOW
from bot.samples import forms, samples

MACHINE = {
    "a value of the program": r"\{'|\['",
    "an ISO week": r"\b\d{4}-W\d\d\b",
    "an ISO moment": r"\b\d{4}-\d\d-\d\dT",
    "None, True or a dict": r"^(True|False)$|: (None|True|False)$|(?<!=)\{\w+[!:}]|<[\w -]+ of \w+ object at 0x",
    "figures in a row under one label": r": \d+(, \d+){2,}(?! [\p{L}])",
    "an arrow between figures": r"\d ?→ ?\d",
    "two full stops": r"(?<!\.)\.\.(?!\.)",
    "a sign in place of a verdict": r"^[✓✗?] (?=\d|too|liian)",
}
ENGLISH = {
    "private and statistical words": r"(?i)\b(wilson|interval|favourable|funnel|cohort|knowable|the house|opt-in)\b",
    "an archaic turn": r"(?i)\b(its time is over|to be looked after|is no (?!longer)|with my name in it|whoever has not)\b",
    "a label that ends in a preposition": r"(?m)^(Starters for|Only of|As|Of)$",
    "a percentage with a space": r"\d %",
    "an American date": r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}, \d{4}",
    "a clock of twelve hours": r"\d ?[AP]M\b",
    "please": r"\b[Pp]lease (?!don’t share|delete)",
    "an exclamation mark without thanks": r"(?<!Thank you)!(?=\s|$)",
    "a straight apostrophe": r"\w'(?=[a-z])",
}
FINNISH = {
    "words of another language or of before": r"(?i)\b(konsoli|omistaja\w*|sijai(nen|se\w+)|väite|ole hyvä(?! vain)|pulssi)\b",
    "a percentage without its space": r"\d%",
}
OWN_WORDS = {  # what people and posts say in the samples is theirs
    "How we kept 40,000 homes warm through the January storm",
    "Leads from the field",
    "Yes, one word in the caption is enough.",
    "May I show a customer's house?",
    "The crews were back in our village before the coffee was cold. Thank you!",
}


def texts_of(card: Card) -> Iterator[str]:
    for element in card.body:
        if isinstance(element, Actions):
            yield from (item.label for item in element.items)
        elif not isinstance(element, Quote):  # a quote is somebody's own words
            yield from plain_text(Card("", (element,))).splitlines()


def texts_of_form(form: Form) -> Iterator[str]:
    yield form.title
    yield form.submit
    for field in form.fields:
        yield field.label
        yield field.hint
        if isinstance(field, Choice):
            yield from (option.label for option in field.options)
    yield from (said for _field, said in form.errors)


def spoken(language: str) -> Iterator[tuple[str, str]]:
    """(sample, line) of all that Chorus says."""
    words = Words(language, "Europe/Helsinki", NOW)
    for name, card in samples(words).items():
        yield from ((name, line) for line in texts_of(card))
    for name, form in forms(words).items():
        yield from ((f"form {name}", line) for line in texts_of_form(form))


@pytest.mark.parametrize("language", languages())
def test_nothing_forbidden_is_said(language: str) -> None:
    patterns = MACHINE | (ENGLISH if language == "en" else FINNISH)
    found = []
    for sample, line in spoken(language):
        for quoted in OWN_WORDS:
            line = line.replace(quoted, "")
        found += [f"{sample}: {why}: {line}" for why, pattern in patterns.items() if regex.search(pattern, line)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "Asked, answered, waiting: 9, 7, 2",
        "Found in week 2026-W47.",
        "Starts 2026-11-24T09:00",
        "<built-in method copy of dict object at 0x7f>",
        "In brackets: 95 % intervals (Wilson).",
        "Its time is over",
        "Nov 24, 2026 2:05 PM",
        "Please write your answer.",
        "You are favourable about: Ownership",
        "Shares 12 → 14",
    ],
)
def test_what_was_said_before_would_be_found(line: str) -> None:
    assert any(regex.search(pattern, line) for pattern in (MACHINE | ENGLISH).values())


@pytest.mark.parametrize("language", languages())
def test_titles_and_buttons_of_forms_fit_slack(language: str) -> None:
    """At most 24 characters (docs.slack.dev, "Modal view")."""
    words = Words(language)
    long = [
        (name, form.title, form.submit)
        for name, form in forms(words).items()
        if len(form.title) > 24 or len(form.submit) > 24
    ]
    assert long == []
