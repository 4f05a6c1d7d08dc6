"""Finds people's names in a text, in every form in which English and Finnish use them.

Finnish bends names: Virtanen, Virtasen; Mäki, Mäen; Pekka, Pekalle. From each name of the directory the stems to which
endings are joined are made by rule (consonant gradation, -nen, -s, -i), and a word is a name if it is one of these and
an ending of a case, with a possessive or a clitic behind it or none (Iso suomen kielioppi, sections 40–108).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from unicodedata import normalize

import regex
import yaml

WORDS = Path(__file__).parent / "names_that_are_words.yaml"
SHORTEST = 3  # letters of a name that is looked for in every form; shorter ones as they stand, with a capital
VOWELS = "aeiouyäöå"
_WORD = regex.compile(r"\p{L}+(?:[’']\p{L}{1,2}\b)?")
_CASE = r"(?:n|t|ta|tä|a|ä|tta|ttä|ssa|ssä|sta|stä|lla|llä|lta|ltä|lle|ksi|na|nä|seen|h?[aeiouyäöå]n|iden|ien|ten)"
_BEHIND = r"(?:ni|si|nsa|nsä|mme|nne)?(?:kin|kaan|kään|ko|kö|han|hän|pa|pä)?"
_ENDING = regex.compile(rf"(?:{_CASE}{_BEHIND}|s)")
_ENDING_OF_BASE = regex.compile(rf"(?:{_CASE}?{_BEHIND}|s)")
_INTO = regex.compile(r"h?([aeiouyäöå])n.*")  # "into": the stem's last vowel, once more
_UNCLEAR = frozenset(("a", "ä", "t", "ta", "tä"))  # endings with which many other words end
_BEFORE_SENTENCE = regex.compile(r"(?:^|[.!?…:\n])[\s\p{P}]*$")
# fmt: off
_GRADES = (  # strong, weak
    ("kk", "k"), ("pp", "p"), ("tt", "t"), ("nk", "ng"), ("nt", "nn"), ("mp", "mm"), ("lt", "ll"), ("rt", "rr"),
    ("ht", "hd"), ("hk", "h"), ("lk", "l"), ("rk", "r"), ("lp", "lv"), ("rp", "rv"), ("k", ""), ("p", "v"), ("t", "d"),
)
# fmt: on
_KEPT = ("st", "sk", "sp", "tk", "ts")  # clusters that no gradation changes


class NamesInText:
    """The names of a directory, as they may stand in a text."""

    def __init__(self, names: Iterable[str]) -> None:
        self._stems: dict[str, bool] = {}  # stem → whether it is a name as it stands
        self._words = _ordinary_words()
        self._from_words: set[str] = set()  # stems of names that are also words
        parts = {part for name in names for part in regex.findall(r"\p{L}{2,}", normalize("NFC", name.lower()))}
        self._short = {part for part in parts if len(part) < SHORTEST and part not in self._words}
        long = {part for part in parts if len(part) >= SHORTEST}
        for part in long | {_plain(part) for part in long}:
            for stem in _stems(part):
                self._stems[stem] = self._stems.get(stem, False) or stem == part
                if part in self._words:
                    self._from_words.add(stem)

    def masked(self, text: str, mask: str) -> str:
        """The text with `mask` in place of every name."""
        pieces, done = [], 0
        for word in _WORD.finditer(text):
            if self._is_name(word.group(), is_first=bool(_BEFORE_SENTENCE.search(text, 0, word.start()))):
                pieces += [text[done : word.start()], mask]
                done = word.end()
        return "".join(pieces) + text[done:]

    def _is_name(self, word: str, *, is_first: bool) -> bool:
        is_capital = word[0].isupper()
        surely = is_capital and not is_first
        lower = regex.sub(r"[’']s$|[’']$", "", word.lower())
        if self._stems.get(lower):
            return surely or lower not in self._from_words
        if is_capital and lower in self._short:
            return True
        return any(
            self._fits(lower[:end], lower[end:], surely=surely, is_capital=is_capital)
            for end in range(len(lower) - 1, 1, -1)
        )

    def _fits(self, stem: str, ending: str, *, surely: bool, is_capital: bool) -> bool:
        is_base, into = self._stems.get(stem), _INTO.fullmatch(ending)
        if is_base is None or (into and into[1] != stem[-1]):
            return False
        if not (_ENDING_OF_BASE if is_base else _ENDING).fullmatch(ending):
            return False
        is_clear = ending not in _UNCLEAR or (is_capital and is_base)
        return surely or (is_clear and stem not in self._from_words)


def _plain(word: str) -> str:
    """Without dots and accents, as some write: Maki, Jose."""
    return regex.sub(r"\p{M}", "", normalize("NFD", word))


@cache
def _ordinary_words() -> frozenset[str]:
    lists: dict[str, str] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return frozenset(word for words in lists.values() for word in words.split())


def _stems(name: str) -> Iterator[str]:
    """What endings are joined to; the name itself comes first."""
    yield name
    for stem in _unbent(name):
        if stem != name:
            yield stem
        if weak := _weakened(stem):
            yield weak


def _unbent(name: str) -> Iterator[str]:
    if name.endswith("nen"):
        yield from (name[:-3] + "se", name[:-3] + "s", name[:-3] + "si")
    elif name.endswith("s"):
        yield from (name[:-1] + "kse", name[:-1] + name[-2], name + "i")
    elif name[-1] not in VOWELS:
        yield name + "i"
    elif name.endswith("e"):
        yield from (name, name + "e")
    elif name.endswith("i"):
        yield from (name, name[:-1] + "e")
    else:
        yield name


def _weakened(stem: str) -> str:
    """The stem with the weak grade of the consonants before its last vowel: Pekka, Peka-; "" where it has none."""
    found = regex.fullmatch(r"(.*?)([^aeiouyäöå]+)([aeiouyäöå])", stem)
    if found is None or found[2].endswith(_KEPT):
        return ""
    for strong, weak in _GRADES:
        if found[2].endswith(strong):
            return str(found[1] + found[2].removesuffix(strong) + weak + found[3])
    return ""
