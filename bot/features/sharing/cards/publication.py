"""The card of a share that Chorus publishes on the person's own account, from the wait to the thanks."""

from __future__ import annotations

from datetime import datetime

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, Link, Quote, actions, card, text
from bot.core.i18n import Words
from bot.core.network_names import in_words
from bot.core.networks import Refusal
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
            return _held(row, words, now)
        case PublicationState.REMOVING:
            title = words.t("Deleting your post {from_network}…", **in_words(row.account.network, words.language))
            return card(title, Heading(title), Quote(row.text))
        case _:
            return _waiting(row, words, now)


def delete_card(row: Publication, words: Words) -> Card:
    """Asks once, for what is deleted there does not come back."""
    name = in_words(row.account.network, words.language)
    title = words.t("Delete your post {from_network}?", **name)
    return card(
        title,
        Heading(title),
        Quote(row.text),
        text(words.t("Its reactions and replies go with it.")),
        actions(
            Button(words.t("Yes, delete it"), "publication.delete_now", row.id, "danger"),
            Button(words.t("Keep it"), "publication.show", row.id),
        ),
    )


def _waiting(row: Publication, words: Words, now: datetime) -> Card:
    name = in_words(row.account.network, words.language)
    is_later = row.state == PublicationState.WAITING and row.due_at > now
    if is_later and not row.reason:
        title = words.t("Goes out {in_network}: {moment}", **name, moment=words.moment(row.due_at))
        rest: tuple[Element | None, ...] = (
            actions(
                Button(words.t("Post it now"), "publication.now", row.id),
                Button(words.t("Change…"), "share.edit", row.share_id),
                Button(words.t("Don’t post it"), "publication.cancel", row.id),
            ),
        )
    else:
        title = words.t("Posting {in_network}…", **name)
        said = _why_waiting(row, words) if is_later else ""
        may_stop = row.state == PublicationState.WAITING and row.uncertain_since is None and is_later
        rest = (
            text(said) if said else None,
            actions(Button(words.t("Don’t post it"), "publication.cancel", row.id)) if may_stop else None,
        )
    about = (words.t("As {name}", name=row.account.name), " · ", row.share.post.title)
    return card(title, Heading(title), text(*about, subtle=True), Quote(row.text), *rest)


def _why_waiting(row: Publication, words: Words) -> str:
    moment, name = words.moment(row.due_at), in_words(row.account.network, words.language)
    if row.reason == "limit":
        return words.t("{network} asks me to wait. I’ll try again: {moment}.", **name, moment=moment)
    return words.t("{network} doesn’t answer. I’ll look whether it’s there: {moment}.", **name, moment=moment)


def _posted(row: Publication, words: Words, base_url: str, now: datetime) -> Card:
    name, share = in_words(row.account.network, words.language), row.share
    readers = share.link.unique_clicks
    title = words.t("Posted {in_network}: {title}", **name, title=share.post.title)
    heading = (
        words.n(
            "Thank you! Your share brought {count} reader", "Thank you! Your share brought {count} readers", readers
        )
        if readers
        else words.t("Thank you! It’s {in_network}", **name)
    )
    told: tuple[tuple[str, str], ...] = ()
    if row.likes is not None:
        told = (
            (words.t("Likes"), words.number(row.likes)),
            (words.t("Replies"), words.number(row.replies or 0)),
            (words.t("Reshares"), words.number(row.reshares or 0)),
        )
    problem = words.t("{network} didn’t delete it. Try again, or delete it there.", **name)
    return card(
        title,
        Heading(heading),
        text(share.post.title, subtle=True),
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
            Button(words.t("Delete it {from_network}…", **name), "publication.delete", row.id) if row.post else None,
        ),
    )


def _in_doubt(row: Publication, words: Words) -> Card:
    name = in_words(row.account.network, words.language)
    title = words.t("Is your post {in_network}?", **name)
    return card(
        title,
        Heading(title),
        text(
            words.t(
                "{network} broke off, and I can’t tell whether your post got through. Look at your profile before "
                "you post it again.",
                **name,
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
    name = in_words(row.account.network, words.language)
    why = {
        Refusal.SIGN_IN: words.t("{network} has ended your sign-in. Sign in again, then try once more.", **name),
        Refusal.RIGHTS: words.t(
            "{network} doesn’t let me post on your account. Connect it again and allow that.", **name
        ),
        Refusal.TEXT: words.t("{network} doesn’t take this text. Shorten or change it.", **name),
        Refusal.DUPLICATE: words.t("{network} says that you’ve posted the same text already.", **name),
        "disconnected": words.t("Your account isn’t connected any more."),
        "limit": words.t("{network} has been asking me to wait for a day. Post it yourself, or try again.", **name),
    }.get(row.reason, words.t("{network} didn’t take it. Post it yourself, or try again.", **name))
    title = words.t("Not posted {in_network}", **name)
    signs_in = row.reason in (Refusal.SIGN_IN, Refusal.RIGHTS, "disconnected")
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


def _held(row: Publication, words: Words, now: datetime) -> Card:
    """Its writer is asked once more, for something is not as it was when they said yes."""
    about = row.share.post.title
    title = words.t("Still post this {in_network}?", **in_words(row.account.network, words.language))
    why = {
        "withdrawn": words.t("“{title}” was withdrawn and is back now. Your post hasn’t gone out.", title=about),
        "late": words.t("It should have gone out {moment}, but I couldn’t post then.", moment=words.moment(row.due_at)),
        "account": words.t("You’ve connected another account since: {name}.", name=row.account.name),
    }.get(row.reason, words.t("“{title}” has changed since you wrote this. It hasn’t been posted.", title=about))
    return card(
        title,
        Heading(title),
        text(why),
        text(words.t("As {name}", name=row.account.name), " · ", about, subtle=True),
        Quote(row.text),
        actions(
            Button(words.t("As planned: {moment}", moment=words.moment(row.due_at)), "publication.as_planned", row.id)
            if row.due_at > now
            else None,
            Button(words.t("Post it now"), "publication.now", row.id, "primary"),
            Button(words.t("Change…"), "share.edit", row.share_id),
            Button(words.t("Don’t post it"), "publication.cancel", row.id),
        ),
    )
