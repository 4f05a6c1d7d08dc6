"""What the answers of networks mean, where they mean the same: for each its own meanings are added by its adapter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from adapters.networks import wire
from bot.core.networks import PublishOutcome, Reactions, Refusal, Refused
from bot.core.ports import OutcomeUnknown, RetryAfter
from content.errors import NoAnswer, NotSent
from content.read_results import Called

MOST_REACTIONS = 1_000_000_000


def attempted(call: Callable[[], Called], retries_in: float) -> Called | RetryAfter | OutcomeUnknown:
    """The answer; where none came, whether the request may have arrived. `retries_in`: seconds, if it has not."""
    try:
        return call()
    except NotSent as fault:
        return RetryAfter(retries_in, str(fault))
    except NoAnswer as fault:
        return OutcomeUnknown(str(fault))


def refusal_of(
    answer: Called, said: str, *, text: Collection[int] = (400, 413), wait: float = wire.USUAL_WAIT
) -> PublishOutcome:
    """What an answer that is no success says, in words (`said`) for the log. `text`: statuses that are about what was
    written. `wait`: seconds, where it is too much and the answer names none. A server's own fault leaves open whether
    the request was carried out."""
    match answer.status:
        case 401:
            return Refused(Refusal.SIGN_IN, said)
        case 403:
            return Refused(Refusal.RIGHTS, said)
        case status if status in text:
            return Refused(Refusal.TEXT, said)
        case wire.TOO_MANY:
            return RetryAfter(wire.wait_of(answer, wait), "too many posts")
        case status if status >= 500:
            return OutcomeUnknown(f"it answered {status}")
        case status:
            return Refused(Refusal.OTHER, f"{status} {said}")


def reactions_in(value: Mapping[str, Any], likes: str, replies: str, reshares: str) -> Reactions | None:
    """The counts of those names; None where they are none."""
    counts = [value.get(name) for name in (likes, replies, reshares)]
    if not all(isinstance(count, int) and 0 <= count < MOST_REACTIONS for count in counts):
        return None
    return Reactions(*counts)  # type: ignore[arg-type]
