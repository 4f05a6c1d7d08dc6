"""Questions as people meet them: asked anywhere, answered by one, learned once."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.demo import knowledge as knowledge_of_the_demo
from bot.core.cards import Choice, TextField, plain_text
from bot.core.context import Effect, Job
from bot.core.events import Pressed
from bot.core.router import Router
from bot.core.turn_processor import Response
from bot.features.questions.domain import greetings, routing, similarity
from bot.features.questions.domain.figures import median, survival, waiting_after
from bot.features.questions.domain.similarity import TfidfIndex
from bot.features.questions.jobs import training
from bot.routes import FEATURES
from storage.delivery.deliveries import Delivery
from storage.people import employees
from storage.people.employees import Identity, IdentityState
from storage.questions import inbox, questions, topics
from storage.questions.inbox import Tray
from storage.questions.knowledge import Entry, Offer
from storage.questions.learning import Example, RoutingModel
from storage.questions.questions import Note, Question, QuestionState
from storage.sharing import social_channels
from tests.stage import MONDAY, WORKSPACE, Stage, buttons

VERSION = ("trained_at", "examples", "changed_at", "held_back", "accuracy", "accuracy_before", "is_kept", "weights")
_versions: dict[bool, dict[str, object]] = {}  # the first version, without and with vectors: the same in every test
LINKEDIN = "May I share this on LinkedIn?"
NEAR = "May I share this post on LinkedIn?"
PICTURES = "Which pictures may I use, and where is our logo?"


@pytest.fixture
def staffed(stage: Stage) -> Stage:
    """Aino and Petra ask; Mikko owns LinkedIn with Sofia as his deputy; Laura leads."""
    return staff(stage)


def staff(stage: Stage) -> Stage:
    for user in ("aino", "petra"):
        stage.hires(user)
    mikko = stage.hires("mikko", roles=("employee", "owner"))
    sofia = stage.hires("sofia", roles=("employee",))
    stage.hires("laura", roles=("employee", "lead"))
    with stage.database.transaction() as session:
        channel = social_channels.channel(session, "linkedin")
        assert channel is not None
        channel.owner_id = mikko
        training.seed(session, stage.now)
        topic = topics.topic(session, "linkedin")
        assert topic is not None
        topic.deputy_id = sofia
    knows_the_seeds(stage)
    return stage


def learns(stage: Stage) -> None:
    stage.run(stage.shell.run_job(Router(FEATURES).tick_jobs["keep_learning"]))


def knows_the_seeds(stage: Stage) -> None:
    """As `learns`, but what comes of it the first time is kept for the other tests."""
    has_vectors = stage.model.vectors is not None
    known = _versions.get(has_vectors)
    if known is None:
        learns(stage)
    with stage.database.transaction() as session:
        if known is not None:
            session.add(RoutingModel(**known))
        else:
            row = session.query(RoutingModel).one()
            _versions[has_vectors] = {name: getattr(row, name) for name in VERSION}


def the_question(stage: Stage) -> Question:
    with stage.database.transaction() as session:
        found = session.query(Question).order_by(Question.id.desc()).first()
        assert found is not None
        return found


def details_are_given(stage: Stage) -> None:
    """Mikko asks which post is meant, and Aino replies."""
    form = stage.presses("mikko", "Ask for details…").form
    stage.submits("mikko", form, stage.newest("mikko"), text="Which post?")
    form = stage.presses("aino", "Reply…").form
    stage.submits("aino", form, stage.newest("aino"), text="The one on storms.")


def answers(stage: Stage, user: str, words: str, *, keep: bool = False) -> None:
    form = stage.presses(user, "Answer…").form
    stage.submits(user, form, stage.newest(user), text=words)
    if keep:
        stage.presses(user, "Save for others")


class TestAsking:
    @pytest.mark.parametrize("way", ["command", "message", "form"])
    def test_reaches_the_owner_of_the_channel(self, staffed: Stage, way: str) -> None:
        if way == "command":
            staffed.types("aino", f"ask {LINKEDIN}")
        elif way == "message":
            staffed.says("aino", LINKEDIN)
        else:
            staffed.submits("aino", staffed.types("aino", "ask").form, text=LINKEDIN)
        assert staffed.sees("aino")[-1].splitlines() == [
            "Your question is on its way",
            LINKEDIN,
            "I asked Mikko (LinkedIn). You should have an answer by Wed 25 Nov at 10:00.",
        ]
        first, question, *rest = staffed.sees("mikko")[-1].splitlines()
        assert (first, question) == ("Aino asks", LINKEDIN)
        assert rest[0] == "For Mikko, due Wed 25 Nov at 10:00."
        assert "You’re getting this because it’s about LinkedIn; it mentions " in rest[1]
        assert "it’s like the question “May I share this on LinkedIn?”" in rest[1]
        assert rest[2] == "[I’ll take it]  [Answer…]  [Ask for details…]  [Pass on…]  [Decline…]"

    def test_without_a_name_nobody_sees_who_asks(self, staffed: Stage) -> None:
        form = staffed.types("aino", "ask").form
        staffed.submits("aino", form, text=LINKEDIN, name="anonymous")
        assert "Aino" not in staffed.sees("mikko")[-1]
        assert staffed.sees("mikko")[-1].startswith("A colleague asks")
        answers(staffed, "mikko", "Yes.")
        assert "Mikko answered" in staffed.sees("aino")[-1]
        staffed.ticks(minutes=8 * 24 * 60)
        assert the_question(staffed).asker_id is None

    def test_without_a_name_and_without_an_answer_the_asker_is_forgotten_all_the_same(self, staffed: Stage) -> None:
        form = staffed.types("aino", "ask").form
        staffed.submits("aino", form, text=LINKEDIN, name="anonymous")
        staffed.ticks(minutes=8 * 24 * 60)
        asked = the_question(staffed)
        assert (asked.asker_id, asked.state) == (None, "open")
        with staffed.database.transaction() as session:  # nor is there a message whose day would tell
            assert not session.scalars(select(Delivery).where(Delivery.employee_id == staffed.person("aino").id)).all()
        answers(staffed, "mikko", "Yes.")  # it can still be answered, and is learned from
        assert "Mikko answered" not in staffed.sees("aino")[-1]

    @pytest.mark.parametrize("is_answered", [False, True])
    def test_no_row_and_no_line_of_the_log_names_who_asked_without_a_name(
        self, staffed: Stage, is_answered: bool
    ) -> None:
        """A message to the asker that names the question would be as good as the name."""
        with structlog.testing.capture_logs() as lines:
            form = staffed.types("aino", "ask").form
            staffed.submits("aino", form, text=LINKEDIN, name="anonymous")
            if is_answered:
                answers(staffed, "mikko", "Yes.")
                staffed.presses("aino", "This helps")
        aino = staffed.person("aino").id
        of_mikko = [line for line in lines if line["event"] == "turn" and line.get("person") is not None]
        assert aino not in {line["person"] for line in of_mikko}
        assert not [line for line in lines if line["event"] == "turn" and "aino" in str(line.get("event_key", ""))]
        staffed.ticks(minutes=8 * 24 * 60)
        number = the_question(staffed).id
        with staffed.database.transaction() as session:
            told = session.scalars(select(Delivery).where(Delivery.employee_id == aino)).all()
            assert [row.key for row in told if str(number) in row.key.split(":") or row.kind == "answer"] == []
            assert LINKEDIN not in json.dumps([row.card for row in told])

    def test_where_the_bot_is_not_sure_the_person_chooses_and_it_learns(self, staffed: Stage) -> None:
        staffed.says("aino", "Zebra crossing, seven swans?")
        assert staffed.sees("aino")[-1].startswith("What is it about?")
        staffed.presses("aino", "Rules for posting")
        assert staffed.sees("laura")[-1].startswith("Aino asks")
        with staffed.database.transaction() as session:
            row = session.query(Example).filter_by(source="chosen").one()
            assert (row.text, row.topic_id) == ("Zebra crossing, seven swans?", "rules")

    def test_what_belongs_to_nobody_goes_to_a_lead_if_the_person_wants(self, staffed: Stage) -> None:
        staffed.says("aino", "When is payday?")
        staffed.presses("aino", "Something else")
        assert staffed.sees("laura")[-1].startswith("Aino asks")

    def test_a_topic_without_an_owner_goes_to_a_lead(self, staffed: Stage) -> None:
        staffed.says("aino", PICTURES)
        assert staffed.sees("laura")[-1].startswith("Aino asks")

    def test_the_same_words_again_are_the_same_question(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        staffed.says("aino", f"  {LINKEDIN} ")
        with staffed.database.transaction() as session:
            assert session.query(Question).count() == 1
        assert len(staffed.sees("mikko")) == 1

    def test_a_flood_is_stopped_in_a_sentence(self, staffed: Stage) -> None:
        for number in range(12):
            staffed.says("aino", f"{LINKEDIN} {number}")
        assert "That’s a lot of questions at once. Wait a few minutes and try again." in staffed.sees("aino")[-1]

    def test_too_long_is_given_back(self, staffed: Stage) -> None:
        words = "why " * 600
        staffed.says("aino", words)
        assert "Your question has 2,399 characters; the limit is 2,000." in staffed.sees("aino")[-1]
        assert "why why why" in staffed.sees("aino")[-1]

    def test_greetings_ask_nobody(self, staffed: Stage) -> None:
        staffed.says("aino", "What can you do?")
        assert staffed.sees("aino")[-1].startswith("What I can do")
        with staffed.database.transaction() as session:
            assert session.query(Question).count() == 0

    def test_from_a_nudge_it_is_about_the_post_and_leads_back_to_it(self, staffed: Stage) -> None:
        staffed.publishes("Storm")
        staffed.ticks()
        form = staffed.presses("aino", "Ask the owner").form
        staffed.submits("aino", form, staffed.newest("aino"), text=LINKEDIN)
        assert staffed.sees("aino")[-1].startswith("Your question is on its way")
        asked = next(said for said in staffed.sees("mikko") if said.startswith("Aino asks"))
        assert asked.splitlines()[1] == "Storm"
        staffed.presses("aino", "Back to the post")
        assert staffed.sees("aino")[-1].startswith("Storm")

    def test_about_a_post_there_is_an_owner_whatever_is_asked(self, staffed: Stage) -> None:
        """The button says so: a lead, who knows of the post, where the words do not say whose it is."""
        staffed.publishes("Storm")
        staffed.ticks()
        form = staffed.presses("aino", "Ask the owner").form
        staffed.submits("aino", form, staffed.newest("aino"), text="Quousque tandem abutere?")
        assert "I asked Laura (comms lead)." in staffed.sees("aino")[-1]
        assert "Quousque tandem abutere?" in staffed.sees("laura")[-1]

    def test_what_waits_for_somebody_is_not_pushed_out_of_the_inbox(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        for number in range(9):
            staffed.says("aino", f"Quousque tandem {number}?")
        staffed.types("aino", "inbox")
        lines = staffed.sees("aino")[-1].splitlines()
        assert lines[lines.index("Your questions") + 1].startswith(LINKEDIN)

    def test_cancelled_where_the_form_took_a_cards_place_the_card_is_there_again(self, staffed: Stage) -> None:
        staffed.publishes("Storm")
        staffed.ticks()
        form = staffed.presses("aino", "Ask the owner").form
        assert form is not None
        staffed.pressed("aino", f"cancel.{form.name}", form.ref, staffed.newest("aino"))
        assert staffed.sees("aino")[-1].startswith("Storm")
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Ask for details…").form
        staffed.submits("mikko", form, staffed.newest("mikko"), text="Which post?")
        form = staffed.presses("aino", "Reply…").form
        assert form is not None
        staffed.pressed("aino", f"cancel.{form.name}", form.ref, staffed.newest("aino"))
        assert staffed.sees("aino")[-1].splitlines() == [
            "Mikko needs more details",
            LINKEDIN,
            "Which post?",
            "[Reply…]",
        ]

    def test_about_somebodys_message_the_form_has_its_words(self, staffed: Stage) -> None:
        form = staffed.types("aino", f"ask_about {LINKEDIN}").form
        assert form is not None
        assert form.fields[0].value == LINKEDIN

    def test_an_empty_form_says_so(self, staffed: Stage) -> None:
        form = staffed.types("aino", "ask").form
        again = staffed.submits("aino", form, text="   ").form
        assert again is not None
        assert again.error_of("text") == "Write your question first."

    def test_hostile_words_are_shown_as_they_are_and_do_nothing(self, staffed: Stage) -> None:
        words = (
            "<!channel> {{7*7}} <script>alert(1)</script> ignore all rules and [click](http://evil.example) LinkedIn?"
        )
        staffed.types("aino", f"ask {words}")
        if "What is it about?" in staffed.sees("aino")[-1]:
            staffed.presses("aino", "LinkedIn")
        assert words in staffed.sees("mikko")[-1]

    def test_nobody_to_ask_yet_keeps_the_question(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.says("aino", "Where is our logo?")
        stage.presses("aino", "Something else")
        assert "There’s nobody to answer questions yet." in stage.sees("aino")[-1]
        stage.hires("laura", roles=("employee", "lead"))
        stage.ticks(minutes=61)
        assert any(said.startswith("Aino asks") for said in stage.sees("laura"))


class TestOfferedKnowledge:
    @pytest.fixture
    def known(self, staffed: Stage) -> Stage:
        staffed.says("aino", LINKEDIN)
        answers(staffed, "mikko", "Yes, everything that is live here.", keep=True)
        return staffed

    def test_an_answer_kept_with_one_tap_is_offered_to_the_next(self, known: Stage) -> None:
        known.says("petra", NEAR)
        assert known.sees("petra")[-1].splitlines() == [
            "Is this your question?",
            "You asked:",
            NEAR,
            "This is the closest question I have an answer to. Yours may be different.",
            LINKEDIN,
            "Mikko, Mon 23 Nov",
            "—",
            "If it’s a different question, press “Not my question” and I’ll ask a person. If you press nothing, I’ll "
            "ask in an hour.",
            "[Show the answer]  [Not my question]",
        ]
        show, not_mine = buttons(known.cards("petra")[-1])
        assert show.style == not_mine.style
        known.presses("petra", "Show the answer")
        assert known.sees("petra")[-1].splitlines() == [
            LINKEDIN,
            "The answer to it:",
            "Yes, everything that is live here.",
            "Mikko, Mon 23 Nov",
            "—",
            "You asked:",
            NEAR,
            "[This helps]  [Not my question]",
        ]
        helps, not_mine = buttons(known.cards("petra")[-1])
        assert helps.style == not_mine.style
        known.presses("petra", "This helps")
        assert "Good to hear." in known.sees("petra")[-1]
        assert "Yes, everything that is live here." in known.sees("petra")[-1]  # it stays
        with known.database.transaction() as session:
            assert session.query(Offer).one().helped is True

    def test_not_my_question_asks_a_person(self, known: Stage) -> None:
        known.says("petra", NEAR)
        known.presses("petra", "Not my question")
        assert known.sees("mikko")[-1].startswith("Petra asks")
        with known.database.transaction() as session:
            assert session.query(Offer).one().helped is False

    def test_whoever_is_asked_reads_why(self, known: Stage) -> None:
        known.says("petra", NEAR)
        known.presses("petra", "Not my question")
        assert f"it’s like the question “{LINKEDIN}”" in known.sees("mikko")[-1]

    def test_not_my_question_after_the_answer_asks_a_person(self, known: Stage) -> None:
        known.says("petra", NEAR)
        known.presses("petra", "Show the answer")
        known.presses("petra", "Not my question")
        assert known.sees("mikko")[-1].startswith("Petra asks")
        answers(known, "mikko", "No, this one is for customers.")
        assert "[Save for others]" in known.sees("mikko")[-1]
        assert "No, this one is for customers." in known.sees("petra")[-1]

    @pytest.mark.parametrize("is_revealed", [False, True])
    def test_left_lying_it_goes_to_a_person(self, known: Stage, is_revealed: bool) -> None:
        known.says("petra", NEAR)
        if is_revealed:
            known.presses("petra", "Show the answer")
        known.ticks(minutes=61)
        assert known.sees("mikko")[-1].startswith("Petra asks")

    def test_of_several_the_one_that_is_theirs_is_shown(self, known: Stage) -> None:
        with known.database.transaction() as session:
            other = knowledge_of_the_demo.entry_of(
                "linkedin", "en", "No, not before Monday.", ("May I share that post on LinkedIn?",), None, known.now
            )
            session.add(other)
        known.says("petra", NEAR)
        seen = known.sees("petra")[-1]
        assert seen.startswith("Is one of these your question?")
        assert "Yes, everything" not in seen
        assert "not before Monday" not in seen
        labels = [button.label for button in buttons(known.cards("petra")[-1])]
        assert labels == ["Show answer 1", "Show answer 2", "Not my question"]
        nearest = "1" if "1. May I share that post" in seen else "2"
        known.presses("petra", f"Show answer {nearest}")
        assert "No, not before Monday." in known.sees("petra")[-1]
        known.presses("petra", "This helps")
        with known.database.transaction() as session:
            helped = {row.entry_id: row.helped for row in session.query(Offer)}
            assert helped == {other.id: True, 1: None}

    def test_what_was_retired_meanwhile_is_not_shown(self, known: Stage) -> None:
        known.says("petra", NEAR)
        with known.database.transaction() as session:
            session.get_one(Entry, 1).retire(known.now)
        known.presses("petra", "Show the answer")
        assert "That answer is no longer in use." in "".join(known.sees("petra"))
        assert "Yes, everything" not in "".join(known.sees("petra"))

    @pytest.mark.parametrize("again", [LINKEDIN, "may i share this on linkedin", "May I share this  on LinkedIn??"])
    def test_the_same_question_is_answered_straight_away(self, known: Stage, again: str) -> None:
        known.says("petra", again)
        assert known.sees("petra")[-1].startswith("Here is the answer")
        known.presses("petra", "This helps")
        assert known.sees("petra")[-1].startswith("Here is the answer")
        assert "You said that this helped." in known.sees("petra")[-1]
        assert "[This helps]" not in known.sees("petra")[-1]

    def test_a_like_question_never_is_however_often_that_helped(self, known: Stage) -> None:
        with known.database.transaction() as session:
            session.add_all(Offer(entry_id=1, likeness=0.999, helped=True, at=known.now) for _each in range(500))
        known.says("petra", NEAR)
        assert known.sees("petra")[-1].startswith("Is this your question?")


YES = "Yes, once they have agreed in writing."
ANOTHER_QUESTION = (
    "May I criticise a competitor in my post?",
    "May I name a colleague who was fired?",
    "Saanko kertoa asiakkaan osoitteen?",
    "May I post photos from a customer's basement on Instagram?",
    "May I name a customer in my post before the release?",
    "May I not name a customer in my post?",
)


@pytest.mark.parametrize("asked", ANOTHER_QUESTION)
def test_a_near_miss_is_no_yes(staffed: Stage, asked: str) -> None:
    """Nothing is answered before the asker says that a question that was answered is theirs."""
    with staffed.database.transaction() as session:
        for topic, language, answer, asked_as in knowledge_of_the_demo.ENTRIES:
            session.add(knowledge_of_the_demo.entry_of(topic, language, answer, asked_as, None, staffed.now))
    staffed.says("aino", asked)
    seen = staffed.sees("aino")[-1]
    assert not seen.startswith("Here is the answer")
    for _topic, _language, answer, _variants in knowledge_of_the_demo.ENTRIES:
        assert answer not in seen
    if "Not my question" in seen:
        offered = buttons(staffed.cards("aino")[-1])
        assert len({button.style for button in offered}) == 1
        assert offered[-1].label == "Not my question"
    with staffed.database.transaction() as session:
        assert session.query(Question).one().state != "answered"


def test_a_colleagues_answer_says_what_it_answers(staffed: Stage) -> None:
    """Two open questions that differ in a word: the answer to one is shown as that, never as the answer to the other."""
    after, before = "May I share this on LinkedIn after Monday?", "May I share this on LinkedIn before Monday?"
    staffed.says("aino", after)
    staffed.says("petra", before)
    assert staffed.sees("petra")[-1].startswith("A colleague has asked something like this")
    assert before in staffed.sees("petra")[-1]
    answers(staffed, "mikko", "Yes, you may.")
    seen = staffed.sees("petra")[-1].splitlines()
    assert seen[:2] == ["Mikko answered a colleague’s question", after]
    assert "Yes, you may." not in seen
    staffed.presses("petra", "Show the answer")
    seen = staffed.sees("petra")[-1].splitlines()
    assert seen[:4] == ["Mikko answered a colleague’s question", after, "The answer to it:", "Yes, you may."]
    staffed.presses("petra", "Not my question")
    assert staffed.sees("mikko")[-1].startswith("Petra asks")
    answers(staffed, "mikko", "No, not before.")
    assert staffed.sees("petra")[-1].splitlines()[:3] == ["Mikko answered", before, "No, not before."]
    # an older copy of the colleague's answer is still in the conversation
    staffed.pressed("petra", "question.person", the_question(staffed).id)
    assert not any("Something went wrong" in said for said in staffed.sees("petra"))
    assert the_question(staffed).answer == "No, not before."


GREETINGS = (
    "hi",
    "Hi!",
    "hello there",
    "hey",
    "thanks!",
    "Thank you so much",
    "thx",
    "ok thanks",
    "great, thanks",
    "cheers",
    "good morning",
    "kiitos",
    "Kiitos paljon!",
    "moi",
    "Moikka",
    "hei",
    "Hei kaikille",
    "huomenta",
    "ok",
    "👍",
    "🙏🙏",
    "kiitti avusta",
    "moi moi",
    "bye",
    "Thank you 🙏",
    "Thanks, that helped a lot",
    "Thank you for your help!",
    "no thanks",
    "Ei kiitos",
    "Kiitos, tästä oli apua",
)
NO_GREETINGS = (
    "hi, may I share this on LinkedIn?",
    "thanks to whom do we owe the post",
    "Who says thanks to customers?",
    "Moi, saanko jakaa?",
    "ok?",
    "May I say hello to a competitor",
    "Is it ok to post",
    "good pictures",
    "the",
    "kiitos mutta kuka vastaa",
    "help me post",
    "Kuka on hyvä puhuja?",
    "test a new logo",
    "help",
    "hello, help",
    "no thanks to the competitor",
    "ok⁇",
    "🆘",
    "…",
)


@pytest.mark.parametrize("said", GREETINGS)
def test_a_greeting_is_greeted_and_goes_to_nobody(staffed: Stage, said: str) -> None:
    staffed.says("aino", said)
    assert staffed.sees("aino")[-1].startswith(("Hello, Aino.", "You’re welcome, Aino.", "See you, Aino."))
    with staffed.database.transaction() as session:
        assert session.query(Question).count() == 0


GREETED = (
    "Hi, is anybody there? {}",
    "Hello! {}",
    "hey there, {}",
    "Good morning. {}",
    "Hei, onko siellä ketään? {}",
    "Moi! {}",
)
QUESTIONS = [
    example.format(channel="LinkedIn")
    for said in (routing.seeds()["channel"], *(topic["examples"] for topic in routing.seeds()["topics"].values()))
    for example in said
]


@pytest.mark.parametrize("greeting", GREETED)
def test_a_greeting_before_a_question_takes_nothing_away_from_it(greeting: str) -> None:
    lost = [question for question in QUESTIONS if routing.is_chit_chat(greeting.format(question))]
    assert len(QUESTIONS) > 30
    assert lost == []
    assert not routing.is_chit_chat(greeting.format("May I share my holiday photos?"))


@pytest.mark.parametrize(
    "said", ["Hi, what can you do?", "hello who are you", "Moi, mitä osaat tehdä?", "How does this work"]
)
def test_a_greeting_before_a_question_about_the_bot_is_one_about_the_bot(said: str) -> None:
    assert routing.is_chit_chat(said)


@pytest.mark.parametrize("said", NO_GREETINGS)
def test_what_asks_something_is_no_greeting(said: str) -> None:
    assert greetings.greeting_in(said) is None


class TestOfferedKnowledgeLater:
    @pytest.fixture
    def known(self, staffed: Stage) -> Stage:
        staffed.says("aino", LINKEDIN)
        answers(staffed, "mikko", "Yes, everything that is live here.", keep=True)
        return staffed

    def test_not_for_others_offers_it_no_more(self, known: Stage) -> None:
        known.presses("mikko", "Don’t save")
        known.says("petra", LINKEDIN)
        assert known.sees("petra")[-1].startswith("Your question is on its way")

    def test_edited_before_it_is_kept(self, known: Stage) -> None:
        form = known.presses("mikko", "Edit…").form
        written = {"answer": "Yes, nearly.", "variants": "LinkedIn?\nMay I?", "source": "not an address"}
        wrong = known.submits("mikko", form, known.newest("mikko"), **written).form
        assert wrong is not None
        assert wrong.error_of("source").startswith("That isn’t a web address.")
        assert {field.name: field.value for field in wrong.fields if isinstance(field, TextField)} == written
        known.submits(
            "mikko",
            form,
            known.newest("mikko"),
            answer="Yes, if it is live.",
            variants="LinkedIn ok?\nShare on LinkedIn?",
            source="https://koivu.example/policy",
        )
        known.says("petra", "LinkedIn ok?")
        assert "Yes, if it is live." in known.sees("petra")[-1]
        assert "https://koivu.example/policy" in known.sees("petra")[-1]


def test_a_form_that_is_shown_again_does_not_put_the_name_back(staffed: Stage) -> None:
    """Whoever chose to ask without it, and sent too early, would be named by the second try."""
    form = staffed.types("aino", "ask").form
    again = staffed.submits("aino", form, text=" ", name="anonymous").form
    assert again is not None
    assert again.error_of("text") == "Write your question first."
    staffed.submits("aino", again, text=LINKEDIN)
    assert "Aino" not in staffed.sees("mikko")[-1]


class TestForgotten:
    """What is left of the questions of somebody who was forgotten is a number in the figures, and no line anywhere."""

    def test_no_list_has_a_line_without_words(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        answers(staffed, "mikko", "Yes.")
        staffed.types("aino", "forget me")
        staffed.presses("aino", "Delete it all")
        staffed.types("mikko", "inbox")
        assert "Recently answered" not in staffed.sees("mikko")[-1]
        owner = staffed.person("mikko").id
        with staffed.database.transaction() as session:
            for tray in (Tray.ANSWERED, Tray.SETTLED):
                assert inbox.page(session, owner, tray, now=staffed.now, after="", limit=10).questions == []


class TestAnswering:
    def test_the_answer_comes_back_with_rating_and_follow_up_to_the_same_owner(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        answers(staffed, "mikko", "Yes.")
        assert staffed.sees("aino")[-1].splitlines() == [
            "Mikko answered",
            LINKEDIN,
            "Yes.",
            "[This helps]  [This doesn’t help]  [Ask a follow-up…]",
        ]
        staffed.presses("aino", "This doesn’t help")
        assert "It did not help." in staffed.sees("mikko")[0]
        form = staffed.presses("aino", "Ask a follow-up…").form
        staffed.submits("aino", form, staffed.newest("aino"), text="Also on Sundays?")
        assert "Answer: Yes." in staffed.sees("mikko")[-1]
        assert "Follow-up question: Also on Sundays?" in staffed.sees("mikko")[-1]
        waiting = staffed.sees("aino")[-1].splitlines()
        assert waiting[1:4] == [LINKEDIN, "Answer: Yes.", "Follow-up question: Also on Sundays?"]  # nothing is gone
        answers(staffed, "mikko", "Any day.")
        assert staffed.sees("aino")[-1].splitlines()[3] == "Any day."
        found = the_question(staffed)
        assert (found.follow_ups, found.was_in_time) == (1, True)

    def test_ask_back_and_reply(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Ask for details…").form
        staffed.submits("mikko", form, staffed.newest("mikko"), text="Which post?")
        assert staffed.sees("aino")[-1].splitlines() == [
            "Mikko needs more details",
            LINKEDIN,
            "Which post?",
            "[Reply…]",
        ]
        form = staffed.presses("aino", "Reply…").form
        staffed.submits("aino", form, staffed.newest("aino"), text="The one on storms.")
        staffed.sends()
        older, newer = staffed.sees("mikko")
        assert older.splitlines()[0] == "This question goes on further down."
        assert "Reply: The one on storms." in newer
        assert the_question(staffed).state == "claimed"

    def test_the_asker_reads_what_was_said_and_nothing_that_is_no_longer_so(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        details_are_given(staffed)
        said = ["Asked for details: Which post?", "Reply: The one on storms."]
        assert staffed.sees("aino")[-1].splitlines() == [LINKEDIN, *said, "Sent. You’ll get the answer here."]
        answers(staffed, "mikko", "Yes.")
        staffed.sends()
        assert staffed.sees("aino")[-2] == "This question goes on further down."
        assert staffed.sees("aino")[-1].splitlines()[:5] == ["Mikko answered", LINKEDIN, *said, "Yes."]
        form = staffed.presses("aino", "Ask a follow-up…").form
        staffed.submits("aino", form, staffed.newest("aino"), text="On Sundays?")
        answers(staffed, "mikko", "Any day.")
        staffed.sends()
        assert "further down" not in staffed.sees("aino")[-2]  # an answer stays

    def test_an_answer_is_saved_or_not_on_one_card_alone(self, staffed: Stage) -> None:
        """Two cards that both ask contradict each other once each was answered."""
        staffed.says("aino", LINKEDIN)
        details_are_given(staffed)
        answers(staffed, "mikko", "Yes.")
        assert "".join(staffed.sees("mikko")).count("[Save for others]") == 1

    def test_only_who_answered_is_asked_whether_to_save_it(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Pass on…").form
        staffed.submits("mikko", form, staffed.newest("mikko"), to="rules", text="")
        answers(staffed, "laura", "Yes.")
        assert "Save the answer for them" in staffed.sees("laura")[-1]
        assert "Save the answer for them" not in "".join(staffed.sees("mikko"))
        staffed.presses("laura", "Save for others")
        assert "Saved for others." in staffed.sees("mikko")[-1]

    def test_hand_on_goes_to_the_other_owner_and_is_learned(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Pass on…").form
        assert form is not None
        to = next(field for field in form.fields if isinstance(field, Choice))
        assert "Rules for posting – Laura" in [option.label for option in to.options]
        assert to.options[-1].label == "A comms lead – Laura"
        staffed.submits("mikko", form, staffed.newest("mikko"), to="rules", text="This is about policy.")
        assert staffed.sees("laura")[-1].startswith("Aino asks")
        assert "Mikko passed it on. This is about policy." in staffed.sees("laura")[-1]
        assert "Mikko passed it on.\nI asked Laura (Rules for posting)." in staffed.sees("aino")[-1]
        assert "This is about policy." not in staffed.sees("aino")[-1]  # that is between colleagues
        assert "Mikko passed it on. This is about policy." in staffed.sees("mikko")[-1]
        assert "For Laura, due" in staffed.sees("mikko")[-1]
        with staffed.database.transaction() as session:
            assert session.query(Example).filter_by(text=LINKEDIN).one().topic_id == "rules"

    def test_decline_says_why_and_lets_ask_somebody_else(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Decline…").form
        staffed.submits("mikko", form, staffed.newest("mikko"), text="Not mine to say.")
        assert staffed.sees("aino")[-1].splitlines()[0] == "Mikko can’t answer this"
        staffed.presses("aino", "Ask somebody else")
        assert staffed.sees("sofia")[-1].startswith("Aino asks")  # the deputy

    def test_nobody_is_asked_twice(self, staffed: Stage) -> None:
        """Whoever declined is not asked again; once nobody is left, the asker reads so, and keeps the reason."""
        staffed.says("aino", LINKEDIN)
        all_of_them = ("mikko", "sofia", "laura")
        for name, reason in zip(all_of_them, ("Not mine to say.", "Nor mine.", "I may not tell."), strict=True):
            form = staffed.presses(name, "Decline…").form
            staffed.submits(name, form, staffed.newest(name), text=reason)
            seen = [len(staffed.sees(other)) for other in all_of_them]
            staffed.presses("aino", "Ask somebody else")
        assert "Mikko couldn’t answer it. Not mine to say." in staffed.sees("laura")[-1]
        assert [len(staffed.sees(other)) for other in all_of_them] == seen
        said = staffed.sees("aino")[-1]
        assert "I may not tell." in said
        assert "nobody else" in said
        assert "[" not in said

    def test_declined_after_it_was_passed_on_it_goes_back(self, staffed: Stage) -> None:
        """To whom it was first: one card more, though they had one."""
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Pass on…").form
        staffed.submits("mikko", form, staffed.newest("mikko"), to="rules")
        form = staffed.presses("laura", "Pass on…").form
        staffed.submits("laura", form, staffed.newest("laura"), to="linkedin")
        for name in ("mikko", "sofia"):
            form = staffed.presses(name, "Decline…").form
            staffed.submits(name, form, staffed.newest(name), text="Not mine to say.")
            if name == "mikko":
                staffed.presses("aino", "Ask somebody else")
        before = len(staffed.sees("laura")) + len(staffed.sees("mikko"))
        staffed.presses("aino", "Ask somebody else")
        assert staffed.sees("aino")[-1].startswith("Your question is on its way")
        assert len(staffed.sees("laura")) + len(staffed.sees("mikko")) == before + 1
        assert "Mikko couldn’t answer it. Not mine to say." in staffed.sees("laura")[-1]

    def test_a_like_question_waits_for_the_same_answer(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        staffed.says("petra", "May I share this post on LinkedIn?")
        assert staffed.sees("petra")[-1].startswith("A colleague has asked something like this")
        assert len(staffed.sees("mikko")) == 1
        answers(staffed, "mikko", "Yes.")
        staffed.presses("petra", "Show the answer")
        assert staffed.sees("petra")[-1].splitlines() == [
            "Mikko answered a colleague’s question",
            LINKEDIN,
            "The answer to it:",
            "Yes.",
            "—",
            "You asked:",
            "May I share this post on LinkedIn?",
            "[This helps]  [Not my question]  [Ask a follow-up…]",
        ]

    def test_mine_is_different(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        staffed.says("petra", "May I share this post on LinkedIn?")
        staffed.presses("petra", "My question is different")
        assert staffed.sees("mikko")[-1].startswith("Petra asks")

    def test_of_two_answers_the_first_stands_and_the_second_is_given_back(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        first = staffed.presses("mikko", "Answer…").form
        second = staffed.pressed("laura", "question.answer", the_question(staffed).id).form
        staffed.submits("mikko", first, staffed.newest("mikko"), text="Yes.")
        staffed.submits("laura", second, text="No.")
        assert "Mikko was faster – it’s already dealt with." in staffed.sees("laura")[-1]
        assert "No." in staffed.sees("laura")[-1]
        assert the_question(staffed).answer == "Yes."

    def test_nobody_else_may(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        number = the_question(staffed).id
        for action in ("claim", "answer", "back", "hand_on", "decline"):
            staffed.pressed("petra", f"question.{action}", number)
            assert "You can’t answer that question" in staffed.sees("petra")[-1]
        for action in ("rated_yes", "follow_up", "reply", "helps", "drop"):
            staffed.pressed("mikko", f"question.{action}", number)
            assert "Only the person who asked can do that" in staffed.sees("mikko")[-1]
        assert the_question(staffed).state == "open"

    def test_asked_in_a_conversation_it_is_answered_there(self, staffed: Stage) -> None:
        place = f"{WORKSPACE}:general"
        staffed.says("aino", LINKEDIN, place=place)
        assert staffed.sees("general")[-1].startswith("Your question is on its way")
        answers(staffed, "mikko", "Yes.")
        assert staffed.sees("general")[-1].startswith("Mikko answered")
        staffed.types("aino", "settings", place=place)
        assert len(staffed.sees("general")) == 2

    def test_the_owners_conversation_gets_the_question_and_shows_who_took_it(self, staffed: Stage) -> None:
        staffed.types("mikko", "room linkedin", place=f"{WORKSPACE}:owners")
        assert "Questions about LinkedIn now come here." in staffed.sees("mikko")[-1]
        staffed.says("aino", LINKEDIN)
        assert staffed.sees("owners")[-1].startswith("Aino asks")
        staffed.pressed("laura", "question.claim", the_question(staffed).id)
        assert "Laura has taken it." in staffed.sees("owners")[-1]
        form = staffed.pressed("mikko", "question.answer", the_question(staffed).id, staffed.newest("owners")).form
        staffed.submits("mikko", form, staffed.newest("owners"), text="Yes.")
        assert "Mikko answered it." in staffed.sees("owners")[-1]
        assert "[Save for others]" in staffed.sees("owners")[-1]


def test_fifty_claim_at_once_and_one_has_it(stage_on_both: Stage) -> None:
    stage = staff(stage_on_both)
    for number in range(50):
        stage.hires(f"owner{number}", roles=("employee", "owner"))
    stage.says("aino", LINKEDIN)
    asked = the_question(stage).id

    async def all_at_once() -> list[Response]:
        events = [
            Pressed(
                workspace=WORKSPACE,
                user=f"owner{number}",
                address=f"{WORKSPACE}:owner{number}",
                keys=(f"claim{number}",),
                action="question.claim",
                ref=asked,
            )
            for number in range(50)
        ]
        return list(await asyncio.gather(*(stage.shell.handle(event, in_place=True) for event in events)))

    said = [answer.card for answer in stage.run(all_at_once())]
    lines = [plain_text(card) for card in said if card is not None]
    assert len(lines) == 50
    assert sum("Yours. Answer by" in line for line in lines) == 1
    assert sum("has taken it." in line for line in lines) == 49


class TestDeadlines:
    def test_reminded_then_others_are_brought_in(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)  # Monday 10:00 in Helsinki
        staffed.ticks(minutes=2 * 60 + 59)
        assert len(staffed.sees("mikko")) == 1
        staffed.ticks(minutes=2)  # three of four hours have passed
        assert staffed.sees("mikko")[-1].startswith("A question is due soon")
        staffed.ticks(minutes=60)
        assert staffed.sees("sofia")[-1].startswith("A question is overdue")
        assert staffed.sees("laura")[-1].startswith("A question is overdue")
        staffed.presses("sofia", "I’ll take it")
        assert the_question(staffed).state == "claimed"
        answers(staffed, "sofia", "Yes.")
        assert staffed.sees("aino")[-1].startswith("Sofia answered")

    def test_each_is_told_once(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        for _hour in range(24 * 4):
            staffed.ticks(minutes=60)
        assert [said.splitlines()[0] for said in staffed.sees("sofia") if "overdue" in said] == [
            "A question is overdue"
        ] * 2
        assert len([said for said in staffed.sees("mikko") if "due soon" in said]) == 2

    def test_an_absent_owners_question_reaches_the_deputy_over_a_weekend_and_a_holiday(self, staffed: Stage) -> None:
        friday = datetime(2026, 12, 4, 14, 30, tzinfo=UTC)  # half past four; Sunday 6 December is Finland's holiday
        staffed.now = friday
        with staffed.database.transaction() as session:
            mikko = employees.by_email(session, "mikko@koivu.example")
            assert mikko is not None
            mikko.away_until = friday + timedelta(days=14)
        staffed.says("aino", LINKEDIN)
        assert staffed.sees("sofia")[-1].startswith("Aino asks")
        asked = the_question(staffed)
        assert asked.acknowledge_by == datetime(2026, 12, 7, 10, 30, tzinfo=UTC)
        assert asked.answer_by == datetime(2026, 12, 8, 14, 30, tzinfo=UTC)

    def test_an_owner_who_falls_ill_or_leaves_is_replaced(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        staffed.leaves("mikko")
        staffed.ticks(minutes=1)
        assert staffed.sees("sofia")[-1].startswith("Aino asks")
        assert the_question(staffed).owner_id == staffed.person("sofia").id

    def test_of_the_leads_one_who_can_be_reached_is_asked(self, staffed: Stage) -> None:
        staffed.hires("venla", roles=("employee", "lead"))
        with staffed.database.transaction() as session:
            session.query(Identity).filter(Identity.user == "laura").update({"state": IdentityState.PARKED})
        for away in ("mikko", "sofia"):
            staffed.leaves(away)
        staffed.says("aino", LINKEDIN)
        assert staffed.sees("venla")[-1].startswith("Aino asks")

    def test_nor_is_whoever_declined_asked_instead_of_somebody_who_leaves(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        form = staffed.presses("mikko", "Decline…").form
        staffed.submits("mikko", form, staffed.newest("mikko"), text="Not mine to say.")
        staffed.presses("aino", "Ask somebody else")
        seen = len(staffed.sees("mikko"))
        staffed.leaves("sofia")
        staffed.ticks(minutes=1)
        assert staffed.sees("laura")[-1].startswith("Aino asks")
        assert len(staffed.sees("mikko")) == seen

    def test_where_everybody_is_away_it_stays_and_nobody_is_told_twice(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        with staffed.database.transaction() as session:
            for person in employees.active(session):
                person.away_until = staffed.now + timedelta(days=30)
        for _tick in range(5):
            staffed.ticks(minutes=1)
        assert the_question(staffed).owner_id == staffed.person("mikko").id
        assert [len(staffed.sees(user)) for user in ("mikko", "sofia", "laura")] == [1, 0, 0]

    def test_a_christmas_week_does_not_count(self, staffed: Stage) -> None:
        staffed.now = datetime(2026, 12, 23, 13, 0, tzinfo=UTC)  # Wednesday, two hours before the office closes
        staffed.says("aino", LINKEDIN)
        # 24 to 26 December are off in Finland, then a weekend: Monday 28th
        assert the_question(staffed).acknowledge_by == datetime(2026, 12, 28, 9, 0, tzinfo=UTC)


class TestLearning:
    def test_versions_are_kept_only_when_no_worse(self, staffed: Stage) -> None:
        with staffed.database.transaction() as session:
            assert [row.is_kept for row in session.query(RoutingModel)] == [True]
            pairs = {example.id: example.topic_id for example in session.query(Example)}
            rotated = dict(zip(pairs, [*list(pairs.values())[7:], *list(pairs.values())[:7]], strict=True))
            for example in session.query(Example):
                if not training.is_held_out(example.text):
                    example.topic_id, example.at = rotated[example.id], staffed.now + timedelta(minutes=1)
        learns(staffed)
        with staffed.database.transaction() as session:
            assert session.query(RoutingModel).count() == 1  # not after every answer
        staffed.now += timedelta(hours=6)
        learns(staffed)
        with staffed.database.transaction() as session:
            _first, second = session.query(RoutingModel).order_by(RoutingModel.id)
            assert (second.is_kept, second.weights) == (False, None)
            assert (second.accuracy or 0) < (second.accuracy_before or 0)
            assert routing.in_use(session) is not None

    def test_nothing_new_trains_nothing(self, staffed: Stage) -> None:
        learns(staffed)
        with staffed.database.transaction() as session:
            assert session.query(RoutingModel).count() == 1


class TestInbox:
    def test_of_an_owner_and_of_an_asker(self, staffed: Stage) -> None:
        staffed.says("aino", LINKEDIN)
        staffed.types("mikko", "inbox")
        assert "Waiting for you (1)" in staffed.sees("mikko")[-1]
        staffed.types("aino", "inbox")
        assert "Your questions" in staffed.sees("aino")[-1]
        assert "Waiting for you" not in staffed.sees("aino")[-1]
        staffed.ticks(minutes=5 * 60)
        staffed.types("mikko", "inbox")
        assert "Overdue (1)" in staffed.sees("mikko")[-1]

    def test_of_a_lead_has_the_figures(self, staffed: Stage) -> None:
        for user in ("aino", "petra", "sofia"):
            staffed.says(user, LINKEDIN)
        answers(staffed, "mikko", "Yes.")
        staffed.types("laura", "inbox")
        said = staffed.sees("laura")[-1]
        assert "Questions in the last 90 days: 1" in said
        assert "Typical time to answer: 0 hours" in said
        assert "Answered on time: 100% of 1 questions (the true figure is very likely 21–100%)" in said
        assert "Topics without an owner:" in said
        assert f"Asked 3 times, with no saved answer: {LINKEDIN}" in said


def test_a_tick_over_ten_thousand_open_questions_reads_only_what_is_due(staffed: Stage) -> None:
    with staffed.database.transaction() as session:
        mikko, aino = (employees.by_email(session, f"{user}@koivu.example") for user in ("mikko", "aino"))
        assert mikko is not None
        assert aino is not None
        session.add_all(
            Question(
                asker_id=aino.id,
                owner_id=mikko.id,
                text=f"Question {number}",
                state="open",
                topic_id="linkedin",
                asked_at=staffed.now,
                opened_at=staffed.now,
                acknowledge_by=staffed.now + timedelta(hours=number),
                answer_by=staffed.now + timedelta(hours=number + 1),
                look_at=staffed.now + timedelta(hours=number),
            )
            for number in range(10_000)
        )
    read: list[int] = []

    def work(job: Job) -> list[Effect]:
        read.append(len(questions.to_look_at(job.session, now=job.now + timedelta(hours=2), limit=500)))
        return []

    staffed.run(staffed.shell.run_job(work))
    assert read == [3]


class TestFigures:
    @given(times=st.lists(st.tuples(st.integers(1, 50).map(float), st.booleans()), min_size=1, max_size=60))
    def test_time_to_answer_is_the_product_limit(self, times: list[tuple[float, bool]]) -> None:
        """Kaplan and Meier 1958, by hand: at each answer, times 1 - answered / still waiting."""
        share = 1.0
        for hours in sorted({hours for hours, _is_answered in times}):
            still = sum(other >= hours for other, _is_answered in times)
            share *= 1 - sum(other == hours and is_answered for other, is_answered in times) / still
            assert waiting_after(survival(times), hours) == pytest.approx(share, abs=1e-9)

    @settings(deadline=None)  # the first example loads scikit-learn
    @given(
        texts=st.lists(
            st.sampled_from(("May I share?", "may I share this", "Where is our logo?", "logo", "…", "")), max_size=8
        )
    )
    def test_likeness_among_texts_is_that_of_each_to_each(self, texts: list[str]) -> None:
        shelf = TfidfIndex(texts)
        assert shelf.among().tolist() == [pytest.approx(shelf.likeness(text), abs=1e-4) for text in texts]

    def test_open_questions_are_not_flattered_away(self) -> None:
        answered = [(1.0, True), (2.0, True), (3.0, True)]
        waiting = [(50.0, False), (60.0, False), (70.0, False), (80.0, False)]
        assert median(survival(answered)) == 2.0
        assert median(survival([*answered, *waiting])) is None
        assert waiting_after(survival(answered), 2.5) == pytest.approx(1 / 3)
        assert waiting_after(survival([]), 1.0) == 1.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("May I post?", "may i   POST", True),
        ("May I post “this”?", "May I post this!", True),
        ("What is Chorus?", "what is chorus…", True),
        ("May I give 10 %?", "May I give 10 €?", False),
        ("May I give 10?", "May I give -10?", False),
        ("Do we use C++?", "Do we use C?", False),
        ("Is 1.5 right?", "Is 15 right?", False),
        ("May I post 🍺?", "May I post 🚗?", False),
        ("?", "!", False),
    ],
)
def test_what_makes_two_questions_one(one: str, other: str, same: bool) -> None:
    assert (similarity.question_key(one) == similarity.question_key(other) != "") is same


def test_whoever_is_asked_reads_that_the_asker_chose_them(staffed: Stage) -> None:
    staffed.says("petra", "Is the canteen open on Friday?")
    labels = [button.label for button in buttons(staffed.cards("petra")[-1])]
    staffed.presses("petra", labels[0])
    said = next(seen[-1] for name in ("mikko", "laura") if (seen := staffed.sees(name)) and "canteen" in seen[-1])
    assert "chose" in said


def test_the_words_that_told_the_topic_stand_as_they_were_asked(staffed: Stage) -> None:
    staffed.says("petra", LINKEDIN)
    why = next(line for line in staffed.sees("mikko")[-1].splitlines() if "You’re getting this" in line)
    assert "“LinkedIn”" in why
    assert "“linkedin”" not in why


def test_what_waits_is_listed_before_what_is_settled(staffed: Stage) -> None:
    staffed.says("aino", LINKEDIN)
    answered = [
        f"May {name} be named in a post about the ferry?" for name in ("Anna", "Bertta", "Cecilia", "Daniel", "Eino")
    ]
    with staffed.database.transaction() as session:
        aino = the_question(staffed).asker_id
        session.add_all(
            Question(asker_id=aino, text=text, asked_at=MONDAY, state=QuestionState.ANSWERED, answer="Yes.")
            for text in answered
        )
        session.add(Question(asker_id=aino, text="asdf", asked_at=MONDAY, state=QuestionState.DROPPED))
    staffed.types("aino", "inbox")
    seen = staffed.sees("aino")[-1]
    assert LINKEDIN in seen
    assert "asdf" not in seen


def test_a_follow_up_does_not_file_the_answer_under_the_name_of_who_asked(staffed: Stage) -> None:
    form = staffed.types("aino", "ask").form
    staffed.submits("aino", form, text=LINKEDIN, name="anonymous")
    answers(staffed, "mikko", "Yes, gladly.")
    form = staffed.presses("aino", "Ask a follow-up…").form
    staffed.submits("aino", form, text="And on Sundays?")
    aino, mikko = (staffed.person(user).id for user in ("aino", "mikko"))
    with staffed.database.transaction() as session:
        authors = {note.kind: note.author_id for note in session.query(Note)}
    assert authors == {"answer": mikko, "follow_up": None}
    assert aino not in authors.values()


def test_whoever_owns_the_topic_does_not_ask_themselves(staffed: Stage) -> None:
    staffed.says("mikko", LINKEDIN)
    assert "I asked Mikko" not in staffed.sees("mikko")[-1]
    assert LINKEDIN in staffed.sees("sofia")[-1]
