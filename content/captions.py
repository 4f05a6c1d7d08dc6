"""Starters: captions that differ in kind, composed of a post's own sentences, in its own language.

Captions that were written for the post come first. What is composed claims nothing that the post does not say: no
experience that nobody had, and no question that the post does not carry. Each person is offered other ones, so that a
company does not post one text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex

from content import sentences
from content.channels import ChannelKind, with_link


class StarterKind(StrEnum):
    """The kinds of starters, each a different way to begin. An experience is only ever written, never composed."""

    QUESTION = "question"
    EXPERIENCE = "experience"
    PLAIN = "plain"
    DETAIL = "detail"


KINDS_OF_STARTER = (StarterKind.QUESTION, StarterKind.EXPERIENCE, StarterKind.PLAIN)  # those that are written
MOST = 3  # starters offered

# What may be asked after a sentence of the post: after one with a number in it, and after any.
QUESTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Would you have guessed?", "Higher or lower than you thought?"),
        ("What would you have done?", "How is it done where you work?", "What would you want to know?"),
    ),
    "fi": (
        ("Olisitko arvannut?", "Enemmän vai vähemmän kuin luulit?"),
        ("Mitä sinä olisit tehnyt?", "Miten teillä tehdään?", "Mitä haluaisit tietää?"),
    ),
}
MY_WAY = {"en": "{own} More here: {title}", "fi": "{own} Lisää täällä: {title}"}
LINK_ROOM = 60  # characters kept free for a tracked link
DISCLOSURE_SENTENCES = {"en": "I work at {organisation}.", "fi": "Työnantajani on {organisation}."}


@dataclass(frozen=True, slots=True)
class Starter:
    kind: str
    text: str


def disclosure_sentence(language: str, organisation: str) -> str:
    template = DISCLOSURE_SENTENCES.get(language, DISCLOSURE_SENTENCES["en"])
    return template.format(organisation=organisation)


def my_way(own: str, *, title: str, language: str, channel: ChannelKind) -> str:
    """A caption of a person's own few words, and what the post is about; cut at a word where the channel takes less."""
    words = " ".join(own.split())
    if words and words[-1] not in ".!?…":
        words += "."
    template = MY_WAY.get(language, MY_WAY["en"])
    text = template.replace("{own}", words[:1].upper() + words[1:]).replace("{title}", title.strip().rstrip("."))
    return _fitted(text, channel, "x" * LINK_ROOM)


def starters(
    *,
    title: str,
    summary: str,
    language: str,
    channel: ChannelKind,
    link: str,
    disclosure: str | None,
    written: Sequence[tuple[str, str]] = (),
    taken: Sequence[str] = (),
    context: int = 0,
) -> tuple[Starter, ...]:
    """At most three starters that fit the channel, of different kinds; `written` are (kind, text) of the post's
    captions, `taken` what colleagues have used, `context` a number by which people differ."""
    said = {_plain(text) for text in taken}
    choices: dict[str, list[str]] = {}
    for kind, text in written:
        choices.setdefault(kind, []).append(text)
    for kind, texts in choices.items():  # several may be written of a kind: each person begins with another
        choices[kind] = _turned(texts, context)
    for kind, texts in _composed(title, summary, language, context):
        choices.setdefault(kind, []).extend(texts)
    found, begun = list[Starter](), set[str]()
    for kind in sorted(choices, key=lambda kind: not any(kind == one for one, _text in written)):
        fitted = [_fitted(_disclosed(text, disclosure), channel, link) for text in choices[kind]]
        fitted = [text for text in fitted if _plain(text) not in begun]
        if fitted and len(found) < MOST:
            text = next((text for text in fitted if _plain(text) not in said), fitted[0])
            found.append(Starter(kind, text))
            begun.add(_plain(text))
    return tuple(found)


def _composed(title: str, summary: str, language: str, context: int) -> Iterable[tuple[StarterKind, list[str]]]:
    """What the post's own sentences give, the better first. A post without a summary gives its title."""
    own = sentences.split(summary, language)
    headline = title.strip() if title.strip().endswith(("?", "!", ".", "…")) else f"{title.strip()}."
    asked = [sentence for sentence in [*own, headline] if sentence.endswith("?")]
    told = [sentence for sentence in own if not sentence.endswith("?")]
    apart = [sentence for sentence in told[1:] if sentences.stands_alone(sentence, language)]
    first = told[0] if told else headline
    more = [f"{first} {told[1]}"] if len(told) > 1 else []
    under_title = [f"{headline} {first}"] if told and _plain(title) not in _plain(first) else []
    yield StarterKind.PLAIN, _turned([first, *more, *under_title], context)
    if apart:
        yield StarterKind.DETAIL, _turned(sorted(apart, key=lambda text: not regex.search(r"\p{N}", text)), context)
    if asked:
        yield StarterKind.QUESTION, [f"{one} {first}" if told and one != headline else one for one in asked]
    elif told:
        yield (
            StarterKind.QUESTION,
            [
                f"{sentence} {question}"
                for sentence in _turned([*apart, first], context)
                for question in _turned(_questions(sentence, language), context)
            ],
        )


def _questions(sentence: str, language: str) -> Sequence[str]:
    """What may be asked after the sentence."""
    after_numbers, after_any = QUESTIONS.get(language, QUESTIONS["en"])
    return after_numbers if regex.search(r"\p{N}", sentence) else after_any


def _turned(texts: Sequence[str], by: int) -> list[str]:
    """The same texts, beginning with another."""
    start = by % len(texts) if texts else 0
    return [*texts[start:], *texts[:start]]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _disclosed(text: str, disclosure: str | None) -> str:
    return text if disclosure is None or disclosure in text else f"{disclosure} {text}"


def _fitted(text: str, channel: ChannelKind, link: str) -> str:
    """Cut at a word, with an ellipsis, until the channel takes it together with the link."""
    words = text.split(" ")
    while len(words) > 1 and channel.length(with_link(text, link)) > channel.max_length:
        words.pop()
        text = " ".join(words).rstrip(",;:–- ") + "…"
    return text
