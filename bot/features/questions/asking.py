"""Asking: by command, in plain words, from a nudge or about somebody's message; and what the person says on the way."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cards import Button, Card, actions
from bot.core.context import Consult, OpenForm, Place, Post, Reply, Turn, Wish
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Command, Message, Pressed, Submitted
from bot.core.ownership import own_nudge
from bot.features.people import help as helping
from bot.features.questions import asker_cards, finding, greetings, matching, routing
from bot.features.questions.access import own_question
from bot.features.questions.asker_cards import ANONYMOUS, MAX_TEXT, ask_form
from content import policy
from storage import knowledge, learning, questions, topics
from storage.posts import Post as Content
from storage.questions import CHOOSING, DROPPED, HELPED, MERGED, OFFERED, UNSETTLED, Question

SAME = timedelta(days=1)  # within which the same words of the same person are the same question
FLOOD, FLOOD_IN = 10, timedelta(minutes=10)  # questions of one person
LANGUAGES = ("en", "fi", "sv")  # that can be told


def ask(turn: Turn, event: Command) -> list[Wish]:
    """`ask May I …?`; without words the form."""
    if not event.text.strip():
        return [OpenForm(ask_form(turn.words))]
    return _take(turn, event.text, place=event.place)


def ask_about(turn: Turn, event: Command) -> list[Wish]:
    """The message action: the form, with that message to ask about."""
    return [OpenForm(ask_form(turn.words, said=event.text.strip()[:MAX_TEXT]))]


def say(turn: Turn, event: Message) -> list[Wish]:
    """Plain words that are no command are a question, unless they greet or ask about the bot itself."""
    if greetings.is_greeting(event.text):
        return [Reply(asker_cards.greeting_card(turn.person.name, turn.words))]
    if not event.text.strip() or routing.is_chit_chat(event.text):
        return helping.answer_message(turn, event)
    return _take(turn, event.text, place=event.place)


def open_form(turn: Turn, event: Pressed) -> list[Wish]:
    """`question.open` on a nudge."""
    nudge = own_nudge(turn, event.ref)
    return [OpenForm(ask_form(turn.words, ref=nudge.id, about=nudge.post.title))]


def open_empty(turn: Turn, _event: Pressed) -> list[Wish]:
    """`question.new`."""
    return [OpenForm(ask_form(turn.words))]


def submit(turn: Turn, event: Submitted) -> list[Wish]:
    """`question`, on a nudge, or `question_new` was filled in."""
    said = event.values.get("text", "")
    nudge = own_nudge(turn, event.ref, kept=said) if event.ref else None
    if not said.strip():
        error = ("text", turn.words.t("Please write your question."))
        about = nudge.post.title if nudge else ""
        return [OpenForm(ask_form(turn.words, ref=event.ref, about=about, errors=(error,)))]
    is_anonymous = event.values.get("name") == ANONYMOUS
    wishes = _take(turn, said, post=nudge.post if nudge else None, is_anonymous=is_anonymous)
    if nudge is None:
        return wishes
    back = actions(Button(turn.words.t("Back to the post"), "nudge.back", nudge.id))
    return [
        Reply(Card(wish.card.summary, (*wish.card.body, back))) if isinstance(wish, Reply) else wish for wish in wishes
    ]


def cancel(turn: Turn, _event: Pressed) -> list[Wish]:
    """`cancel.question_new`, where the form stands in a card's place."""
    return [Reply(asker_cards.dropped_card(turn.words))]


def cancel_words(turn: Turn, event: Pressed) -> list[Wish]:
    """`cancel.question_reply`, `cancel.question_follow_up`: the card again, whose place the form took."""
    return [Reply(finding.standing_card(turn.session, own_question(turn, event.ref), turn.words))]


def _take(
    turn: Turn, said: str, *, post: Content | None = None, is_anonymous: bool = False, place: str = ""
) -> list[Wish]:
    said = " ".join(said.split())
    if len(said) > MAX_TEXT:
        raise NotUnderstood(
            "A question may have {most} characters, and this one has {length}. Please make it shorter.",
            kept=said, most=turn.words.number(MAX_TEXT), length=turn.words.number(len(said)),
        )  # fmt: skip
    known = questions.same_lately(turn.session, turn.person.id, said, since=turn.now - SAME)
    if known is not None and known.state in (*UNSETTLED, MERGED):
        return _answered(turn, known, [Reply(finding.standing_card(turn.session, known, turn.words))])
    if questions.asked_lately(turn.session, turn.person.id, since=turn.now - FLOOD_IN) >= FLOOD:
        raise NotUnderstood("That is many questions at once. Please wait a few minutes.", kept=said)
    language = policy.language_of(said)
    asked = Question(
        asker=turn.person, is_anonymous=is_anonymous, text=said, post=post, asked_at=turn.now,
        language=language if language in LANGUAGES else turn.person.language,
        workspace_id=turn.event.workspace if turn.event and place else "", place=place,
    )  # fmt: skip
    turn.session.add(asked)
    turn.session.flush()
    consult = _consult(turn, asked)
    if consult is not None:
        looking = Reply(asker_cards.looking_card(asked, turn.words))
        return [*_answered(turn, asked, [looking]), consult]
    found, wishes = finding.look(turn, asked, turn.words)
    return [*_answered(turn, asked, [Reply(found)]), *wishes]


def _consult(turn: Turn, asked: Question) -> Consult | None:
    """What a model server may add, None where there is none or nothing for it to do."""
    texts = (asked.text,) if turn.rules.model_embeds else ()
    matches = matching.matches(turn.session, asked.text) if texts or turn.rules.model_writes else []
    if matches and matches[0].is_same:
        return None
    if not turn.rules.model_writes:
        matches = []
    request = finding.request_for(asked, matches) if matches else None
    return Consult("question", asked.id, texts=texts, request=request) if texts or request else None


def _answered(turn: Turn, asked: Question, replies: list[Wish]) -> list[Wish]:
    """What is said goes to where it was asked: for all to read only if it was asked so."""
    if not asked.place:
        return replies
    place, key = Place(asked.workspace_id, asked.place), turn.event.keys[0] if turn.event else ""
    return [
        Post(turn.person, f"asked:{asked.id}:{key}", wish.card, place=place) if isinstance(wish, Reply) else wish
        for wish in replies
    ]


# -- What the asker says to what was found ------------------------------------------------------------------


def press(turn: Turn, event: Pressed) -> list[Wish]:
    """`question.<what>` on an asker's card."""
    what = event.action.removeprefix("question.")
    asked = own_question(turn, event.ref)
    if what.startswith("topic_"):
        return _choose(turn, asked, what.removeprefix("topic_"))
    match what:
        case "helps":
            return _helps(turn, asked)
        case "person":
            return _ask_a_person(turn, asked)
        case "different" if asked.state == MERGED:
            asked.into_id = None
            return _go_on(turn, asked, merge=False)
        case "drop" if asked.state in (CHOOSING, OFFERED):
            asked.state = DROPPED
            return [Reply(asker_cards.dropped_card(turn.words))]
    return [Reply(finding.standing_card(turn.session, asked, turn.words))]


def _choose(turn: Turn, asked: Question, topic_id: str) -> list[Wish]:
    if asked.state != CHOOSING:
        return [Reply(finding.standing_card(turn.session, asked, turn.words))]
    topic = topics.topic(turn.session, topic_id) if topic_id else None
    if topic_id and (topic is None or not topic.is_active):
        raise Gone("That topic is no longer in use. Please choose another.", kept=asked.text)
    asked.topic = topic
    if topic is not None:
        learning.learn(turn.session, asked.text, topic.id, "chosen", now=turn.now)
    return _go_on(turn, asked)


def _helps(turn: Turn, asked: Question) -> list[Wish]:
    _label(turn, asked, helped=True)
    if not asked.is_with_a_person:
        asked.state, asked.helped = HELPED, True
    return [Reply(asker_cards.thanks_card(asked, turn.words))]


def _ask_a_person(turn: Turn, asked: Question) -> list[Wish]:
    if asked.is_with_a_person:
        return [Reply(finding.standing_card(turn.session, asked, turn.words))]
    _label(turn, asked, helped=False)
    asked.answer = asked.answered_at = asked.answer_by = None
    if asked.topic is not None and asked.decline_reason:  # declined there: somebody else
        asked.topic, asked.decline_reason = None, ""
        return _go_on(turn, asked)
    return finding.route(turn, asked, turn.words)


def _label(turn: Turn, asked: Question, *, helped: bool) -> None:
    offer = knowledge.offer(turn.session, asked.id, asked.entry_id) if asked.entry_id else None
    if offer is not None and offer.helped is None:
        offer.helped = helped


def _go_on(turn: Turn, asked: Question, *, merge: bool = True) -> list[Wish]:
    said, wishes = finding.to_person(turn, asked, turn.words, merge=merge)
    return [Reply(said), *wishes]
