"""States as people read them."""

from __future__ import annotations

from bot.core.i18n import Words
from storage.questions.questions import QuestionState
from storage.sharing.posts import PostState


def post_state(state: PostState, words: Words) -> str:
    return {
        PostState.DRAFT: words.t("Draft"),
        PostState.IN_REVIEW: words.t("Waiting for approval"),
        PostState.LIVE: words.t("Out for sharing"),
        PostState.EXPIRED: words.t("Expired"),
        PostState.RECALLED: words.t("Withdrawn"),
        PostState.DECLINED: words.t("Declined"),
    }[state]


def question_state(state: QuestionState, words: Words) -> str:
    return {
        QuestionState.NEW: words.t("looking for an answer"),
        QuestionState.CHOOSING: words.t("what is it about?"),
        QuestionState.OFFERED: words.t("answer suggested"),
        QuestionState.OPEN: words.t("waiting"),
        QuestionState.CLAIMED: words.t("in progress"),
        QuestionState.ASKED_BACK: words.t("details requested"),
        QuestionState.ANSWERED: words.t("answered"),
        QuestionState.HELPED: words.t("answered"),
        QuestionState.DECLINED: words.t("couldn’t be answered"),
        QuestionState.MERGED: words.t("waiting"),
        QuestionState.DROPPED: words.t("cancelled"),
    }[state]
