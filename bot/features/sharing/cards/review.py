"""What leads see of a post that waits for them, and of one that is decided."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import (
    Bold,
    Button,
    Card,
    Facts,
    Form,
    Heading,
    Image,
    Quote,
    TextField,
    actions,
    card,
    text,
)
from bot.core.i18n import Words
from bot.features.sharing.cards.lists import ways_to
from bot.features.sharing.domain.draft import is_unnamed
from content.addresses import absolute
from storage.sharing.posts import Post as Content
from storage.sharing.posts import PostState


def review_card(
    post: Content,
    words: Words,
    more: int = 0,
    *,
    can_draft: bool = False,
    base_url: str = "",
    units: Sequence[str] = (),
    reach: str = "",
    notice: str = "",
    can_translate: bool = False,
) -> Card:
    """`units`: names of those that it is for; `reach`: how many people that makes, as a sentence."""
    needs_a_title = is_unnamed(post)
    pairs = [(words.t("Source"), post.source), (words.t("Language"), words.language_name(post.language))]
    if post.topic:
        pairs.append((words.t("Topic"), post.topic_in(words.language)))
    if post.suggested_by:
        pairs.append((words.t("Suggested by"), post.suggested_by.name))
    if units:
        pairs.append((words.t("Units"), ", ".join(units)))
    if post.embargo_until:
        pairs.append((words.t("Share from"), words.moment(post.embargo_until)))
    if post.expires_at:
        pairs.append((words.t("Share until"), words.day(post.expires_at)))
    return card(
        words.t("Approve this? {title}", title=post.title),
        text(words.t("Waiting for approval"), subtle=True),
        text(Bold(notice)) if notice else None,
        Heading(post.title),
        text(post.summary) if post.summary else None,
        Quote(post.suggestion_note) if post.suggestion_note else None,
        *_pictures(post, base_url, words),
        *(text(way) for way in ways_to(post, words)),
        Facts(tuple(pairs)),
        text(reach, subtle=True) if reach else None,
        actions(
            None if needs_a_title else Button(words.t("Approve"), "review.approve", post.id, "primary"),
            Button(words.t("Edit…"), "review.edit", post.id, "primary" if needs_a_title else "plain"),
            Button(words.t("Decline…"), "review.decline", post.id, "danger"),
            Button(words.t("Draft captions with AI"), "voice.draft", post.id) if can_draft else None,
        ),
        actions(
            Button(words.t("Send me a test nudge"), "compose.test", post.id),
            Button(words.t("Add another language…"), "compose.version", post.id) if can_translate else None,
        ),
        text(words.n("{count} more is waiting.", "{count} more are waiting.", more), subtle=True) if more > 0 else None,
    )


def _pictures(post: Content, base_url: str, words: Words) -> list[Image]:
    if post.pictures:
        said = words.t("Picture of the post")
        return [Image(absolute(one.small_path, base_url), one.alt or said) for one in post.pictures]
    return [Image(post.image_url, words.t("Picture of the post"))] if post.image_url else []


def state_name(state: PostState, words: Words, *, is_scheduled: bool = False) -> str:
    """`is_scheduled`: of a live post, that its time has yet to come."""
    return {
        PostState.LIVE: words.t("Scheduled") if is_scheduled else words.t("Out for sharing"),
        PostState.DECLINED: words.t("Declined"),
        PostState.RECALLED: words.t("Withdrawn"),
        PostState.EXPIRED: words.t("Expired"),
        PostState.DRAFT: words.t("Draft"),
        PostState.IN_REVIEW: words.t("Waiting for approval"),
    }[state]


def decided_card(
    post: Content, words: Words, *, can_draft: bool = False, can_undo: bool = False, notice: str = ""
) -> Card:
    """`can_undo`: it was decided just now, and nobody has heard of it yet."""
    is_scheduled = post.is_scheduled(words.now)
    line = state_name(post.state, words, is_scheduled=is_scheduled)
    if post.state == PostState.LIVE and post.embargo_until and is_scheduled:
        line += " · " + words.t("from {day}", day=words.day(post.embargo_until))
    if post.state == PostState.LIVE and post.expires_at:
        line += " · " + words.t("until {day}", day=words.day(post.expires_at))
    return card(
        f"{line}: {post.title}",
        text(Bold(line), " · ", post.title),
        text(Bold(notice)) if notice else None,
        Quote(post.decline_reason) if post.state == PostState.DECLINED and post.decline_reason else None,
        actions(
            Button(words.t("Edit…"), "post.edit", post.id),
            Button(words.t("Withdraw"), "post.recall", post.id, "danger"),
            Button(words.t("Draft captions with AI"), "voice.draft", post.id) if can_draft else None,
            Button(words.t("Undo"), "review.undo", post.id) if can_undo else None,
        )
        if post.state == PostState.LIVE
        else actions(Button(words.t("Put it back…"), "post.put_back", post.id))
        if post.state == PostState.RECALLED
        else actions(Button(words.t("Undo"), "review.undo", post.id))
        if can_undo
        else None,
    )


def put_back_card(post: Content, cards: int, words: Words) -> Card:
    """Asks for confirmation and says what will happen."""
    question = words.t("Put “{title}” back?", title=post.title)
    follows = words.n(
        "{count} person has the card: they can share it again. Links that were shared work again.",
        "{count} people have the card: they can share it again. Links that were shared work again.",
        cards,
    )
    return card(
        question,
        Heading(question),
        text(follows),
        actions(
            Button(words.t("Yes, put it back"), "post.put_back_now", post.id, "primary"),
            Button(words.t("Leave it withdrawn"), "post.keep", post.id),
        ),
    )


def recall_card(post: Content, cards: int, links: int, waiting: int, words: Words) -> Card:
    """Asks for confirmation and says what will happen. `waiting`: posts of people that have not gone out yet."""
    question = words.t("Withdraw “{title}”?", title=post.title)
    said = [
        words.n(
            "{count} person has the card: it will say that it was withdrawn.",
            "{count} people have the card: it will say that it was withdrawn.",
            cards,
        )
    ]
    if links:
        said.append(
            words.n(
                "{count} link that was shared stops working.", "{count} links that were shared stop working.", links
            )
        )
    if waiting:
        said.append(
            words.n(
                "{count} post that is waiting won’t go out.", "{count} posts that are waiting won’t go out.", waiting
            )
        )
    follows = " ".join(said)
    return card(
        question,
        Heading(question),
        text(follows),
        actions(
            Button(words.t("Yes, withdraw it"), "post.recall_now", post.id, "danger"),
            Button(words.t("Keep it"), "post.keep", post.id),
        ),
    )


def suggestion_live_card(post: Content, words: Words) -> Card:
    said = words.t(
        "Your suggestion “{title}” was approved, and your colleagues can now share it. Thank you!", title=post.title
    )
    return card(words.t("Your suggestion was approved"), Heading(words.t("Your suggestion was approved")), text(said))


def suggestion_declined_card(post: Content, words: Words) -> Card:
    said = words.t("Your suggestion “{title}” wasn’t taken up this time. Thank you all the same.", title=post.title)
    return card(
        words.t("Your suggestion wasn’t taken up"),
        text(said),
        Quote(post.decline_reason) if post.decline_reason else None,
    )


def decline_form(post: Content, words: Words) -> Form:
    return Form(
        name="post_decline",
        ref=post.id,
        title=words.t("Decline the draft"),
        intro=(text(Bold(post.title)),),
        fields=(
            TextField(
                "reason",
                words.t("Why are you declining it?"),
                multiline=True,
                max_length=500,
                hint=words.t("The person who suggested it will read this."),
            ),
        ),
        submit=words.t("Decline"),
        cancel=words.t("Cancel"),
    )
