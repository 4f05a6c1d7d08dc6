"""What a caption must hold before it leaves: allowed phrases, disclosure, length, own voice.

Every finding names what is wrong and carries what to do; putting it into words is the capability's part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any
from unicodedata import normalize

import regex
import snowballstemmer
from lingua import Language, LanguageDetector, LanguageDetectorBuilder
from rapidfuzz import fuzz
from rapidfuzz.distance import Prefix

from content.channels import ChannelKind, with_link

TOO_CLOSE = 92  # of 100: rapidfuzz's ratio of two texts from which on they read as copies
# What may stand between the words of a phrase: white space, hyphens, quotes and the like; no end of a sentence.
_GAP = r"(?:[^\S\n]|\n(?!\s*\n)|[-‐‑‒–—_/\\'\"“”‘’«»(),*#@·•~|]|\.{2,})"
_WORD = regex.compile(r"[\p{L}\p{M}]+|\p{N}+|[%€$£&+]")
_CLUSTER = regex.compile(r"\X")
_MUTE = regex.compile(r"(?<=\p{L})['’](?=\p{L})|(?<=([%€$£&+]))\1+")
_UNSEEN = regex.compile(r"[\p{Cf}\uFE00-\uFE0F\u20E3™℠®©]")
INFLECTED_FROM = 4  # letters from which on a word of a phrase is found inflected, too
STEM_ENDS, ALIKE = 2, 0.8  # letters that a Finnish stem may end in besides, and the share of it that must be alike
NEAR = 220  # signs from the start within which a disclosure still stands near the claim
# Ways of saying in plain words where one works; a bare hashtag is none (FTC, "Disclosures 101").
_DISCLOSURES = {
    "en": (
        r"\bi(?:’m|'m| am)? (?:work|working|employed)\b",
        r"\b(?:where|company|place) (?:i|we) work\b",
        r"\b(?:my|our) (?:employer|workplace|company|firm|job|team|crews?|colleagues?|coworkers?|engineers?|people)\b",
        r"\b(?:we|us|here|i(?:’m|'m| am)) (?:at|with) \p{L}",
        r"\b(?:an?|proud|the) employee (?:of|at)\b",
    ),
    "fi": (
        r"\b(?:työskentelen|työskentelemme)\b|\b(?:olen|olemme) (?:töissä|duunissa)\b",
        r"\b(?:työnantaja|työpai[kt]|työkaver|kollega|tiimi|firma|yhtiö|yritykse|porukka)\p{L}*(?:ni|mme)\b",
        r"\bmeillä\b|\bmeidän (?:tiimi|firma|yhtiö|porukka|väki)",
        r"\bolen \p{L}* ?\p{L}*n (?:työntekijä|palveluksessa)\b",
    ),
}


@dataclass(frozen=True, slots=True)
class Blocked:
    phrase: str
    instead: str


@dataclass(frozen=True, slots=True)
class Violation:
    """`kind`: empty | blocked | disclosure | too_long | too_close. `detail`, `fix`: what and what instead. `place`:
    from which sign of the text to before which."""

    kind: str
    detail: str = ""
    fix: str = ""
    place: tuple[int, int] | None = None


def findings(
    text: str,
    *,
    channel: ChannelKind,
    link: str,
    blocked: Iterable[Blocked],
    disclosure: str | None,
    language: str,
    colleagues: Sequence[str],
) -> list[Violation]:
    """All that stands against `text`, the worst first.

    `disclosure` is the sentence to propose where the channel asks for one, else None; `language` is that
    of the post, used where the text's own cannot be told.
    """
    if not text.strip():
        return [Violation("empty")]
    spoken = language_of(text) or language
    found = [
        Violation("blocked", item.phrase, item.instead, place)
        for item in blocked
        if (place := place_of(text, item.phrase, spoken)) is not None
    ]
    if disclosure is not None and not discloses(text, spoken):
        found.append(Violation("disclosure", fix=disclosure))
    length = channel.length(with_link(text, link))
    if length > channel.max_length:
        found.append(Violation("too_long", str(length - channel.max_length), str(channel.max_length)))
    if any(fuzz.ratio(_folded(text), _folded(other)) >= TOO_CLOSE for other in colleagues):
        found.append(Violation("too_close"))
    return found


def mended(text: str, finding: Violation) -> str | None:
    """The text as it may stand, where one step is enough; None where only its writer can tell."""
    if finding.kind == "disclosure":
        return f"{finding.fix} {text.lstrip()}"
    if finding.place is None:
        return None
    start, end = finding.place
    before, after = text[:start], text[end:]
    if finding.fix:
        return f"{before}{finding.fix}{after}"
    gap = " " if before.strip() and after.lstrip()[:1].isalnum() else ""
    return f"{before.rstrip(' ')}{gap}{after.lstrip(' ')}"


def contains_phrase(text: str, phrase: str, language: str = "en") -> bool:
    """Whether `phrase` stands in `text`, as `place_of` finds it."""
    return place_of(text, phrase, language) is not None


def place_of(text: str, phrase: str, language: str = "en") -> tuple[int, int] | None:
    """Where `phrase` stands in `text` as whole words: in whatever case and width, inflected as `language` does, and
    with whatever white space, hyphens, quotes and hash signs between its words ("100 % green", "100%-Green",
    "market leaders")."""
    pattern, inflected = _pattern_of(phrase)
    if pattern is None:
        return None
    said, places = _comparable(text)
    for found in pattern.finditer(said, overlapped=True):
        if all(_is_form_of(form, word, language) for form, word in zip(found.groups(), inflected, strict=True)):
            return places[found.start()][0], places[found.end() - 1][1]
    return None


def _is_form_of(form: str, word: str, language: str) -> bool:
    """Whether both are forms of one word, by Snowball's stems. Those of Finnish keep the ends of some stems, so there
    they need to be alike only."""
    if form == word:
        return True
    one, other = (_stemmer(language).stemWord(item) for item in (form, word))
    if language != "fi":
        return bool(one == other)
    shorter, longer = sorted((one, other), key=len)
    common = Prefix.similarity(shorter, longer)
    is_begun = common == len(shorter) >= INFLECTED_FROM and len(longer) - common <= STEM_ENDS
    return is_begun or common >= ALIKE * len(longer)


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer({"fi": "finnish", "sv": "swedish"}.get(language, "english"))


@lru_cache(maxsize=1024)
def _pattern_of(phrase: str) -> tuple[regex.Pattern[str] | None, tuple[str, ...]]:
    """What finds the phrase in a comparable text, None for a phrase without a word; and the words that may stand there
    inflected, each a group of the pattern."""
    said, _places = _comparable(phrase)
    wanted = _WORD.findall(said)
    if not wanted:
        return None, ()
    pattern = _form(wanted[0])
    for before, word in pairwise(wanted):
        # Two words are apart, but for compounds written with a hyphen; a number and its sign need not be.
        are_apart = before[0].isalpha() and word[0].isalpha() and f"{before}-{word}" not in said
        pattern += f"{_GAP}{'+' if are_apart else '*'}{_form(word)}"
    begins_with_number = r"(?<!\d[.,])" if wanted[0].isdigit() else ""
    compiled = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){begins_with_number}{pattern}(?![\p{{L}}\p{{N}}])")
    return compiled, tuple(word for word in wanted if _is_inflected(word))


def _form(word: str) -> str:
    return rf"({regex.escape(word[:3])}\p{{L}}*)" if _is_inflected(word) else regex.escape(word)


def _is_inflected(word: str) -> bool:
    return word.isalpha() and len(word) >= INFLECTED_FROM


def _comparable(text: str) -> tuple[str, list[tuple[int, int]]]:
    """In one case and width, without apostrophes within words, doubled signs, trade marks, and the signs that are not
    seen (soft hyphens, joiners, spaces of no width, variation selectors); and from where to where in `text` each sign
    of it stood."""
    signs: list[str] = []
    places: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        folded = normalize("NFKC", _UNSEEN.sub("", cluster.group())).casefold()
        signs.append(folded)
        places += [cluster.span()] * len(folded)
    said = "".join(signs)
    for mute in reversed(list(_MUTE.finditer(said))):
        said = said[: mute.start()] + said[mute.end() :]
        del places[mute.start() : mute.end()]
    return said, places


def discloses(text: str, language: str) -> bool:
    """Whether its writer says in plain words of `language`, near the start, that they work there."""
    start = _folded(text[:NEAR])
    return any(regex.search(pattern, start) for pattern in _DISCLOSURES.get(language, _DISCLOSURES["en"]))


def tip(text: str, language: str) -> str | None:
    """At most one tip, by name; it never stands in the way of a share."""
    if "?" not in text:
        return "ask_a_question"
    if regex.search(r"(?:#\w+\s*){4,}", text):
        return "fewer_hashtags"
    if not _says_i(text, language):
        return "say_i"
    return None


def language_of(text: str) -> str | None:
    """The language of a text ("en", "fi"), None where it cannot be told."""
    found = _detector().detect_language_of(text)
    return found.iso_code_639_1.name.lower() if found else None


@cache
def _detector() -> LanguageDetector:
    return (
        LanguageDetectorBuilder.from_languages(Language.ENGLISH, Language.FINNISH, Language.SWEDISH)
        .with_minimum_relative_distance(0.1)
        .build()
    )


def _says_i(text: str, language: str) -> bool:
    first_person = {"fi": r"\b(minä|minun|mun|oma|olen|opin|pidän)\b"}.get(language, r"\b(i|i'm|my|me|we|our)\b")
    return bool(regex.search(first_person, text, regex.IGNORECASE))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
