"""The card of a share that Chorus publishes on the person's own account, from the wait to the thanks."""

from __future__ import annotations

from datetime import datetime

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, Link, Quote, actions, card, text
from bot.core.i18n import Words
from bot.core.networks import Refusal
from content.channels import kind_of
from storage.publishing.publications import Publication, PublicationState


def publication_card(row: Publication, words: Words, base_url: str, now: datetime) -> Card:
    """For every state but those after which the share's own card is shown again (cancelled, removed)."""
    match row.state:
        case PublicationState.POSTED:
            return _posted(row, words, base_url, now)
        case PublicationState.IN_DOUBT:
            return _in_doubt(row, words)
        case PublicationState.FAILED:
            return _failed(row, words)
        case PublicationState.HELD:
            return _held(row, words)
        case PublicationState.REMOVING:
            title = words.t("Deleting your post from {network}…", network=_network(row))
            return card(title, Heading(title), Quote(row.text))
        case _:
            return _waiting(row, words, now)


def delete_card(row: Publication, words: Words) -> Card:
    """Asks once, for what is deleted there does not come back."""
    name = _network(row)
    title = words.t("Delete your post from {network}?", network=name)
    return card(
        title,
        Heading(title),
        Quote(row.text),
        text(words.t("Its reactions and replies go with it. You can post it again later.")),
        actions(
            Button(words.t("Yes, delete it"), "publication.delete_now", row.id, "danger"),
            Button(words.t("Keep it"), "publication.show", row.id),
        ),
    )


def _waiting(row: Publication, words: Words, now: datetime) -> Card:
    name = _network(row)
    is_later = row.state == PublicationState.WAITING and row.due_at > now
    if is_later and not row.reason:
        title = words.t("Goes out on {network}: {moment}", network=name, moment=words.moment(row.due_at))
        rest: tuple[Element | None, ...] = (
            actions(
                Button(words.t("Post it now"), "publication.now", row.id),
                Button(words.t("Change…"), "share.edit", row.share_id),
                Button(words.t("Don’t post it"), "publication.cancel", row.id),
            ),
        )
    else:
        title = words.t("Posting on {network}…", network=name)
        said = _why_waiting(row, words) if is_later else ""
        may_stop = row.state == PublicationState.WAITING and row.uncertain_since is None and is_later
        rest = (
            text(said) if said else None,
            actions(Button(words.t("Don’t post it"), "publication.cancel", row.id)) if may_stop else None,
        )
    return card(
        title, Heading(title), text(words.t("As {name}", name=row.account.name), subtle=True), Quote(row.text), *rest
    )


def _why_waiting(row: Publication, words: Words) -> str:
    moment, name = words.moment(row.due_at), _network(row)
    if row.reason == "limit":
        return words.t("{network} asks me to wait. I’ll try again: {moment}.", network=name, moment=moment)
    return words.t("{network} doesn’t answer. I’ll look whether it’s there: {moment}.", network=name, moment=moment)


def _posted(row: Publication, words: Words, base_url: str, now: datetime) -> Card:
    name, share = _network(row), row.share
    readers = share.link.unique_clicks
    title = words.t("Posted on {network}: {title}", network=name, title=share.post.title)
    heading = (
        words.n(
            "Thank you! Your share brought {count} reader", "Thank you! Your share brought {count} readers", readers
        )
        if readers
        else words.t("Thank you! It’s on {network}", network=name)
    )
    told: tuple[tuple[str, str], ...] = ()
    if row.likes is not None:
        told = (
            (words.t("Likes"), words.number(row.likes)),
            (words.t("Replies"), words.number(row.replies or 0)),
            (words.t("Reshares"), words.number(row.reshares or 0)),
        )
    problem = words.t("{network} didn’t delete it. Please try again, or delete it there.", network=name)
    return card(
        title,
        Heading(heading),
        Quote(row.text),
        Facts(
            (
                *(((words.t("Readers from your link"), words.number(readers)),) if row.link else ()),
                *told,
                (words.t("Posted"), words.moment(row.posted_at or now)),
            )
        ),
        text(words.t("Only you see these numbers."), subtle=True) if told else None,
        text(Bold(problem)) if row.reason else None,
        actions(
            Link(words.t("See your post"), f"{base_url}/o/{share.opener}/post") if row.url else None,
            Button(words.t("Delete it from {network}…", network=name), "publication.delete", row.id)
            if row.post
            else None,
        ),
    )


def _in_doubt(row: Publication, words: Words) -> Card:
    name = _network(row)
    title = words.t("Is your post on {network}?", network=name)
    return card(
        title,
        Heading(title),
        text(
            words.t(
                "{network} broke off, and I can’t tell whether your post got through. Please look at your profile "
                "before you post it again.",
                network=name,
            )
        ),
        Quote(row.text, copy=True),
        actions(Link(words.t("Open your profile"), row.account.url)) if row.account.url else None,
        actions(
            Button(words.t("It’s there"), "publication.there", row.id, "primary"),
            Button(words.t("It isn’t: post it again"), "publication.now", row.id),
            Button(words.t("I’ll post it myself"), "publication.by_hand", row.id),
        ),
    )


def _failed(row: Publication, words: Words) -> Card:
    name = _network(row)
    why = {
        Refusal.SIGN_IN: words.t("{network} has ended your sign-in. Sign in again, then try once more.", network=name),
        Refusal.RIGHTS: words.t(
            "{network} doesn’t let me post on your account. Connect it again and allow that.", network=name
        ),
        Refusal.TEXT: words.t("{network} doesn’t take this text. Shorten or change it.", network=name),
        Refusal.DUPLICATE: words.t("{network} says that you’ve posted the same text already.", network=name),
        "limit": words.t(
            "{network} has been asking me to wait for a day. Post it yourself, or try again.", network=name
        ),
    }.get(row.reason, words.t("{network} didn’t take it. Post it yourself, or try again.", network=name))
    title = words.t("Not posted on {network}", network=name)
    signs_in = row.reason in (Refusal.SIGN_IN, Refusal.RIGHTS)
    return card(
        title,
        Heading(title),
        text(Bold(why)),
        text(words.t("Your text is kept.")),
        Quote(row.text, copy=True),
        actions(
            Button(words.t("Sign in again…"), f"account.connect_{row.account.network}", style="primary")
            if signs_in
            else None,
            Button(words.t("Change…"), "share.edit", row.share_id),
            Button(words.t("Try again"), "publication.now", row.id),
            Button(words.t("I’ll post it myself"), "publication.by_hand", row.id),
        ),
    )


def _held(row: Publication, words: Words) -> Card:
    title, about = words.t("Still post this on {network}?", network=_network(row)), row.share.post.title
    why = (
        words.t("“{title}” was withdrawn and is back now. Your post hasn’t gone out.", title=about)
        if row.reason == "withdrawn"
        else words.t("“{title}” has changed since you wrote this. It hasn’t been posted.", title=about)
    )
    return card(
        title,
        Heading(title),
        text(why),
        Quote(row.text),
        actions(
            Button(words.t("Post it now"), "publication.now", row.id, "primary"),
            Button(words.t("Change…"), "share.edit", row.share_id),
            Button(words.t("Don’t post it"), "publication.cancel", row.id),
        ),
    )


def _network(row: Publication) -> str:
    network = row.account.network
    return kind_of(network, row.share.social).name
