"""What a caption must hold before it leaves: allowed phrases, disclosure, length, own voice.

Every finding names what is wrong and carries what to do; putting it into words is the capability's part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from unicodedata import normalize

import regex
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Prefix
from Stemmer import Stemmer

from content.captions import DISCLOSURE_SENTENCES, disclosure_sentence
from content.channels import ChannelKind, with_link
from content.language import spoken_in

_SNOWBALL = {"fi": "finnish", "sv": "swedish"}  # English for all others
TOO_CLOSE = 92  # of 100: rapidfuzz's ratio of two texts from which on they read as copies
# The same, by the name of the organisation.
_WITH_NAME = {
    "en": (r"\b(?:i’m|i'm|i am|as) an? [\p{L} -]{2,40}\b(?:at|for|with|of) {name}", r"\bas an? {name} [\p{L}]+"),
    "fi": (r"\bolen {name}\p{L}* \p{L}+",),
}
# What may stand between the words of a phrase: white space, hyphens, quotes and the like; no end of a sentence.
_GAP = r"(?:[^\S\n]|\n(?!\s*[\n•*-])|[-‐‑‒–—_/\\'\"“”„‘’‚«»‹›()\[\]*#@·•~|]|\.{2,})"
_APOSTROPHES = str.maketrans("‘ʼ´`", "''''")  # some of which would fall into two signs
_QUOTES = "\"“”„‘’‚«»‹›'"
_DOUBLED = "%€$£&+"
_STOPS = " .!?,:;"
_WORD = regex.compile(r"[\p{L}\p{M}]+|\p{N}+|[%€$£&+]")
_CLUSTER = regex.compile(r"\X")
_MUTE = regex.compile(r"(?<=\p{L})['’](?=\p{L})|(?<=([%€$£&+]))\1+")
_UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u2800\p{Cf}\uFE00-\uFE0F\u20E3™℠®©]")
INFLECTED_FROM = 4  # letters from which on a word of a phrase is found inflected, too
STEM_ENDS, ALIKE = 2, 0.8  # letters that a Finnish stem may end in besides, and the share of it that must be alike
NEAR = 220  # signs from the start within which a disclosure still stands near the claim
# Ways of saying in plain words where one works; a bare hashtag is none (FTC, "Disclosures 101").
_DISCLOSURES = {
    "en": (
        r"\bi(?:’m|'m| am)? (?:work|working|employed)\b",
        r"\b(?:where|company|place) (?:i|we) work\b",
        r"\b(?:my|our) (?:employer|workplace|company|firm|job|team|colleagues?|coworkers?)\b",
        r"\bour (?:crews?|engineers?|people)\b",  # "my crew" may be of anything
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
    organisation: str | None,
    language: str,
    colleagues: Sequence[str],
) -> list[Violation]:
    """All that stands against `text`, the worst first.

    `organisation` is whom the writer works for, where the channel asks for that to be said, else None; `language` is
    that of the post, used where the text's own cannot be told.
    """
    if not _UNSEEN.sub("", text).strip():
        return [Violation("empty")]
    spoken = spoken_in(text, language)
    found = [
        Violation("blocked", item.phrase, item.instead, place)
        for item in blocked
        if (place := place_of(text, item.phrase, spoken)) is not None
    ]
    if organisation is not None and not discloses(text, spoken, organisation):
        found.append(Violation("disclosure", fix=disclosure_sentence(spoken, organisation)))
    length = channel.length(with_link(text, link))
    if length > channel.max_length:
        found.append(Violation("too_long", str(length - channel.max_length), str(channel.max_length)))
    if is_copy(text, colleagues):
        found.append(Violation("too_close"))
    return found


def is_copy(text: str, others: Iterable[str]) -> bool:
    """Whether it reads as one of the others, whatever a few words may be."""
    found = process.extractOne(_folded(text), map(_folded, others), scorer=fuzz.ratio, score_cutoff=TOO_CLOSE)
    return found is not None


def mended(text: str, finding: Violation) -> str | None:
    """The text as it may stand, where one step is enough; None where only its writer can tell."""
    if finding.kind == "disclosure":
        return f"{finding.fix} {text.lstrip()}"
    if finding.place is None:
        return None
    start, end = finding.place
    before, after = text[:start], text[end:]
    is_in_address = any(sign in (before.split() or [""])[-1] for sign in "@/") and not before[-1:].isspace()
    if is_in_address or contains_phrase(finding.fix, finding.detail):
        return None
    if finding.fix:
        return f"{before}{finding.fix}{after}"
    if (before and not before[-1].isspace()) or (after and not (after[0].isspace() and after[1:2].isalnum())):
        return None  # what is left would not read as written by anybody
    return f"{before}{after.lstrip(' ')}" if after else before.rstrip()


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
        forms = found.groups()[len(found.groups()) - len(inflected) :]
        if all(_is_form_of(form, word, language) for form, word in zip(forms, inflected, strict=True)):
            end = places[found.end() - 1][1]
            while (
                end < len(text)
                and text[end] == text[end - 1]
                and _WORD.fullmatch(text[end])
                and not text[end].isalnum()
            ):
                end += 1  # "C++": of signs that are doubled, one is compared
            return places[found.start()][0], end
    return None


def _is_form_of(form: str, word: str, language: str) -> bool:
    """Whether both are forms of one word, by Snowball's stems. Those of Finnish keep the ends of some stems, so there
    they need to be alike only."""
    if form == word:
        return True
    stemmer = Stemmer(_SNOWBALL.get(language, "english"))  # of its own: one is not for two threads at once
    one, other = (str(stemmer.stemWord(item)) for item in (form, word))
    if language != "fi":
        return one == other
    shorter, longer = sorted((one, other), key=len)
    common = Prefix.similarity(shorter, longer)
    is_begun = common == len(shorter) >= INFLECTED_FROM and len(longer) - common <= STEM_ENDS
    return is_begun or common >= ALIKE * len(longer)


@lru_cache(maxsize=1024)
def _pattern_of(phrase: str) -> tuple[regex.Pattern[str] | None, tuple[str, ...]]:
    """What finds the phrase in a comparable text, None for a phrase without a word; and the words that may stand there
    inflected, each a group of the pattern."""
    said, _places = _comparable(phrase)
    said = said.strip().strip(_QUOTES).strip()
    found = list(_WORD.finditer(said))
    wanted = [word.group() for word in found]
    if not said:
        return None, ()
    if not wanted:  # of signs alone: an emoji
        return regex.compile(regex.escape(said)), ()
    first, last = regex.escape(said[: found[0].start()]), regex.escape(said[found[-1].end() :].rstrip(_STOPS))
    pattern = _form(wanted[0])
    for before, after in pairwise(found):
        # Two words are apart, but for compounds with a hyphen and in a hashtag; a number and its sign need not be.
        are_apart = before.group()[0].isalpha() and after.group()[0].isalpha()
        are_apart = are_apart and f"{before.group()}-{after.group()}" not in said
        own = [rf"\{sign}" for sign in sorted(set(said[before.end() : after.start()])) if not sign.isspace()]
        gap = f"(?:{_GAP}|[{''.join(own)}])" if own else _GAP
        apart = f"{gap}+" if first else f"(?(tag){gap}*|{gap}+)"
        pattern += (apart if are_apart else f"{gap}*") + _form(after.group())
    begins_with_number = r"(?<!\d[.,])" if wanted[0].isdigit() else ""
    begins = rf"(?<![\p{{L}}\p{{N}}]){begins_with_number}{first or '(?P<tag>#)?'}"
    ends = rf"{last}(?![\p{{L}}\p{{N}}])" if last or wanted[-1][-1].isalnum() else ""
    return regex.compile(begins + pattern + ends), tuple(word for word in wanted if _is_inflected(word))


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
        folded = normalize("NFKC", _UNSEEN.sub("", cluster.group()).translate(_APOSTROPHES)).casefold()
        signs.append(folded)
        places += [cluster.span()] * len(folded)
    said = "".join(signs)
    for mute in reversed(list(_MUTE.finditer(said))):
        said = said[: mute.start()] + said[mute.end() :]
        del places[mute.start() : mute.end()]
    return said, places


def discloses(text: str, language: str, organisation: str) -> bool:
    """Whether its writer says in plain words of `language`, near the start, that they work there. The sentences that we
    propose count whatever the language is taken for: a name may be of another one than the text."""
    start, name = _folded(text[:NEAR]), regex.escape(_folded(organisation))
    if any(_folded(disclosure_sentence(known, organisation)) in start for known in DISCLOSURE_SENTENCES):
        return True
    patterns = (*_DISCLOSURES.get(language, _DISCLOSURES["en"]), *_WITH_NAME.get(language, _WITH_NAME["en"]))
    return any(regex.search(pattern.replace("{name}", name), start) for pattern in patterns)


def tip(text: str, language: str) -> str | None:
    """At most one tip, by name; it never stands in the way of a share."""
    if "?" not in text:
        return "ask_a_question"
    if regex.search(r"(?:#\w+\s*){4,}", text):
        return "fewer_hashtags"
    if not _says_i(text, language):
        return "say_i"
    return None


def _says_i(text: str, language: str) -> bool:
    first_person = {"fi": r"\b(minä|minun|mun|oma|olen|opin|pidän)\b"}.get(language, r"\b(i|i'm|my|me|we|our)\b")
    return bool(regex.search(first_person, text, regex.IGNORECASE))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
