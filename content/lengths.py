"""How long a text is, as each network counts: by their documents, for their own libraries are in other languages.

X's is twitter-text (configuration v3). Its port to Python took five minutes for ten thousand characters, so the rule is
here (docs/decisions/0016-lengths-of-our-own.md).
"""

from __future__ import annotations

import math
from unicodedata import normalize

import regex

LINK = 23  # what any link counts on X and Mastodon
BLUESKY_BYTES = 3000
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}--[#*0-9©®™]]|\p{Regional_Indicator}|\u20E3", regex.V1)
_REMOTE_MENTION = regex.compile(r"(?<![/\w])(@[a-z0-9_]+)@[a-z0-9.-]+[a-z0-9]", regex.IGNORECASE)
_ACCENTED = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"  # Latin letters that a path may hold, too
_IN_PATH = rf"[a-z0-9{_ACCENTED}\p{{Cyrillic}}!*';:=+,.$/%#\[\]\-–_~@|&]"
_BRACKETS = rf"\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\)"  # closed again; one pair may stand in another
_PATH = rf"(?:/(?:{_IN_PATH}|{_BRACKETS})*(?<=[a-z0-9{_ACCENTED}\p{{Cyrillic}}=_#/+)-]))?"
_QUERY = r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?"
_HOST = r"(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+"
_WITH_SCHEME = regex.compile(rf"https?://{_HOST}\p{{L}}{{2,}}(?::\d+)?{_PATH}{_QUERY}", regex.IGNORECASE)
# X takes an address without its scheme for a link, too, by the list of all top-level domains; these are the usual ones.
_BARE = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}@_./-]){_HOST}(?:com|org|net|info|biz|edu|gov|io|ai|co|app|dev|me|tv|eu|fi|se|no|dk|ee|de|fr|nl|uk|ie|es|"
    rf"it|pl|ch|at|be|us|ca)(?![\p{{L}}\p{{N}}@_-])(?::\d+)?{_PATH}{_QUERY}",
    regex.IGNORECASE,
)
# Code points that count one; all others count two (twitter-text, config/v3.json).
_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))


def graphemes(text: str) -> int:
    """Characters as people count them."""
    return len(_GRAPHEME.findall(text))


def mastodon(text: str) -> int:
    """Graphemes, where any link counts 23 and the server's name in a mention nothing (docs.joinmastodon.org)."""
    return graphemes(_REMOTE_MENTION.sub(r"\1", _WITH_SCHEME.sub("x" * LINK, text)))


def bluesky(text: str) -> int:
    """Graphemes; of a text with more bytes than a post may have, a tenth of them, which is over the limit, too (the
    lexicon app.bsky.feed.post: 300 graphemes, 3,000 bytes)."""
    number, size = graphemes(text), len(text.encode("utf-8", "replace"))
    return number if size <= BLUESKY_BYTES else max(number, math.ceil(size / 10))


def threads(text: str) -> int:
    """Characters, where emoji count as many as they have bytes in UTF-8 (Meta's Threads API, "Limits")."""
    return sum(
        len(cluster.encode()) if _EMOJI.search(cluster) else len(cluster)
        for cluster in _GRAPHEME.findall(text.encode("utf-8", "replace").decode())
    )


def x(text: str) -> int:
    """Weighted code points of the composed text (NFC): an emoji and what is outside of Latin and its neighbours count
    two, a link 23 (developer.x.com, "Counting characters")."""
    without = _BARE.sub("x" * LINK, _WITH_SCHEME.sub("x" * LINK, normalize("NFC", text)))
    return sum(
        2 if _EMOJI.search(cluster) else sum(_weight(ord(sign)) for sign in cluster)
        for cluster in _GRAPHEME.findall(without)
    )


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2
