"""The composer's form: what a post is about, whom it is for, when, and what people may start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.cards import (
    Choice,
    Choices,
    Field,
    Form,
    LinkTo,
    MomentField,
    Option,
    Preview,
    Text,
    TextField,
    text,
)
from bot.core.context import Context
from bot.core.i18n import Words, languages
from bot.core.working_time import zone_of
from bot.features.sharing.domain.draft import (
    ALT,
    MAX_ADDRESS,
    MAX_ALT,
    MAX_SUMMARY,
    MAX_TITLE,
    MAX_TOPIC,
    NONE,
    Draft,
    option_of,
)
from bot.features.sharing.domain.reach import Reach, is_too_few, reach_of
from bot.features.sharing.forms.preview import preview_of
from content import captions
from content.captions import StarterKind
from content.channels import ChannelKind, kind_of, with_link
from storage.framework import framework
from storage.people import organisation
from storage.sharing import posts, social_channels, topic_names
from storage.sharing.posts import Post, PostState

MOST_STORIES = 30  # posts that a new one may be a version of
ROLES = ("owner", "lead", "admin")  # everybody is an employee


@dataclass(frozen=True, slots=True)
class Options:
    """What there is to choose from: (value, label) of each."""

    units: Sequence[tuple[str, str]]
    roles: Sequence[tuple[str, str]]
    topics: Sequence[tuple[str, str]]
    goals: Sequence[tuple[str, str]]
    activities: Sequence[tuple[str, str]]
    stories: Sequence[tuple[str, str]]  # none where the post has its versions already
    channels: Sequence[ChannelKind]


def options_for(context: Context, post: Post | None, draft: Draft) -> Options:
    session, words = context.session, context.words
    topics = posts.topics(session)
    named = topic_names.in_language(session, topics, words.language)
    goals, activities = framework.goals(session), framework.activities(session)
    has_versions = post is not None and len(posts.versions(session, post)) > 1
    return Options(
        units=[(str(unit.id), unit.name) for unit in organisation.units(session)],
        roles=[(role, _role_name(role, words)) for role in ROLES],
        topics=sorted(((option_of(topic), named[topic]) for topic in topics), key=lambda one: one[1].casefold()),
        goals=[(one.id, one.name) for one in goals],
        activities=[(one.id, one.name) for one in activities],
        stories=[] if has_versions else [(str(one.id), one.title) for one in _stories(context, post, draft)],
        channels=[kind_of(row.id, row) for row in social_channels.channels(session)],
    )


def _stories(context: Context, post: Post | None, draft: Draft) -> list[Post]:
    """What the post may tell in another language: the newest, each story once."""
    found: dict[int, Post] = {}
    for one in posts.listed(context.session, limit=MOST_STORIES * 5):
        is_open = one.is_undecided or one.state == PostState.LIVE
        if is_open and one.language != draft.language and (post is None or one.id != post.id):
            found.setdefault(one.story, one)
    if draft.story and (told := posts.post(context.session, draft.story)) is not None:
        found.setdefault(told.story, told)
    return list(found.values())[:MOST_STORIES]


def compose_form(
    context: Context,
    post: Post | None,
    draft: Draft,
    *,
    notice: str = "",
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    """The form for chat; the console lays out the same fields as a page."""
    words, options = context.words, options_for(context, post, draft)
    return filled_form(
        post.id if post is not None else 0,
        draft,
        options,
        words,
        whom=reach_text(reach_of(context.session, draft, draft.language), words),
        lifetime_days=context.rules.post_lifetime_days,
        console=f"{context.rules.base_url}/console/compose",
        preview=_preview(context, post, draft, options.channels[0]) if options.channels and draft.title else None,
        notice=notice,
        errors=errors,
    )


def filled_form(
    post: int,
    draft: Draft,
    options: Options,
    words: Words,
    *,
    whom: str,
    lifetime_days: int,
    console: str,
    preview: Preview | None = None,
    notice: str = "",
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    """`post`: its id, 0 for a new one. `whom`: how many people it is for, in words. `console`: the page's address."""
    page = f"{console}/{post}" if post else console
    said: list[Text] = [text(notice)] if notice else []
    return Form(
        name="compose",
        ref=post,
        title=words.t("Edit post") if post else words.t("New post"),
        intro=(
            *said,
            text(LinkTo(words.t("Pictures, and starters for each channel: in the console"), page), subtle=True),
        ),
        fields=(
            *what_fields(draft, options, words),
            *picture_fields(draft, words),
            *whom_fields(draft, options, words, whom),
            *when_fields(draft, words, lifetime_days),
            *starter_fields(draft, words, ""),
        ),
        preview=preview,
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def what_fields(draft: Draft, options: Options, words: Words) -> list[Field]:
    fields: list[Field] = [
        TextField(
            "address",
            words.t("Link to the page"),
            draft.address,
            hint=words.t("Leave it empty for a post without a link."),
            max_length=MAX_ADDRESS,
        ),
        TextField(
            "title",
            words.t("Title"),
            draft.title,
            hint=words.t("With a link you can leave it empty: I’ll take the page’s.") if not draft.title else "",
            max_length=MAX_TITLE,
        ),
        TextField(
            "summary",
            words.t("Why share it? One or two sentences"),
            draft.summary,
            multiline=True,
            max_length=MAX_SUMMARY,
        ),
        TextField("video", words.t("Link to a video"), draft.video, max_length=MAX_ADDRESS),
        TextField("topic", words.t("Topic"), draft.topic, max_length=MAX_TOPIC),
        Choice(
            "language",
            words.t("Language of the post"),
            tuple(Option(language, words.language_name(language)) for language in languages()),
            value=draft.language,
            is_live=True,
        ),
    ]
    if options.stories:
        fields.append(
            Choice(
                "story",
                words.t("Is it a version of another post?"),
                (Option(NONE, words.t("No")), *(Option(value, label) for value, label in options.stories)),
                value=str(draft.story) if draft.story else NONE,
                hint=words.t("Nobody is nudged about the same story twice, whatever its language."),
            )
        )
    return fields


def picture_fields(draft: Draft, words: Words) -> list[TextField]:
    return [
        TextField(
            f"{ALT}{picture}",
            words.t("What picture {number} shows", number=number),
            alt,
            multiline=True,
            hint=words.t("For people who can’t see it."),
            max_length=MAX_ALT,
        )
        for number, (picture, alt) in enumerate(draft.alts.items(), 1)
    ]


def whom_fields(draft: Draft, options: Options, words: Words, whom: str) -> list[Field]:
    """`whom`: how many people that makes; it stands with the last of the fields."""
    several = (
        ("units", words.t("Units"), options.units, tuple(str(unit) for unit in draft.units)),
        ("roles", words.t("Roles"), options.roles, draft.roles),
        ("interests", words.t("Interested in"), options.topics, tuple(option_of(one) for one in draft.interests)),
    )
    shown = [one for one in several if one[2]]
    fields: list[Field] = [
        Choices(
            name,
            label,
            tuple(Option(value, said) for value, said in offered),
            chosen,
            hint=f"{words.t('Everybody, if you choose none.')} {whom}".strip() if name == shown[-1][0] else "",
            is_live=True,
        )
        for name, label, offered, chosen in shown
    ]
    for name, label, offered, value, hint in (
        ("goal", words.t("Which goal does it support?"), options.goals, draft.goal, ""),
        (
            "activity",
            words.t("Which activity is it part of?"),
            options.activities,
            draft.activity,
            words.t("While the activity lasts, this post comes first."),
        ),
    ):
        if offered:
            none = Option(NONE, words.t("None"))
            known = (none, *(Option(one, said) for one, said in offered))
            fields.append(Choice(name, label, known, value=value or NONE, hint=hint))
    return fields


def when_fields(draft: Draft, words: Words, lifetime_days: int) -> list[Field]:
    zone = zone_of(words.time_zone)

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment else None

    ends = words.t("Leave it empty for {count} days.", count=lifetime_days)
    return [
        MomentField(
            "embargo", words.t("Share from"), local(draft.starts), hint=words.t("Leave it empty to start right away.")
        ),
        MomentField("expires", words.t("Share until"), local(draft.ends), hint=ends),
    ]


def starter_fields(draft: Draft, words: Words, channel: str) -> list[Field]:
    """The three starters for the channel, for any where it is ""."""
    labels = {
        StarterKind.QUESTION: words.t("Starter that asks a question"),
        StarterKind.EXPERIENCE: words.t("Starter from own experience"),
        StarterKind.PLAIN: words.t("Starter with just the facts"),
    }
    hint = words.t("Leave this empty and I’ll make one from the title and summary.")
    return [
        TextField(
            f"{kind}@{channel}" if channel else kind,
            label,
            draft.captions.get(f"{kind}@{channel}" if channel else kind, ""),
            multiline=True,
            hint="" if channel or kind == StarterKind.EXPERIENCE else hint,
        )
        for kind, label in labels.items()
    ]


def reach_text(reach: Reach, words: Words) -> str:
    if is_too_few(reach):
        return words.t("Meant for fewer than ten people, or nobody.")
    if reach.is_rounded:
        return words.t("Meant for about {count} people.", count=words.number(reach.meant))
    meant, everybody = words.number(reach.meant), words.number(reach.everybody)
    said = words.t("Meant for {count} of {all} people.", count=meant, all=everybody)
    if not reach.meant:
        return said + " " + words.t("Nobody will be nudged.")
    if reach.outside:
        said += " " + words.n(
            "{count} of them is in a unit that isn’t in yet, and gets no nudges.",
            "{count} of them are in units that aren’t in yet, and get no nudges.",
            reach.outside,
        )
    return said


def link_of(context: Context, draft: Draft) -> str:
    """As long as the tracked link will be; "" where there is none."""
    return f"{context.rules.base_url}/r/{'x' * 8}" if draft.address or draft.video else ""


def sample_text(context: Context, post: Post | None, draft: Draft, channel: ChannelKind) -> str:
    """The first of the starters that people are offered there, link included; "" where there is none yet."""
    if not draft.title:
        return ""
    row = social_channels.channel(context.session, channel.id)
    asked = row is not None and row.disclosure
    link = link_of(context, draft)
    offered = captions.starters(
        title=draft.title,
        summary=draft.summary,
        excerpt=(post.excerpt or "") if post is not None else "",
        language=draft.language,
        channel=channel,
        link=link,
        disclosure=captions.disclosure_sentence(draft.language, context.rules.organisation) if asked else None,
        written=draft.written(channel.id),
    )
    return with_link(offered[0].text, link) if offered else ""


def _preview(context: Context, post: Post | None, draft: Draft, channel: ChannelKind) -> Preview:
    return preview_of(
        post,
        channel,
        context.words,
        context.rules.base_url,
        author=context.person.name,
        said=sample_text(context, post, draft, channel),
        title=draft.title,
        target=draft.address or draft.video,
    )


def _role_name(role: str, words: Words) -> str:
    return {
        "owner": words.t("Channel owners"),
        "lead": words.t("Comms leads"),
        "admin": words.t("Administrators"),
    }[role]
