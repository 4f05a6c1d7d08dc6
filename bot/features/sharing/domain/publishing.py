"""Publishing on a person's own account: what an attempt is made of, and what follows from what came of it.

An attempt is begun in one transaction, made outside of any, and its outcome is written down in another. Who makes one
has the account for themselves. If an outcome is not known, or whoever made the attempt is gone, the network is asked
before anything is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bot.core.networks import (
    Credentials,
    Network,
    NotThere,
    OutgoingPost,
    Published,
    PublishOutcome,
    Refused,
)
from bot.core.ports import OutcomeUnknown, RetryAfter
from storage.publishing.publications import Publication
from storage.sharing.posts import Post

LEASE = timedelta(minutes=5)  # for an attempt: pictures go up within it
LATE = timedelta(hours=2)  # after its moment, a post that was chosen for it is asked about once more
KEEPS_TRYING = timedelta(hours=24)  # after the first attempt
LOOKS = 5  # attempts and looks at one that is uncertain, before it is left to the person
REPEATS_WITHIN = timedelta(minutes=30)  # for which a network surely recognises a repeat
FIRST_WAIT = timedelta(seconds=30)  # doubled with each look


class Step(StrEnum):
    PUBLISH = "publish"
    FIND = "find"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step at a network. `pictures`: addresses to be read for it, with what is said of each."""

    publication: int
    account: int
    network: str
    step: Step
    credentials: Credentials = field(repr=False)
    post: OutgoingPost
    until: datetime  # for so long its maker has the account
    pictures: tuple[tuple[str, str], ...] = ()
    posted: str = ""  # what is to be deleted


def digest_of_post(post: Post) -> str:
    """What a person saw of the post when they said yes."""
    own = [part for picture in post.own_pictures for part in (picture.key, picture.alt)]
    video = [post.video_url] if post.video_url else []
    seen = "\x1f".join((post.url, post.title, post.summary, post.image_url or "", *video, *own))
    return sha256(seen.encode("utf-8", "replace")).hexdigest()


def as_read(publication: Publication) -> None:
    """What goes out of the post is what its writer has before them now."""
    post = publication.share.post
    publication.about, publication.picture = digest_of_post(post), None if post.cover else post.image_url
    publication.title, publication.description = post.title, post.summary


def step_of(publication: Publication, network: Network, now: datetime, *, may_go: bool) -> Step:
    """What to do now. A repeat of what may be there already is made only where the network recognises it, and while the
    post is as its writer saw it (`may_go`); else it is only looked for."""
    if publication.uncertain_since is None:
        return Step.PUBLISH
    if not may_go:
        return Step.FIND
    has_looked = publication.attempts % 2 == 1  # at every other attempt, and if that told nothing, it is repeated
    may_repeat = network.refuses_repeats and now - publication.uncertain_since <= REPEATS_WITHIN
    return Step.PUBLISH if has_looked and publication.attempts > 1 and may_repeat else Step.FIND


def take_outcome(publication: Publication, step: Step, outcome: PublishOutcome, now: datetime) -> None:
    """Write down what came of an attempt at publishing or looking."""
    if isinstance(outcome, Published):
        publication.posted(outcome.post, outcome.url, now)
    elif isinstance(outcome, NotThere):
        publication.uncertain_since = None
        publication.retry(now, "")
    elif isinstance(outcome, RetryAfter):
        _wait(publication, timedelta(seconds=outcome.seconds), "limit", now)
    elif isinstance(outcome, OutcomeUnknown):
        if step == Step.PUBLISH:
            publication.uncertain_since = publication.uncertain_since or now
        _look_again(publication, now)
    elif publication.uncertain_since is not None:
        publication.doubt()  # this attempt was refused, an earlier one may have got through
    else:
        publication.fail(outcome.why)


def take_removal(publication: Publication, outcome: PublishOutcome, now: datetime) -> None:
    """Write down what came of an attempt at deleting."""
    if isinstance(outcome, NotThere):
        publication.removed()
    elif isinstance(outcome, Refused):
        publication.stays(outcome.why)
    elif isinstance(outcome, RetryAfter) and publication.attempts < LOOKS:
        _remove_later(publication, timedelta(seconds=outcome.seconds), now)
    elif isinstance(outcome, OutcomeUnknown) and publication.attempts < LOOKS:
        _remove_later(publication, FIRST_WAIT, now)  # deleting twice does no harm
    else:
        publication.stays("no_answer")


def _remove_later(publication: Publication, wait: timedelta, now: datetime) -> None:
    publication.attempts += 1
    publication.remove(now, now + wait)


def _wait(publication: Publication, wait: timedelta, reason: str, now: datetime) -> None:
    begun = publication.first_attempt_at or now
    if now + wait <= begun + KEEPS_TRYING:
        publication.retry(now + wait, reason)
    elif publication.uncertain_since is not None:
        publication.doubt()
    else:
        publication.fail(reason)


def _look_again(publication: Publication, now: datetime) -> None:
    if publication.attempts >= LOOKS:
        publication.doubt()
    else:
        publication.retry(now + FIRST_WAIT * 2 ** (publication.attempts - 1), "no_answer")
