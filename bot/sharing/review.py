"""Approval: drafts come to the leads one at a time; edit, approve, decline with a reason, recall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.cards import (
    Bold,
    Button,
    Card,
    Choice,
    Facts,
    Form,
    Heading,
    Image,
    LinkTo,
    Option,
    Quote,
    TextField,
    actions,
    card,
    text,
)  # fmt: skip
from bot.errors import Gone, NotUnderstood
from bot.events import Command, Pressed, Submitted
from bot.language import Words, languages
from bot.others import repaint_others
from bot.sharing.nudge_cards import repainted
from bot.sharing.pages import live_card
from bot.turn import Asked, Job, OpenForm, Post, Reply, Turn, Wish, words_of
from bot.withdrawal import withdraw
from content.captions import EXPERIENCE, KINDS_OF_STARTER, PLAIN, QUESTION
from content.channels import KINDS
from storage import employees, framework, posts, shares
from storage.framework import Goal
from storage.links import close_links
from storage.posts import DECLINED, DRAFT, EXPIRED, IN_REVIEW, LIVE, RECALLED, Caption
from storage.posts import Post as Content

AT_ONCE = 3  # posts in review at a time: a feed of two hundred must not bury a lead
EMBARGO_HOURS = {"now": 0, "1": 24, "3": 72, "7": 168}
LIFETIME_DAYS = ("7", "14", "30", "90")


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
        return review_card(post, words_of(asked.person))
    return decided_card(post, words_of(asked.person)) if asked.replacing else None


def show_review(turn: Turn, _event: Command | Pressed) -> list[Wish]:
    """`review`: the next post that waits."""
    waiting = posts.listed(turn.session, state=IN_REVIEW) or posts.to_review(turn.session, 1)
    if not waiting:
        return [Reply(card(turn.words.t("Nothing waits"), text(turn.words.t("Nothing waits for your approval."))))]
    post = waiting[-1]
    post.state = IN_REVIEW
    more = posts.number_in(turn.session, DRAFT) + posts.number_in(turn.session, IN_REVIEW) - 1
    return [Reply(review_card(post, turn.words, more))]


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
            return [OpenForm(edit_form(post, turn.words, framework.goals(turn.session)))]
        case "decline":
            return [OpenForm(decline_form(post, turn.words))]
    raise NotUnderstood("I do not know that button. It may belong to an older card.")


def submit_edit(turn: Turn, event: Submitted) -> list[Wish]:
    """`post_edit`: title, summary, topic, times and starters; the card shows the result."""
    post = _post(turn, event.ref)
    values = event.values
    goals = framework.goals(turn.session)
    title = values.get("title", "").strip()
    if not title:
        error = ("title", turn.words.t("A post needs a title."))
        return [OpenForm(edit_form(post, turn.words, goals, values=dict(values), errors=(error,)))]
    post.title, post.summary = title[:300], values.get("summary", "").strip()[:1000]
    post.topic = values.get("topic", "").strip()[:60]
    if "goal" in values:
        post.goal = next((goal.id for goal in goals if goal.id == values["goal"]), None)
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


def recall(turn: Turn, event: Pressed) -> list[Wish]:
    """`post.recall`: every card that is out says so, what waits is dropped, the links stop."""
    post = _post(turn, event.ref)
    if post.state == LIVE:
        post.state, post.decided_by_id, post.decided_at = RECALLED, turn.person.id, turn.now
        withdraw(turn.session, turn.now, post_id=post.id, reason="the post was recalled")
    close_links(turn.session, [share.code for share in shares.shares_of_post(turn.session, post.id)])
    wishes: list[Wish] = [Reply(decided_card(post, turn.words))]
    for nudge in shares.nudges_about(turn.session, post.id):
        wishes += repainted(nudge)
        nudge.state = shares.WITHDRAWN if nudge.state != shares.TAKEN else nudge.state
    return wishes


def expire_posts(job: Job) -> list[Wish]:
    """Posts whose time is over leave; cards that still offer them say so."""
    wishes: list[Wish] = []
    for post in posts.overdue(job.session, job.now):
        post.state = EXPIRED
        withdraw(job.session, job.now, post_id=post.id, reason="the post expired")
        for nudge in shares.nudges_about(job.session, post.id):
            if nudge.state in (shares.SENT, shares.LATER):
                wishes += repainted(nudge)
    return wishes


# -- Cards and forms --------------------------------------------------------------------------------------


def review_card(post: Content, words: Words, more: int = 0) -> Card:
    pairs = [(words.t("Source"), post.source), (words.t("Language"), words.language_name(post.language))]
    if post.topic:
        pairs.append((words.t("Topic"), post.topic))
    if post.suggested_by:
        pairs.append((words.t("Suggested by"), post.suggested_by.name))
    if post.embargo_until:
        pairs.append((words.t("Not before"), words.moment(post.embargo_until)))
    if post.expires_at:
        pairs.append((words.t("Until"), words.day(post.expires_at)))
    return card(
        words.t("To approve: {title}", title=post.title),
        text(words.t("Waits for your approval"), subtle=True),
        Heading(post.title),
        text(post.summary) if post.summary else None,
        Quote(post.suggestion_note) if post.suggestion_note else None,
        Image(post.image_url, words.t("Picture of the post")) if post.image_url else None,
        text(LinkTo(words.t("Read it"), post.url)),
        Facts(tuple(pairs)),
        actions(
            Button(words.t("Approve"), "review.approve", post.id, "primary"),
            Button(words.t("Edit…"), "review.edit", post.id),
            Button(words.t("Decline…"), "review.decline", post.id, "danger"),
        ),
        text(words.n("{count} more waits.", "{count} more wait.", more), subtle=True) if more > 0 else None,
    )


def decided_card(post: Content, words: Words) -> Card:
    states = {
        LIVE: words.t("Live"),
        DECLINED: words.t("Declined"),
        RECALLED: words.t("Withdrawn"),
        EXPIRED: words.t("Its time is over"),
        DRAFT: words.t("Draft"),
        IN_REVIEW: words.t("Waits for your approval"),
    }
    line = states[post.state]
    if post.state == LIVE and post.expires_at:
        line += " · " + words.t("until {day}", day=words.day(post.expires_at))
    return card(
        f"{line}: {post.title}",
        text(Bold(line), " · ", post.title),
        Quote(post.decline_reason) if post.state == DECLINED and post.decline_reason else None,
        actions(
            Button(words.t("Edit…"), "post.edit", post.id),
            Button(words.t("Recall"), "post.recall", post.id, "danger"),
        )
        if post.state == LIVE
        else None,
    )


def suggestion_live_card(post: Content, words: Words) -> Card:
    said = words.t("Your suggestion “{title}” was approved and goes to your colleagues. Thank you!", title=post.title)
    return card(words.t("Your suggestion is live"), Heading(words.t("Your suggestion is live")), text(said))


def suggestion_declined_card(post: Content, words: Words) -> Card:
    said = words.t("Your suggestion “{title}” was not taken up this time. Thank you all the same.", title=post.title)
    return card(
        words.t("Your suggestion was not taken up"),
        text(said),
        Quote(post.decline_reason) if post.decline_reason else None,
    )


def open_edit(turn: Turn, event: Pressed) -> list[Wish]:
    """`post.edit` on a live post."""
    return [OpenForm(edit_form(_post(turn, event.ref), turn.words, framework.goals(turn.session)))]


def edit_form(
    post: Content,
    words: Words,
    goals: Sequence[Goal] = (),
    values: dict[str, str] | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    written = {
        item.kind: item.text for item in post.captions if item.channel is None and item.language == post.language
    }
    now = {"title": post.title, "summary": post.summary, "topic": post.topic, **written, **(values or {})}
    labels = {
        QUESTION: words.t("Starter: a question"),
        EXPERIENCE: words.t("Starter: own experience"),
        PLAIN: words.t("Starter: plain"),
    }
    return Form(
        name="post_edit",
        ref=post.id,
        title=words.t("Edit the post"),
        fields=(
            TextField("title", words.t("Title"), now["title"], required=True, max_length=300),
            TextField("summary", words.t("Summary"), now["summary"], multiline=True, max_length=1000),
            TextField("topic", words.t("Topic"), now["topic"], max_length=60),
            Choice(
                "language",
                words.t("Language of the post"),
                tuple(Option(language, words.language_name(language)) for language in languages()),
                value=post.language,
            ),
            *(
                [Choice("goal", words.t("Serves the goal"),
                        (Option("-", words.t("None")), *(Option(goal.id, goal.name) for goal in goals)),
                        value=post.goal or "-")]
                if goals else []
            ),
            Choice(
                "embargo",
                words.t("Not before"),
                (
                    Option("now", words.t("At once")),
                    *(
                        Option(key, words.n("In {count} day", "In {count} days", int(key)))
                        for key in EMBARGO_HOURS
                        if key != "now"
                    ),
                ),
                value="now",
            ),
            Choice(
                "lifetime",
                words.t("How long"),
                tuple(Option(days, words.n("{count} day", "{count} days", int(days))) for days in LIFETIME_DAYS),
                value="30",
            ),
            Choice(
                "for_channel",
                words.t("Starters for"),
                (Option("any", words.t("Any channel")), *(Option(kind.id, kind.name) for kind in KINDS.values())),
                value="any",
            ),
            *(
                TextField(kind, label, now.get(kind, ""), multiline=True,
                          hint=words.t("Leave empty and one is composed from title and summary."))
                for kind, label in labels.items()
            ),
        ),
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        errors=errors,
    )  # fmt: skip


def decline_form(post: Content, words: Words) -> Form:
    return Form(
        name="post_decline",
        ref=post.id,
        title=words.t("Decline"),
        intro=(text(Bold(post.title)),),
        fields=(
            TextField(
                "reason",
                words.t("Why"),
                multiline=True,
                max_length=500,
                hint=words.t("Whoever suggested it reads this."),
            ),
        ),
        submit=words.t("Decline"),
        cancel=words.t("Cancel"),
    )


# -- Parts ------------------------------------------------------------------------------------------------


def _card_of(turn: Turn, post: Content) -> Card:
    return review_card(post, turn.words) if post.state in (IN_REVIEW, DRAFT) else decided_card(post, turn.words)


def _post(turn: Turn, post_id: int) -> Content:
    post = posts.post(turn.session, post_id)
    if post is None:
        raise Gone("That post is no longer there. Type /chorus {command} to see what waits.", command="review")
    return post


def _store_captions(turn: Turn, post: Content, channel: str, written: dict[str, str]) -> None:
    wanted = channel if channel in KINDS else None
    for kind, words in written.items():
        found = next(
            (c for c in post.captions if (c.channel, c.language, c.kind) == (wanted, post.language, kind)),
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
