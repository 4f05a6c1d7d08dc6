"""What is said about a person's own accounts of social networks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.cards import Bold, Button, Card, Element, Form, Heading, Link, TextField, actions, card, text
from bot.core.i18n import Words
from bot.core.network_names import in_words
from content.channels import name_of
from storage.publishing.accounts import ConnectedAccount

ASKS_FOR_HOST = ("bluesky", "mastodon")


def accounts_card(
    networks: Sequence[str], connected: Sequence[ConnectedAccount], words: Words, now: datetime, notice: str = ""
) -> Card:
    """`networks`: those that are set up here."""
    title = words.t("Your accounts")
    rows, by_network = list[Element](), {account.network: account for account in connected}
    for network in networks:
        rows += _network(network, by_network.get(network), words, now)
    return card(
        title,
        Heading(title),
        text(Bold(notice)) if notice else None,
        text(words.t("I can post on the accounts you connect: each post only when you tap, exactly as you see it.")),
        *rows,
        text(
            words.t(
                "I never see your password. The network gives me a key, which I keep encrypted and throw away when you "
                "disconnect or leave the organisation."
            ),
            subtle=True,
        )
        if networks
        else text(words.t("No network is set up for this yet. Your administrator can do that.")),
    )


def _network(network: str, account: ConnectedAccount | None, words: Words, now: datetime) -> list[Element]:
    name = name_of(network)
    connect = Button(words.t("Connect {network}…", network=name), f"account.connect_{network}")
    if account is None:
        return [text(Bold(name), " · ", words.t("not connected")), actions(connect)]
    end = Button(words.t("Disconnect"), f"account.end_{network}")
    if not account.is_usable(now):
        again = Button(words.t("Sign in again…"), f"account.connect_{network}", style="primary")
        return [
            text(Bold(name), " · ", words.t("{name}: its sign-in has ended", name=account.name)),
            actions(again, end),
        ]
    until = (
        [" · ", words.t("sign in again by {day}", day=words.day(account.expires_at))]
        if account.expires_at is not None
        else []
    )
    return [text(Bold(name), " · ", account.name, *until), actions(end)]


def host_form(network: str, words: Words, value: str = "", error: str = "") -> Form:
    """Where the account is."""
    if network == "mastodon":
        label, hint = words.t("Your server"), words.t("For example mastodon.social")
    else:
        label, hint = words.t("Your name on Bluesky"), words.t("For example aino.bsky.social. You can leave it empty.")
    return Form(
        name=f"account_{network}",
        ref=0,
        title=words.t("Connect {network}", network=name_of(network)),
        fields=(TextField("host", label, value=value, hint=hint, max_length=250, required=network == "mastodon"),),
        submit=words.t("Continue"),
        cancel=words.t("Cancel"),
        errors=(("host", error),) if error else (),
    )


def door_card(network: str, host: str, url: str, words: Words) -> Card:
    """The way to the network's own sign-in."""
    name = name_of(network)
    title = words.t("Connect {network}", network=name)
    return card(
        title,
        Heading(title),
        text(
            words.t("You sign in on {host}. This link works for ten minutes: keep it to yourself.", host=host or name)
        ),
        actions(
            Link(words.t("Sign in {to_network}", **in_words(network, words.language)), url),
            Button(words.t("Back to your accounts"), "show.accounts"),
        ),
    )


def expiring_card(account: ConnectedAccount, words: Words) -> Card:
    name = name_of(account.network)
    day = words.day(account.expires_at) if account.expires_at else ""
    title = words.t("Sign in {to_network} again", **in_words(account.network, words.language))
    return card(
        title,
        Heading(title),
        text(
            words.t(
                "{network} asks for that every two months. From {day} on I can’t post there for you.",
                network=name,
                day=day,
            )
        ),
        actions(
            Button(words.t("Sign in again…"), f"account.connect_{account.network}", style="primary"),
            Button(words.t("Disconnect"), f"account.end_{account.network}"),
        ),
    )
