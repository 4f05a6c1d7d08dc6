"""What can go wrong in a turn, in words for the person.

TurnError                 one plain sentence, said in the person's language
├── NotAllowed            the person's role does not reach that far
├── Gone                  what the card is about is no more (recalled, expired, deleted)
└── NotUnderstood         a command, field or value that we do not know
Refused                   somebody we do not speak with: guest, bot, leaver, foreign workspace
"""

from __future__ import annotations


class TurnError(Exception):
    """Ends the turn with a sentence to the person and rolls everything back.

    `sentence` is a catalogue key; `values` fill its placeholders; `kept` is what the person wrote, given
    back to them so that it is never lost.
    """

    def __init__(self, sentence: str, *, kept: str = "", **values: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values
        self.kept = kept


class NotAllowed(TurnError):
    pass


class Gone(TurnError):
    pass


class NotUnderstood(TurnError):
    pass


class Refused(Exception):
    """The sender gets no answer; the message goes to the log only."""
