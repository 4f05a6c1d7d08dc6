"""Sentences of a text in English or Finnish, by rules: where one ends, and which stand for themselves."""

from __future__ import annotations

import regex

# A full stop after these ends no sentence; after the second ones none where a number follows.
_SHORT = {"en": "mr mrs ms dr prof st vs e.g i.e u.s u.k", "fi": "esim mm ns nk prof dr tri vrt"}
_BEFORE_NUMBERS = {
    "en": "no nos fig p pp approx jan feb mar apr jun jul aug sep sept oct nov dec",
    "fi": "n nro s ks klo v os kpl ma ti ke to pe la su",
}
_BREAK = regex.compile(r"(?<=[.!?…][\"”’»)\]]*)\s+(?=[\"“”»(\[]?[\p{Lu}\p{N}])|\s*\n\s*\n\s*")
_LAST_WORD = regex.compile(r"([\p{L}.]+|\p{N}+)\.$")
# Such words lean on the sentence before: "It was cold.", "Siksi kävimme siellä."
_LEANING = {
    "en": "it this that these those they he she but and so then however also its their therefore here there such both",
    "fi": "se ne nämä tämä tuo nuo hän he mutta ja siis sitten kuitenkin myös sen niiden siksi silti näin siellä",
}


def split(text: str, language: str) -> list[str]:
    """The sentences of the text, in its order, in one line each."""
    short, before_numbers = (_words(table, language) for table in (_SHORT, _BEFORE_NUMBERS))
    found, start = list[str](), 0
    for gap in _BREAK.finditer(text):
        before = text[start : gap.start()]
        last = _LAST_WORD.search(before.rstrip())
        if last is not None and "\n" not in gap.group():
            word, is_before_number = last[1], text[gap.end() : gap.end() + 1].isdigit()
            if word.lower() in short or (len(word) == 1 and word.isupper()):  # a short form, an initial
                continue
            if is_before_number and (word.lower() in before_numbers or word.isdigit()):  # "klo 9.", "24. 12. 2026"
                continue
        found.append(before)
        start = gap.end()
    found.append(text[start:])
    return [sentence for part in found if (sentence := " ".join(part.split()))]


def stands_alone(sentence: str, language: str) -> bool:
    """Whether a reader understands it without the sentence before."""
    words = regex.findall(r"[\p{L}']+", sentence)
    return len(words) > 2 and words[0].lower() not in _words(_LEANING, language)


def _words(table: dict[str, str], language: str) -> frozenset[str]:
    return frozenset(table.get(language, table["en"]).split())
