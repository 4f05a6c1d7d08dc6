"""States as people read them."""

from __future__ import annotations

from bot.core.i18n import Words
from storage.questions.questions import QuestionState


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
