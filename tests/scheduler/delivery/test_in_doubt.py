"""A platform that fails for a moment: what it may have done is looked up, or done again where that does no harm."""

from __future__ import annotations

from bot.core.cards import Card
from bot.core.ports import OutcomeUnknown, RetryAfter
from tests.stage import Stage

FAULT = OutcomeUnknown("500 without JSON")
UNAVAILABLE = RetryAfter(10.0, "503")


def is_nudged(stage: Stage) -> None:
    """Aino has a prompt about the storm."""
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()


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
    is_nudged(stage)
    stage.chat.replacements.extend([FAULT] * 3)  # both presses, and the first try to make up for the older one
    stage.presses("aino", "Later")
    stage.presses("aino", "Not for me")
    for _minute in range(5):
        stage.ticks(minutes=1)
    assert "I’ll remind you" not in stage.sees("aino")[0]
    assert "[Share…]" not in stage.sees("aino")[0]


def test_a_pressed_card_is_replaced_later_where_it_could_not_be_at_once(stage: Stage) -> None:
    is_nudged(stage)
    stage.chat.replacements.append(FAULT)
    stage.presses("aino", "Later")
    assert "I’ll remind you" not in stage.sees("aino")[0]
    stage.ticks(minutes=1)
    assert "I’ll remind you" in stage.sees("aino")[0]


def test_a_platform_that_is_away_for_hours_costs_no_message(stage: Stage) -> None:
    """It says 503 to each, as in a maintenance."""
    stage.hires("aino")
    stage.chat.outcomes.extend([UNAVAILABLE] * 15)
    stage.types("aino", "help")
    for _third_of_an_hour in range(16):
        stage.ticks(minutes=20)
    assert not stage.chat.outcomes
    assert len(stage.sees("aino")) == 1


def test_a_card_is_replaced_once_a_platform_that_was_away_for_hours_is_back(stage: Stage) -> None:
    stage.hires("laura", roles=["employee", "lead"])
    is_nudged(stage)
    stage.types("laura", "posts")
    stage.presses("laura", "Withdraw")
    stage.chat.replacements.extend([FAULT] * 30)  # for two cards
    stage.presses("laura", "Yes, withdraw it")
    for _third_of_an_hour in range(18):
        stage.ticks(minutes=20)
    assert not stage.chat.replacements
    assert "Share…" not in stage.sees("aino")[-1]


def test_what_is_refused_for_good_is_given_up_after_a_day(stage: Stage) -> None:
    stage.hires("aino")
    stage.chat.outcomes.extend([UNAVAILABLE] * 100)
    stage.types("aino", "help")
    for _third_of_an_hour in range(95):
        stage.ticks(minutes=20)
    assert len(stage.chat.outcomes) == 10
    assert stage.sees("aino") == []


def test_a_prompt_that_a_platform_did_not_take_all_day_does_not_come_in_the_evening(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.chat.outcomes.extend([UNAVAILABLE] * 10)
    stage.ticks()
    while stage.chat.outcomes:
        stage.ticks(minutes=20)
    stage.now = stage.now.replace(hour=20)
    stage.ticks(minutes=20)
    assert stage.sees("aino") == []


def test_nor_of_one_that_was_replaced_at_once(stage: Stage) -> None:
    """The first press shows nothing, and is to be made up for; the second one does at once."""
    is_nudged(stage)
    stage.chat.replacements.append(FAULT)
    stage.presses("aino", "Later")
    stage.ticks(minutes=0.05)
    stage.presses("aino", "Not for me")
    for _minute in range(5):
        stage.ticks(minutes=1)
    assert "I’ll remind you" not in stage.sees("aino")[0]
    assert "[Share…]" not in stage.sees("aino")[0]


def test_nor_where_the_platform_has_a_way_of_its_own_for_it(stage: Stage) -> None:
    """As Slack has, by the address that comes with a press."""
    is_nudged(stage)
    stage.chat.replacements.append(FAULT)
    stage.presses("aino", "Later")
    shown = list[Card]()

    async def at_once(card: Card) -> bool:
        shown.append(card)
        return True

    stage.ticks(minutes=0.05)
    stage.presses("aino", "Not for me", at_once=at_once)
    assert len(shown) == 1
    before = stage.chat.updates
    for _minute in range(5):
        stage.ticks(minutes=1)
    assert stage.chat.updates == before


def test_what_was_planned_after_a_press_is_never_dropped_for_it(stage: Stage) -> None:
    """As where a post is withdrawn while the card that says "later" is on its way."""
    is_nudged(stage)
    stage.chat.replacements.append(FAULT)
    pressed_at = stage.now
    stage.ticks(minutes=0.1)
    stage.presses("aino", "Later")
    ((message, _card),) = stage.chat.messages.items()
    stage.run(stage.deliverer.replaced(message, decided_at=pressed_at))
    stage.ticks(minutes=1)
    assert "I’ll remind you" in stage.sees("aino")[0]


def test_nor_where_the_newer_one_was_stored_too(stage: Stage) -> None:
    stage.hires("laura", roles=["employee", "lead"])
    is_nudged(stage)
    stage.types("laura", "posts")
    stage.presses("laura", "Withdraw")
    stage.chat.replacements.append(FAULT)
    stage.presses("aino", "Later")
    stage.presses("laura", "Yes, withdraw it")
    stage.sends()
    for _minute in range(5):
        stage.ticks(minutes=1)
    assert "I’ll remind you" not in stage.sees("aino")[0]
    assert "Share…" not in stage.sees("aino")[0]
