"""Examples of the cards and forms of connected accounts, and of posts on them."""

from __future__ import annotations

from datetime import timedelta

from bot.core.cards import Card, Form
from bot.core.i18n import Words
from bot.features.accounts import cards
from bot.features.people.samples import NOW, people
from storage.publishing.accounts import AccountState, ConnectedAccount

NETWORKS = ("bluesky", "linkedin", "mastodon")


def samples(words: Words) -> dict[str, Card]:
    bluesky, linkedin = account_of(words, "bluesky"), account_of(words, "linkedin")
    linkedin.expires_at = NOW + timedelta(days=14)
    expired = account_of(words, "bluesky", AccountState.EXPIRED)
    url = "https://chorus.example/connect/token"
    return {
        "accounts": cards.accounts_card(NETWORKS, [bluesky, linkedin], words, NOW),
        "accounts_expired": cards.accounts_card(NETWORKS, [expired], words, NOW),
        "accounts_none": cards.accounts_card((), [], words, NOW),
        "account_door": cards.door_card("mastodon", "mastodon.social", url, words),
        "account_expiring": cards.expiring_card(linkedin, words),
    }


def forms(words: Words) -> dict[str, Form]:
    return {
        "account_mastodon": cards.host_form("mastodon", words),
        "account_bluesky": cards.host_form("bluesky", words),
    }


def account_of(words: Words, network: str, state: AccountState = AccountState.ACTIVE) -> ConnectedAccount:
    aino, _laura = people(words)
    return ConnectedAccount(
        id=3,
        employee=aino,
        network=network,
        subject="did:plc:aino",
        name="Aino Virtanen" if network == "linkedin" else "@aino.example",
        url="https://bsky.app/profile/aino.example",
        host="",
        state=state,
    )
