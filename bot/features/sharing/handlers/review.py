"""Approval: drafts come to the leads one at a time; edit, approve, decline with a reason, recall."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cancellation import cancel_planned
from bot.core.cards import Card, Form, card, text
from bot.core.context import ComposeRequest, Context, Effect, Job, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import languages
from bot.core.refresh_cards import refresh_others
from bot.features.sharing.cards.lists import live_card
from bot.features.sharing.cards.nudge import repainted
from bot.features.sharing.cards.review import (
    EMBARGO_HOURS,
    LIFETIME_DAYS,
    by_hand,
    decided_card,
    decline_form,
    edit_form,
    put_back_card,
    recall_card,
    review_card,
    suggestion_declined_card,
    suggestion_live_card,
)
from content.captions import KINDS_OF_STARTER
from content.channels import KINDS
from storage.framework import framework
from storage.publishing import publications
from storage.sharing import nudges, posts, shares, topic_names
from storage.sharing.links import set_live
from storage.sharing.posts import Caption, PostState
from storage.sharing.posts import Post as Content

PUT_BACK_WITHIN = timedelta(days=7)  # for which the list of posts names what was withdrawn


def compose_review(job: Job, asked: ComposeRequest) -> Card | None:
    """The post's current card: with the decision to make, or (only when replacing a card) the decision made."""
    post = posts.post(job.session, asked.subject)
    if post is None:
        return None
    if post.is_undecided:
        return review_card(post, words_of(asked.person, job.now), can_draft=job.rules.model_writes)
    if not asked.replacing:
        return None
    return decided_card(post, words_of(asked.person, job.now), can_draft=job.rules.model_writes)


def show_review(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`review`: the next post that waits."""
    waiting = posts.listed(context.session, state=PostState.IN_REVIEW) or posts.to_review(context.session, 1)
    if not waiting:
        return [
            Reply(
                card(
                    context.words.t("Nothing to approve"),
                    text(context.words.t("Nothing is waiting for your approval.")),
                )
            )
        ]
    post = waiting[-1]
    post.send_to_review()
    more = posts.number_in(context.session, PostState.DRAFT) + posts.number_in(context.session, PostState.IN_REVIEW) - 1
    return [Reply(review_card(post, context.words, more, can_draft=context.rules.model_writes))]


def approve_post(context: Context, event: Pressed) -> list[Effect]:
    """`review.approve`: live from now on."""
    post = _post(context, event.ref)
    if not post.is_undecided:
        return [Reply(decided_card(post, context.words))]
    post.approve(by=context.person, now=context.now, lifetime=timedelta(days=context.rules.post_lifetime_days))
    return _decided(context, post)


def edit_post(context: Context, event: Pressed) -> list[Effect]:
    """`review.edit` on a post that waits."""
    post = _post(context, event.ref)
    return [OpenForm(_edit_form(context, post))] if post.is_undecided else [Reply(decided_card(post, context.words))]


def ask_why_declined(context: Context, event: Pressed) -> list[Effect]:
    """`review.decline`: the form that asks for the reason."""
    post = _post(context, event.ref)
    if not post.is_undecided:
        return [Reply(decided_card(post, context.words))]
    return [OpenForm(decline_form(post, context.words))]


def submit_edit(context: Context, event: Submitted) -> list[Effect]:
    """`post_edit`: title, summary, topic, times and starters; the card shows the result."""
    post = _post(context, event.ref)
    values = event.values
    title = values.get("title", "").strip()
    if not title:
        error = ("title", context.words.t("Add a title."))
        return [OpenForm(_edit_form(context, post, values=dict(values), errors=(error,)))]
    post.title, post.summary = title[:300], values.get("summary", "").strip()[:1000]
    post.topic = topic_names.topic_of(context.session, values.get("topic", "")[:60])
    if "goal" in values:
        post.goal = next((goal.id for goal in framework.goals(context.session) if goal.id == values["goal"]), None)
    if "activity" in values:
        known = framework.activities(context.session)
        post.activity = next((item.id for item in known if item.id == values["activity"]), None)
    if values.get("language") in languages():
        post.language = values["language"]
    if values.get("embargo") in EMBARGO_HOURS:
        hours = EMBARGO_HOURS[values["embargo"]]
        post.embargo_until = context.now + timedelta(hours=hours) if hours else None
    if values.get("lifetime") in LIFETIME_DAYS:
        post.expires_at = (post.embargo_until or context.now) + timedelta(days=int(values["lifetime"]))
    _store_captions(context, post, values.get("for_channel", ""), {k: values.get(k, "") for k in KINDS_OF_STARTER})
    context.session.flush()
    return [Reply(_card_of(context, post))]


def submit_post_decline(context: Context, event: Submitted) -> list[Effect]:
    """`post_decline`: the reason goes to whoever suggested it."""
    post = _post(context, event.ref)
    if not post.is_undecided:
        return [Reply(decided_card(post, context.words))]
    post.decline(event.values.get("reason", "").strip()[:500], by=context.person, now=context.now)
    return _decided(context, post)


def cancel_review(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.post_edit` and `cancel.post_decline` where the form replaced the card: show the card again."""
    return [Reply(_card_of(context, _post(context, event.ref)))]


def show_live(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`posts`: what is live, with recall, and what was recalled lately."""
    live = posts.listed(context.session, state=PostState.LIVE, limit=8)
    recalled = posts.listed(context.session, state=PostState.RECALLED, limit=3)
    lately = [post for post in recalled if post.decided_at and context.now - post.decided_at < PUT_BACK_WITHIN]
    return [Reply(live_card(live, lately, context.words))]


def ask_to_recall(context: Context, event: Pressed) -> list[Effect]:
    """`post.recall`: asks once, for it reaches everybody who has the card."""
    post = _post(context, event.ref)
    if post.state != PostState.LIVE:
        return [Reply(decided_card(post, context.words))]
    out = len(nudges.about(context.session, post.id))
    posted = sum(share.is_confirmed for share in shares.shares_of_post(context.session, post.id))
    waiting = len(publications.unsent_of(context.session, post_id=post.id))
    return [Reply(recall_card(post, out, posted, waiting, context.words))]


def keep_live(context: Context, event: Pressed) -> list[Effect]:
    """`post.keep`: it stays as it is."""
    return [Reply(decided_card(_post(context, event.ref), context.words, can_draft=context.rules.model_writes))]


def recall(context: Context, event: Pressed) -> list[Effect]:
    """`post.recall_now`: every card that is out says so, what waits is dropped, the links stop."""
    post = _post(context, event.ref)
    if post.state == PostState.LIVE:
        post.recall(by=context.person, now=context.now)
        cancel_planned(context.session, context.now, post_id=post.id, reason="the post was recalled")
        for publication in publications.unsent_of(context.session, post_id=post.id):
            if publication.is_its_writers:  # what may be out already is looked for first
                publication.hold("withdrawn")
        context.session.flush()
    set_live(context.session, [share.code for share in shares.shares_of_post(context.session, post.id)], live=False)
    told = _tell_of_withdrawal(context, post)
    notice = (
        context.words.n(
            "{count} person who had posted it or was about to has been told.",
            "{count} people who had posted it or were about to have been told.",
            len(told),
        )
        if told
        else ""
    )
    effects: list[Effect] = [Reply(decided_card(post, context.words, notice=notice))]
    for nudge in nudges.about(context.session, post.id):
        effects += repainted(nudge)
        nudge.withdraw()
    return effects + told


def _tell_of_withdrawal(context: Context, post: Content) -> list[Effect]:
    """A message of its own to whoever has posted it, or has it waiting: an older card that changes is overlooked."""
    held = {row.share.nudge_id: row.share.employee for row in publications.unsent_of(context.session, post_id=post.id)}
    shared = {
        share.nudge_id: share.employee
        for share in shares.shares_of_post(context.session, post.id)
        if share.is_confirmed
    }
    return [
        Send(person, f"withdrawn:{nudge_id}:{post.decided_at}", kind="publication", subject=nudge_id)
        for nudge_id, person in (shared | held).items()
    ]


def ask_to_put_back(context: Context, event: Pressed) -> list[Effect]:
    """`post.put_back`: asks once, for it reaches everybody who has the card."""
    post = _post(context, event.ref)
    if post.state != PostState.RECALLED:
        return [Reply(decided_card(post, context.words))]
    return [Reply(put_back_card(post, len(nudges.about(context.session, post.id)), context.words))]


def undo_decision(context: Context, event: Pressed) -> list[Effect]:
    """`review.undo`: approved or declined by mistake. What has reached nobody yet waits for approval again."""
    post = _post(context, event.ref)
    if post.state not in (PostState.LIVE, PostState.DECLINED):
        return [Reply(_card_of(context, post))]
    if any(nudge.sent_at is not None for nudge in nudges.about(context.session, post.id)):
        notice = context.words.t("It has reached people already: withdraw it instead.")
        return [Reply(decided_card(post, context.words, can_draft=context.rules.model_writes, notice=notice))]
    cancel_planned(context.session, context.now, post_id=post.id, reason="the approval was taken back")
    post.undecide()
    context.session.flush()
    return [Reply(_card_of(context, post)), *refresh_others(context, "review", post.id)]


def put_back(context: Context, event: Pressed) -> list[Effect]:
    """`post.put_back_now`: a recall taken back. Cards and links are as before; the planner offers it to the others."""
    post = _post(context, event.ref)
    if post.state != PostState.RECALLED:
        return [Reply(decided_card(post, context.words))]
    post.put_back(by=context.person, now=context.now)
    set_live(context.session, [share.code for share in shares.shares_of_post(context.session, post.id)], live=True)
    effects: list[Effect] = [Reply(decided_card(post, context.words))]
    for nudge in nudges.about(context.session, post.id):
        nudge.give_back()
        effects += repainted(nudge)
    return effects


def open_edit(context: Context, event: Pressed) -> list[Effect]:
    """`post.edit` on a live post."""
    return [OpenForm(_edit_form(context, _post(context, event.ref)))]


# -- Parts ------------------------------------------------------------------------------------------------


def _card_of(context: Context, post: Content) -> Card:
    can_draft = context.rules.model_writes
    if post.is_undecided:
        return review_card(post, context.words, can_draft=can_draft)
    return decided_card(post, context.words, can_draft=can_draft)


def _edit_form(
    context: Context, post: Content, values: dict[str, str] | None = None, errors: tuple[tuple[str, str], ...] = ()
) -> Form:
    goals, activities = framework.goals(context.session), framework.activities(context.session)
    return edit_form(post, context.words, goals, activities, values, errors)


def _post(context: Context, post_id: int) -> Content:
    post = posts.post(context.session, post_id)
    if post is None:
        raise Gone("That post is gone. Type /chorus {command} to see what’s waiting.", command="review")
    return post


def _store_captions(context: Context, post: Content, channel: str, written: dict[str, str]) -> None:
    wanted = channel if channel in KINDS else None
    for kind, words in written.items():
        found = next(
            (c for c in by_hand(post) if (c.channel, c.language, c.kind) == (wanted, post.language, kind)),
            None,
        )
        if found is not None and not words.strip():
            context.session.delete(found)
        elif found is not None:
            found.text = words.strip()
        elif words.strip():
            post.captions.append(Caption(channel=wanted, language=post.language, kind=kind, text=words.strip()))


def _decided(context: Context, post: Content) -> list[Effect]:
    """Update the card for all who have it, and tell whoever suggested the post."""
    return [
        Reply(decided_card(post, context.words, can_draft=context.rules.model_writes, can_undo=True)),
        *refresh_others(context, "review", post.id),
        *_tell_suggester(post),
    ]


def _tell_suggester(post: Content) -> list[Effect]:
    person = post.suggested_by
    if person is None:
        return []
    told = suggestion_live_card if post.state == PostState.LIVE else suggestion_declined_card
    return [Send(person, f"suggestion:{post.id}:{post.state}", told(post, words_of(person)))]
