"""What leads see of a post that waits for them, and the form in which it is edited."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import (
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
)
from bot.core.i18n import Words, languages
from content.captions import StarterKind
from content.channels import KINDS
from storage.framework.framework import Activity, Goal
from storage.sharing.posts import Caption, PostState
from storage.sharing.posts import Post as Content

EMBARGO_HOURS = {"now": 0, "1": 24, "3": 72, "7": 168}
LIFETIME_DAYS = ("7", "14", "30", "90")


def review_card(post: Content, words: Words, more: int = 0, *, can_draft: bool = False) -> Card:
    pairs = [(words.t("Source"), post.source), (words.t("Language"), words.language_name(post.language))]
    if post.topic:
        pairs.append((words.t("Topic"), post.topic_in(words.language)))
    if post.suggested_by:
        pairs.append((words.t("Suggested by"), post.suggested_by.name))
    if post.embargo_until:
        pairs.append((words.t("Share from"), words.moment(post.embargo_until)))
    if post.expires_at:
        pairs.append((words.t("Share until"), words.day(post.expires_at)))
    return card(
        words.t("Approve this? {title}", title=post.title),
        text(words.t("Waiting for approval"), subtle=True),
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
            Button(words.t("Draft captions with AI"), "voice.draft", post.id) if can_draft else None,
        ),
        text(words.n("{count} more is waiting.", "{count} more are waiting.", more), subtle=True) if more > 0 else None,
    )


def decided_card(
    post: Content, words: Words, *, can_draft: bool = False, can_undo: bool = False, notice: str = ""
) -> Card:
    """`can_undo`: it was decided just now, and nobody has heard of it yet."""
    states = {
        PostState.LIVE: words.t("Out for sharing"),
        PostState.DECLINED: words.t("Declined"),
        PostState.RECALLED: words.t("Withdrawn"),
        PostState.EXPIRED: words.t("Expired"),
        PostState.DRAFT: words.t("Draft"),
        PostState.IN_REVIEW: words.t("Waiting for approval"),
    }
    line = states[post.state]
    if post.state == PostState.LIVE and post.expires_at:
        line += " · " + words.t("until {day}", day=words.day(post.expires_at))
    return card(
        f"{line}: {post.title}",
        text(Bold(line), " · ", post.title),
        text(notice) if notice else None,
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


def edit_form(
    post: Content,
    words: Words,
    goals: Sequence[Goal] = (),
    activities: Sequence[Activity] = (),
    values: dict[str, str] | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    written = {
        item.kind: item.text for item in by_hand(post) if item.channel is None and item.language == post.language
    }
    now = {
        "title": post.title,
        "summary": post.summary,
        "topic": post.topic_in(words.language),
        **written,
        **(values or {}),
    }
    labels = {
        StarterKind.QUESTION: words.t("Starter that asks a question"),
        StarterKind.EXPERIENCE: words.t("Starter from own experience"),
        StarterKind.PLAIN: words.t("Starter with just the facts"),
    }
    return Form(
        name="post_edit",
        ref=post.id,
        title=words.t("Edit post"),
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
                [
                    Choice(
                        "goal",
                        words.t("Which goal does it support?"),
                        (Option("-", words.t("None")), *(Option(goal.id, goal.name) for goal in goals)),
                        value=post.goal or "-",
                    )
                ]
                if goals
                else []
            ),
            *(
                [
                    Choice(
                        "activity",
                        words.t("Which activity is it part of?"),
                        (Option("-", words.t("None")), *(Option(item.id, item.name) for item in activities)),
                        value=post.activity or "-",
                        hint=words.t("While the activity lasts, this post comes first."),
                    )
                ]
                if activities
                else []
            ),
            Choice(
                "embargo",
                words.t("Share from"),
                (
                    Option("now", words.t("Right away")),
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
                words.t("How long can people share it?"),
                tuple(Option(days, words.n("{count} day", "{count} days", int(days))) for days in LIFETIME_DAYS),
                value="30",
            ),
            Choice(
                "for_channel",
                words.t("Which channel are the starters for?"),
                (Option("any", words.t("Any channel")), *(Option(kind.id, kind.name) for kind in KINDS.values())),
                value="any",
            ),
            *(
                TextField(
                    kind,
                    label,
                    now.get(kind, ""),
                    multiline=True,
                    hint=words.t("Leave this empty and I’ll make one from the title and summary."),
                )
                for kind, label in labels.items()
            ),
        ),
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def by_hand(post: Content) -> list[Caption]:
    """Captions that a lead wrote; those that were drafted stand beside them."""
    return [item for item in post.captions if not item.tone]


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
