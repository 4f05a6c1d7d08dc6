"""What routing makes of everyday questions before anybody has taught it: none of these stands among the seeds."""

from __future__ import annotations

from bot.features.questions.domain import routing
from tests.bot.features.questions.test_questions import staff
from tests.stage import Stage

EVERYDAY = {
    "rules": [
        *("Who answers a journalist who asks me about our company on LinkedIn?", "Can I mention a client by name?"),
        *("A journalist has contacted me, may I comment?", "may i name our customer in a post"),
        *("Is it OK to write about a project that isn't public yet?", "What do I do with an angry comment?"),
        *("A competitor posted something false about us, how should I react?", "Do I need approval before I post?"),
        *("Can I share my political opinions?", "Should I mark my post as an ad?", "Saanko mainita asiakkaan nimeltä?"),
        *("Toimittaja otti minuun yhteyttä, mitä vastaan?", "Mitä teen jos joku kommentoi törkeästi?"),
        "Saako keskeneräisestä hankkeesta kirjoittaa?",
    ],
    "pictures": [
        *("Can I publish a photo from the substation with people in it?", "Where can I download the logo?"),
        *("May I take a picture at the construction site and post it?", "Which font do we use in slides?"),
        *("Do I need consent from people in a photo?", "Is there a template for Instagram stories?"),
        *("Voiko työmaalla kuvata?", "Tarvitaanko kuvassa olevilta lupa?", "Mistä saan logon?"),
    ],
    "linkedin": ["How long may a LinkedIn post be?", "When should I post on LinkedIn?", "Kuka hoitaa LinkedIniä?"],
    "x": ["Who runs our X account?"],
    "mastodon": ["What are we doing on Mastodon?"],
    None: [
        *("When do I get my salary?", "My computer does not start", "Where is the meeting room Aalto?"),
        "Milloin kesälomat alkavat?",
    ],
}


def test_everyday_questions_find_their_topic(stage: Stage) -> None:
    """Three of four at once, none to the wrong owner; of the others the right topic is among the choices."""
    staff(stage)
    right, asked = 0, [(wanted, text) for wanted, texts in EVERYDAY.items() for text in texts]
    with stage.database.transaction() as session:
        for wanted, text in asked:
            found = routing.decide(session, text)
            got = found.topic.id if found.topic else None
            assert got in (wanted, None), text
            assert wanted is None or wanted in [topic.id for topic in found.choices], text
            right += got == wanted
    assert right >= 0.75 * len(asked)
