"""Feeds that bring drafts: which are read, how that went, adding one and stopping one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.cards import Button, Card, Element, Form, Heading, TextField, actions, card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import Gone
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import Words
from content.addresses import validate_url
from content.errors import NotAnAddress
from content.polling import Polled
from storage.sharing import feeds
from storage.sharing.feeds import Feed

MOST_SHOWN = 20  # in a card; the console shows all


def show_feeds(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`feeds`."""
    return [Reply(feeds_card(feeds.listed(context.session), context.words))]


def ask_for_feed(context: Context, _event: Pressed) -> list[Effect]:
    """`feed.add`."""
    return [OpenForm(feed_form(context.words))]


def submit_feed(context: Context, event: Submitted) -> list[Effect]:
    """`feed` was submitted: read at the next tick, and every half hour from then on."""
    words, address = context.words, event.values.get("address", "").strip()
    try:
        address = validate_url(address)
    except NotAnAddress:
        error = words.t("That isn’t a web address. It starts with https:// – copy it from your browser.")
        return [OpenForm(feed_form(words, address=address, errors=(("address", error),)))]
    if feeds.feed_by_url(context.session, address) is not None:
        return [
            OpenForm(feed_form(words, address=address, errors=(("address", words.t("That feed is read already.")),)))
        ]
    feeds.add(context.session, address, poll_after=context.now)
    said = words.t("I’ll read {address} in a moment. What it brings waits for your approval.", address=address)
    return [Reply(card(said, text(said)))]


def cancel_feed(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.feed` where the form replaced the card."""
    return [Reply(feeds_card(feeds.listed(context.session), context.words))]


def ask_to_stop(context: Context, event: Pressed) -> list[Effect]:
    """`feed.stop`: asks once."""
    feed, words = _feed(context, event), context.words
    question = words.t("Stop reading {feed}?", feed=name_of(feed))
    return [
        Reply(
            card(
                question,
                Heading(question),
                text(words.t("What it has brought stays. You can add it again at any time.")),
                actions(
                    Button(words.t("Yes, stop reading it"), "feed.stop_now", feed.id, "danger"),
                    Button(words.t("Keep reading it"), "show.feeds"),
                ),
            )
        )
    ]


def stop(context: Context, event: Pressed) -> list[Effect]:
    """`feed.stop_now`."""
    feed = _feed(context, event)
    said = context.words.t("{feed} isn’t read any more.", feed=name_of(feed))
    feeds.remove(context.session, feed)
    return [Reply(card(said, text(said)))]


def _feed(context: Context, event: Pressed) -> Feed:
    feed = context.session.get(Feed, event.ref)
    if feed is None:
        raise Gone("That feed isn’t read any more.")
    return feed


def name_of(feed: Feed) -> str:
    return feed.title or feed.url


def health(row: Polled, words: Words) -> str:
    """How reading it went last."""
    if row.failures:
        return words.t("can’t be read")
    if row.polled_at is None:
        return words.t("not read yet")
    return words.t("read {moment}", moment=words.moment(row.polled_at))


def feeds_card(listed: Sequence[tuple[Feed, int]], words: Words) -> Card:
    title = words.t("Feeds")
    body: list[Element] = [Heading(title)]
    if not listed:
        body.append(text(words.t("No feed is read yet. Your website’s feed brings each new page as a draft.")))
    for feed, brought in listed[:MOST_SHOWN]:
        drafts = words.n("{count} draft", "{count} drafts", brought)
        body += [
            text(f"{name_of(feed)} · {health(feed, words)} · {drafts}"),
            actions(Button(words.t("Stop…"), "feed.stop", feed.id)),
        ]
    if len(listed) > MOST_SHOWN:
        body.append(text(words.t("The console shows all {count}.", count=words.number(len(listed)))))
    body.append(actions(Button(words.t("Add a feed…"), "feed.add", style="primary")))
    return card(title, *body)


def feed_form(words: Words, *, address: str = "", errors: tuple[tuple[str, str], ...] = ()) -> Form:
    return Form(
        name="feed",
        ref=0,
        title=words.t("Add a feed"),
        fields=(
            TextField(
                "address",
                words.t("Address of the feed"),
                address,
                hint=words.t("RSS, Atom or JSON Feed: often your website’s address with /feed or /rss behind it."),
                required=True,
                max_length=2000,
            ),
        ),
        submit=words.t("Add"),
        cancel=words.t("Cancel"),
        errors=errors,
    )
