"""Examples of the cards of people, and the two people whom all examples are about."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.cards import Card
from bot.core.i18n import Words
from bot.features.people.handlers import own_data, same_person, settings, tour
from storage.people.employees import Employee
from storage.privacy.data_map import PERSONAL_DATA

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def samples(words: Words) -> dict[str, Card]:
    aino, _laura = people(words)
    return {
        "welcome": settings.welcome_card(words, "Koivu Energy"),
        "fewer": settings.fewer_card(words),
        "settings": settings.settings_card(aino, words, NOW),
        "tour_sharing": tour.sharing_card(aino, {"Operations": "Operations", "Heat": "Heat"}, words),
        "tour_helpers": tour.helpers_card(words),
        "own_data": own_data.data_card(
            [(kind.what, number) for number, kind in enumerate(PERSONAL_DATA[-2:], start=1)],
            "https://chorus.example/my-data/secret",
            words,
        ),
        "own_data_ask": own_data.ask_card(words, roles=["lead"], asks_unnamed=True),
        "own_data_gone": own_data.forgotten_card(words),
        "same_person_code": same_person.code_card("K7PMX-2QXDR", words),
        "same_person_ask": same_person.is_it_you_card("Aino Virtanen", "Koivu Energy", 1, words),
        "same_person_asked": same_person.asked_card(words),
        "same_person_joined": same_person.joined_card(words),
        "same_person_apart": same_person.apart_card(words),
        "topics": tour.topics_card(aino, {"Operations": "Operations", "Heat": "Heat"}, words),
    }


def people(words: Words) -> tuple[Employee, Employee]:
    """An employee and a comms lead."""
    aino = Employee(
        id=1,
        name="Aino Virtanen",
        language=words.language,
        time_zone="Europe/Helsinki",
        roles=["employee"],
        topics_declined=["Careers"],
        topics_wanted=["Heat"],
        nudges_wanted=True,
        fewer_nudges=False,
        state="active",
        joined_at=NOW,
    )
    laura = Employee(
        id=2,
        name="Laura Saari",
        language=words.language,
        time_zone="Europe/Helsinki",
        roles=["employee", "lead"],
        topics_declined=[],
        topics_wanted=["Heat"],
        nudges_wanted=True,
        fewer_nudges=False,
        state="active",
        joined_at=NOW,
    )
    return aino, laura
