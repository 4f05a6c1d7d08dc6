"""Answering: claim, answer, ask back, pass on, decline. Concurrent presses have one winner."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.cards import Card, Form
from bot.core.context import (
    Arrival,
    ComposeRequest,
    Context,
    Effect,
    Job,
    OpenForm,
    Place,
    Reply,
    Send,
    Update,
    words_of,
)
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words
from bot.core.refresh_cards import refresh_others
from bot.features.escalation.domain.assignment import responsible
from bot.features.escalation.domain.reminders import settled_already
from bot.features.questions.cards import asker as asker_cards
from bot.features.questions.cards import owner as owner_cards
from bot.features.questions.domain.access import own_question, to_answer
from bot.features.questions.handlers import entries
from bot.features.questions.jobs import deadlines, finding
from storage.delivery import deliveries
from storage.people import employees
from storage.questions import knowledge, learning, questions, topics
from storage.questions.questions import Note, Question, QuestionState
from storage.web import webhooks

ANSWER = "answer:"  # in the key of a message that brings one


def open_answer(context: Context, event: Pressed) -> list[Effect]:
    """`question.answer` on an owner's card: the form."""
    return _opened(context, event, lambda asked: owner_cards.answer_form(asked, context.words))


def open_ask_back(context: Context, event: Pressed) -> list[Effect]:
    """`question.back`: the form that asks the asker."""
    return _opened(context, event, lambda asked: owner_cards.ask_back_form(asked, context.words))


def open_hand_on(context: Context, event: Pressed) -> list[Effect]:
    """`question.hand_on`: the form that asks to whom."""

    def form(asked: Question) -> Form:
        others = [topic for topic in topics.active(context.session) if topic.id != asked.topic_id]
        get_it = {
            topic: responsible(context.session, topic, context.now, but=(context.person.id,))
            for topic in (*others, None)
        }
        return owner_cards.hand_on_form(asked, get_it, context.words)

    return _opened(context, event, form)


def open_decline(context: Context, event: Pressed) -> list[Effect]:
    """`question.decline`: the form that asks why."""
    return _opened(context, event, lambda asked: owner_cards.decline_form(asked, context.words))


def _opened(context: Context, event: Pressed, form: Callable[[Question], Form]) -> list[Effect]:
    """The form, or the card where the question is settled already."""
    asked = to_answer(context, event.ref)
    return [OpenForm(form(asked))] if asked.is_with_a_person else [Reply(_owner_card(context, asked))]


def cancel_answering(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.answer` and its like where the form replaced the card: show the card again."""
    return [Reply(_owner_card(context, to_answer(context, event.ref)))]


def compose_question(job: Job, asked: ComposeRequest) -> Card | None:
    """The owner's current card; a new one only while the question waits."""
    found = questions.question(job.session, asked.subject)
    if found is None or not (asked.replacing or found.is_with_a_person):
        return None
    entry = knowledge.entry(job.session, found.entry_id) if found.entry_id else None
    return owner_cards.question_card(
        found, words_of(asked.person, job.now), owner_cards.viewer_of(found, asked.person), entry
    )


def question_arrived(job: Job, arrivals: Sequence[Arrival]) -> list[Effect]:
    """What was said about a question brings its owner a new card: the older one in the same conversation says so, for
    each is decided on once."""
    return _goes_on(job, arrivals)


def news_arrived(job: Job, arrivals: Sequence[Arrival]) -> list[Effect]:
    """The same for its asker, but for answers, which stay."""
    return _goes_on(job, arrivals, but=ANSWER)


def _goes_on(job: Job, arrivals: Sequence[Arrival], *, but: str | None = None) -> list[Effect]:
    return [
        Update(row.message, row.workspace_id, asker_cards.further_down_card(words_of(person)))
        for arrival in arrivals
        for row in deliveries.older_out(job.session, arrival.delivery)
        if (but is None or but not in row.key)
        and row.message
        and (person := employees.employee(job.session, row.employee_id or 0)) is not None
    ]


def claim(context: Context, event: Pressed) -> list[Effect]:
    """`question.claim`: take the question; exactly one of many concurrent claims wins."""
    asked = to_answer(context, event.ref)
    has_it = questions.claim(context.session, asked.id, context.person.id, now=context.now)
    context.session.refresh(asked)
    if not has_it:
        return [Reply(_owner_card(context, asked))]
    asked.look_at = deadlines.next_look(asked)
    return [Reply(_owner_card(context, asked)), *refresh_others(context, "question", asked.id)]


def submit_answer(context: Context, event: Submitted) -> list[Effect]:
    """`answer` was submitted. The first answer wins; the text of a second is returned to its author."""
    said = event.values.get("text", "").strip()[: asker_cards.MAX_TEXT]
    asked = to_answer(context, event.ref, kept=said)
    if not said:
        error = ("text", context.words.t("Write your answer first."))
        return [OpenForm(owner_cards.answer_form(asked, context.words, errors=(error,)))]
    if not questions.settle(context.session, asked.id, said, context.person.id, now=context.now):
        raise settled_already(asked.answered_by or asked.owner, context.person, said)
    context.session.refresh(asked)
    asked.owner = context.person
    if asked.first_answered_at is None:
        asked.first_answered_at = context.now
        asked.was_in_time = asked.answer_by is None or context.now <= asked.answer_by
    if asked.topic_id:
        learning.learn(context.session, asked.text, asked.topic_id, "answered", now=context.now)
    webhooks.tell(
        context.session,
        "question.answered",
        {"question": asked.id, "topic": asked.topic_id, "in_time": asked.was_in_time},
        now=context.now,
    )
    entries.draft_entry(context, asked)
    return [
        Reply(_owner_card(context, asked)),
        *_tell_askers(context, asked),
        *refresh_others(context, "question", asked.id),
    ]


def submit_ask_back(context: Context, event: Submitted) -> list[Effect]:
    """`question_back` was submitted: the asker is asked, the question is taken."""
    said = event.values.get("text", "").strip()[: asker_cards.MAX_TEXT]
    asked = _still_open(context, event, said)
    if not said:
        error = ("text", context.words.t("Write what you need to know."))
        return [OpenForm(owner_cards.ask_back_form(asked, context.words, errors=(error,)))]
    _note(context, asked, "asked_back", said)
    asked.ask_back(by=context.person, now=context.now)
    return [
        Reply(_owner_card(context, asked)),
        *_to_asker(asked, f"back:{len(asked.notes)}", asker_cards.asked_back_card),
        *refresh_others(context, "question", asked.id),
    ]


def submit_hand_on(context: Context, event: Submitted) -> list[Effect]:
    """`question_hand_on` was submitted: to another topic's owner, or a lead; routing learns from it."""
    said, to = event.values.get("text", "").strip()[: owner_cards.MAX_REASON], event.values.get("to", "")
    asked = _still_open(context, event, said)
    topic = topics.topic(context.session, to) if to != owner_cards.TO_LEAD else None
    if to != owner_cards.TO_LEAD and (topic is None or not topic.is_active):
        raise Gone("That topic is no longer in use. Choose another one.", kept=said)
    owner = responsible(context.session, topic, context.now, but=(context.person.id,))
    if owner is None:
        raise Gone("There’s nobody else to pass it to right now.", kept=said)
    _note(context, asked, "handed_on", said)
    learning.learn(context.session, asked.text, topic.id if topic else None, "handed_on", now=context.now)
    asked.topic, asked.why = topic, {}
    deadlines.start(asked, owner, context.now, context.rules)
    context.session.flush()
    return [
        Reply(_owner_card(context, asked)),
        *finding.hand_over(asked, owner),
        *_to_asker(asked, f"handed_on:{len(asked.notes)}", asker_cards.with_owner_card),
        *refresh_others(context, "question", asked.id),
    ]


def submit_question_decline(context: Context, event: Submitted) -> list[Effect]:
    """`question_decline` was submitted: the asker hears why and may ask somebody else."""
    said = event.values.get("text", "").strip()[: owner_cards.MAX_REASON]
    asked = _still_open(context, event, said)
    if not said:
        error = ("text", context.words.t("Give the reason in one sentence."))
        return [OpenForm(owner_cards.decline_form(asked, context.words, errors=(error,)))]
    waiting = questions.merged_into(context.session, asked.id)
    _note(context, asked, "declined", said)
    for row in (asked, *waiting):
        row.decline(said, by=context.person)
    told = [
        effect
        for row in (asked, *waiting)
        for effect in _to_asker(row, f"declined:{row.id}:{len(row.notes)}", asker_cards.declined_card)
    ]
    return [Reply(_owner_card(context, asked)), *told, *refresh_others(context, "question", asked.id)]


# -- The asker's word on it ----------------------------------------------------------------------------------


def rate_helpful(context: Context, event: Pressed) -> list[Effect]:
    """`question.rated_yes`: the answer helped."""
    return _rated(context, event, helped=True)


def rate_unhelpful(context: Context, event: Pressed) -> list[Effect]:
    """`question.rated_no`."""
    return _rated(context, event, helped=False)


def open_reply_to_owner(context: Context, event: Pressed) -> list[Effect]:
    """`question.reply`: the form for what was asked back."""
    return [OpenForm(asker_cards.words_form("question_reply", own_question(context, event.ref), context.words))]


def open_follow_up(context: Context, event: Pressed) -> list[Effect]:
    """`question.follow_up`: the form to ask on."""
    return [OpenForm(asker_cards.words_form("question_follow_up", own_question(context, event.ref), context.words))]


def _rated(context: Context, event: Pressed, *, helped: bool) -> list[Effect]:
    asked = own_question(context, event.ref)
    if asked.state == QuestionState.ANSWERED and asked.helped is None:
        asked.helped = helped
    return [Reply(asker_cards.answer_card(asked, context.words)), *refresh_others(context, "question", asked.id)]


def submit_reply_to_owner(context: Context, event: Submitted) -> list[Effect]:
    """`question_reply`: what the owner wanted to know. The time to answer begins anew."""
    said = event.values.get("text", "").strip()[: asker_cards.MAX_TEXT]
    asked = own_question(context, event.ref, kept=said)
    if not said:
        return [OpenForm(asker_cards.words_form("question_reply", asked, context.words, errors=(_empty(context),)))]
    if asked.state == QuestionState.ANSWERED:
        raise Gone("It has just been answered. You can ask a follow-up below the answer.", kept=said)
    _note(context, asked, "reply", said, by_asker=True)
    if asked.state == QuestionState.ASKED_BACK:
        asked.take_reply()
        deadlines.extend(asked, context.now, context.rules)
    return [
        Reply(asker_cards.sent_card(context.words, asked)),
        *finding.hand_over(asked, asked.owner),
        *refresh_others(context, "question", asked.id),
    ]


def submit_follow_up(context: Context, event: Submitted) -> list[Effect]:
    """`question_follow_up`: asked on, to whoever answered; the answer so far is kept with it."""
    said = event.values.get("text", "").strip()[: asker_cards.MAX_TEXT]
    asked = own_question(context, event.ref, kept=said)
    if not said:
        return [OpenForm(asker_cards.words_form("question_follow_up", asked, context.words, errors=(_empty(context),)))]
    if asked.is_with_a_person:
        return submit_reply_to_owner(context, event)
    if asked.answer:
        said_by, said_at = asked.answered_by_id, asked.answered_at or context.now
        asked.notes.append(Note(author_id=said_by, kind="answer", text=asked.answer, at=said_at))
    _note(context, asked, "follow_up", said, by_asker=True)
    asked.follow_ups += 1
    owner = asked.answered_by if asked.answered_by and asked.answered_by.is_active else None
    owner = owner or responsible(context.session, asked.topic, context.now)
    asked.ask_anew()
    deadlines.start(asked, owner, context.now, context.rules)
    context.session.flush()
    return [
        Reply(asker_cards.with_owner_card(asked, context.words)),
        *finding.hand_over(asked, owner),
        *refresh_others(context, "question", asked.id),
    ]


# -- Telling ----------------------------------------------------------------------------------------------


def _tell_askers(context: Context, asked: Question) -> list[Effect]:
    """Send the answer to where the question was asked, and to everybody who asked a similar one."""
    effects: list[Effect] = []
    answering = context.event.keys[0] if context.event else ""  # a question can be answered again, once asked anew
    for row in (asked, *questions.merged_into(context.session, asked.id)):
        if row is not asked:
            row.share_answer(asked, by=context.person, now=context.now)
        effects += _to_asker(row, f"{ANSWER}{row.id}:{answering}", asker_cards.answer_card)
    return effects


def _to_asker(asked: Question, key: str, card_of: Callable[[Question, Words], Card]) -> list[Effect]:
    if asked.asker is None or not asked.asker.is_active:
        return []
    said = card_of(asked, words_of(asked.asker))
    place = Place(asked.workspace_id, asked.place) if asked.place and not asked.is_anonymous else None
    return [Send(asked.asker, f"question:{asked.id}:{key}", said, kind="answer", subject=asked.id, place=place)]


def _owner_card(context: Context, asked: Question) -> Card:
    entry = knowledge.entry(context.session, asked.entry_id) if asked.entry_id else None
    return owner_cards.question_card(asked, context.words, owner_cards.viewer_of(asked, context.person), entry)


def _still_open(context: Context, event: Submitted, kept: str) -> Question:
    asked = to_answer(context, event.ref, kept=kept)
    if not asked.is_with_a_person:
        raise settled_already(asked.answered_by or asked.owner, context.person, kept)
    return asked


def _note(context: Context, asked: Question, kind: str, said: str, *, by_asker: bool = False) -> None:
    asked.notes.append(Note(author_id=None if by_asker else context.person.id, kind=kind, text=said, at=context.now))


def _empty(context: Context) -> tuple[str, str]:
    return "text", context.words.t("Write a few words first.")
