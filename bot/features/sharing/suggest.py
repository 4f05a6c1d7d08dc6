"""Suggestions: any employee brings a page or a remark; it enters as a draft, with thanks, and its fate is told."""

from __future__ import annotations

import regex

from bot.core.cards import Card, Form, Heading, TextField, card, text
from bot.core.context import OpenForm, Reply, Turn, Wish
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import Words
from content.addresses import canonical, checked
from content.errors import NotAnAddress
from content.intake import suggested
from storage import posts
from storage.posts import Post as Content

_ADDRESS = regex.compile(r"https?://[^\s<>|\"]+", regex.IGNORECASE)


def suggest(turn: Turn, event: Command) -> list[Wish]:
    """`suggest https://… why`: with an address a draft at once, without one the form."""
    return _take(turn, event.text) if _ADDRESS.search(event.text) else [OpenForm(form(turn.words, note=event.text))]


def submit(turn: Turn, event: Submitted) -> list[Wish]:
    """`suggestion` was filled in."""
    address, note = event.values.get("address", "").strip(), event.values.get("note", "").strip()
    try:
        checked(address)
    except NotAnAddress:
        error = turn.words.t("That is no web address. It begins with https:// – copy it from your browser.")
        return [OpenForm(form(turn.words, address=address, note=note, errors=(("address", error),)))]
    return _take(turn, f"{address} {note}")


def cancel(turn: Turn, _event: Pressed) -> list[Wish]:
    """`cancel.suggestion`, where the form stands in the card's place."""
    sentence = turn.words.t("All right, nothing was sent.")
    return [Reply(card(sentence, text(sentence)))]


def _take(turn: Turn, said: str) -> list[Wish]:
    match = _ADDRESS.search(said)
    address = match.group().rstrip(".,;:!?)") if match else ""
    try:
        address = checked(address)
    except NotAnAddress:
        return [OpenForm(form(turn.words, note=said))]
    note = " ".join(said.replace(address, " ").split())[:1000]
    known = posts.by_canonical_url(turn.session, canonical(address))
    if known is not None:
        return [Reply(known_card(known, turn.words))]
    suggested(turn.session, address, note=note, by=turn.person, language=turn.person.language, now=turn.now)
    return [Reply(thanks_card(address, turn.words))]


def form(words: Words, *, address: str = "", note: str = "", errors: tuple[tuple[str, str], ...] = ()) -> Form:
    return Form(
        name="suggestion",
        ref=0,
        title=words.t("Suggest to colleagues"),
        fields=(
            TextField("address", words.t("Address of the page"), address, required=True, max_length=2000),
            TextField("note", words.t("Why is it worth sharing?"), note, multiline=True, max_length=1000),
        ),
        submit=words.t("Suggest"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def thanks_card(address: str, words: Words) -> Card:
    return card(
        words.t("Thank you for the suggestion"),
        Heading(words.t("Thank you for the suggestion")),
        text(words.t("{address} went to the comms team. You will hear what comes of it.", address=address)),
    )


def known_card(post: Content, words: Words) -> Card:
    return card(
        words.t("We know that one"),
        text(
            words.t(
                "“{title}” is known already. Thank you – it is good to hear that you find it worth sharing.",
                title=post.title,
            )
        ),
    )
