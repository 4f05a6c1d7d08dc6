"""The tone of a few sentences, by a small lexicon of stems (tones.yaml): an offline guess that people can correct.

Words after a negation count the other way round. The lists are our own; they are no research instrument, and say
"neutral" wherever they are not sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import regex
import yaml

from storage.mentions.listening import Tone

LEXICON = Path(__file__).parent / "tones.yaml"
REACH = 3  # words that a negation turns round


def tone_of(text: str, language: str | None) -> str:
    """negative, neutral or positive; neutral in a language without a lexicon."""
    lexicon = _lexicon().get(language or "")
    if lexicon is None:
        return Tone.NEUTRAL
    words = regex.findall(r"[\p{L}'-]+|[.,;:!?–]", text.casefold().replace("’", "'"))
    score, turned = 0, 0
    for number, word in enumerate(words):
        if word in lexicon["negation"] or not word[0].isalpha():  # a sign ends what a negation turns round
            turned = REACH if word[0].isalpha() else 0
            continue
        following = words[number + 1] if number + 1 < len(words) else ""
        value = _begins(word, following, lexicon[Tone.POSITIVE]) - _begins(word, following, lexicon[Tone.NEGATIVE])
        score += -value if turned else value
        turned = max(0, turned - 1)
    if score == 0:
        return Tone.NEUTRAL
    return Tone.POSITIVE if score > 0 else Tone.NEGATIVE


@cache
def _lexicon() -> dict[str, dict[str, list[str]]]:
    return yaml.safe_load(LEXICON.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _begins(word: str, following: str, stems: Sequence[str]) -> int:
    """Whether one of the stems stands here."""
    return int(any((f"{word} {following}" if " " in stem else f"{word}$").startswith(stem) for stem in stems))
