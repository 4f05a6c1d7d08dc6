"""Short messages that ask something of the bot itself, by their shape: what they ask goes to no colleague."""

from __future__ import annotations

import re

_BEFORE = r"(please,? |hi,? |hello,? |hey,? |hei,? |moi,? |chorus,? |can you |could you |voitko |i want to |haluan )*"
_AFTER = r"(,? (please|thanks|thank you|now|kiitos|nyt|for a week|viikoksi))*[\s.!?…]*"


def politely(*shapes: str) -> re.Pattern[str]:
    """Matches a message that is as a whole of one of these shapes (regular expressions), politely said or not."""
    return re.compile(f"{_BEFORE}({'|'.join(shapes)}){_AFTER}", re.IGNORECASE)
