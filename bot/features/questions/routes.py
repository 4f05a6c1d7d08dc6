"""Questions and answers: asking, answering, the inbox, saved answers, and how routing learns."""

from __future__ import annotations

from bot.core.command_info import MessageShortcut
from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.questions import retention
from bot.features.questions.handlers import answering, asking, entries, inbox
from bot.features.questions.jobs import deadlines, finding, training

ROUTES = FeatureRoutes(
    name="questions",
    commands={
        "ask": CommandRoute(
            handler=asking.ask,
            is_unnamed=True,
            takes_text=True,
            help="ask somebody who knows: ask May I …? – or just write to me",
            usage="ask …",
        ),
        "ask_about": CommandRoute(
            handler=asking.ask_about,
            is_unnamed=True,
            shortcut=MessageShortcut("Ask about this", "Ask whoever answers for it"),
        ),
        "inbox": CommandRoute(
            handler=inbox.show_inbox,
            other_phrases=("saapuneet",),
            help="your questions, and those waiting for you",
            button="Inbox",
            usage="inbox",
        ),
        "room": CommandRoute(handler=inbox.set_room, takes_text=True, is_about_place=True),
    },
    presses={
        "question.open": Route(handler=asking.open_question, is_unnamed=True),
        "question.new": Route(handler=asking.open_empty, is_unnamed=True),
        "question.show": Route(handler=inbox.show_question, is_unnamed=True),
        "question.topic_*": Route(handler=asking.choose_topic, is_unnamed=True),
        "question.reveal_*": Route(handler=asking.reveal, is_unnamed=True),
        "question.helps": Route(handler=asking.mark_helped, is_unnamed=True),
        "question.person": Route(handler=asking.ask_a_person, is_unnamed=True),
        "question.different": Route(handler=asking.separate, is_unnamed=True),
        "question.drop": Route(handler=asking.drop_question, is_unnamed=True),
        "question.claim": Route(handler=answering.claim),
        "question.answer": Route(handler=answering.open_answer),
        "question.back": Route(handler=answering.open_ask_back),
        "question.hand_on": Route(handler=answering.open_hand_on),
        "question.decline": Route(handler=answering.open_decline),
        "question.rated_yes": Route(handler=answering.rate_helpful, is_unnamed=True),
        "question.rated_no": Route(handler=answering.rate_unhelpful, is_unnamed=True),
        "question.follow_up": Route(handler=answering.open_follow_up, is_unnamed=True),
        "question.reply": Route(handler=answering.open_reply_to_owner, is_unnamed=True),
        "entry.keep": Route(handler=entries.keep_entry),
        "entry.review": Route(handler=entries.keep_entry),
        "entry.edit": Route(handler=entries.edit_entry),
        "entry.drop": Route(handler=entries.drop_entry),
        "cancel.question_new": Route(handler=asking.cancel_question, is_unnamed=True),
        "cancel.question_reply": Route(handler=asking.cancel_words, is_unnamed=True),
        "cancel.question_follow_up": Route(handler=asking.cancel_words, is_unnamed=True),
        "cancel.answer": Route(handler=answering.cancel_answering),
        "cancel.question_back": Route(handler=answering.cancel_answering),
        "cancel.question_hand_on": Route(handler=answering.cancel_answering),
        "cancel.question_decline": Route(handler=answering.cancel_answering),
        "cancel.entry": Route(handler=entries.cancel_entry),
    },
    forms={
        "question": Route(handler=asking.submit_question, is_unnamed=True),
        "question_new": Route(handler=asking.submit_question, is_unnamed=True),
        "question_reply": Route(handler=answering.submit_reply_to_owner, is_unnamed=True),
        "question_follow_up": Route(handler=answering.submit_follow_up, is_unnamed=True),
        "question_back": Route(handler=answering.submit_ask_back),
        "question_hand_on": Route(handler=answering.submit_hand_on),
        "question_decline": Route(handler=answering.submit_question_decline),
        "answer": Route(handler=answering.submit_answer),
        "entry": Route(handler=entries.submit_entry),
    },
    message=Route(handler=asking.say),
    message_kinds={
        "question": MessageKind(compose=answering.compose_question, on_delivered=answering.question_arrived),
        "question_reminder": MessageKind(),
        "answer": MessageKind(on_delivered=answering.news_arrived),
    },
    on_background_result={
        "question": finding.take_consultation,
        "phrasing": finding.take_phrasing,
        "examples": training.take_vectors,
        "training": training.take_training,
    },
    tick_jobs={
        "keep_learning": training.keep_learning,
        "move_questions_on": finding.move_on,
        "look_after_questions": deadlines.remind_of_questions,
    },
    scheduled_jobs={"forget_askers": retention.forget_askers},
)
