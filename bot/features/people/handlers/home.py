"""Home: a person's nudges, shares and settings on one page. It has no data of its own."""

from __future__ import annotations

from bot.core.cards import Bold, Button, Card, Divider, Element, Heading, actions, card, text
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from content.channels import kind_of
from storage.sharing import nudges, shares


def show_home(context: Context, _event: Command | Pressed) -> list[Effect]:
    return [Reply(home_card(context))]


def home_card(context: Context) -> Card:
    words, person = context.words, context.person
    waiting = [nudge for nudge in nudges.open_of(context.session, person.id) if nudge.post.is_shareable(context.now)]
    posted = [share for share in shares.shares_of(context.session, person.id) if share.is_confirmed]
    readers = sum(share.link.unique_clicks for share in posted)
    body: list[Element] = [Heading(words.t("Your nudges"))]
    for nudge in waiting[:5]:
        body += [
            text(Bold(nudge.post.title), f" · {nudge.post.source}"),
            actions(
                Button(words.t("Share…"), "share.open", nudge.id, "primary"),
                Button(words.t("Not for me"), "nudge.decline", nudge.id),
            ),
        ]
    if not waiting:
        body.append(text(words.t("Nothing is waiting for you right now."), subtle=True))
    body += [Divider(), Heading(words.t("Your shares"))]
    body += [
        text(
            f"{share.post.title} · {kind_of(share.channel, share.social).name} · ",
            Bold(words.n("{count} reader", "{count} readers", share.link.unique_clicks)),
        )
        for share in posted[:5]
    ]
    body.append(
        text(
            words.n("Your shares brought {count} reader.", "Your shares brought {count} readers.", readers),
            subtle=True,
        )
        if posted
        else text(
            words.t("You haven’t shared anything yet. Type /chorus share to see what you can share."), subtle=True
        )
    )
    body += [
        Divider(),
        actions(
            Button(words.t("Find something to share"), "show.share"),
            Button(words.t("Ask…"), "question.new"),
            Button(words.t("Inbox"), "show.inbox"),
            Button(words.t("Settings"), "show.settings"),
            Button(words.t("Help"), "show.help"),
            Button(words.t("Review drafts"), "show.review") if person.has_role("lead") else None,
            Button(words.t("Results"), "show.results"),
            Button(words.t("Pulse"), "show.pulse"),
        ),
    ]
    return card(words.t("Home"), *body)
