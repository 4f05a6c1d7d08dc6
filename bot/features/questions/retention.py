"""What is kept of who asked, and for how long."""

from __future__ import annotations

from datetime import timedelta

from bot.core.context import Effect, Job
from storage.questions import retention

ASKER = timedelta(days=90)  # after the answer
ANONYMOUS = timedelta(days=7)  # after the question, whatever happened


def forget_askers(job: Job) -> list[Effect]:
    """Whoever asked without their name is forgotten a week after they asked, everybody else 90 days after the answer.
    They are not told on that day: a message would be a trace of its own. They were told when they asked."""
    retention.forget_askers(job.session, answered_before=job.now - ASKER, anonymous_before=job.now - ANONYMOUS)
    return []
