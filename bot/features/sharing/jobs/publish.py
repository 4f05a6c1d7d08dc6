"""Publishing on people's own accounts: what is due, each attempt's beginning and end, and the reactions to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.core.context import Effect, Job, Send
from bot.core.networks import Credentials, OutgoingPost, Picture, PublishOutcome, Reactions, Refusal, Refused
from bot.features.sharing.cards.nudge import repainted
from bot.features.sharing.domain.confirming import confirm
from bot.features.sharing.domain.may_share import may_share
from bot.features.sharing.domain.publishing import (
    LATE,
    LEASE,
    Attempt,
    Step,
    digest_of_post,
    step_of,
    take_outcome,
    take_removal,
)
from storage.publishing import accounts, publications
from storage.publishing.publications import Publication, PublicationState
from storage.sharing.posts import PostState

BUSY = timedelta(seconds=5)  # until it is tried again with an account that somebody else is using
AT_ONCE = 200  # publications begun at a tick
COUNTED_FOR, COUNTED_EVERY = timedelta(days=21), timedelta(hours=1)
COUNTED_AT_ONCE = 200
TELLS = (PublicationState.HELD, PublicationState.FAILED, PublicationState.IN_DOUBT)  # of what nobody sees happen


def due(job: Job) -> list[int]:
    """Publications whose moment has come."""
    return list(publications.due(job.session, job.now, AT_ONCE))


def begin(job: Job, publication_id: int) -> tuple[Attempt | None, list[Effect]]:
    """What is to be done now about the publication, if anything, with its account seized for it."""
    row = publications.publication(job.session, publication_id)
    if row is None or not _is_due(job, row):
        return None, []
    if not accounts.seize(job.session, row.account_id, now=job.now, until=job.now + LEASE):
        return None, []  # the next tick looks again
    job.session.refresh(row)  # as it is now that nobody else has it
    job.session.refresh(row.account)
    attempt = _begun(job, row) if _is_due(job, row) else None
    if attempt is None:
        row.account.busy_until = None
    job.session.flush()
    return attempt, repainted(row.share.nudge) + _told(row)


def finish(job: Job, attempt: Attempt, outcome: PublishOutcome, credentials: Credentials | None = None) -> list[Effect]:
    """Write down what came of an attempt."""
    row = publications.publication(job.session, attempt.publication)
    if row is None:
        return []
    account = row.account
    if account.busy_until == attempt.until:
        account.busy_until = None
    if isinstance(outcome, Refused) and outcome.why == Refusal.SIGN_IN and account.credentials == credentials:
        account.expire()
    if attempt.step == Step.DELETE:
        if row.state == PublicationState.REMOVING:
            take_removal(row, outcome, job.now)
        if row.state == PublicationState.REMOVED:
            row.share.undo()
    elif row.state == PublicationState.SENDING:
        take_outcome(row, attempt.step, outcome, job.now)
        if row.is_posted:
            confirm(job.session, row.share, job.now, url=row.url)
    job.session.flush()
    return repainted(row.share.nudge) + _told(row)


def store_credentials(job: Job, attempt: Attempt, credentials: Credentials) -> bool:
    """Renewed ones, before they are used: the old ones may be void already. False where the account has ended."""
    account = accounts.account(job.session, attempt.account)
    if account is None or account.sealed is None:
        return False
    account.credentials = credentials
    return True


def to_count(job: Job) -> dict[str, list[str]]:
    """By network, the posts whose reactions are to be asked for."""
    found = dict[str, list[str]]()
    rows = publications.to_count(
        job.session, since=job.now - COUNTED_FOR, before=job.now - COUNTED_EVERY, limit=COUNTED_AT_ONCE
    )
    for row in rows:
        row.counted_at = job.now
        if row.post and row.account.network in job.networks:
            found.setdefault(row.account.network, []).append(row.post)
    return found


def take_reactions(job: Job, network: str, told: Mapping[str, Reactions]) -> list[Effect]:
    """Write them down, and show them to whoever wrote the post where they have changed."""
    effects = list[Effect]()
    for row in publications.by_posts(job.session, network, list(told)):
        counts = told[row.post or ""]
        if (row.likes, row.replies, row.reshares) != (counts.likes, counts.replies, counts.reshares):
            row.likes, row.replies, row.reshares = counts.likes, counts.replies, counts.reshares
            effects += repainted(row.share.nudge)
    return effects


def _is_due(job: Job, row: Publication) -> bool:
    if row.state == PublicationState.WAITING:
        return row.due_at <= job.now
    return row.is_at_work and row.sending_until is not None and row.sending_until <= job.now


def _begun(job: Job, row: Publication) -> Attempt | None:
    """The attempt, or None where its writer is to be asked first or it is no longer to be made."""
    account, network = row.account, job.networks.get(row.account.network)
    if row.state == PublicationState.REMOVING:
        if network is None or not account.credentials:
            row.stays(Refusal.SIGN_IN)
            return None
        row.remove(job.now, job.now + LEASE)
        return _attempt(job, row, Step.DELETE)
    may_go = row.share.post.is_shareable(job.now) and row.about == digest_of_post(row.share.post)
    if not row.share.employee.is_active and row.is_its_writers:
        row.cancel()
        return None
    if row.state == PublicationState.WAITING and row.uncertain_since is None:
        if not may_share(row.share.post, row.share.employee, job.now):
            row.cancel()
            return None
        if not may_go:
            row.hold("changed")
            return None
        if row.first_attempt_at is None and job.now - row.due_at > LATE:
            row.hold("late")
            return None
    if network is None or not account.is_usable(job.now) or not account.credentials:
        if row.uncertain_since is not None or row.state == PublicationState.SENDING:
            row.begin(now=job.now, until=job.now)
            row.doubt()
        else:
            row.fail(Refusal.SIGN_IN)
        return None
    row.begin(now=job.now, until=job.now + LEASE)
    return _attempt(job, row, step_of(row, network, job.now, may_go=may_go))


def _attempt(job: Job, row: Publication, step: Step) -> Attempt:
    own = row.share.post.own_pictures if step == Step.PUBLISH else []
    return Attempt(
        publication=row.id,
        account=row.account_id,
        network=row.account.network,
        step=step,
        credentials=row.account.credentials,
        post=OutgoingPost(
            key=row.key,
            text=row.text,
            language=row.share.language,
            written_at=row.written_at,
            link=row.link,
            title=row.title,
            description=row.description,
            pictures=tuple(Picture(one.content, one.media_type, one.alt) for one in own),
            has_own_pictures=bool(own),
        ),
        until=job.now + LEASE,
        pictures=((row.picture, row.title),) if row.picture else (),
        posted=row.post or "",
    )


def _told(row: Publication) -> list[Effect]:
    """A word to its writer, where something is theirs to decide or happened while they were not looking."""
    was_scheduled = row.is_posted and row.due_at - row.written_at > timedelta(minutes=10)
    is_overtaken = row.is_posted and row.share.post.state == PostState.RECALLED
    if row.state not in TELLS and not was_scheduled and not is_overtaken:
        return []
    key = f"publication:{row.id}:{row.state}:{row.reason}:{row.due_at.isoformat(timespec='minutes')}"
    return [Send(row.share.employee, key, kind="publication", subject=row.share.nudge_id)]
