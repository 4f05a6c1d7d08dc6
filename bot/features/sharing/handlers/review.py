"""Approval: drafts come to the leads one at a time; approve, decline with a reason, recall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.cancellation import cancel_planned
from bot.core.cards import Card, card, text
from bot.core.context import ComposeRequest, Context, Effect, Job, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import Words, languages
from bot.core.refresh_cards import refresh_others
from bot.features.sharing.cards.lists import live_card
from bot.features.sharing.cards.nudge import repainted
from bot.features.sharing.cards.review import (
    decided_card,
    decline_form,
    put_back_card,
    recall_card,
    review_card,
    suggestion_declined_card,
    suggestion_live_card,
)
from bot.features.sharing.domain.draft import is_unnamed
from bot.features.sharing.domain.reach import few_meant, reach_of
from bot.features.sharing.forms.compose import reach_text
from bot.features.sharing.jobs.posts import end
from storage.people import organisation
from storage.people.employees import Employee
from storage.publishing import publications
from storage.sharing import nudges, posts, shares
from storage.sharing.links import set_live
from storage.sharing.posts import Post as Content
from storage.sharing.posts import PostState

PUT_BACK_WITHIN = timedelta(days=7)  # for which the list of posts names what was withdrawn


def compose_review(job: Job, asked: ComposeRequest) -> Card | None:
    """The post's current card: with the decision to make, or (only when replacing a card) the decision made."""
    post = posts.post(job.session, asked.subject)
    if post is None:
        return None
    if post.is_undecided:
        return undecided_card(job, post, words_of(asked.person, job.now))
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
    return [Reply(undecided_card(context, post, context.words, more))]


def approve_post(context: Context, event: Pressed) -> list[Effect]:
    """`review.approve`: live from now on."""
    post = _post(context, event.ref)
    if not post.is_undecided:
        return [Reply(decided_card(post, context.words))]
    if missing := _missing_for_approval(context, post):
        return [Reply(card_of(context, post, missing))]
    post.approve(by=context.person, now=context.now, lifetime=timedelta(days=context.rules.post_lifetime_days))
    return _decided(context, post)


def _missing_for_approval(context: Context, post: Content) -> str:
    """Why this person cannot approve it now; "" if they can."""
    words = context.words
    if context.rules.second_approver and not post.may_be_approved_by(context.person):
        return words.t("You wrote this. Somebody else on the comms team has to approve it.")
    if is_unnamed(post):
        return words.t("I couldn’t read the page. Give the post a title first.")
    if _versions(context, post, PostState.RECALLED):
        return words.t("The story was withdrawn in another language. Put that back first.")
    if few_meant(context.session, post, context.rules.pulse_k) is not None:
        return words.t("It’s meant for too few people by now: its results would tell who shared it.")
    if not all(picture.alt for picture in post.pictures):
        return words.t("Describe each picture first, for people who can’t see it.")
    if post.expires_at is not None and post.expires_at <= context.now:
        return words.t("The time for sharing it is over already. Set another.")
    return ""


def ask_why_declined(context: Context, event: Pressed) -> list[Effect]:
    """`review.decline`: the form that asks for the reason."""
    post = _post(context, event.ref)
    if not post.is_undecided:
        return [Reply(decided_card(post, context.words))]
    return [OpenForm(decline_form(post, context.words))]


def submit_post_decline(context: Context, event: Submitted) -> list[Effect]:
    """`post_decline`: the reason goes to whoever suggested it."""
    post = _post(context, event.ref)
    if not post.is_undecided:
        return [Reply(decided_card(post, context.words))]
    post.decline(event.values.get("reason", "").strip()[:500], by=context.person, now=context.now)
    return _decided(context, post)


def cancel_review(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.post_decline` where the form replaced the card: show the card again."""
    return [Reply(card_of(context, _post(context, event.ref)))]


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
    out = posted = waiting = 0
    for one in _versions(context, post, PostState.LIVE):
        out += len(nudges.about(context.session, one.id))
        posted += sum(share.is_confirmed for share in shares.shares_of_post(context.session, one.id))
        waiting += len(publications.unsent_of(context.session, post_id=one.id))
    return [Reply(recall_card(post, out, posted, waiting, context.words))]


def keep_live(context: Context, event: Pressed) -> list[Effect]:
    """`post.keep`: it stays as it is."""
    return [Reply(decided_card(_post(context, event.ref), context.words, can_draft=context.rules.model_writes))]


def recall(context: Context, event: Pressed) -> list[Effect]:
    """`post.recall_now`: in every language; the cards that are out say so, what waits is dropped, the links stop."""
    post = _post(context, event.ref)
    withdrawn = _versions(context, post, PostState.LIVE) or [post]
    told = [effect for one in withdrawn for effect in _withdraw(context, one)]
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
    for nudge in [nudge for one in withdrawn for nudge in nudges.about(context.session, one.id)]:
        effects += repainted(nudge)
        nudge.withdraw()
    return effects + told


def _withdraw(context: Context, post: Content) -> list[Effect]:
    """Nothing more of it goes out. Returns what those are told who have posted it, or were about to."""
    if post.state == PostState.LIVE:
        post.recall(by=context.person, now=context.now)
        cancel_planned(context.session, context.now, post_id=post.id, reason="the post was recalled")
        for publication in publications.unsent_of(context.session, post_id=post.id):
            if publication.is_its_writers:  # what may be out already is looked for first
                publication.hold("withdrawn")
        context.session.flush()
    set_live(context.session, [share.code for share in shares.shares_of_post(context.session, post.id)], live=False)
    return _tell_of_withdrawal(context, post)


def _versions(context: Context, post: Content, state: PostState) -> list[Content]:
    """The story in all languages in which it is in that state."""
    return [one for one in posts.versions(context.session, post) if one.state == state]


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


def end_now(context: Context, event: Pressed) -> list[Effect]:
    """`post.end`: before its time is over."""
    post = _post(context, event.ref)
    effects: list[Effect] = []
    if post.state == PostState.LIVE:
        effects = end(context.session, post, now=context.now, reason="a lead ended the post")
        post.expires_at = context.now
    return [Reply(decided_card(post, context.words)), *effects]


def ask_to_put_back(context: Context, event: Pressed) -> list[Effect]:
    """`post.put_back`: asks once, for it reaches everybody who has the card."""
    post = _post(context, event.ref)
    if post.state != PostState.RECALLED:
        return [Reply(decided_card(post, context.words))]
    again = _versions(context, post, PostState.RECALLED)
    cards = sum(len(nudges.about(context.session, one.id)) for one in again)
    return [Reply(put_back_card(post, cards, context.words))]


def undo_decision(context: Context, event: Pressed) -> list[Effect]:
    """`review.undo`: approved or declined by mistake. What has reached nobody yet waits for approval again."""
    post = _post(context, event.ref)
    if post.state not in (PostState.LIVE, PostState.DECLINED):
        return [Reply(card_of(context, post))]
    if any(nudge.sent_at is not None for nudge in nudges.about(context.session, post.id)):
        notice = context.words.t("It has reached people already: withdraw it instead.")
        return [Reply(decided_card(post, context.words, can_draft=context.rules.model_writes, notice=notice))]
    cancel_planned(context.session, context.now, post_id=post.id, reason="the approval was taken back")
    post.undecide()
    context.session.flush()
    return [Reply(card_of(context, post)), *refresh_others(context, "review", post.id)]


def put_back(context: Context, event: Pressed) -> list[Effect]:
    """`post.put_back_now`: a recall taken back. Cards and links are as before; the planner offers it to the others."""
    post = _post(context, event.ref)
    if post.state != PostState.RECALLED:
        return [Reply(decided_card(post, context.words))]
    effects: list[Effect] = []
    for one in _versions(context, post, PostState.RECALLED):
        one.put_back(by=context.person, now=context.now)
        set_live(context.session, [share.code for share in shares.shares_of_post(context.session, one.id)], live=True)
        for nudge in nudges.about(context.session, one.id):
            nudge.give_back()
            effects += repainted(nudge)
    return [Reply(decided_card(post, context.words)), *effects]


# -- Parts ------------------------------------------------------------------------------------------------


def card_of(context: Context, post: Content, notice: str = "") -> Card:
    """The post as leads see it now."""
    if post.is_undecided:
        return undecided_card(context, post, context.words, notice=notice)
    return decided_card(post, context.words, can_draft=context.rules.model_writes, notice=notice)


def undecided_card(context: Context | Job, post: Content, words: Words, more: int = 0, *, notice: str = "") -> Card:
    """A post that waits, with whom it is for."""
    session = context.session
    names = {unit.id: unit.name for unit in organisation.units(session)} if post.units else {}
    whom = [names[unit] for unit in post.units or () if unit in names]
    reach = reach_text(reach_of(session, post, post.language), words)
    rules = context.rules
    if is_unnamed(post) and post.page_read and not notice:
        notice = words.t("I couldn’t read the page. Give the post a title first.")
    return review_card(
        post,
        words,
        more,
        can_draft=rules.model_writes,
        base_url=rules.base_url,
        units=whom,
        reach=reach,
        notice=notice,
        can_translate=len(posts.versions(session, post)) < len(languages()),
    )


def review_again(context: Context, post: Content, leads: Sequence[Employee]) -> list[Effect]:
    """The post to these leads, as it is now."""
    at = f"{context.now:%Y-%m-%dT%H:%M:%S}"
    return [Send(lead, f"review:{post.id}:{lead.id}:{at}", kind="review", subject=post.id) for lead in leads]


def _post(context: Context, post_id: int) -> Content:
    post = posts.post(context.session, post_id)
    if post is None:
        raise Gone("That post is gone. Type /chorus {command} to see what’s waiting.", command="review")
    return post


def _decided(context: Context, post: Content) -> list[Effect]:
    """Update the card for all who have it, and tell whoever suggested the post."""
    whom = (
        reach_text(reach_of(context.session, post, post.language), context.words)
        if post.state == PostState.LIVE
        else ""
    )
    said = decided_card(post, context.words, can_draft=context.rules.model_writes, can_undo=True, notice=whom)
    return [
        Reply(said),
        *refresh_others(context, "review", post.id),
        *_tell_suggester(post),
    ]


def _tell_suggester(post: Content) -> list[Effect]:
    person = post.suggested_by
    if person is None:
        return []
    told = suggestion_live_card if post.state == PostState.LIVE else suggestion_declined_card
    return [Send(person, f"suggestion:{post.id}:{post.state}:{post.decided_at}", told(post, words_of(person)))]
