"""Who is nudged about what, and when: the plain planner that keeps to hours, gaps and the weekly budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import Gone
from bot.events import Command, Pressed
from bot.sharing.nudge_cards import current_card, repainted
from bot.sharing.pages import pick_card
from bot.turn import Job, Post, Reply, Rules, Turn, Wish
from storage import posts, shares
from storage.employees import Employee
from storage.posts import Post as Content
from storage.shares import Nudge

WEEK = timedelta(days=7)


def plan_nudges(job: Job) -> list[Wish]:
    """One nudge for everyone whose hour and budget allow it: the newest post that they have not seen."""
    offers = posts.shareable(job.session, job.now)
    if not offers:
        return []
    recent = shares.last_nudged(job.session, job.now - WEEK)
    seen = shares.offered(job.session, [post.id for post in offers])
    wishes: list[Wish] = []
    gap = timedelta(hours=job.rules.nudge_gap_hours)
    for person in shares.people_to_nudge(job.session, now=job.now, not_since=job.now - gap):
        last, times = recent.get(person.id, (None, 0))
        if not may_be_nudged(person, job.now, job.rules, last=last, times=times):
            continue
        post = choose(person, offers, seen)
        if post is None:
            continue
        why = "unit" if post.unit_id else "newest"
        nudge = Nudge(employee=person, post=post, why=why, planned_at=job.now, state=shares.PLANNED)
        job.session.add(nudge)
        job.session.flush()
        wishes.append(Post(person, f"nudge:{nudge.id}", kind="nudge", subject=nudge.id))
    return wishes


def may_be_nudged(person: Employee, now: datetime, rules: Rules, *, last: datetime | None, times: int) -> bool:
    """Whether wish, pause, local hour, gap (hours) and weekly budget allow a nudge now."""
    if person.nudges_wanted is not True:
        return False
    if person.nudges_paused_until is not None and person.nudges_paused_until > now:
        return False
    local = now.astimezone(ZoneInfo(person.time_zone))
    if not rules.nudge_weekends and local.weekday() >= 5:
        return False
    if not rules.nudge_hours[0] <= local.hour < rules.nudge_hours[1]:
        return False
    less = 2 if person.fewer_nudges else 1
    if last is not None and now - last < timedelta(hours=rules.nudge_gap_hours * less):
        return False
    return times * less < rules.nudges_a_week


def choose(person: Employee, offers: Sequence[Content], seen: set[tuple[int, int]]) -> Content | None:
    """The first of `offers` that is meant for the person, in their language, new to them, of no declined topic.

    Posts in other languages are there for the asking (`share`), but nobody is nudged about them.
    """
    return next(
        (
            post
            for post in offers
            if (post.unit_id is None or post.unit_id == person.unit_id)
            and post.language == person.language
            and (person.id, post.id) not in seen
            and (not post.topic or post.topic not in person.topics_declined)
        ),
        None,
    )


def come_back(job: Job) -> list[Wish]:
    """Nudges put off with "Later" show their buttons again, once, on the card that is there."""
    wishes: list[Wish] = []
    for nudge in shares.due_again(job.session, job.now):
        nudge.state, nudge.again_at = shares.SENT, None
        wishes += repainted(nudge)
    return wishes


def tell_of_clicks(job: Job) -> list[Wish]:
    """New readers appear on the sharer's card: a quiet update, never a message."""
    wishes: list[Wish] = []
    for share in shares.with_news(job.session):
        share.clicks_shown = share.link.unique_clicks
        wishes += repainted(share.nudge)
    return wishes


# -- Asking for content oneself ---------------------------------------------------------------------------


def show_content(turn: Turn, _event: Command | Pressed) -> list[Wish]:
    """`share`: what may be shared now, without waiting for a nudge."""
    offers = [post for post in posts.shareable(turn.session, turn.now) if post.unit_id in (None, turn.person.unit_id)]
    return [Reply(pick_card(offers[:5], turn.words))]


def pick(turn: Turn, event: Pressed) -> list[Wish]:
    """`share.pick` on a post: its nudge, now and here."""
    post = posts.post(turn.session, event.ref)
    if post is None or not post.is_shareable(turn.now) or post.unit_id not in (None, turn.person.unit_id):
        raise Gone("That content can no longer be shared. Type /chorus {command} to see what can.", command="share")
    nudge = shares.nudge_about(turn.session, turn.person.id, post.id)
    if nudge is None:
        nudge = Nudge(
            employee=turn.person,
            post=post,
            why="asked",
            planned_at=turn.now,
            sent_at=turn.now,
            state=shares.SENT,
        )
        turn.session.add(nudge)
    elif nudge.state in (shares.PLANNED, shares.DECLINED, shares.LATER):
        nudge.state, nudge.sent_at = shares.SENT, nudge.sent_at or turn.now
    turn.session.flush()
    if event.message:
        nudge.message, nudge.workspace_id = event.message, event.workspace
    return [Reply(current_card(turn, nudge))]
