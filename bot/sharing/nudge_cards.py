"""What the one card of a nudge says, from the prompt to the thanks."""

from __future__ import annotations

from bot.cards import Bold, Button, Card, Heading, Image, LinkTo, actions, card, text
from bot.language import Words
from bot.sharing.share_cards import draft_card, share_card
from bot.turn import Job, Turn, Update, Wish, words_of
from storage import nudges, shares
from storage.nudges import TAKEN, Nudge
from storage.posts import EXPIRED, RECALLED, Post


def repainted(nudge: Nudge) -> list[Wish]:
    """The nudge's card as it is to be now, wherever it is out; nothing where it is not."""
    if not nudge.message or not nudge.workspace_id:
        return []
    return [Update(nudge.message, nudge.workspace_id, kind="nudge", subject=nudge.id, to=nudge.employee)]


def current_card(turn: Turn | Job, nudge: Nudge, notice: str = "") -> Card:
    """What the one card of a nudge says in its present state."""
    words = words_of(nudge.employee)
    is_shared = nudge.state == TAKEN or nudge.post.state == RECALLED
    latest = shares.latest_share(turn.session, nudge.id) if is_shared else None
    if nudge.post.state == RECALLED:
        return withdrawn_card(nudge.post, words, was_shared=latest is not None and latest.state == "confirmed")
    if latest is not None and nudge.state == TAKEN:
        return share_card(latest, words, turn.rules.base_url, turn.now, notice)
    if not nudge.post.is_shareable(turn.now):
        return expired_card(nudge.post, words)
    if nudge.draft is not None and nudge.state in (nudges.SENT, nudges.LATER):
        return draft_card(nudge, words)
    match nudge.state:
        case nudges.LATER if nudge.again_at:
            return later_card(nudge, words)
        case nudges.DECLINED:
            return declined_card(nudge, words)
        case _:
            return nudge_card(nudge, words, notice)


def nudge_card(nudge: Nudge, words: Words, notice: str = "") -> Card:
    post = nudge.post
    meta = [post.source] if post.source else []
    if post.expires_at:
        meta.append(words.t("until {day}", day=words.day(post.expires_at)))
    return card(
        words.t("To share: {title}", title=post.title),
        text(Bold(notice)) if notice else None,
        Heading(post.title),
        text(post.summary) if post.summary else None,
        Image(post.image_url, words.t("Picture of the post")) if post.image_url else None,
        text(*([" · ".join(meta), " · "] if meta else []), LinkTo(words.t("Read it"), post.url), subtle=True),
        text(why(nudge, words), subtle=True),
        actions(
            Button(words.t("Share…"), "share.open", nudge.id, "primary"),
            Button(words.t("Later"), "nudge.later", nudge.id),
            Button(words.t("Not for me"), "nudge.decline", nudge.id),
            Button(words.t("Fewer like this"), "nudge.less", nudge.id) if post.topic else None,
            Button(words.t("Ask the owner"), "question.open", nudge.id),
        ),
    )


def why(nudge: Nudge, words: Words) -> str:
    """Why this person gets this post, and now, truthfully: as the planner decided."""
    match nudge.why:
        case "asked":
            return words.t("You get this because you picked it.")
        case "unit" if nudge.post.unit:
            reason = words.t("You get this because it is meant for {unit}.", unit=nudge.post.unit.name)
        case "campaign":
            reason = words.t("You get this because the comms team put it first this week.")
        case "interest":
            reason = words.t("You get this because you said that you care about {topic}.", topic=nudge.post.topic)
        case "topic":
            reason = words.t("You get this because you have shared about {topic} before.", topic=nudge.post.topic)
        case "fits":
            reason = words.t("You get this because you said yes to nudges and it is the freshest for you now.")
        case _:
            reason = words.t("You get this because you said yes to nudges and it is the newest that you have not seen.")
    if nudge.timing == "learned":
        return f"{reason} {words.t('At this hour, because it is when you tend to answer.')}"
    return reason


def later_card(nudge: Nudge, words: Words) -> Card:
    day = words.day(nudge.again_at) if nudge.again_at else ""
    return card(
        words.t("Later: {title}", title=nudge.post.title),
        Heading(nudge.post.title),
        text(words.t("I will come back to it on {day}, once.", day=day)),
        actions(
            Button(words.t("Share…"), "share.open", nudge.id, "primary"),
            Button(words.t("Not for me"), "nudge.decline", nudge.id),
        ),
    )


def declined_card(nudge: Nudge, words: Words) -> Card:
    reasons = {
        "topic": words.t("Not my topic"),
        "words": words.t("Not my words"),
        "salesy": words.t("Too salesy"),
        "account": words.t("Not on this account"),
    }
    if nudge.decline_reason:
        return card(
            words.t("Thank you"),
            text(words.t("Thank you, that helps: {reason}.", reason=reasons[nudge.decline_reason].lower())),
            text(words.t("The content team sees a count of reasons, never who gave them."), subtle=True),
            actions(Button(words.t("Undo"), "nudge.back", nudge.id)),
        )
    return card(
        words.t("Not for you: {title}", title=nudge.post.title),
        text(words.t("All right. May I know why? One tap, or leave it.")),
        actions(*(Button(label, f"nudge.because_{reason}", nudge.id) for reason, label in reasons.items())),
        actions(Button(words.t("Undo"), "nudge.back", nudge.id)),
        text(words.t("The content team sees a count of reasons, never who gave them."), subtle=True),
    )


def withdrawn_card(post: Post, words: Words, *, was_shared: bool) -> Card:
    return card(
        words.t("Withdrawn: {title}", title=post.title),
        Heading(words.t("Withdrawn")),
        text(words.t("“{title}” was withdrawn by the comms team. Please do not share it.", title=post.title)),
        text(words.t("You had shared it: please delete your post if you can. Thank you.")) if was_shared else None,
    )


def expired_card(post: Post, words: Words) -> Card:
    label = words.t("Its time is over") if post.state == EXPIRED or post.expires_at else words.t("Not available now")
    return card(
        label,
        text(words.t("“{title}” can no longer be shared. Its time is over.", title=post.title), subtle=True),
    )
