"""What the model says, in other words: for the demo, whose organisation speaks the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.framework.framework import Activity, Audience, Goal
from storage.mentions.listening import Source
from storage.sharing.social_channels import SocialChannel

TEXTS = (
    (Audience, Audience.name),
    (Goal, Goal.name),
    (Activity, Activity.name),
    (Source, Source.name),
    (SocialChannel, SocialChannel.tone),
)


def reword(session: Session, said: Mapping[str, str]) -> None:
    """Replace each text that is a key of `said`; others stay as they are. It is nobody's act: no audit log has it."""
    for table, column in TEXTS:
        for before, now in said.items():
            session.execute(update(table).where(column == before).values({column: now}))
    for audience, channels in session.execute(select(Audience.id, Audience.channels)).all():
        told = [{**one, "evidence": said.get(one["evidence"], one["evidence"])} for one in channels]
        session.execute(update(Audience).where(Audience.id == audience).values(channels=told))
