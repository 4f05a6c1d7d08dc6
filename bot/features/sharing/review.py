"""Approval: drafts come to the leads one at a time; edit, approve, decline with a reason, recall."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cancellation import withdraw
from bot.core.cards import Card, Form, card, text
from bot.core.context import Asked, Job, OpenForm, Post, Reply, Turn, Wish, words_of
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import languages
from bot.core.refresh_cards import repaint_others
from bot.features.sharing.nudge_cards import repainted
from bot.features.sharing.pages import live_card
from bot.features.sharing.review_cards import (
    EMBARGO_HOURS,
    LIFETIME_DAYS,
    by_hand,
    decided_card,
    decline_form,
    edit_form,
    recall_card,
    review_card,
    suggestion_declined_card,
    suggestion_live_card,
)
from content.captions import KINDS_OF_STARTER
from content.channels import KINDS
from storage import employees, framework, nudges, posts, shares
from storage.links import close_links
from storage.posts import DECLINED, DRAFT, EXPIRED, IN_REVIEW, LIVE, RECALLED, Caption
from storage.posts import Post as Content

AT_ONCE = 3  # posts in review at a time: a feed of two hundred must not bury a lead


def ask_for_review(job: Job) -> list[Wish]:
    """Keep up to AT_ONCE drafts before the leads' eyes."""
    room = AT_ONCE - posts.number_in(job.session, IN_REVIEW)
    leads = employees.with_role(job.session, "lead") if room > 0 else []
    if not leads:
        return []
    wishes: list[Wish] = []
    for post in posts.to_review(job.session, room):
        post.state = IN_REVIEW
        wishes += [Post(lead, f"review:{post.id}:{lead.id}", kind="review", subject=post.id) for lead in leads]
    return wishes


def compose_review(job: Job, asked: Asked) -> Card | None:
    """The post as it stands: to be decided, or (only in place of the question) decided."""
    post = posts.post(job.session, asked.subject)
    if post is None:
        return None
    if post.state in (IN_REVIEW, DRAFT):
        return review_card(post, words_of(asked.person), can_draft=job.rules.model_writes)
    if not asked.replacing:
        return None
    return decided_card(post, words_of(asked.person), can_draft=job.rules.model_writes)


def show_review(turn: Turn, _event: Command | Pressed) -> list[Wish]:
    """`review`: the next post that waits."""
    waiting = posts.listed(turn.session, state=IN_REVIEW) or posts.to_review(turn.session, 1)
    if not waiting:
        return [Reply(card(turn.words.t("Nothing waits"), text(turn.words.t("Nothing waits for your approval."))))]
    post = waiting[-1]
    post.state = IN_REVIEW
    more = posts.number_in(turn.session, DRAFT) + posts.number_in(turn.session, IN_REVIEW) - 1
    return [Reply(review_card(post, turn.words, more, can_draft=turn.rules.model_writes))]


def press_review(turn: Turn, event: Pressed) -> list[Wish]:
    """`review.<what>` on a post."""
    post = _post(turn, event.ref)
    what = event.action.removeprefix("review.")
    if post.state not in (IN_REVIEW, DRAFT):
        return [Reply(decided_card(post, turn.words))]
    match what:
        case "approve":
            post.state, post.decided_by_id, post.decided_at = LIVE, turn.person.id, turn.now
            post.expires_at = post.expires_at or turn.now + timedelta(days=turn.rules.post_lifetime_days)
            return [
                Reply(decided_card(post, turn.words)),
                *repaint_others(turn, "review", post.id),
                *_tell_suggester(post),
            ]
        case "edit":
            return [OpenForm(_edit_form(turn, post))]
        case "decline":
            return [OpenForm(decline_form(post, turn.words))]
    raise NotUnderstood("I do not know that button. It may belong to an older card.")


def submit_edit(turn: Turn, event: Submitted) -> list[Wish]:
    """`post_edit`: title, summary, topic, times and starters; the card shows the result."""
    post = _post(turn, event.ref)
    values = event.values
    title = values.get("title", "").strip()
    if not title:
        error = ("title", turn.words.t("A post needs a title."))
        return [OpenForm(_edit_form(turn, post, values=dict(values), errors=(error,)))]
    post.title, post.summary = title[:300], values.get("summary", "").strip()[:1000]
    post.topic = values.get("topic", "").strip()[:60]
    if "goal" in values:
        post.goal = next((goal.id for goal in framework.goals(turn.session) if goal.id == values["goal"]), None)
    if "activity" in values:
        known = framework.activities(turn.session)
        post.activity = next((item.id for item in known if item.id == values["activity"]), None)
    if values.get("language") in languages():
        post.language = values["language"]
    if values.get("embargo") in EMBARGO_HOURS:
        hours = EMBARGO_HOURS[values["embargo"]]
        post.embargo_until = turn.now + timedelta(hours=hours) if hours else None
    if values.get("lifetime") in LIFETIME_DAYS:
        post.expires_at = (post.embargo_until or turn.now) + timedelta(days=int(values["lifetime"]))
    _store_captions(turn, post, values.get("for_channel", ""), {k: values.get(k, "") for k in KINDS_OF_STARTER})
    turn.session.flush()
    return [Reply(_card_of(turn, post))]


def submit_decline(turn: Turn, event: Submitted) -> list[Wish]:
    """`post_decline`: the reason goes to whoever suggested it."""
    post = _post(turn, event.ref)
    if post.state in (IN_REVIEW, DRAFT):
        post.state, post.decided_by_id, post.decided_at = DECLINED, turn.person.id, turn.now
        post.decline_reason = event.values.get("reason", "").strip()[:500]
        return [
            Reply(decided_card(post, turn.words)),
            *repaint_others(turn, "review", post.id),
            *_tell_suggester(post),
        ]
    return [Reply(decided_card(post, turn.words))]


def cancel(turn: Turn, event: Pressed) -> list[Wish]:
    """`cancel.post_edit` and `cancel.post_decline`, where the form stands in the card's place: the card again."""
    return [Reply(_card_of(turn, _post(turn, event.ref)))]


def show_live(turn: Turn, _event: Command | Pressed) -> list[Wish]:
    """`posts`: what is live, with recall."""
    return [Reply(live_card(posts.listed(turn.session, state=LIVE, limit=8), turn.words))]


def ask_to_recall(turn: Turn, event: Pressed) -> list[Wish]:
    """`post.recall`: asks once, for it reaches everybody who has the card."""
    post = _post(turn, event.ref)
    if post.state != LIVE:
        return [Reply(decided_card(post, turn.words))]
    out = len(nudges.about(turn.session, post.id))
    return [Reply(recall_card(post, out, len(shares.shares_of_post(turn.session, post.id)), turn.words))]


def keep_live(turn: Turn, event: Pressed) -> list[Wish]:
    """`post.keep`: it stays as it is."""
    return [Reply(decided_card(_post(turn, event.ref), turn.words, can_draft=turn.rules.model_writes))]


def recall(turn: Turn, event: Pressed) -> list[Wish]:
    """`post.recall_now`: every card that is out says so, what waits is dropped, the links stop."""
    post = _post(turn, event.ref)
    if post.state == LIVE:
        post.state, post.decided_by_id, post.decided_at = RECALLED, turn.person.id, turn.now
        withdraw(turn.session, turn.now, post_id=post.id, reason="the post was recalled")
    close_links(turn.session, [share.code for share in shares.shares_of_post(turn.session, post.id)])
    wishes: list[Wish] = [Reply(decided_card(post, turn.words))]
    for nudge in nudges.about(turn.session, post.id):
        wishes += repainted(nudge)
        nudge.state = nudges.WITHDRAWN if nudge.state != nudges.TAKEN else nudge.state
    return wishes


def expire_posts(job: Job) -> list[Wish]:
    """Posts whose time is over leave; cards that still offer them say so."""
    wishes: list[Wish] = []
    for post in posts.overdue(job.session, job.now):
        post.state = EXPIRED
        withdraw(job.session, job.now, post_id=post.id, reason="the post expired")
        for nudge in nudges.about(job.session, post.id):
            if nudge.state in (nudges.SENT, nudges.LATER):
                wishes += repainted(nudge)
    return wishes


def open_edit(turn: Turn, event: Pressed) -> list[Wish]:
    """`post.edit` on a live post."""
    return [OpenForm(_edit_form(turn, _post(turn, event.ref)))]


# -- Parts ------------------------------------------------------------------------------------------------


def _card_of(turn: Turn, post: Content) -> Card:
    can_draft = turn.rules.model_writes
    if post.state in (IN_REVIEW, DRAFT):
        return review_card(post, turn.words, can_draft=can_draft)
    return decided_card(post, turn.words, can_draft=can_draft)


def _edit_form(
    turn: Turn, post: Content, values: dict[str, str] | None = None, errors: tuple[tuple[str, str], ...] = ()
) -> Form:
    goals, activities = framework.goals(turn.session), framework.activities(turn.session)
    return edit_form(post, turn.words, goals, activities, values, errors)


def _post(turn: Turn, post_id: int) -> Content:
    post = posts.post(turn.session, post_id)
    if post is None:
        raise Gone("That post is no longer there. Type /chorus {command} to see what waits.", command="review")
    return post


def _store_captions(turn: Turn, post: Content, channel: str, written: dict[str, str]) -> None:
    wanted = channel if channel in KINDS else None
    for kind, words in written.items():
        found = next(
            (c for c in by_hand(post) if (c.channel, c.language, c.kind) == (wanted, post.language, kind)),
            None,
        )
        if found is not None and not words.strip():
            turn.session.delete(found)
        elif found is not None:
            found.text = words.strip()
        elif words.strip():
            post.captions.append(Caption(channel=wanted, language=post.language, kind=kind, text=words.strip()))


def _tell_suggester(post: Content) -> list[Wish]:
    person = post.suggested_by
    if person is None:
        return []
    told = suggestion_live_card if post.state == LIVE else suggestion_declined_card
    return [Post(person, f"suggestion:{post.id}:{post.state}", told(post, words_of(person)))]
