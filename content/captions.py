"""Starters: captions that differ in kind, composed of a post's own sentences, in its own language.

Captions that were written for the post come first. What is composed says what the post says and nothing else: no
experience that nobody had, and no question that the post does not ask, for it may be about a layoff or an accident.
Each person is offered other ones, so that a company does not post one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import regex

from content import sentences
from content.channels import ChannelKind, with_link


class StarterKind(StrEnum):
    """The kinds of starters, each a different way to begin. An experience is only ever written, never composed."""

    QUESTION = "question"
    EXPERIENCE = "experience"
    PLAIN = "plain"
    DETAIL = "detail"
    HEADLINE = "headline"


KINDS_OF_STARTER = (StarterKind.QUESTION, StarterKind.EXPERIENCE, StarterKind.PLAIN)  # those that are written
MOST = 3  # starters offered

MY_WAY = {"en": "{own} More here: {title}", "fi": "{own} Lue lisää: {title}"}
MOST_OF_PAGE = 8  # sentences that a page adds
MAX_SENTENCE = 240  # characters of one of them
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
    if title.strip().rstrip(".") in words:
        return own.strip()
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
    excerpt: str = "",
    written: Sequence[tuple[str, str]] = (),
    is_taken: Callable[[str], bool] = lambda _text: False,
    context: int = 0,
) -> tuple[Starter, ...]:
    """At most three starters that fit the channel, of different kinds.

    `excerpt`: the page's first paragraphs. `written`: (kind, text) of the post's captions. `context`: a number by which
    people differ. What `is_taken`, for a colleague has posted it, is not offered: it would be refused.
    """
    choices: dict[str, list[str]] = {}
    for kind, text in written:
        choices.setdefault(kind, []).append(text)
    for kind, texts in choices.items():  # several may be written of a kind: each person begins with another
        choices[kind] = _turned(texts, context)
    for kind, texts in _composed(title, summary, excerpt, language, context):
        choices.setdefault(kind, []).extend(texts)
    found, begun = list[Starter](), set[str]()
    for kind, texts in choices.items():
        fitted = [_fitted(_disclosed(text, disclosure), channel, link) for text in texts]
        fresh = [text for text in fitted if _plain(text) not in begun and not is_taken(text)]
        if fresh and len(found) < MOST:
            found.append(Starter(kind, fresh[0]))
            begun.add(_plain(fresh[0]))
    return tuple(found)


def _composed(
    title: str, summary: str, excerpt: str, language: str, context: int
) -> Iterable[tuple[StarterKind, list[str]]]:
    """What the post's own sentences give, the better first. A post without a summary begins with its page's first
    sentence, and one without either gives its title."""
    own, page = _sentences(summary, language), _sentences(excerpt, language)
    headline = title.strip() if title.strip().endswith(("?", "!", ".", "…")) else f"{title.strip()}."
    known = {_plain(sentence) for sentence in (*own, title, headline)}
    page = [sentence for sentence in page if _plain(sentence) not in known and len(sentence) <= MAX_SENTENCE]
    told = [sentence for sentence in own if not sentence.endswith("?")]
    read = [one for one in page if not one.endswith("?") and sentences.stands_alone(one, language)]
    opening = next(iter(sentences.split(summary, language)), "")
    if told and not told[0].startswith(opening):  # it may lean on what comes before it: a question, a piece of a list
        told = [one for one in told if sentences.stands_alone(one, language)]
    if not told and page and page[0] in read:
        told = [page[0]]
    first = told[0] if told else headline
    apart = [sentence for sentence in told[1:] if sentences.stands_alone(sentence, language)]
    apart += [sentence for sentence in read[:MOST_OF_PAGE] if sentence not in told]
    asked = [f"{one} {after}" for one, after in pairwise(own) if one.endswith("?") and not after.endswith("?")]
    more = [f"{first} {told[1]}"] if len(told) > 1 else []
    yield StarterKind.PLAIN, _turned([first, *more], context)
    if apart:
        numbers_first = sorted(apart, key=lambda text: not regex.search(r"\p{N}", text))
        yield StarterKind.DETAIL, _turned(numbers_first, context)
    if asked or headline.endswith("?"):
        yield StarterKind.QUESTION, asked or [f"{headline} {first}" if told else headline]
    elif told and _plain(title) not in _plain(first):
        yield StarterKind.HEADLINE, [f"{headline} {sentence}" for sentence in _turned([*apart, first], context)]


def _sentences(text: str, language: str) -> list[str]:
    """Whole sentences; what lacks its stop at the end of the text gets it."""
    ended = [f"{one}." if one[-1].isalnum() else one for one in sentences.split(text, language)]
    return [sentence for sentence in ended if sentences.is_whole(sentence)]


def _turned(texts: Sequence[str], by: int) -> list[str]:
    """The same texts, beginning with another."""
    start = by % len(texts) if texts else 0
    return [*texts[start:], *texts[:start]]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _disclosed(text: str, disclosure: str | None) -> str:
    return text if disclosure is None or disclosure in text else f"{disclosure} {text}"


def _fitted(text: str, channel: ChannelKind, link: str) -> str:
    """Cut at a word, with an ellipsis, until the channel takes it together with the link; one endless word, or a script
    without spaces, is cut within."""
    words = text.split(" ")
    while len(words) > 1 and channel.length(with_link(text, link)) > channel.max_length:
        words.pop()
        text = " ".join(words).rstrip(",;:–- ") + "…"
    clusters = regex.findall(r"\X", text)
    while len(clusters) > 1 and channel.length(with_link(text, link)) > channel.max_length:
        over = channel.length(with_link(text, link)) - channel.max_length
        del clusters[-max(1, over // 4) - 1 :]
        text = "".join(clusters) + "…"
    return text
