"""What the composer's page shows: the fields of the form for chat in groups, pictures, and how it will look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import urlsplit

from adapters.web.console.small_pictures import small_pictures
from bot.core.cards import Card, Field, Image, TextField
from bot.core.context import Context
from bot.core.i18n import Words
from bot.features.sharing.cards.nudge import trial_card
from bot.features.sharing.cards.review import state_name
from bot.features.sharing.domain.draft import NONE, Draft, draft_of
from bot.features.sharing.domain.reach import reach_of
from bot.features.sharing.forms import compose as forms
from bot.features.sharing.forms import compose_errors
from bot.features.sharing.handlers.compose import draft_of_version, is_editable
from content.channels import ChannelKind, with_link
from storage.sharing import posts
from storage.sharing.post_pictures import MOST
from storage.sharing.posts import Post, PostState

MORE, PART_OF = ("video", "story"), ("goal", "activity")  # fields that few posts need
FOLD = {"linkedin": 210, "facebook": 400}  # characters after which a network hides the rest; our reading of their apps


@dataclass(frozen=True, slots=True)
class Starters:
    """The fields of starters for one channel, which takes `room` characters, `link` of them for the link."""

    label: str
    channel: str  # "": for any
    room: int
    link: int
    fields: Sequence[Field]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Folded:
    """Fields that few posts need, open where something is chosen or wrong."""

    fields: Sequence[Field]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Look:
    """How a starter will look in a network. `shown` is what stands above its fold, `hidden` the rest."""

    channel: str
    name: str
    shown: str
    hidden: str


@dataclass(frozen=True, slots=True)
class ComposePage:
    """All that the template shows."""

    post: int  # 0: a new one
    state: str
    fixed: str  # why it cannot be changed; "" where it can
    is_undecided: bool
    title: str
    what: Sequence[Field]
    more: Folded
    whom: Sequence[Field]
    part_of: Folded
    when: Sequence[Field]
    starters: Sequence[Starters]
    pictures: Sequence[tuple[str, TextField, int]]  # (path, the field of what it shows, its id)
    may_add: int
    add: str  # the label of the field for more
    missing: str  # how many pictures lack a description, in words; "" for none
    looks: Sequence[Look]
    domain: str
    page_picture: str
    nudge: Card | None
    language: str  # another one, in which it is not told yet; "" where there is none
    reach: str
    seen: str  # of the post as it is stored: another one by the time it is saved, and somebody has changed it
    errors: Mapping[str, str]

    @property
    def wrong(self) -> Sequence[tuple[str, str, str]]:
        """(field, its label, sentence) of each error, in the order of the page."""
        known = [*self.what, *self.more.fields, *(field for _path, field, _id in self.pictures)]
        known += [field for group in self.starters for field in group.fields]
        known += [*self.whom, *self.part_of.fields, *self.when]
        return [(one.name, one.label, self.errors[one.name]) for one in known if one.name in self.errors]


def page_of(context: Context, post: Post | None, draft: Draft, errors: Mapping[str, str] | None = None) -> ComposePage:
    words, options = context.words, forms.options_for(context, post, draft)
    whom = forms.reach_text(reach_of(context.session, draft, draft.language), words)
    pictures = post.pictures if post is not None else []
    may_add = MOST - len(pictures)
    missing = sum(not alt for alt in draft.alts.values())
    what, whom_fields = forms.what_fields(draft, options, words), forms.whom_fields(draft, options, words, "")
    wrong = errors or {}
    page_picture = small_pictures(context, [post]).get(post.id, "") if post is not None and not pictures else ""
    other = draft_of_version(context.session, post, words.language) if post is not None else None
    return ComposePage(
        post=post.id if post is not None else 0,
        state=state_name(post.state, words, is_scheduled=post.is_scheduled(context.now))
        if post is not None
        else words.t("Not saved yet"),
        fixed=_fixed(post, words) if post is not None else "",
        is_undecided=post is None or post.is_undecided,
        title=draft.title,
        what=[one for one in what if one.name not in MORE],
        more=_folded(what, MORE, wrong),
        whom=[one for one in whom_fields if one.name not in PART_OF],
        part_of=_folded(whom_fields, PART_OF, wrong),
        when=forms.when_fields(draft, words, context.rules.post_lifetime_days),
        starters=_starters(context, draft, options.channels),
        pictures=[
            (one.small_path, field, one.id)
            for one, field in zip(pictures, forms.picture_fields(draft, words), strict=True)
        ],
        may_add=may_add,
        add=words.n("Add {count} picture", "Add up to {count} pictures", may_add),
        missing=words.n("{count} description is missing", "{count} descriptions are missing", missing)
        if missing
        else "",
        looks=[_look(context, post, draft, channel) for channel in options.channels],
        domain=urlsplit(draft.address or draft.video).hostname or "",
        page_picture=page_picture,
        nudge=_nudge(post, page_picture, words) if post is not None else None,
        language=words.language_name(other.language) if other is not None else "",
        reach=whom,
        seen=seen_of(context, post),
        errors=wrong,
    )


def _fixed(post: Post, words: Words) -> str:
    if is_editable(post):
        return ""
    if post.state == PostState.RECALLED:
        return words.t("This post is withdrawn. Put it back before you change it.")
    return words.t("This post can’t be changed any more.")


def _nudge(post: Post, page_picture: str, words: Words) -> Card:
    """As people will get it; the picture of the post's page is the small one that is kept here."""
    said = trial_card(post, words, "")
    shown = (
        replace(element, url=page_picture) if page_picture and isinstance(element, Image) else element
        for element in said.body
    )
    return Card(said.summary, tuple(shown))


def seen_of(context: Context, post: Post | None) -> str:
    """Something that is another one as soon as somebody has changed the post; "" of none. What the bot does by itself,
    asking for approval and reading the page, is no such change."""
    if post is None:
        return ""
    draft = draft_of(post, context.words.language)
    if post.is_undecided and not post.writers:
        draft = replace(draft, title="", summary="", language="")
    state = "" if post.is_undecided else post.state
    stored = repr((draft, state, sorted(one.id for one in post.pictures)))
    return sha256(stored.encode("utf-8", "replace")).hexdigest()[:16]


def undescribed(context: Context, post_id: int) -> ComposePage | None:
    """The page with what is to be said of its pictures; None where it is said of all."""
    post = posts.post(context.session, post_id)
    if post is None:
        return None
    draft = draft_of(post, context.words.language)
    errors = compose_errors.undescribed(draft, context.words)
    return page_of(context, post, draft, dict(errors)) if errors else None


def new_draft(context: Context, *, address: str = "", version_of: int = 0) -> Draft:
    """A new post about a page, or the story of another one in a language that it lacks."""
    told = posts.post(context.session, version_of) if version_of else None
    found = draft_of_version(context.session, told, context.person.language) if told is not None else None
    return found or Draft(address=address[:2000], language=context.person.language)


def _folded(fields: Sequence[Field], names: Sequence[str], wrong: Mapping[str, str]) -> Folded:
    shown = [one for one in fields if one.name in names]
    is_open = any(one.name in wrong or getattr(one, "value", "") not in ("", NONE) for one in shown)
    return Folded(shown, is_open)


def _starters(context: Context, draft: Draft, channels: Sequence[ChannelKind]) -> list[Starters]:
    words, link = context.words, forms.link_of(context, draft)

    def room(channel: ChannelKind) -> tuple[int, int]:
        return channel.max_length, channel.length(with_link("x", link)) - channel.length("x")

    shortest = min(channels, key=lambda one: one.max_length, default=None)
    found = []
    if shortest is not None:
        fields = forms.starter_fields(draft, words, "")
        written = any(text for key, text in draft.captions.items() if "@" not in key)
        found.append(Starters(words.t("Write the starters yourself"), "", *room(shortest), fields, is_open=written))
    for one in channels:
        written = any(text for key, text in draft.captions.items() if key.endswith(f"@{one.id}"))
        fields = forms.starter_fields(draft, words, one.id)
        found.append(
            Starters(words.t("Only for {channel}", channel=one.name), one.id, *room(one), fields, is_open=written)
        )
    return found


def _look(context: Context, post: Post | None, draft: Draft, channel: ChannelKind) -> Look:
    said = forms.sample_text(context, post, draft, channel)
    fold = FOLD.get(channel.id, len(said))
    shown = said if len(said) <= fold else said[:fold].rsplit(" ", 1)[0]
    return Look(channel.id, channel.name, shown, said[len(shown) :])
