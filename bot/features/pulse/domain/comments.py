"""Comments of a closed round: names and addresses masked, by theme, and only where enough people wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import normalize

import regex

from bot.core.factors import FACTORS, actions
from bot.features.people.domain.names_in_text import NamesInText

FEWEST_PEOPLE, FEWEST_COMMENTS = 10, 5
OTHER = "other"
MASK = "▒▒▒"
_ADDRESS = regex.compile(
    r"(?:https?://|ftp://|www\.)\S+"  # links
    r"|\b(?:[\p{L}\d-]+\.)+\p{L}{2,}/\S*"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail
    r"|<[@!#][^>]*>|@[\w.-]+|<at>.*?</at>"  # mentions
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|fi|eu|io|dev|info)\b\S*"
    r"|\+?\d[\d\s().-]{6,}\d|(?:\+|\b0)\d[\d\s()./–—·-]{5,}\d",  # telephone numbers
    regex.IGNORECASE,
)

_HIDDEN = regex.compile(r"(?<=\p{L})\p{Cf}+(?=\p{L})")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def masked(words: str, names: Iterable[str]) -> str:
    """`words` without links, addresses, numbers to call, mentions, and people's names in any case ending. Letters are
    composed, and what cannot be seen between them is gone."""
    seen = _HIDDEN.sub("", normalize("NFC", words)).translate(_FULL_WIDTH)
    return NamesInText(names).masked(_ADDRESS.sub(MASK, seen), MASK)


def theme(words: str, language: str) -> str:
    """The factor of which the comment holds most stems, else "other"."""
    spoken = regex.findall(r"\p{L}+", words.lower())
    stems = {factor: actions()[factor]["words"].get(language, ()) for factor in FACTORS}
    hits = {factor: sum(word.startswith(tuple(of)) for word in spoken if of) for factor, of in stems.items()}
    best = max(FACTORS, key=lambda factor: hits[factor])
    return best if hits[best] else OTHER


def released(comments: Sequence[tuple[str, str]], *, people: int) -> list[tuple[str, str]]:
    """(theme, text) of the comments that may be shown, of (language, text) each and in their order: from about ten
    people and five comments on, and in a language only where five wrote in it. They are as their writers have seen and
    sent them. `people`: how many answered, by the noisy count; the language is that of the writers' settings."""
    languages = Counter(language for language, _words in comments)
    if people < FEWEST_PEOPLE:
        return []
    return [(theme(words, language), words) for language, words in comments if languages[language] >= FEWEST_COMMENTS]
