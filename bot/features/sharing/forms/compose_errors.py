"""What must be mended before a post can be stored as it stands in the composer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.core.context import Context
from bot.core.i18n import Words
from bot.features.sharing.domain.draft import ALT, Draft
from bot.features.sharing.domain.reach import few_meant, is_too_few, reach_of
from bot.features.sharing.forms.share import explain, policy_of
from content.addresses import canonical, validate_url
from content.channels import kind_of
from content.errors import NotAnAddress
from storage.database import Session
from storage.sharing import posts, social_channels
from storage.sharing.posts import Post, PostState
from storage.sharing.social_channels import SocialChannel

Errors = tuple[tuple[str, str], ...]
FARTHEST = timedelta(days=730)  # until a post begins


def errors_of(context: Context, post: Post | None, draft: Draft) -> Errors:
    """(field, sentence) of all that must be mended before it can be stored."""
    words, found = context.words, list[tuple[str, str]]()
    wrong = words.t("That isn’t a web address. It starts with https:// – copy it from your browser.")
    found += [(name, wrong) for name in ("address", "video") if not _is_address(getattr(draft, name))]
    known = known_post(context.session, draft, post) if draft.address and not found else None
    if known is not None and not _is_told_by(context.session, known, draft, post):
        found.append(("address", words.t("There’s a post about that page already: “{title}”.", title=known.title)))
    if not draft.title and (post is not None or not draft.address):
        found.append(("title", words.t("Add a title.")))
    if not (draft.address or draft.video or draft.summary or any(draft.captions.values())):
        found.append(("summary", words.t("Write a sentence or two: without a link there’s nothing else to share.")))
    if _is_told_twice(context.session, draft, post):
        told = words.t("That story is there in {language} already.", language=words.language_name(draft.language))
        found.append(("language", told))
    found += [(name, _unreadable(name, words)) for name in draft.unreadable]
    if draft.starts is not None and draft.starts > context.now + FARTHEST:
        found.append(("embargo", words.t("Choose a day within the next two years.")))
    if draft.interests and (draft.units or draft.roles):
        alone = words.t("Interests go alone, without units and roles: else you could tell who has them.")
        found.append(("interests", alone))
    elif draft.interests and is_too_few(reach_of(context.session, draft, draft.language)):
        few = words.t("Fewer than ten people are meant. Choose more, so that nobody’s interests can be guessed.")
        found.append(("interests", few))
    elif (meant := few_meant(context.session, draft, context.rules.pulse_k)) is not None:
        few = words.n(
            "Only {count} person is meant. Choose more: its results would tell who shared it.",
            "Only {count} people are meant. Choose more: its results would tell who shared it.",
            meant,
        )
        found.append(("units" if draft.units else "roles", few))
    if post is not None and post.state == PostState.LIVE:
        found += undescribed(draft, words)
    if draft.ends is not None and not draft.unreadable and draft.ends <= max(context.now, draft.starts or context.now):
        found.append(("expires", words.t("The end has to be later than the start, and later than now.")))
    return (*found, *_caption_errors(context, post, draft))


def undescribed(draft: Draft, words: Words) -> Errors:
    """Pictures of which nobody has said what they show."""
    said = words.t("Describe each picture first, for people who can’t see it.")
    return tuple((f"{ALT}{picture}", said) for picture, alt in draft.alts.items() if not alt)


def _unreadable(name: str, words: Words) -> str:
    if name in ("embargo", "expires"):
        return words.t("Choose a day and a time.")
    return words.t("Choose from what is listed.")


def _caption_errors(context: Context, post: Post | None, draft: Draft) -> list[tuple[str, str]]:
    """What the rules have against the starters: of those for one channel also that they are too long for it."""
    rows = {row.id: row for row in social_channels.channels(context.session)}
    about = post if post is not None else Post(language=draft.language, url=draft.address, video_url=draft.video)
    found = []
    for key, text in (("title", draft.title), ("summary", draft.summary)):  # of which starters are made
        if said := _blocked_in(context, about, rows, text):
            found.append((key, said))
    for key, words in draft.captions.items():
        _, _, own = key.partition("@")
        if not words or not rows or (own and own not in rows):
            continue
        channel = own or next(iter(rows))
        for finding in policy_of(context.session, context.rules, about, channel)(words):
            if finding.kind == "blocked" or (finding.kind == "too_long" and own):
                found.append((key, explain(finding, context.words, kind_of(channel, rows[channel]))))
    return found


def _blocked_in(context: Context, about: Post, rows: Mapping[str, SocialChannel], text: str) -> str:
    """What the rules of some channel have against a phrase in it; "" for nothing."""
    for channel, row in rows.items():
        for finding in policy_of(context.session, context.rules, about, channel)(text):
            if finding.kind == "blocked":
                return explain(finding, context.words, kind_of(channel, row))
    return ""


def _is_address(written: str) -> bool:
    if not written:
        return True
    try:
        validate_url(written)
    except NotAnAddress:
        return False
    return True


def known_post(session: Session, draft: Draft, post: Post | None) -> Post | None:
    """Another post about the draft's page."""
    if not draft.address:
        return None
    known = posts.by_canonical_url(session, canonical(validate_url(draft.address)))
    return known if known is not None and (post is None or known.id != post.id) else None


def told_story(session: Session, draft: Draft, post: Post | None) -> Post | None:
    """The post that the draft is a version of."""
    told = posts.post(session, draft.story) if draft.story else None
    return told if told is not None and (post is None or told.story != post.id) else None


def _is_told_by(session: Session, known: Post, draft: Draft, post: Post | None) -> bool:
    """Whether the two are versions of one story: they may lead to the same page."""
    told = told_story(session, draft, post)
    return known.story in {one.story for one in (told, post) if one is not None}


def _is_told_twice(session: Session, draft: Draft, post: Post | None) -> bool:
    told = told_story(session, draft, post) or post
    others = posts.versions(session, told) if told is not None else []
    return any(one.language == draft.language and (post is None or one.id != post.id) for one in others)
