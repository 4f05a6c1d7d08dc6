"""`accounts`: a person's own accounts of social networks, connected and disconnected by nobody else."""

from __future__ import annotations

import secrets
from datetime import timedelta

from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import Gone
from bot.core.events import Command, Pressed, Submitted
from bot.core.tokens import digest_of
from bot.features.accounts import domain
from bot.features.accounts.cards import ASKS_FOR_HOST, accounts_card, door_card, host_form
from content.addresses import server_in
from content.channels import name_of
from content.errors import NotAnAddress
from storage.publishing import accounts, publications
from storage.publishing.accounts import AccountRequest

VALID = timedelta(minutes=10)
MAX_HOST = 250  # characters


def show_accounts(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`accounts`."""
    return [_card(context)]


def connect(context: Context, event: Pressed) -> list[Effect]:
    """`account.connect_*`: where the account is, if that is to be asked, else the way to sign in."""
    network = _network(context, event.argument)
    if network in ASKS_FOR_HOST:
        known = accounts.account_for(context.session, context.person.id, network)
        value = context.networks[network].usual_host if known is None or network == "bluesky" else known.host
        return [OpenForm(host_form(network, context.words, value))]
    return [_door(context, network, "", event.message, event.workspace)]


def submit_host(context: Context, event: Submitted) -> list[Effect]:
    """`account_*`: the way to the network's sign-in."""
    network, host = _network(context, event.argument), event.values.get("host", "").strip()[:MAX_HOST]
    if network == "mastodon":
        try:
            host = server_in(host)
        except NotAnAddress:
            error = context.words.t("Type the name of your server, for example mastodon.social.")
            return [OpenForm(host_form(network, context.words, host, error))]
    return [_door(context, network, host, event.message, event.workspace)]


def cancel_host(context: Context, _event: Pressed) -> list[Effect]:
    """`cancel.account_*` where the form replaced the card."""
    return [_card(context)]


def disconnect(context: Context, event: Pressed) -> list[Effect]:
    """`account.end_*`: one tap."""
    account = accounts.account_for(context.session, context.person.id, event.argument)
    if account is None:
        return [_card(context)]
    waiting = len(publications.unsent_of(context.session, account_id=account.id))
    ended = domain.end(context.session, context.networks, account)
    words = context.words
    notice = words.t("{network} is disconnected. Your posts stay there.", network=name_of(account.network))
    if waiting:
        notice += " " + words.n(
            "{count} post that was waiting won’t go out; its text is kept.",
            "{count} posts that were waiting won’t go out; their texts are kept.",
            waiting,
        )
    return [_card(context, notice), *ended]


def _door(context: Context, network: str, host: str, message: str | None, workspace: str) -> Effect:
    token = secrets.token_urlsafe(32)
    context.session.add(
        AccountRequest(
            digest=digest_of(token),
            employee_id=context.person.id,
            network=network,
            host=host,
            workspace_id=workspace if message else None,
            message=message,
            expires_at=context.now + VALID,
        )
    )
    shown = host if network == "mastodon" else ""
    return Reply(door_card(network, shown, f"{context.rules.base_url}/connect/{token}", context.words))


def _network(context: Context, name: str) -> str:
    """Raises Gone where it is not set up here."""
    if name not in context.networks:
        raise Gone("{network} is not set up here any more.", network=name_of(name))
    return name


def _card(context: Context, notice: str = "") -> Reply:
    connected = accounts.accounts_of(context.session, context.person.id)
    return Reply(accounts_card(sorted(context.networks), connected, context.words, context.now, notice))
