"""Examples of the cards and forms of questions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from bot.core.cards import Card, Form, card
from bot.core.confidence_intervals import wilson
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.people.samples import NOW, people
from bot.features.questions.cards import asker as asker_cards
from bot.features.questions.cards import owner as owner_cards
from bot.features.questions.domain.figures import Figures
from bot.features.questions.domain.greetings import Greeting
from bot.features.questions.handlers import entries, inbox
from storage.questions.knowledge import Entry, Variant
from storage.questions.questions import Note, Question
from storage.questions.topics import Topic
from storage.sharing.posts import Post


def samples(words: Words, pictures: Pictures, post: Post) -> dict[str, Card]:
    """`post`: what they are about."""
    asked, entry = _question(words, post), _entry(words)
    viewer, other = 2, 9
    answered = _question(
        words, post, state="answered", answer="Yes, once they have agreed in writing.", entry_id=entry.id
    )
    nobody = _question(words, post, owner=None)
    merged = _question(
        words, post, state="answered", answer=answered.answer, into=_question(words, post, text="May I name a client?")
    )
    found = Figures(
        asked=48,
        waiting=5,
        overdue=1,
        median_hours=3.4,
        answered_within=((4.0, 0.58), (8.0, 0.81), (24.0, 0.93)),
        in_time=(41, 44, wilson(41, 44)),
        asked_again=(3, 37),
        without_owner=("pictures",),
        missing=(("Where do I find our logo?", 4),),
        to_review=(entry,),
    )
    names = {"pictures": _topics()[1].name(words.language)}
    return {
        "question_owner": owner_cards.question_card(asked, words, viewer),
        "question_claimed": owner_cards.question_card(_question(words, post, state="claimed"), words, viewer),
        "question_taken": owner_cards.question_card(_question(words, post, state="claimed"), words, other),
        "question_answered": owner_cards.question_card(answered, words, viewer, entry),
        "question_soon_due": owner_cards.reminder_card(asked, words, viewer, is_late=False),
        "question_overdue": owner_cards.reminder_card(asked, words, other, is_late=True),
        "asked_looking": asker_cards.looking_card(asked, words),
        "asked_owner": asker_cards.with_owner_card(_question(words, post, is_anonymous=True), words),
        "asked_nobody": asker_cards.with_owner_card(nobody, words),
        "asked_merged": asker_cards.merged_card(asked, _question(words, post), words),
        "asked_choice": asker_cards.choice_card(asked, _topics(), words),
        "asked_offer": asker_cards.offer_card(asked, [("Can I mention a client by name?", entry)], words),
        "asked_offer_several": asker_cards.offer_card(
            asked, [("Can I mention a client by name?", entry), ("May I name a customer?", entry)], words
        ),
        "asked_revealed": asker_cards.revealed_card(asked, "Can I mention a client by name?", entry, words),
        "asked_revealed_phrased": asker_cards.revealed_card(
            asked, "Can I mention a client by name?", entry, words, said="Yes, in writing."
        ),
        "asked_sure": asker_cards.known_card(asked, entry, words),
        **{f"greeting_{kind}": asker_cards.greeting_card(kind, "Aino Virtanen", words) for kind in Greeting},
        "asked_answer": asker_cards.answer_card(answered, words),
        "asked_colleagues_answer": asker_cards.answer_card(merged, words),
        "asked_colleagues_answer_shown": asker_cards.answer_card(merged, words, is_revealed=True),
        "asked_back": asker_cards.asked_back_card(_question(words, post, state="asked_back"), words),
        "asked_declined": asker_cards.declined_card(
            _question(words, post, state="declined", decline_reason="That is for the legal team."), words
        ),
        "asked_thanks": asker_cards.thanks_card(asked, words),
        "asked_dropped": asker_cards.dropped_card(words),
        "asked_sent": asker_cards.sent_card(words, asked),
        "entry_kept": entries.entry_card(entry, words),
        "inbox_figures": card(words.t("Inbox"), *inbox.lead_elements(found, words, names, pictures)),
    }


def forms(words: Words, post: Post) -> dict[str, Form]:
    """`post`: what a question may be about."""
    question = _question(words, post)
    return {
        "question": asker_cards.ask_form(words, ref=5, about=post.title),
        "question_reply": asker_cards.words_form("question_reply", question, words),
        "question_follow_up": asker_cards.words_form("question_follow_up", question, words),
        "question_back": owner_cards.ask_back_form(question, words),
        "question_hand_on": owner_cards.hand_on_form(question, {_topics()[1]: people(words)[1], None: None}, words),
        "question_decline": owner_cards.decline_form(question, words),
        "answer": owner_cards.answer_form(question, words),
        "entry": owner_cards.entry_form(_entry(words), words),
    }


def _question(words: Words, post: Post, **more: Any) -> Question:
    aino, laura = people(words)
    return Question(
        **{
            "id": 3,
            "asker": aino,
            "asker_id": aino.id,
            "owner": laura,
            "owner_id": laura.id,
            "post": post,
            "text": "May I name the customer?",
            "language": "en",
            "state": "open",
            "is_anonymous": False,
            "topic": _topics()[0],
            "why": {"words": ["name", "customer"], "like": "May I name a customer in my post?"},
            "asked_at": NOW,
            "opened_at": NOW,
            "answer_by": datetime(2026, 11, 25, 7, 0, tzinfo=UTC),
            "reminded": [],
            "answered_by": laura,
            "answered_by_id": laura.id,
            "follow_ups": 0,
            "notes": [Note(kind="asked_back", text="Which customer do you mean?", at=NOW)],
            **more,
        }
    )


def _topics() -> list[Topic]:
    return [
        Topic(id="rules", names={"en": "Rules and disclosure", "fi": "Säännöt ja avoimuus"}),
        Topic(id="pictures", names={"en": "Pictures and brand", "fi": "Kuvat ja ilme"}),
    ]


def _entry(words: Words) -> Entry:
    _aino, laura = people(words)
    return Entry(
        id=8,
        state="live",
        answer="Yes, once they have agreed in writing.",
        language="en",
        owner=laura,
        source_url="https://koivu.example/policy",
        review_on=date(2027, 5, 24),
        created_at=NOW,
        changed_at=NOW,
        variants=[Variant(text="May I name the customer?")],
    )
