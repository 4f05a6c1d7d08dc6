"""The card of a nudge in each of its states, from the prompt to the thanks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from bot.core.cards import Actions, Bold, Button, Card, Heading, Image, about, actions, card, dotted, text
from bot.core.context import Context, Effect, Job, Reply, Update, words_of
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words
from bot.core.network_names import in_words
from bot.features.sharing.cards.lists import elsewhere_card, ways_to
from bot.features.sharing.cards.publication import publication_card
from bot.features.sharing.cards.share import draft_card, share_card
from content.addresses import absolute
from storage.publishing import accounts, publications
from storage.publishing.publications import Publication, PublicationState
from storage.sharing import shares
from storage.sharing.nudges import MEANT, PICKED, PICKED_AGAIN, Nudge, NudgeState, Prompt, prompt_of
from storage.sharing.posts import Post, PostState
from storage.sharing.shares import Share

PROMPTS = 256  # cards kept: in a wave they are the same few, for one post and person after the other


def repainted(nudge: Nudge) -> list[Effect]:
    """Updates of the nudge's card wherever it was delivered."""
    if not nudge.message or not nudge.workspace_id:
        return []
    return [Update(nudge.message, nudge.workspace_id, kind="nudge", subject=nudge.id, to=nudge.employee)]


def shown(
    context: Context,
    nudge: Nudge,
    event: Pressed | Submitted,
    said: Card,
    left: Callable[[Post, Words], Card] = elsewhere_card,
) -> list[Effect]:
    """The nudge's card, now `said`, where the person answered: on it, in a list, or in another of their workspaces.
    That is remembered, and a card that they leave says `left`, for it is kept up to date no more. Where they answered
    from no message, as on Slack's Home, the card changes where it is."""
    if not event.message:
        return repainted(nudge) or [Reply(said)]
    before = (nudge.message, nudge.workspace_id)
    nudge.message, nudge.workspace_id = event.message, event.workspace
    return [Reply(said), *left_behind(nudge, before, left, context.now)]


def left_behind(
    nudge: Nudge, before: tuple[str | None, str | None], said: Callable[[Post, Words], Card], now: datetime
) -> list[Effect]:
    """What the nudge's card of `before` (message, workspace) says, where the nudge has another one since."""
    message, workspace = before
    if not message or not workspace or before == (nudge.message, nudge.workspace_id):
        return []
    return [Update(message, workspace, said(nudge.post, words_of(nudge.employee, now)))]


def current_card(context: Context | Job, nudge: Nudge, notice: str = "", *, tells_fate: bool = True) -> Card:
    """The nudge's card in its current state. `tells_fate`: where it is offered again, what became of the last share.
    A press on the offer has seen that; nearly all have no such share, and each would ask the database for one."""
    words = words_of(nudge.employee, context.now)
    is_shared = nudge.state == NudgeState.TAKEN or nudge.post.state == PostState.RECALLED
    latest = shares.latest_share(context.session, nudge.id) if is_shared else None
    if nudge.post.state == PostState.RECALLED:
        row = publications.of_share(context.session, latest.id) if latest is not None else None
        return withdrawn_card(nudge.post, words, was_shared=latest is not None and latest.is_confirmed, publication=row)
    if latest is not None and nudge.state == NudgeState.TAKEN:
        return card_of_share(context, latest, notice)
    if not nudge.post.is_shareable(context.now):
        return expired_card(nudge.post, words)
    if nudge.draft is not None and nudge.state in (NudgeState.SENT, NudgeState.LATER):
        return draft_card(nudge, words)
    match nudge.state:
        case NudgeState.LATER if nudge.again_at:
            return later_card(nudge, words)
        case NudgeState.DECLINED:
            return declined_card(nudge, words)
        case _:
            notice = notice or (_taken_back(context, nudge, words) if tells_fate else "")
            return nudge_card(nudge, words, context.rules.base_url, notice)


def _taken_back(context: Context | Job, nudge: Nudge, words: Words) -> str:
    """What became of the last share, where it was taken back and the post is offered again."""
    latest = shares.latest_share(context.session, nudge.id)
    row = publications.of_share(context.session, latest.id) if latest is not None else None
    if row is None or row.is_shown:
        return ""
    if row.state == PublicationState.REMOVED:
        network = in_words(row.account.network, words.language)
        return words.t("Your post is deleted {from_network}. Its text is kept.", **network)
    return words.t("It won’t be posted. Your text is kept.")


def card_of_share(context: Context | Job, share: Share, notice: str = "") -> Card:
    """The share's card, or that of its publication where Chorus posts it."""
    words, base_url = words_of(share.employee, context.now), context.rules.base_url
    row = publications.of_share(context.session, share.id)
    if row is not None and row.is_shown:
        return publication_card(row, words, base_url, context.now)
    has_account = accounts.account_for(context.session, share.employee_id, share.channel) is not None
    can_connect = share.channel in context.networks and not has_account
    return share_card(share, words, base_url, context.now, notice, can_connect=can_connect)


def nudge_card(nudge: Nudge, words: Words, base_url: str, notice: str = "") -> Card:
    said = about(prompt_card(nudge.prompt, words, base_url), nudge.id)
    body = (text(Bold(notice)), *said.body) if notice else said.body
    if nudge.post.topic in nudge.employee.topics_declined:
        body = (
            *body,
            text(
                words.t(
                    "No more nudges about {topic}. You can still share this one.",
                    topic=nudge.post.topic_in(words.language),
                )
            ),
            actions(Button(words.t("Undo"), "nudge.more", nudge.id)),
        )
    return Card(said.summary, body)


@lru_cache(maxsize=PROMPTS)
def prompt_card(prompt: Prompt, words: Words, base_url: str) -> Card:
    """The first card of a nudge, not yet anybody's."""
    meta = [prompt.source] if prompt.source else []
    if prompt.expires_at:
        meta.append(words.t("until {day}", day=words.day(prompt.expires_at)))
    line = dotted(" · ".join(meta), *ways_to(prompt, words))
    return card(
        words.t("Would you share this? {title}", title=prompt.title),
        Heading(prompt.title),
        text(prompt.summary) if prompt.summary else None,
        Image(absolute(prompt.image_url, base_url), prompt.alt or words.t("Picture of the post"))
        if prompt.image_url
        else None,
        text(*line, subtle=True) if line else None,
        text(why(prompt, words), subtle=True),
        actions(
            Button(words.t("Share…"), "share.open", style="primary"),
            Button(words.t("Later"), "nudge.later"),
            Button(words.t("Not for me"), "nudge.decline"),
            Button(words.t("No more about {topic}", topic=prompt.topic), "nudge.less") if prompt.topic else None,
            Button(words.t("Ask the owner"), "question.open"),
        ),
    )


def trial_card(post: Post, words: Words, base_url: str, unit: str = "") -> Card:
    """The nudge about a post as people will get it, with nothing to press; `unit`: the name of one that it is for."""
    prompt = prompt_of(post, words.language, unit=unit or None, why=MEANT if unit else "newest")
    said = prompt_card(prompt, words, base_url)
    shown = (element for element in said.body if not isinstance(element, Actions))
    return Card(said.summary, (text(Bold(words.t("A test: only you see this."))), *shown))


def why(prompt: Prompt, words: Words) -> str:
    """Why this person gets this post now: what the planner decided on."""
    if prompt.why == PICKED or prompt.timing == PICKED_AGAIN:
        return words.t("You’re getting this because you picked it.")
    match prompt.why:
        case "unit" if prompt.unit:
            reason = words.t("You’re getting this because it’s meant for {unit}.", unit=prompt.unit)
        case "campaign":
            reason = words.t("You’re getting this because the comms team put it first this week.")
        case "interest":
            reason = words.t("You’re getting this because you’re interested in {topic}.", topic=prompt.topic)
        case "topic":
            reason = words.t("You’re getting this because you’ve shared about {topic} before.", topic=prompt.topic)
        case "fits":
            reason = words.t("You’re getting this because you said yes to nudges, and it’s the newest one for you.")
        case _:
            reason = words.t(
                "You’re getting this because you said yes to nudges, and it’s the newest one you haven’t seen."
            )
    if prompt.timing == "learned":
        return f"{reason} {words.t('It comes at this hour because this is when you usually answer.')}"
    return reason


def later_card(nudge: Nudge, words: Words) -> Card:
    day = words.day(nudge.again_at) if nudge.again_at else ""
    return card(
        words.t("Saved for later: {title}", title=nudge.post.title),
        Heading(nudge.post.title),
        text(words.t("I’ll remind you once, on {day}.", day=day)),
        actions(
            Button(words.t("Share…"), "share.open", nudge.id, "primary"),
            Button(words.t("Not for me"), "nudge.decline", nudge.id),
        ),
    )


def declined_card(nudge: Nudge, words: Words) -> Card:
    reasons = {
        "topic": words.t("Not my topic"),
        "words": words.t("Doesn’t sound like me"),
        "salesy": words.t("Too salesy"),
        "account": words.t("Not for my profile"),
    }
    if nudge.decline_reason:
        return card(
            words.t("Thank you"),
            text(words.t("Thanks – I’ve noted the reason: {reason}.", reason=reasons[nudge.decline_reason].lower())),
            text(words.t("The comms team sees how often each reason was given, never who gave it."), subtle=True),
            actions(Button(words.t("Undo"), "nudge.back", nudge.id)),
        )
    return card(
        words.t("Not for you: {title}", title=nudge.post.title),
        text(words.t("All right. Would you tell me why? One tap, or just leave it.")),
        actions(*(Button(label, f"nudge.because_{reason}", nudge.id) for reason, label in reasons.items())),
        actions(Button(words.t("Undo"), "nudge.back", nudge.id)),
        text(words.t("The comms team sees how often each reason was given, never who gave it."), subtle=True),
    )


def withdrawn_card(post: Post, words: Words, *, was_shared: bool, publication: Publication | None = None) -> Card:
    is_held = publication is not None and publication.state == PublicationState.HELD
    can_delete = publication is not None and publication.is_posted and publication.post is not None
    network = in_words(publication.account.network if publication is not None else "", words.language)
    is_deleted = publication is not None and publication.state == PublicationState.REMOVED
    return card(
        words.t("Withdrawn: {title}", title=post.title),
        Heading(words.t("Withdrawn")),
        text(words.t("The comms team has withdrawn “{title}”. Please don’t share it.", title=post.title)),
        text(words.t("You had already shared it. If you can, please delete your post. Thank you."))
        if was_shared
        else None,
        text(words.t("Your post wasn’t put {in_network}.", **network)) if is_held else None,
        text(words.t("It is deleted {from_network}. Thank you!", **network)) if is_deleted else None,
        actions(Button(words.t("Delete it {from_network}…", **network), "publication.delete", publication.id))
        if publication is not None and can_delete
        else None,
    )


def expired_card(post: Post, words: Words) -> Card:
    label = words.t("Expired") if post.state == PostState.EXPIRED or post.expires_at else words.t("Not available now")
    return card(
        label,
        text(words.t("You can no longer share “{title}”: it has expired.", title=post.title), subtle=True),
    )
