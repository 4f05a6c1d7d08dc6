"""Starters: three captions that differ in kind, composed from a post's own title and summary.

Written captions of the post come first; otherwise a template is filled. Facts come only from the post.
Each person meets the templates in another order, so that a company does not post one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from content.channels import ChannelKind, with_link


class StarterKind(StrEnum):
    """The kinds of starters, each a different way to begin."""

    QUESTION = "question"
    EXPERIENCE = "experience"
    PLAIN = "plain"


KINDS_OF_STARTER = (StarterKind.QUESTION, StarterKind.EXPERIENCE, StarterKind.PLAIN)

TEMPLATES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        StarterKind.QUESTION: (
            "{title} – what does this look like where you work?",
            "What do you think? {title}",
            "{summary} What would you do first?",
            "{title}. What’s your experience?",
        ),
        StarterKind.EXPERIENCE: (
            "I see this in my own work: {summary}",
            "In my work this shows up as … {title}",
            "This is what stuck with me: {summary}",
            "What I’d add from my own work: … {title}",
        ),
        StarterKind.PLAIN: (
            "{title}. {summary}",
            "{summary}",
            "New from where I work: {title}",
            "Worth a read: {title}. {summary}",
        ),
    },
    "fi": {
        StarterKind.QUESTION: (
            "{title} – miten teillä?",
            "Mitä mieltä olet? {title}",
            "{summary} Mistä itse aloittaisit?",
            "{title}. Millaisia kokemuksia sinulla on?",
        ),
        StarterKind.EXPERIENCE: (
            "Näen tämän omassa työssäni: {summary}",
            "Omassa työssäni tämä näkyy näin: … {title}",
            "Tämä jäi mieleeni: {summary}",
            "Omasta työstäni lisäisin: … {title}",
        ),
        StarterKind.PLAIN: (
            "{title}. {summary}",
            "{summary}",
            "Uutta työpaikaltani: {title}",
            "Kannattaa lukea: {title}. {summary}",
        ),
    },
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
    """One starter of each kind that fits the channel; `written` are (kind, text) of the post's captions,
    `taken` what colleagues have used, `turn` where to begin among the templates."""
    templates = TEMPLATES.get(language, TEMPLATES["en"])
    said = {" ".join(text.split()) for text in taken}
    found = []
    for kind in KINDS_OF_STARTER:
        choices = [text for written_kind, text in written if written_kind == kind]
        if choices:  # several may be written of a kind: each person begins with another
            choices = choices[context % len(choices) :] + choices[: context % len(choices)]
        variants = templates[kind]
        choices += [
            _filled(variants[(context + step) % len(variants)], title, summary) for step in range(len(variants))
        ]
        fitted = [_fitted(_disclosed(text, disclosure), channel, link) for text in choices]
        fresh = [text for text in fitted if " ".join(text.split()) not in said]
        found.append(Starter(kind, (fresh or fitted)[0]))
    return tuple(found)


def _filled(template: str, title: str, summary: str) -> str:
    title = title.strip().rstrip(".")
    text = template.replace("{title}", title).replace("{summary}", summary.strip() or f"{title}.")
    return text.strip()


def _disclosed(text: str, disclosure: str | None) -> str:
    return text if disclosure is None or disclosure in text else f"{disclosure} {text}"


def _fitted(text: str, channel: ChannelKind, link: str) -> str:
    """Cut at a word, with an ellipsis, until the channel takes it together with the link."""
    words = text.split(" ")
    while len(words) > 1 and channel.length(with_link(text, link)) > channel.max_length:
        words.pop()
        text = " ".join(words).rstrip(",;:–- ") + "…"
    return text
