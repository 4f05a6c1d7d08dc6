"""Connecting a person's account, and ending that."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.core.context import BackgroundRequest, Context, Effect, Send, Update
from bot.core.networks import NetworkAccount, Networks, SignInFailed
from storage.database import Session
from storage.people.employees import Employee
from storage.publishing import accounts, publications
from storage.publishing.accounts import AccountState, ConnectedAccount


def connect(
    session: Session, networks: Networks, person: Employee, network: str, found: NetworkAccount, now: datetime
) -> list[Effect]:
    """The account is the person's from now on, in place of another of theirs there. Raises SignInFailed."""
    if not person.is_active:
        raise SignInFailed("the person has left")
    if accounts.is_anothers(session, network, found.subject, person.id):
        raise SignInFailed("the account is a colleague's", "A colleague has connected this account already.")
    row, ended = accounts.account_for(session, person.id, network), list[Effect]()
    if row is not None and row.subject != found.subject:
        ended = end(session, networks, row)
        session.flush()
        row = None
    if row is None:
        row = ConnectedAccount(employee=person, network=network, subject=found.subject, state=AccountState.ACTIVE)
        session.add(row)
    row.sign_in(
        name=found.name,
        url=found.url,
        host=found.host,
        credentials=found.credentials,
        expires_at=found.expires_at,
        max_length=found.max_length,
        now=now,
    )
    return ended


def forget(context: Context) -> list[Effect]:
    """The networks of a person who is erased are told that their keys end; nobody else is told anything."""
    ended = (
        effect
        for account in accounts.accounts_of(context.session, context.person.id)
        for effect in end(context.session, context.networks, account)
    )
    return [effect for effect in ended if isinstance(effect, BackgroundRequest)]


def end(session: Session, networks: Networks, account: ConnectedAccount) -> list[Effect]:
    """Its key is gone at once, what waits for it is not posted and says so; the network is told after the commit."""
    network, credentials = networks.get(account.network), account.credentials
    effects = list[Effect]()
    for publication in publications.unsent_of(session, account_id=account.id):
        if publication.is_its_writers:
            publication.fail("disconnected")
        else:
            publication.doubt()  # an attempt may have got through, and now nobody can look
            key = f"publication:{publication.id}:disconnected"
            effects.append(
                Send(publication.share.employee, key, kind="publication", subject=publication.share.nudge_id)
            )
        nudge = publication.share.nudge
        if nudge.message and nudge.workspace_id:
            effects.append(Update(nudge.message, nudge.workspace_id, kind="nudge", subject=nudge.id, to=nudge.employee))
    account.end()
    if network is not None and credentials:
        effects.append(BackgroundRequest("account_end", account.id, work=partial(network.end, credentials)))
    return effects
