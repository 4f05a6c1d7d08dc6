"""A platform that fails for a moment: what it may have done is looked up, or done again where that does no harm."""

from __future__ import annotations

from bot.core.ports import OutcomeUnknown
from tests.stage import Stage

FAULT = OutcomeUnknown("500 without JSON")


def test_a_reply_in_doubt_is_looked_up_and_sent_again_where_it_is_not_there(stage: Stage) -> None:
    stage.hires("aino")
    stage.chat.outcomes.append(FAULT)
    stage.types("aino", "help")
    assert stage.sees("aino") == []
    stage.ticks(minutes=1)
    stage.looks()
    stage.sends()
    assert len(stage.sees("aino")) == 1


def test_cards_are_replaced_again_until_the_platform_has_taken_it(stage: Stage) -> None:
    """A withdrawn post stays on nobody's screen."""
    people = [f"person{number}" for number in range(5)]
    for user in people:
        stage.hires(user)
    stage.hires("laura", roles=["employee", "lead"])
    stage.publishes("Storm")
    stage.ticks()
    stage.types("laura", "posts")
    stage.presses("laura", "Withdraw")
    stage.chat.replacements.extend([FAULT] * 12)
    stage.presses("laura", "Yes, withdraw it")
    stage.sends()
    for _minute in range(10):
        stage.ticks(minutes=1)
    assert all("Share…" not in stage.sees(user)[-1] for user in people)
    assert "Share…" not in "".join(stage.sees("laura"))


def test_an_older_card_never_takes_the_place_of_a_newer_one(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    stage.chat.replacements.extend([FAULT] * 3)  # both presses, and the first try to make up for the older one
    stage.presses("aino", "Later")
    stage.presses("aino", "Not for me")
    for _minute in range(5):
        stage.ticks(minutes=1)
    assert "I’ll remind you" not in stage.sees("aino")[0]
    assert "[Share…]" not in stage.sees("aino")[0]


def test_a_pressed_card_is_replaced_later_where_it_could_not_be_at_once(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    stage.chat.replacements.append(FAULT)
    stage.presses("aino", "Later")
    assert "I’ll remind you" not in stage.sees("aino")[0]
    stage.ticks(minutes=1)
    assert "I’ll remind you" in stage.sees("aino")[0]
