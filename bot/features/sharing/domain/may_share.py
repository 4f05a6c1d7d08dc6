"""Whether a person may share a post now."""

from __future__ import annotations

from datetime import datetime

from bot.core.errors import Gone
from storage.people.employees import Employee
from storage.sharing.post_audiences import is_for
from storage.sharing.posts import Post


def may_share(post: Post, person: Employee, now: datetime) -> bool:
    return post.is_shareable(now) and is_for(post, person)


def check_may_share(post: Post, person: Employee, now: datetime, *, kept: str) -> None:
    """Raises Gone, with `kept`: what the person has written."""
    if not post.is_shareable(now):
        raise Gone("You can no longer share “{title}”: it was withdrawn or has expired.", kept=kept, title=post.title)
    if not is_for(post, person):
        raise Gone("You can no longer share “{title}”: it’s meant for others now.", kept=kept, title=post.title)
