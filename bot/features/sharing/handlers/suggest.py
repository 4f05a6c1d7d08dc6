"""Suggestions: any employee brings a page or a remark; it enters as a draft, with thanks, and its fate is told."""

from __future__ import annotations

import regex

from bot.core.cards import Card, Form, Heading, TextField, card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.events import Command, Pressed, Submitted
from bot.core.i18n import Words
from bot.features.sharing.domain.may_share import may_share
from content.addresses import canonical, validate_url
from content.errors import NotAnAddress
from content.intake import suggested
from storage.sharing import posts
from storage.sharing.posts import Post as Content

_ADDRESS = regex.compile(r"https?://[^\s<>|\"]+", regex.IGNORECASE)
_BARE = regex.compile(r"(?<![\w/.:@-])www\.(?=[\w-]+\.\w)", regex.IGNORECASE)  # as people type an address


def suggest(context: Context, event: Command) -> list[Effect]:
    """`suggest https://… why`: with an address a draft at once, without one the form."""
    said = _BARE.sub(r"https://\g<0>", event.text)
    if _ADDRESS.search(said):
        return _take(context, said)
    return [OpenForm(suggestion_form(context.words, note=event.text))]


def submit_suggestion(context: Context, event: Submitted) -> list[Effect]:
    """`suggestion` was submitted."""
    address, note = event.values.get("address", "").strip(), event.values.get("note", "").strip()
    address = _BARE.sub(r"https://\g<0>", address)
    try:
        validate_url(address)
    except NotAnAddress:
        error = context.words.t("That isn’t a web address. It starts with https:// – copy it from your browser.")
        return [OpenForm(suggestion_form(context.words, address=address, note=note, errors=(("address", error),)))]
    return _take(context, f"{address} {note}")


def cancel_suggestion(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.suggestion` where the form replaced the card."""
    sentence = context.words.t("All right, nothing was sent.")
    return [Reply(card(sentence, text(sentence)))]


def _take(context: Context, said: str) -> list[Effect]:
    match = _ADDRESS.search(said)
    address = match.group().rstrip(".,;:!?)") if match else ""
    try:
        address = validate_url(address)
    except NotAnAddress:
        return [OpenForm(suggestion_form(context.words, note=said))]
    note = " ".join(said.replace(address, " ").split())[:1000]
    known = posts.by_canonical_url(context.session, canonical(address))
    if known is not None:
        may_know = may_share(known, context.person, context.now)
        return [Reply(known_card(known if may_know else None, context.words))]
    suggested(context.session, address, note=note, by=context.person, language=context.person.language, now=context.now)
    return [Reply(suggested_card(address, context.words))]


def suggestion_form(
    words: Words, *, address: str = "", note: str = "", errors: tuple[tuple[str, str], ...] = ()
) -> Form:
    return Form(
        name="suggestion",
        ref=0,
        title=words.t("Suggest to colleagues"),
        fields=(
            TextField("address", words.t("Link to the page"), address, required=True, max_length=2000),
            TextField("note", words.t("Why is it worth sharing?"), note, multiline=True, max_length=1000),
        ),
        submit=words.t("Suggest"),
        cancel=words.t("Cancel"),
        errors=errors,
    )


def suggested_card(address: str, words: Words) -> Card:
    return card(
        words.t("Thank you for the suggestion"),
        Heading(words.t("Thank you for the suggestion")),
        text(words.t("I’ve sent {address} to the comms team and will tell you what they decide.", address=address)),
    )


def known_card(post: Content | None, words: Words) -> Card:
    """None: of what it is about the person knows nothing yet."""
    said = (
        words.t(
            "We already have “{title}”. Thanks – it’s good to know that you find it worth sharing.", title=post.title
        )
        if post is not None
        else words.t("We already have that page. Thanks – it’s good to know that you find it worth sharing.")
    )
    return card(words.t("We already have that one"), text(said))
