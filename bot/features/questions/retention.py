"""What is kept of who asked, and for how long."""

from __future__ import annotations

from datetime import timedelta

from bot.core.context import Effect, Job
from storage.questions import questions

ASKER = timedelta(days=90)  # after the answer
ANONYMOUS = timedelta(days=7)


def forget_askers(job: Job) -> list[Effect]:
    """Whoever asked without their name is forgotten a week after the answer, everybody else after 90 days."""
    questions.forget_askers(job.session, answered_before=job.now - ASKER, anonymous_before=job.now - ANONYMOUS)
    return []
