"""What stands in the composer: of a post that there is, or as somebody has filled it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from bot.core.i18n import languages
from bot.core.moments import moment_of
from content.addresses import host_of
from content.captions import KINDS_OF_STARTER
from content.channels import KINDS
from storage.people.employees import ROLES
from storage.sharing.posts import Caption, Post

MAX_TITLE, MAX_SUMMARY, MAX_TOPIC, MAX_ADDRESS, MAX_CAPTION, MAX_ALT = 300, 1000, 60, 2000, 3000, 1000  # characters
NONE = "-"  # the value of a choice where nothing is chosen
ALT = "alt_"  # before a picture's id, the field of what it shows


@dataclass(frozen=True, slots=True)
class Draft:
    """`captions`: by "kind", for any channel, or "kind@channel". `alts`: by picture. Moments are in UTC."""

    address: str = ""
    title: str = ""
    summary: str = ""
    video: str = ""
    topic: str = ""
    language: str = "en"
    story: int = 0  # of a post that tells the same in another language
    units: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    goal: str | None = None
    activity: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    captions: Mapping[str, str] = field(default_factory=dict)
    alts: Mapping[int, str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()  # fields with what is no moment, or nothing that was offered

    def is_like(self, other: Draft) -> bool:
        """Whether there is no difference to be stored: a form leaves out seconds, and has fields for what is empty."""
        return _plain(self) == _plain(other)

    def written(self, channel: str) -> list[tuple[str, str]]:
        """(kind, text) of the captions that may stand in the channel, its own first."""
        own = [(kind, self.captions.get(f"{kind}@{channel}", "")) for kind in KINDS_OF_STARTER]
        of_all = [(kind, self.captions.get(kind, "")) for kind in KINDS_OF_STARTER]
        return [(kind, text) for kind, text in (*own, *of_all) if text]


def _plain(draft: Draft) -> Draft:
    starts, ends = (at.replace(second=0, microsecond=0) if at else None for at in (draft.starts, draft.ends))
    captions = {key: words for key, words in draft.captions.items() if words}
    return replace(draft, starts=starts, ends=ends, captions=captions)


def by_hand(post: Post) -> list[Caption]:
    """Captions that a lead wrote; those that were drafted stand beside them."""
    return [one for one in post.captions if not one.is_drafted]


def is_unnamed(post: Post) -> bool:
    """Its page could not be read, and nobody has given it a title: the name of its host stands in for it."""
    return bool(post.url) and post.title == host_of(post.url)


def draft_of(post: Post, language: str) -> Draft:
    """The post as it is; its topic is called as in `language`."""
    return Draft(
        address=post.url,
        title="" if is_unnamed(post) else post.title,
        summary=post.summary,
        video=post.video_url or "",
        topic=post.topic_in(language),
        language=post.language,
        story=post.story_id or 0,
        units=tuple(post.units or ()),
        roles=tuple(post.roles or ()),
        interests=tuple(post.interests or ()),
        goal=post.goal,
        activity=post.activity,
        starts=post.embargo_until,
        ends=post.expires_at,
        captions={_key(one.kind, one.channel): one.text for one in by_hand(post) if one.language == post.language},
        alts={one.id: one.alt for one in post.pictures},
    )


def draft_in(values: Mapping[str, str], before: Draft, time_zone: str) -> Draft:
    """`before`, with what a form brings; what the form does not hold stays as it was."""
    given = _given(values)
    unreadable = []
    for name, label in (("starts", "embargo"), ("ends", "expires")):
        said = values.get(label, "").strip()
        moment = moment_of(said, time_zone) if said else None
        if label in values:
            given[name] = moment
        if said and moment is None:
            unreadable.append(label)
    unreadable += [
        name for name in ("units", "roles") if len(given.get(name, ())) < len(_several(values.get(name, "")))
    ]
    written = dict(before.captions)
    for name, text in values.items():
        kind, _, own = name.partition("@")
        if kind in KINDS_OF_STARTER and (not own or own in KINDS):
            written[_key(kind, own or None)] = text.strip()[:MAX_CAPTION]
    alts = {
        picture: " ".join(values.get(f"{ALT}{picture}", alt).split())[:MAX_ALT] for picture, alt in before.alts.items()
    }
    return replace(before, **given, captions=written, alts=alts, unreadable=tuple(unreadable))


def option_of(topic: str) -> str:
    """The value of a topic in a form: several are sent with commas between them."""
    return quote(topic, safe="")


def _given(values: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, most in (
        ("address", MAX_ADDRESS),
        ("title", MAX_TITLE),
        ("summary", MAX_SUMMARY),
        ("video", MAX_ADDRESS),
        ("topic", MAX_TOPIC),
    ):
        if name in values:
            found[name] = values[name].strip()[:most]
    if values.get("language") in languages():
        found["language"] = values["language"]
    if "story" in values:
        found["story"] = int(values["story"]) if _is_id(values["story"]) else 0
    if "units" in values:
        found["units"] = tuple(int(one) for one in _several(values["units"]) if _is_id(one))
    if "roles" in values:
        found["roles"] = tuple(one for one in _several(values["roles"]) if one in ROLES)
    if "interests" in values:
        found["interests"] = tuple(unquote(one)[:MAX_TOPIC] for one in _several(values["interests"]))
    for name in ("goal", "activity"):
        if name in values:
            found[name] = None if values[name] == NONE else values[name]
    return found


def _key(kind: str, channel: str | None) -> str:
    return f"{kind}@{channel}" if channel else kind


def _several(value: str) -> Sequence[str]:
    return list(dict.fromkeys(one for one in value.split(",") if one))


def _is_id(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10
