"""What rows are called today, for people who would read a number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.framework.framework import Activity, Audience, Goal
from storage.mentions.listening import Source
from storage.people.organisation import Unit
from storage.sharing.feeds import Feed
from storage.sharing.posts import Post
from storage.sharing.social_channels import SocialChannel
from storage.web.api_tokens import ApiToken
from storage.web.webhooks import Webhook

NAMES: Mapping[str, Any] = {
    column.class_.__tablename__: column
    for column in (
        *(Unit.name, SocialChannel.name, Goal.name, Activity.name, Audience.name, Source.name, ApiToken.name),
        *(Post.title, Feed.url, Webhook.url),
    )
}


def names_of(session: Session, rows: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """By (table, id); those that are gone, or have no name, are left out."""
    found = dict[tuple[str, int], str]()
    for table, name in NAMES.items():
        if wanted := [number for one, number in rows if one == table]:
            named = session.execute(select(name.class_.id, name).where(name.class_.id.in_(wanted)))
            found |= {(table, number): said for number, said in named if said}
    return found
