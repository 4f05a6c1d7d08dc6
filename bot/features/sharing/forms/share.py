"""The form behind "Share…": the person's words, the channel, starters, and how the post will look there; and what is
said about a text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.core.cards import (
    Bold,
    Choice,
    Form,
    Option,
    Suggestion,
    Suggestions,
    TextField,
    Tip,
    text,
)
from bot.core.context import Context
from bot.core.errors import Gone
from bot.core.events import Changed
from bot.core.i18n import Words
from bot.core.rules import Rules
from bot.features.sharing.forms.preview import preview_of
from bot.features.sharing.forms.timing import (
    Outlet,
    channel_kind,
    kept_timing,
    outlet_of,
    submit_label,
    timing_fields,
)
from content import captions, policy
from content.captions import Starter, StarterKind
from content.channels import ChannelKind, kind_of, with_link
from storage.database import Session
from storage.publishing import accounts
from storage.sharing import shares, social_channels
from storage.sharing.nudges import Nudge
from storage.sharing.posts import CaptionState
from storage.sharing.posts import Post as Content
from storage.sharing.shares import Share
from storage.sharing.social_channels import SocialChannel

MY_WAY = "my_way"  # the suggestion that makes a caption of the person's own few words
FIX = "fix"  # what a tip's button is named


def share_form(
    context: Context,
    nudge: Nudge,
    *,
    channel: str = "",
    own: str = "",
    when: str = "",
    moment: datetime | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    """The form as this person gets it for this nudge. Raises Gone where no channel is in use."""
    active = {row.id: channel_kind(context, row.id) for row in social_channels.channels(context.session)}
    if not active:
        raise Gone("No channel is in use right now. Ask your comms team.", kept=own)
    if channel not in active:
        channel = _usual_channel(context, active)
    row = social_channels.channel(context.session, channel)
    found = findings_for(context, nudge, channel, own) if own.strip() else []
    return filled_form(
        nudge,
        starters_for(context, nudge, channel),
        list(active.values()),
        active[channel],
        context.words,
        link=_placeholder_link(context.rules, nudge.post),
        base_url=context.rules.base_url,
        own=own,
        found=found,
        errors=errors,
        tone=row.tone if row else "",
        outlet=outlet_of(context, channel, when, moment),
        kept=kept_timing(context, channel, when, moment),
    )


def filled_form(
    nudge: Nudge,
    offers: Sequence[Starter],
    channels: Sequence[ChannelKind],
    channel: ChannelKind,
    words: Words,
    *,
    link: str,
    base_url: str,
    own: str = "",
    found: Sequence[policy.Violation] = (),
    errors: tuple[tuple[str, str], ...] = (),
    tone: str = "",
    outlet: Outlet | None = None,
    kept: tuple[tuple[str, str], ...] = (),
) -> Form:
    """`outlet`: the person's connected account of the channel, None where they post by hand."""
    post = nudge.post
    my_way = [Suggestion(MY_WAY, words.t("Turn my words into a caption"))] if own.strip() else []
    is_said = any(name == "text" for name, _sentence in errors)
    return Form(
        name="share",
        ref=nudge.id,
        title=words.t("Share"),
        intro=(text(Bold(post.title)),),
        fields=(
            TextField(
                "text",
                words.t("Your words"),
                value=own,
                hint=_length_of(own, link, channel, () if is_said else found, words),
                multiline=True,
                is_live=True,
            ),
            Choice(
                "channel",
                words.t("Channel"),
                tuple(Option(one.id, one.name) for one in channels),
                value=channel.id,
                hint=words.t("How we speak on {channel}:", channel=channel.name) + f" {tone}" if tone else "",
                is_live=True,
            ),
            *(timing_fields(outlet, words) if outlet else ()),
        ),
        tip=_tip(found, words, channel, is_said=is_said),
        suggestions=Suggestions(
            "starter",
            words.t("Or start from one of these") if offers else words.t("Colleagues have used what I could offer."),
            (*(Suggestion(offer.kind, _label(offer, post, words), offer.text) for offer in offers), *my_way),
        ),
        preview=preview_of(
            post,
            channel,
            words,
            base_url,
            author=outlet.account if outlet else nudge.employee.name,
            said=with_link(own, link) if own.strip() else "",
            title=post.title,
            target=post.target,
        ),
        submit=submit_label(outlet, channel, words),
        cancel=words.t("Cancel"),
        errors=errors,
        kept=kept,
    )


def _label(offer: Starter, post: Content, words: Words) -> str:
    """What the starter is called; of one that a language model drafted, who has read it."""
    name = kind_name(offer.kind, words)
    drafted = next((one for one in post.captions if one.is_drafted and one.text in offer.text), None)
    if drafted is None:
        return name
    if drafted.approved_by is None:
        return words.t("{kind} · drafted by AI", kind=name)
    return words.t("{kind} · drafted by AI, checked by {name}", kind=name, name=drafted.approved_by.name)


def _length_of(own: str, link: str, channel: ChannelKind, found: Sequence[policy.Violation], words: Words) -> str:
    """How much of the channel's room is taken, or by how much it is too little."""
    if not own.strip():
        return words.t("Up to {limit} characters, link included.", limit=words.number(channel.max_length))
    if too_long := next((item for item in found if item.kind == "too_long"), None):
        return explain(too_long, words, channel)
    return words.t(
        "{length} of {limit} characters, link included.",
        length=words.number(channel.length(with_link(own, link))),
        limit=words.number(channel.max_length),
    )


def _tip(found: Sequence[policy.Violation], words: Words, channel: ChannelKind, *, is_said: bool) -> Tip | None:
    """The worst of what the rules have against the text, with its fix; of its length the field itself speaks. What
    `is_said` at the field already is not said again."""
    finding = next((item for item in found if item.kind != "too_long"), None)
    if finding is None:
        return None
    label = {
        "blocked": words.t("Replace it") if finding.fix else words.t("Leave it out"),
        "disclosure": words.t("Add this sentence"),
    }.get(finding.kind)
    if label is None and is_said:
        return None
    said = words.t("This does it for you:") if is_said else explain(finding, words, channel)
    return Tip(said, Suggestion(finding.kind, label) if label else None)


def text_after(context: Context, nudge: Nudge, event: Changed) -> str:
    """What is in the field after a tap. Words of one's own are never taken away: a starter takes the place of another
    one, else it is put below what is there. One that nobody has touched makes room for its like in another channel."""
    own, channel = event.values.get("text", ""), event.values.get("channel", "")
    if event.changed == FIX:
        found = findings_for(context, nudge, channel, own)
        fixes = (policy.mended(own, item) for item in found if item.kind == event.chosen)
        return next((mended for mended in fixes if mended is not None), own)
    if event.changed not in ("starter", "channel"):
        return own
    offers = {offer.kind: offer.text for offer in starters_for(context, nudge, channel)}
    kept, kind = _without_starter(context, nudge, own)
    wanted = offers.get(kind if event.changed == "channel" else event.chosen)
    if wanted is None:
        return own
    return f"{kept.rstrip()}\n\n{wanted}" if kept.strip() else wanted


def _without_starter(context: Context, nudge: Nudge, own: str) -> tuple[str, str]:
    """What the person wrote above an untouched starter of any channel, and that starter's kind ("": there is none)."""
    if not own.strip():
        return own, ""
    offers = [
        offer
        for row in social_channels.channels(context.session)
        for offer in starters_for(context, nudge, row.id, taken_too=True)
    ]
    for offer in sorted(offers, key=lambda offer: len(offer.text), reverse=True):  # the one with all its sentences
        if own.endswith(offer.text):
            return own[: -len(offer.text)], offer.kind
    return own, ""


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


def kind_name(kind: str, words: Words) -> str:
    """What a kind of starter is called."""
    return {
        StarterKind.QUESTION: words.t("A question"),
        StarterKind.EXPERIENCE: words.t("My own experience"),
        StarterKind.PLAIN: words.t("Just the facts"),
        StarterKind.DETAIL: words.t("A detail"),
        StarterKind.HEADLINE: words.t("With the headline"),
    }[StarterKind(kind)]


def _usual_channel(context: Context, active: Collection[str]) -> str:
    """Where the person shared last, else where they have an account connected, else the first."""
    used = [share.channel for share in shares.shares_of(context.session, context.person.id, limit=1)]
    connected = [account.network for account in accounts.accounts_of(context.session, context.person.id)]
    return next(channel for channel in (*used, *connected, *active) if channel in active)


def _disclosure(context: Context, nudge: Nudge, channel: str) -> str | None:
    if not _is_asked(context, channel):
        return None
    return captions.disclosure_sentence(nudge.post.language, context.rules.organisation)


def _is_asked(context: Context, channel: str) -> bool:
    """Whether a caption in the channel has to say who employs its writer."""
    row = social_channels.channel(context.session, channel)
    return row is not None and row.disclosure


def _placeholder_link(rules: Rules, post: Content) -> str:
    """As long as the tracked link will be; "" where the post leads nowhere."""
    return f"{rules.base_url}/r/{'x' * 8}" if post.target else ""


def starters_for(context: Context, nudge: Nudge, channel: str, *, taken_too: bool = False) -> tuple[Starter, ...]:
    """What the person is offered there; with `taken_too` also what a colleague has posted since."""
    post = nudge.post
    colleagues = [] if taken_too else shares.texts_of_colleagues(context.session, post.id, context.person.id)
    return captions.starters(
        title=post.title,
        summary=post.summary,
        excerpt=post.excerpt or "",
        language=post.language,
        channel=channel_kind(context, channel),
        link=_placeholder_link(context.rules, post),
        disclosure=_disclosure(context, nudge, channel),
        written=[
            (item.kind, item.text)
            for item in sorted(post.captions, key=lambda item: item.channel is None)
            if item.channel in (None, channel)
            and item.language == post.language
            and item.state == CaptionState.APPROVED
        ],
        is_taken=lambda text: policy.is_copy(text, colleagues),
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
        link=_placeholder_link(rules, post),
        blocked=_blocked(session, row),
        organisation=None,
        language=post.language,
        colleagues=(),
    )


def findings_for(context: Context, nudge: Nudge, channel: str, caption: str) -> list[policy.Violation]:
    return policy.findings(
        caption,
        channel=channel_kind(context, channel),
        link=_placeholder_link(context.rules, nudge.post),
        blocked=_blocked(context.session, social_channels.channel(context.session, channel)),
        organisation=context.rules.organisation if _is_asked(context, channel) else None,
        language=nudge.post.language,
        colleagues=shares.texts_of_colleagues(context.session, nudge.post_id, context.person.id),
    )
