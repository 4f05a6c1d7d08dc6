"""What the clock does about connected accounts, and what is said when a sign-in has come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.core.context import BackgroundResult, Effect, Job, Send, Update, words_of
from bot.core.networks import NetworkAccount
from bot.features.accounts import domain
from bot.features.accounts.cards import accounts_card, expiring_card
from content.channels import name_of
from storage.people import employees
from storage.publishing import accounts
from storage.publishing.accounts import AccountRequest

WARNED_BEFORE = (timedelta(days=14), timedelta(days=3))


def connected(asked: AccountRequest, found: NetworkAccount) -> Callable[[Job], list[Effect]]:
    """Work that stores the account and shows it on the person's card. Raises SignInFailed."""

    def work(job: Job) -> list[Effect]:
        person = employees.some(job.session, [asked.employee_id])[asked.employee_id]
        ended = domain.connect(job.session, job.networks, person, asked.network, found, job.now)
        job.session.flush()
        if not asked.message or not asked.workspace_id:
            return [*ended]
        words = words_of(person, job.now)
        notice = words.t("{network} is connected.", network=name_of(asked.network))
        rows = accounts.accounts_of(job.session, person.id)
        said = accounts_card(sorted(job.networks), rows, words, job.now, notice)
        return [Update(asked.message, asked.workspace_id, said), *ended]

    return work


def not_connected(asked: AccountRequest, sentence: str) -> Callable[[Job], list[Effect]]:
    """Work that says so on the person's card, whose link is used up."""

    def work(job: Job) -> list[Effect]:
        accounts.drop_request(job.session, asked.digest)
        if not asked.message or not asked.workspace_id:
            return []
        person = employees.some(job.session, [asked.employee_id])[asked.employee_id]
        rows = accounts.accounts_of(job.session, person.id)
        said = accounts_card(sorted(job.networks), rows, words_of(person, job.now), job.now, sentence)
        return [Update(asked.message, asked.workspace_id, said)]

    return work


def end_of_leavers(job: Job) -> list[Effect]:
    """Who has left has no account here, within a tick."""
    return [
        effect
        for account in accounts.of_leavers(job.session)
        for effect in domain.end(job.session, job.networks, account)
    ]


def warn_of_end(job: Job) -> list[Effect]:
    """Two weeks and three days before a sign-in ends that cannot be renewed."""
    effects = list[Effect]()
    for account in accounts.expiring(job.session, before=job.now + WARNED_BEFORE[0]):
        if account.expires_at is None:
            continue
        left = account.expires_at - job.now
        due = [before for before in WARNED_BEFORE if left <= before]
        if not due or (account.warned_at is not None and account.warned_at >= account.expires_at - due[-1]):
            continue
        account.warned_at = job.now
        person = account.employee
        key = f"account:{account.id}:{account.expires_at:%Y%m%d}:{due[-1].days}"
        effects.append(Send(person, key, expiring_card(account, words_of(person, job.now))))
    return effects


def ended(_job: Job, _result: BackgroundResult) -> list[Effect]:
    """The network was told; there is nothing to say."""
    return []
