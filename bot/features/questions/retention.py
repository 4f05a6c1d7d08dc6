"""What is kept of who asked, and for how long."""

from __future__ import annotations

import secrets
from datetime import timedelta

from bot.core.context import Effect, Job, Send, words_of
from bot.features.questions.cards import asker
from storage.questions import questions

ASKER = timedelta(days=90)  # after the answer
ANONYMOUS = timedelta(days=7)  # after the question, whatever happened


def forget_askers(job: Job) -> list[Effect]:
    """Whoever asked without their name is forgotten a week after they asked, everybody else 90 days after the answer.
    Those who still wait are told, without a word of what it was about, and under a key that leads nowhere."""
    before = job.now - ANONYMOUS
    waiting = questions.waiting_anonymously(job.session, asked_before=before)
    questions.forget_askers(job.session, answered_before=job.now - ASKER, anonymous_before=before)
    return [
        Send(person, f"notice:{secrets.token_hex(8)}", asker.forgotten_card(words_of(person, job.now)))
        for person in waiting
    ]
