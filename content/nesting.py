"""How deep markup is nested, without parsing it: parsers take time and stack that grow faster than the text."""

from __future__ import annotations

import regex

from content.errors import TooMuch

DEEPEST = 1000  # elements in each other; real pages stay under a hundred
# Elements that end by themselves: however many there are, they do not stand in each other.
_ENDS_ITSELF = (
    "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|tr|td|th|thead|tbody|tfoot|option"
)
_TAG = regex.compile(rf"<(/?)(?!(?:{_ENDS_ITSELF})[\s/>])[a-z][^\s/>]*(?:[^>]*?(/)>)?", regex.IGNORECASE)


def check_depth(markup: str) -> None:
    """Raises TooMuch where more than a thousand elements stand in each other (an upper bound: those in comments and
    scripts count too)."""
    depth = 0
    for tag in _TAG.finditer(markup):
        if tag[1]:
            depth = max(0, depth - 1)
        elif not tag[2]:
            depth += 1
            if depth > DEEPEST:
                raise TooMuch("it is nested too deeply")
