"""Sentences of a text in English or Finnish, by rules: where one ends, and which stand for themselves."""

from __future__ import annotations

import regex

# A full stop after these ends no sentence; after the second ones none where a number follows.
_SHORT = {
    "en": "mr mrs ms dr prof st vs e.g i.e u.s u.k u.n sgt capt gen gov sen mt jr sr ltd wm ph.d a.m p.m approx",
    "fi": "esim mm ns nk prof dr tri vrt milj mrd dipl ins puh ks sis ym yms jne os",
}
_BEFORE_NUMBERS = {
    "en": "no nos p pp jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun",
    "fi": "n nro s klo v kpl ma ti ke to pe la su",
}
_BREAK = regex.compile(
    r"(?<=[.!?…][\"”’»)\]]*)\s+(?=[\"“”»(\[]?[\p{Lu}\p{N}])|\s*\n\s*\n\s*|\s*\n\s*(?=[-•*–]|\p{N}+[.)])"
)
_LAST_WORD = regex.compile(r"([\p{L}.]+|\p{N}+)\.$")
_WHOLE = regex.compile(r"^[\"“”»]?[\p{Lu}\p{N}].*[\p{L}\p{N})%€$£°][.!?…][\"”»]?$", regex.DOTALL)
_NUMBERED = regex.compile(r"(?:^|[:;,])\s*\p{N}{1,2}\.$")
_ITEM = regex.compile(r"^(?:[-•*–]|\p{N}{1,2}[.)](?!\p{N}))")
# A sentence that begins so leans on the one before; and one with such a word among its first ones.
_LEANING = {
    "en": """but and so then yet also however still here there both such instead meanwhile unfortunately fortunately
    sadly luckily otherwise therefore thus besides moreover because for as in on""",
    "fi": """mutta ja siis sitten kuitenkin myös siksi silti näin siellä täällä lisäksi toisaalta esimerkiksi joten eikä
    samalla siten niinpä vaikka onneksi valitettavasti muuten""",
}
_POINTING = {
    "en": """it this that these those they them their he him his she her its former latter others another such""",
    "fi": """se sen sitä siitä siihen siinä sillä ne niiden niitä niistä niihin niissä niillä nämä näiden näitä näistä
    tämä tämän tätä tästä tässä tällä tuo nuo hän hänen häntä hänestä hänellä he heidän heitä heistä muut toiset""",
}
POINTS_WITHIN = 4  # words of the beginning
FEWEST_WORDS = 3
ORDINAL = 2  # figures at most


def split(text: str, language: str) -> list[str]:
    """The sentences of the text, in its order, in one line each."""
    short, before_numbers = (_words(table, language) for table in (_SHORT, _BEFORE_NUMBERS))
    found, start = list[str](), 0
    for gap in _BREAK.finditer(text):
        before = text[start : gap.start()]
        last = _LAST_WORD.search(before.rstrip())
        if "\n" not in gap.group() and _NUMBERED.search(before):  # "Two tips: 1. Ask first."
            continue
        if last is not None and "\n" not in gap.group():
            word, is_before_number = last[1], text[gap.end() : gap.end() + 1].isdigit()
            if word.lower() in short or (len(word) == 1 and word.isupper()):  # a short form, an initial
                continue
            if is_before_number and (word.lower() in before_numbers or word.isdigit()):  # "klo 9.", "24. 12. 2026"
                continue
            if language == "fi" and word.isdigit() and len(word) <= ORDINAL:  # "Suomen 17. MM-kulta"
                continue
        found.append(before)
        start = gap.end()
    found.append(text[start:])
    return [sentence for part in found if (sentence := " ".join(part.split()))]


def is_whole(sentence: str) -> bool:
    """Whether it is a sentence that begins and ends as one: no heading, no item of a list, nothing cut off."""
    return len(_words_in(sentence)) >= FEWEST_WORDS and bool(_WHOLE.match(sentence)) and not _ITEM.match(sentence)


def stands_alone(sentence: str, language: str) -> bool:
    """Whether a reader understands it without the sentence before, as far as its beginning tells."""
    words = [word.lower() for word in _words_in(sentence)]
    if len(words) < FEWEST_WORDS or words[0] in _words(_LEANING, language):
        return False
    return not _words(_POINTING, language).intersection(words[:POINTS_WITHIN])


def _words_in(sentence: str) -> list[str]:
    return regex.findall(r"\p{L}+", sentence)


def _words(table: dict[str, str], language: str) -> frozenset[str]:
    return frozenset(table.get(language, table["en"]).split())
