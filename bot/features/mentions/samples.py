"""Examples of the listening cards and forms, built from rows that are in no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.core.cards import Card, Form
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.mentions import cards as mention_cards
from bot.features.mentions.handlers import overview
from bot.features.mentions.handlers.overview import Volume
from storage.mentions.listening import Mention, Sighting, Source
from storage.people.employees import Employee
from storage.questions.topics import Topic

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def samples(words: Words, pictures: Pictures) -> dict[str, Card]:
    laura, aino = Employee(id=2, name="Laura Saari"), Employee(id=1, name="Aino Virtanen")
    found = _mention(owner=laura, owner_id=2)
    settled = _mention(
        owner=laura,
        owner_id=2,
        state="replied",
        settled_by=laura,
        heard_by=aino,
        outcome="Thanked them, and told when the line will be back.",
    )
    troubled = Source(id="forum", name="Heat pump forum", kind="feed", error="it does not answer (ConnectTimeout)")
    volumes = [Volume("2026-W46", 12, 3, 4, (9, 10)), Volume("2026-W47", 7, 1, 2, (0, 0))]
    return {
        "mention": mention_cards.mention_card(found, words, 9, "Homes that change their heating"),
        "mention_taken": mention_cards.mention_card(_mention(owner=laura, owner_id=2, state="taken"), words, 2),
        "mention_settled": mention_cards.mention_card(settled, words, 2),
        "mention_left": mention_cards.mention_card(
            _mention(owner=laura, state="irrelevant", settled_by=laura, tone_by="person"), words, 2
        ),
        "mention_soon_due": mention_cards.reminder_card(found, words, is_late=False),
        "mention_overdue": mention_cards.reminder_card(found, words, is_late=True),
        "mentions_soon_due": mention_cards.many_card("Mikko Heino", 50, words, is_late=False),
        "mentions_overdue": mention_cards.many_card("Mikko Heino", 50, words, is_late=True),
        "mentions_more": mention_cards.more_card(10, words),
        "mentions": overview.overview_card([found], volumes, [troubled], words, pictures),
        "mentions_none": overview.overview_card([], [], [], words, pictures),
        "heard_thanks": mention_cards.thanks_card("Laura Saari", words),
        "heard_known": mention_cards.known_card(found, words),
        "heard_outcome": mention_cards.outcome_card(settled, words),
    }


def forms(words: Words) -> dict[str, Form]:
    topics = [Topic(id="linkedin", names={"en": "LinkedIn"}), Topic(id="rules", names={"en": "Rules", "fi": "Säännöt"})]
    return {
        "heard": mention_cards.heard_form(topics, words, said="They say the new line is great."),
        "mention_reply": mention_cards.reply_form(_mention(), words),
        "mention_post": mention_cards.post_form(_mention(), words),
        "mention_tone": mention_cards.tone_form(_mention(), words),
    }


def _mention(**more: Any) -> Mention:
    return Mention(
        **{
            "id": 4,
            "text": "The crews were back in our village before the coffee was cold. Thank you!",
            "url": "https://mastodon.example/@kaisa/1",
            "source": Source(id="tag", name="#koivu", kind="mastodon"),
            "author": "@kaisa",
            "language": "en",
            "tone": "positive",
            "tone_by": "words",
            "state": "open",
            "note": "",
            "outcome": "",
            "published_at": NOW,
            "heard_at": NOW,
            "answer_by": datetime(2026, 11, 25, 14, 0, tzinfo=UTC),
            "sightings": [Sighting(url="https://forum.example/t/1", at=NOW)],
            **more,
        }
    )
