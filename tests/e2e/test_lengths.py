"""Lengths of captions as the networks count them: twitter-text for X, the AT Protocol’s library for Bluesky, and the rules
of Mastodon and Threads written once more in another language, for they have no library."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from random import Random

from content import lengths

HERE = Path(__file__).parent
CAPTIONS = 2000
# The newest library of X (2020) does not know emoji that came after it; X itself does, so there are none of them here.
WORDS = (
    *["Myrsky", "ohi,", "ja", "kodit", "pysyivät", "lämpiminä."],
    *["We", "kept", "40,000", "homes", "warm;", "ask", "me", "how!"],
    *("naïve", "Zürich", "Łódź", "ağaç", "Ελλάδα", "дом", "日本語の文章", "한국어", "ไทย", "العربية", "हिन्दी"),
    *("e\u0301", "a\u030a", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇮", "1️⃣", "☀️", "©", "™", "❤", "❤️", "𝒜", "…", "–", "“quote”"),
    *("#energia", "#työ", "@koivu", "@aino@mastodon.social", "$KOI", "50 %", "(note)", "x_y", "*", "\\o/"),
    *("https://koivu.fi/storm", "https://chorus.fi/r/aB3_x9Zq", "http://a.fi/?q=1&r=ä#z", "koivu.fi", "e.g.", "v1.2"),
    *("https://koivu.fi/storm.", "(https://koivu.fi/a_(b))", "https://koivu.fi/ä", "node.js", "co.uk"),
)


def captions(number: int = CAPTIONS) -> list[str]:
    """Texts as people write them, and as nobody does."""
    chance = Random(2026)
    made = []
    for _ in range(number):
        words = [chance.choice(WORDS) for _ in range(chance.randint(1, 60))]
        made.append("".join(word + chance.choice((" ", " ", " ", "\n", "\n\n", ", ", "  ")) for word in words))
    return made


def test_as_the_networks_own_libraries_count(clients: Path) -> None:
    texts = captions()
    done = subprocess.run(
        ["node", "lengths.mjs"],
        cwd=HERE,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    theirs = json.loads(done.stdout)
    ours = {"x": lengths.x, "bluesky": lengths.graphemes, "mastodon": lengths.mastodon, "threads": lengths.threads}
    for name, count in ours.items():
        differ = [
            (text, count(text), told[name])
            for text, told in zip(texts, theirs, strict=True)
            if count(text) != told[name]
        ]
        assert not differ, f"{name}: {len(differ)} of {len(texts)}; {min(differ, key=lambda one: len(one[0]))}"
