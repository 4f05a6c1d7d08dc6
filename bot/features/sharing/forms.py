"""The form behind "Share…": channel, three starters and an empty field, and what is said about a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.cards import Bold, Choice, Form, Option, TextField, text
from bot.core.context import Context, Rules
from bot.core.errors import Gone
from bot.core.i18n import Words
from content import captions, policy
from content.captions import Starter, StarterKind
from content.channels import ChannelKind, kind_of
from storage.database import Session
from storage.sharing import shares, social_channels
from storage.sharing.nudges import Nudge
from storage.sharing.posts import CaptionState
from storage.sharing.posts import Post as Content
from storage.sharing.shares import Share
from storage.sharing.social_channels import SocialChannel

MY_WAY = "my_way"  # the starter that is made of the person's own few words


def share_form(
    context: Context,
    nudge: Nudge,
    *,
    channel: str = "",
    starter: str = StarterKind.QUESTION,
    own: str = "",
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    """The form as this person gets it for this nudge. Raises Gone where no channel is in use."""
    active = {row.id: kind_of(row.id, row) for row in social_channels.channels(context.session)}
    if not active:
        raise Gone("No channel is in use right now. Ask your comms team.", kept=own)
    channel = channel or _usual_channel(context) or next(iter(active))
    offers = starters_for(context, nudge, channel)
    row = social_channels.channel(context.session, channel)
    return filled_form(
        nudge.id,
        nudge.post.title,
        offers,
        list(active.values()),
        kind_of(channel, row),
        context.words,
        starter=starter,
        own=own,
        errors=errors,
        tone=row.tone if row else "",
    )


def filled_form(
    nudge_id: int,
    title: str,
    offers: Sequence[Starter],
    channels: Sequence[ChannelKind],
    channel: ChannelKind,
    words: Words,
    *,
    starter: str = StarterKind.QUESTION,
    own: str = "",
    errors: tuple[tuple[str, str], ...] = (),
    tone: str = "",
) -> Form:
    labels = {
        StarterKind.QUESTION: words.t("A question"),
        StarterKind.EXPERIENCE: words.t("My own experience"),
        StarterKind.PLAIN: words.t("Just the facts"),
    }
    hint = words.t(
        "Leave this empty to use the starter as it is. {channel} allows {number} characters, including the link.",
        channel=channel.name,
        number=words.number(channel.max_length),
    )
    return Form(
        name="share",
        ref=nudge_id,
        title=words.t("Share"),
        intro=(
            text(Bold(title)),
            *(text(Bold(labels[StarterKind(offer.kind)] + ": "), offer.text, subtle=True) for offer in offers),
            *([text(Bold(words.t("How we speak on {channel}:", channel=channel.name)), f" {tone}")] if tone else []),
        ),
        fields=(
            Choice(
                "channel",
                words.t("Channel"),
                tuple(Option(one.id, one.name) for one in channels),
                value=channel.id,
            ),
            Choice(
                "starter",
                words.t("Starter"),
                (
                    *(Option(offer.kind, labels[StarterKind(offer.kind)], fills=offer.text) for offer in offers),
                    Option(MY_WAY, words.t("Say it my way: turn my few words into a caption")),
                ),
                value=starter if starter in labels else StarterKind.QUESTION,
                expanded=True,
                fills="text",
            ),
            TextField("text", words.t("Your words"), value=own, hint=hint, multiline=True),
        ),
        submit=words.t("Get my text"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def address_form(
    share: Share, words: Words, value: str | None = None, errors: tuple[tuple[str, str], ...] = ()
) -> Form:
    return Form(
        name="share_address",
        ref=share.id,
        title=words.t("Link to your post"),
        fields=(
            TextField(
                "address",
                words.t("Link to your post"),
                value=value if value is not None else share.public_url or "",
                hint=words.t("Optional. Only you see it."),
            ),
        ),
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def explain(finding: policy.Violation, words: Words, channel: ChannelKind) -> str:
    """A finding in plain words, with its fix."""
    match finding.kind:
        case "empty":
            return words.t("There’s no text yet. Pick a starter or write a few words of your own.")
        case "blocked" if finding.fix:
            return words.t(
                "Our rules don’t allow “{phrase}”. Try this instead: {fix}", phrase=finding.detail, fix=finding.fix
            )
        case "blocked":
            return words.t("Leave out “{phrase}”: our rules don’t allow it.", phrase=finding.detail)
        case "disclosure":
            return words.t("Say near the start where you work, for example: {fix}", fix=finding.fix)
        case "too_long":
            return words.t(
                "{channel} allows {limit} characters. Your text is {count} too long.",
                channel=channel.name,
                limit=words.number(int(finding.fix)),
                count=words.number(int(finding.detail)),
            )
        case _:
            return words.t("A colleague has posted almost the same text. Change a few words to make it your own.")


def _usual_channel(context: Context) -> str:
    used = shares.shares_of(context.session, context.person.id, limit=1)
    active = {row.id for row in social_channels.channels(context.session)}
    return used[0].channel if used and used[0].channel in active else ""


def _disclosure(context: Context, nudge: Nudge, channel: str) -> str | None:
    row = social_channels.channel(context.session, channel)
    if row is None or not row.disclosure:
        return None
    return captions.disclosure_sentence(nudge.post.language, context.rules.organisation)


def _placeholder_link(context: Context) -> str:
    return f"{context.rules.base_url}/r/{'x' * 8}"


def starters_for(context: Context, nudge: Nudge, channel: str) -> tuple[Starter, ...]:
    post = nudge.post
    return captions.starters(
        title=post.title,
        summary=post.summary,
        language=post.language,
        channel=kind_of(channel, social_channels.channel(context.session, channel)),
        link=_placeholder_link(context),
        disclosure=_disclosure(context, nudge, channel),
        written=[
            (item.kind, item.text)
            for item in sorted(post.captions, key=lambda item: item.channel is None)
            if item.channel in (None, channel)
            and item.language == post.language
            and item.state == CaptionState.APPROVED
        ],
        taken=shares.texts_of_colleagues(context.session, post.id, context.person.id),
        context=context.person.id,
    )


def _blocked(session: Session, row: SocialChannel | None) -> list[policy.Blocked]:
    """Phrases that are blocked everywhere, or in this channel."""
    everywhere = [policy.Blocked(item.phrase, item.instead) for item in social_channels.blocked_phrases(session)]
    return everywhere + [policy.Blocked(phrase, "") for phrase in (row.blocked if row else [])]


def policy_of(session: Session, rules: Rules, post: Content, channel: str) -> Callable[[str], list[policy.Violation]]:
    """The policy's findings on a text about the post in the channel, without each person's own disclosure."""
    row = social_channels.channel(session, channel)
    return lambda text: policy.findings(
        text,
        channel=kind_of(channel, row),
        link=f"{rules.base_url}/r/{'x' * 8}",
        blocked=_blocked(session, row),
        disclosure=None,
        language=post.language,
        colleagues=(),
    )


def findings_for(context: Context, nudge: Nudge, channel: str, caption: str) -> list[policy.Violation]:
    return policy.findings(
        caption,
        channel=kind_of(channel, social_channels.channel(context.session, channel)),
        link=_placeholder_link(context),
        blocked=_blocked(context.session, social_channels.channel(context.session, channel)),
        disclosure=_disclosure(context, nudge, channel),
        language=nudge.post.language,
        colleagues=shares.texts_of_colleagues(context.session, nudge.post_id, context.person.id),
    )
