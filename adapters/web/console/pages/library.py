"""The library: what can be shared, what waits, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console.fields import ref_of
from adapters.web.console.parts import Filter, Narrowed, Segment, Tab, Tile, Verdict
from adapters.web.console.query import Query
from adapters.web.console.small_pictures import small_pictures
from bot.core.cards import Button, Text, text
from bot.core.context import Context
from bot.core.i18n import Words
from bot.core.role_names import role_name
from bot.features.sharing.cards.lists import ways_to
from bot.features.sharing.cards.review import state_name
from bot.features.sharing.domain.reach import reach_of
from bot.features.sharing.forms.compose import reach_text
from content.channels import kind_of
from storage.people import employees, organisation
from storage.remembered import remembered
from storage.sharing import library, posts, shares, topic_names
from storage.sharing.library import LibraryQuery, Order, Results, Shelf
from storage.sharing.posts import Post, PostState
from storage.sharing.shares import FunnelRow

AT_ONCE = 24  # posts of a page


@dataclass(frozen=True, slots=True)
class PostCard:
    id: int
    title: str
    picture: str | None
    state: Verdict
    language: str
    topic: str
    said: str
    results: Results | None
    is_undecided: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class Library:
    said: str
    tabs: Sequence[Tab]
    looks: Sequence[Segment]
    is_list: bool
    narrowed: Narrowed
    posts: Sequence[PostCard]
    acts: Sequence[tuple[str, str, str]]  # (press, label, style) for those that are ticked
    following: str
    is_empty: bool  # not even without filters is there anything


@dataclass(frozen=True, slots=True)
class ChannelRow:
    name: str
    shared: int
    readers: int


@dataclass(frozen=True, slots=True)
class PostPage:
    """One post: how it stands, what came of it, what can be done."""

    title: str
    id: int
    state: Verdict
    summary: str
    note: str  # of whoever suggested it, or why it was declined
    pictures: Sequence[tuple[str, str]]  # (address, what it shows)
    pairs: Sequence[tuple[str, str]]
    ways: Sequence[Text]
    reach: str
    versions: Sequence[tuple[str, str]]  # (language, address) of the same story
    tiles: Sequence[Tile]
    channels: Sequence[ChannelRow]
    buttons: Sequence[Button]


def view(context: Context, query: Query) -> Library | PostPage | None:
    if query.item:
        post = posts.post(context.session, ref_of(query.item))
        return None if post is None else _one(context, post)
    return _many(context, query)


def _many(context: Context, query: Query) -> Library:
    session, words, now = context.session, context.words, context.now
    narrowed, asked = _narrowed(context, query)
    numbers = library.numbers(session, now=now)
    found = library.page(session, asked, now=now, limit=AT_ONCE)
    ids = tuple(row.id for row in found.posts)
    results = remembered(session, ("results", ids), lambda session: library.results(session, ids))
    pictures = small_pictures(context, found.posts)
    named = topic_names.in_language(session, {row.topic for row in found.posts}, words.language)
    is_list = query.among("look", ("list",)) == "list"
    return Library(
        said=_said(numbers, words),
        tabs=[
            Tab(name, query.address(state=shelf), shelf == asked.shelf, numbers[shelf], shelf == Shelf.WAITING)
            for shelf, name in _shelves(words).items()
        ],
        looks=[
            Segment(words.t("Grid"), query.address(look=""), not is_list, "grid", is_bare=True),
            Segment(words.t("List"), query.address(look="list"), is_list, "list", is_bare=True),
        ],
        is_list=is_list,
        narrowed=narrowed,
        posts=[_card(context, row, pictures.get(row.id), named[row.topic], results.get(row.id)) for row in found.posts],
        acts=_acts(asked.shelf, words),
        following=query.following(found.following),
        is_empty=not numbers[Shelf.ALL],
    )


def _narrowed(context: Context, query: Query) -> tuple[Narrowed, LibraryQuery]:
    session, words = context.session, context.words
    topics = posts.topics(session)
    names = topic_names.in_language(session, topics, words.language)
    units = {str(unit.id): unit.name for unit in organisation.units(session)}
    spoken = library.languages(session)
    filters = [
        Filter(
            "topic",
            words.t("Topic"),
            [("", words.t("All topics")), *((one, names[one]) for one in topics)],
            query.among("topic", topics),
        ),
        Filter(
            "lang",
            words.t("Language"),
            [("", words.t("Any")), *((one, words.language_name(one)) for one in spoken)],
            query.among("lang", spoken),
        ),
        Filter("unit", words.t("Unit"), [("", words.t("Any")), *units.items()], query.among("unit", units)),
        Filter(
            "order",
            words.t("Order"),
            [
                ("", words.t("What needs you first")),
                (Order.NEWEST, words.t("Newest first")),
                (Order.SHARED, words.t("Most shared first")),
            ],
            query.among("order", (Order.NEWEST, Order.SHARED)),
        ),
    ]
    chosen = {one.name: one.value for one in filters}
    shelf = Shelf(query.among("state", list(Shelf)))
    asked = LibraryQuery(
        shelf,
        query.text("q"),
        chosen["topic"],
        chosen["lang"],
        ref_of(chosen["unit"]),
        Order(chosen["order"]),
        query.text("after"),
    )
    number = library.number(session, asked, now=context.now)
    return Narrowed(
        query=query,
        filters=filters,
        searched=query.text("q"),
        search_hint=words.t("Words in title, text or source"),
        found=words.n("{count} post", "{count} posts", number),
        kept=[
            (name, value) for name, value in (("state", shelf.value), ("look", query.among("look", ("list",)))) if value
        ],
    ), asked


def _said(numbers: dict[Shelf, int], words: Words) -> str:
    said = [words.n("{count} post.", "{count} posts.", numbers[Shelf.ALL])]
    if numbers[Shelf.WAITING]:
        said.append(
            words.n("{count} is waiting for approval.", "{count} are waiting for approval.", numbers[Shelf.WAITING])
        )
    said.append(words.n("{count} can be shared now.", "{count} can be shared now.", numbers[Shelf.LIVE]))
    return " ".join(said)


def _shelves(words: Words) -> dict[Shelf, str]:
    return {
        Shelf.ALL: words.t("All"),
        Shelf.WAITING: words.t("Waiting for approval"),
        Shelf.LIVE: words.t("Out for sharing"),
        Shelf.SCHEDULED: words.t("Scheduled"),
        Shelf.ENDED: words.t("Ended"),
    }


def _acts(shelf: Shelf, words: Words) -> list[tuple[str, str, str]]:
    approve = ("review.approve", words.t("Approve"), "primary")
    decline = ("review.decline", words.t("Decline"), "danger")
    end = ("post.end", words.t("End now"), "danger")
    return {Shelf.WAITING: [approve, decline], Shelf.LIVE: [end], Shelf.SCHEDULED: [end], Shelf.ENDED: []}.get(
        shelf, [approve, decline, end]
    )


def _card(context: Context, post: Post, picture: str | None, topic: str, results: Results | None) -> PostCard:
    return PostCard(
        post.id,
        post.title,
        picture,
        _state(context, post),
        post.language.upper(),
        topic,
        _when(context, post),
        results,
        post.is_undecided,
        post.state == PostState.LIVE,
    )


def _state(context: Context, post: Post) -> Verdict:
    words, is_scheduled = context.words, post.is_scheduled(context.now)
    name = state_name(post.state, words, is_scheduled=is_scheduled)
    match post.state:
        case PostState.DRAFT | PostState.IN_REVIEW:
            return Verdict(words.t("Waiting for approval"), "warn", "clock")
        case PostState.LIVE if is_scheduled:
            return Verdict(name, "blue", "calendar")
        case PostState.LIVE:
            return Verdict(name, "good", "share")
        case PostState.RECALLED:
            return Verdict(name, "bad", "close")
    return Verdict(name, "", "same")


def _when(context: Context, post: Post) -> str:
    words = context.words
    if post.state == PostState.LIVE:
        if post.embargo_until is not None and post.is_scheduled(context.now):
            return words.t("From {day}", day=words.day(post.embargo_until))
        return words.t("Until {day}", day=words.day(post.expires_at)) if post.expires_at else words.t("No end date")
    if post.is_undecided:
        if post.suggested_by is not None:
            return words.t("Suggested by {name}", name=post.suggested_by.name)
        return words.t("From {source}", source=post.source) if post.source else words.t("Written here")
    if post.state == PostState.EXPIRED:
        return words.t("Until {day}", day=words.day(post.expires_at or post.created_at))
    return words.t("Since {day}", day=words.day(post.decided_at or post.created_at))


def _one(context: Context, post: Post) -> PostPage:
    session, words = context.session, context.words
    by_channel = shares.of_post_by_channel(session, post.id)
    own = [(one.small_path, one.alt or words.t("Picture of the post")) for one in post.own_pictures]
    return PostPage(
        title=post.title,
        id=post.id,
        state=_state(context, post),
        summary=post.summary,
        note=post.suggestion_note if post.is_undecided else post.decline_reason,
        pictures=own or [(path, words.t("Picture of the post")) for path in small_pictures(context, [post]).values()],
        pairs=_pairs(context, post),
        ways=[text(way) for way in ways_to(post, words)],
        reach=reach_text(reach_of(session, post, post.language), words) if post.is_undecided else "",
        versions=[
            (words.language_name(one.language), f"/console/library/{one.id}")
            for one in posts.versions(session, post)
            if one.id != post.id
        ],
        tiles=_tiles(library.results(session, [post.id]).get(post.id, Results()), by_channel, words),
        channels=[
            ChannelRow(kind_of(row.label, None).name, row.confirmed, row.clicks) for row in by_channel if row.confirmed
        ],
        buttons=_buttons(context, post),
    )


def _pairs(context: Context, post: Post) -> list[tuple[str, str]]:
    words = context.words
    names = {unit.id: unit.name for unit in organisation.units(context.session)} if post.units else {}
    decided = words.t("Approved") if post.state in (PostState.LIVE, PostState.EXPIRED) else words.t("Decided")
    by = employees.employee(context.session, post.decided_by_id) if post.decided_by_id else None
    pairs = (
        (words.t("Source"), post.source),
        (words.t("Language"), words.language_name(post.language)),
        (words.t("Topic"), post.topic_in(words.language)),
        (words.t("Suggested by"), post.suggested_by.name if post.suggested_by else ""),
        (words.t("Units"), ", ".join(names[unit] for unit in post.units if unit in names)),
        (words.t("Roles"), ", ".join(role_name(role, words) for role in post.roles)),
        (words.t("Interests"), ", ".join(post.interests)),
        (words.t("Share from"), words.moment(post.embargo_until) if post.embargo_until else ""),
        (words.t("Share until"), words.day(post.expires_at) if post.expires_at else ""),
        (
            decided,
            words.t("{day}, by {name}", day=words.day(post.decided_at), name=by.name) if by and post.decided_at else "",
        ),
    )
    return [(label, value) for label, value in pairs if value]


def _tiles(found: Results, by_channel: Sequence[FunnelRow], words: Words) -> list[Tile]:
    opened = sum(row.opened for row in by_channel)
    per_share = (
        words.t("{number} per share", number=words.number(round(found.readers / found.shared, 1)))
        if found.shared
        else ""
    )
    return [
        Tile(words.t("People nudged"), words.number(found.nudged)),
        Tile(words.t("Share pages opened"), words.number(opened)),
        Tile(words.t("Shares"), words.number(found.shared)),
        Tile(words.t("Readers"), words.number(found.readers), per_share),
    ]


def _buttons(context: Context, post: Post) -> list[Button]:
    words = context.words
    if post.is_undecided:
        return [
            Button(words.t("Approve"), "review.approve", post.id, "primary"),
            Button(words.t("Decline…"), "review.decline", post.id, "danger"),
            Button(words.t("Send me a test nudge"), "compose.test", post.id),
        ]
    if post.state == PostState.LIVE:
        end = Button(words.t("End now"), "post.end", post.id)
        return [end, Button(words.t("Withdraw…"), "post.recall", post.id, "danger")]
    if post.state == PostState.RECALLED:
        return [Button(words.t("Put it back…"), "post.put_back", post.id)]
    return []
