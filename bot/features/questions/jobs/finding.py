"""Finding an answer: among what is known, else from a person. In the turn that asks, or later by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.cards import Card
from bot.core.context import BackgroundResult, Context, Effect, Job, Place, Reply, Send, words_of
from bot.core.i18n import Words
from bot.core.ports import Request
from bot.features.escalation.domain.assignment import responsible
from bot.features.questions.cards import asker as asker_cards
from bot.features.questions.domain import matching, phrasing, routing
from bot.features.questions.domain.access import not_asked
from bot.features.questions.domain.matching import Match
from bot.features.questions.jobs import deadlines
from storage.database import Session
from storage.people.employees import Employee
from storage.questions import knowledge, questions
from storage.questions.knowledge import Entry, Offer
from storage.questions.questions import Question, QuestionState

AT_ONCE = 200  # questions moved on at a tick
UNHEARD = timedelta(minutes=1)  # after which nobody waits for the model server any longer
UNTOUCHED = timedelta(hours=1)  # after which a question that its asker left lying goes to a person


def look(
    context: Context | Job, asked: Question, words: Words, *, vector: Sequence[float] | None = None
) -> tuple[Card, list[Effect]]:
    """What is known, or whom to ask: (what the asker sees, what else is to be said)."""
    found = matching.matches(context.session, asked.text)
    if not found:
        return _route(context, asked, words, vector)
    best = found[0]
    if asked.topic_id is None:
        asked.topic_id, asked.why = best.entry.topic_id, {"like": best.question}
    if best.is_same:
        asked.answer_from(best.entry, context.now)
    else:
        asked.offer(best.entry)
    shown = found[:1] if best.is_same else found
    context.session.add_all(
        Offer(question_id=asked.id, entry_id=match.entry.id, likeness=match.likeness, helped=None, at=context.now)
        for match in shown
    )
    if best.is_same:
        return asker_cards.known_card(asked, best.entry, words), []
    return _offer(asked, shown, words), []


def request_for(asked: Question, question: str, entry: Entry) -> Request:
    """To phrase the answer of `entry`, which was written for `question`."""
    return phrasing.phrasing_request(asked.text, asked.language, {entry.id: entry.answer}, {entry.id: question})


def _offer(asked: Question, found: Sequence[Match], words: Words) -> Card:
    return asker_cards.offer_card(asked, [(match.question, match.entry) for match in found], words)


def route(context: Context | Job, asked: Question, words: Words) -> list[Effect]:
    """To a person, whatever is known."""
    said, effects = _route(context, asked, words, None)
    return [Reply(said), *effects]


def _route(
    context: Context | Job, asked: Question, words: Words, vector: Sequence[float] | None
) -> tuple[Card, list[Effect]]:
    if asked.topic is not None and asked.topic.is_active:
        return to_person(context, asked, words)
    decision = routing.decide(context.session, asked.text, vector)
    asked.probability = round(decision.probability, 4)
    if decision.topic is None and asked.post is not None:  # whoever approved it, or another lead, knows of it
        return to_person(context, asked, words)
    if decision.topic is None:
        asked.let_choose()
        return asker_cards.choice_card(asked, decision.choices, words), []
    asked.topic = decision.topic
    asked.why = {"words": list(decision.words), "like": decision.like}
    return to_person(context, asked, words)


def to_person(
    context: Context | Job, asked: Question, words: Words, *, merge: bool = True
) -> tuple[Card, list[Effect]]:
    """To whoever answers for its topic; a like question that waits already takes it in."""
    if merge and asked.topic is not None:
        like = matching.like_open(context.session, asked, asked.topic.id)
        if like is not None:
            asked.merge_into(like)
            return asker_cards.merged_card(asked, like, words), []
    owner = responsible(context.session, asked.topic, context.now, but=not_asked(asked))
    deadlines.start(asked, owner, context.now, context.rules)
    context.session.flush()
    return asker_cards.with_owner_card(asked, words), hand_over(asked, owner)


def hand_over(asked: Question, owner: Employee | None) -> list[Effect]:
    """The card to the owner, or to the owners' conversation where the topic has one. Somebody may get the question
    again: after each thing that was said about it there is one card more."""
    if owner is None:
        return []
    key = f"question:{asked.id}:{asked.follow_ups}:{owner.id}:{len(asked.notes)}"
    room = asked.topic.room if asked.topic else None
    place = Place(asked.topic.room_workspace, room) if asked.topic and room else None
    return [Send(owner, key, kind="question", subject=asked.id, place=place)]


def standing_card(session: Session, asked: Question, words: Words) -> Card:
    """How it stands with a question, for its asker."""
    entry = knowledge.entry(session, asked.entry_id) if asked.entry_id else None
    if asked.state == QuestionState.CHOOSING:
        return asker_cards.choice_card(asked, routing.decide(session, asked.text).choices, words)
    if asked.state == QuestionState.OFFERED and (found := matching.matches(session, asked.text)):
        return _offer(asked, found, words)
    if asked.state == QuestionState.OFFERED and entry is not None:  # no longer near: it was changed, or is out of use
        question = matching.nearest_question(session, entry, asked.text)
        return asker_cards.offer_card(asked, [(question, entry)], words)
    if asked.state == QuestionState.MERGED and asked.into is not None:
        return asker_cards.merged_card(asked, asked.into, words)
    if asked.state == QuestionState.ANSWERED and asked.owner_id is None and entry is not None:
        return asker_cards.known_card(asked, entry, words)
    if asked.state == QuestionState.ANSWERED:
        return asker_cards.answer_card(asked, words)
    if asked.state == QuestionState.HELPED and entry is not None:
        return asker_cards.revealed_card(asked, matching.nearest_question(session, entry, asked.text), entry, words)
    if asked.state == QuestionState.DECLINED:
        return asker_cards.declined_card(asked, words)
    if asked.state == QuestionState.ASKED_BACK:
        return asker_cards.asked_back_card(asked, words)
    if asked.state == QuestionState.NEW:
        return asker_cards.looking_card(asked, words)
    if asked.is_with_a_person:
        return asker_cards.with_owner_card(asked, words)
    return asker_cards.thanks_card(asked, words)


# -- What goes on by itself ---------------------------------------------------------------------------------


def take_consultation(job: Job, said: BackgroundResult) -> list[Effect]:
    """The model server answered, or did not: go on with what there is."""
    asked = questions.question(job.session, said.subject)
    if asked is None or asked.state != QuestionState.NEW:
        return []
    vector = said.vectors[0] if said.vectors else None
    return _tell(asked, *_looked(job, asked, vector))


def take_phrasing(job: Job, said: BackgroundResult) -> list[Effect]:
    """The model server phrased what was revealed, or did not: then it is shown as it was saved."""
    asked = questions.question(job.session, said.subject)
    entry = knowledge.entry(job.session, asked.entry_id) if asked is not None and asked.entry_id else None
    if asked is None or entry is None or asked.asker is None or asked.state != QuestionState.OFFERED:
        return []
    phrased = phrasing.checked_phrasing(said.written, {entry.id: entry.answer}) if said.written else None
    question = matching.nearest_question(job.session, entry, asked.text)
    words = words_of(asked.asker, job.now)
    shown = asker_cards.revealed_card(asked, question, entry, words, said=phrased.text if phrased else "")
    return _tell(asked, shown, [], key=f"revealed:{job.now.timestamp()}")  # it can be asked for again


def move_on(job: Job) -> list[Effect]:
    """Nothing is left lying: not where the model server never answered, nor where the asker did not."""
    effects: list[Effect] = []
    for asked in questions.waiting(job.session, (QuestionState.NEW,), asked_before=job.now - UNHEARD, limit=AT_ONCE):
        effects += _tell(asked, *_looked(job, asked, None))
    lying = questions.waiting(
        job.session, (QuestionState.CHOOSING, QuestionState.OFFERED), asked_before=job.now - UNTOUCHED, limit=AT_ONCE
    )
    for asked in lying:
        if asked.asker is None:
            continue
        effects += _tell(asked, *to_person(job, asked, words_of(asked.asker, job.now)))
    return effects


def _looked(job: Job, asked: Question, vector: Sequence[float] | None) -> tuple[Card, list[Effect]]:
    words = words_of(asked.asker, job.now) if asked.asker else Words()
    return look(job, asked, words, vector=vector)


def _tell(asked: Question, said: Card, effects: list[Effect], *, key: str = "") -> list[Effect]:
    """`key`: of another message than the one that tells the state."""
    if asked.asker is None:
        return effects
    place = Place(asked.workspace_id, asked.place) if asked.place else None
    return [Send(asked.asker, f"found:{asked.id}:{key or asked.state}:{asked.follow_ups}", said, place=place), *effects]
