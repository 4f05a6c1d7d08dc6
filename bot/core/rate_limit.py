"""One person's flood does not keep the others waiting: beyond a hurried hand's pace events are let pass unheard, and
the person is told so once. What somebody wrote in a form is never dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from bot.core.events import Event, Joined, Left, Submitted

BURST = 40  # events at once
A_SECOND = 1.0  # and as many more from then on
MOST = 100_000  # people in mind; beyond, those who have been quiet are forgotten


@dataclass(slots=True)
class _Person:
    left: float  # events that may still come now
    at: float
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the event is heard; if not, whether the person is to be told."""

    is_heard: bool
    tells: bool = False


HEARD = Verdict(is_heard=True)


class RateLimiter:
    """A token bucket for each person, in this process."""

    def __init__(
        self, burst: float = BURST, a_second: float = A_SECOND, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._burst, self._a_second, self._clock = burst, a_second, clock
        self._people: dict[tuple[str, str], _Person] = {}

    def hear(self, event: Event) -> Verdict:
        if isinstance(event, Joined | Left | Submitted):
            return HEARD
        now = self._clock()
        if len(self._people) >= MOST:
            quiet = self._burst / self._a_second
            self._people = {who: person for who, person in self._people.items() if now - person.at < quiet}
        person = self._people.setdefault((event.workspace, event.user), _Person(self._burst, now))
        person.left = min(self._burst, person.left + (now - person.at) * self._a_second)
        person.at = now
        if person.left >= 1:
            person.left -= 1
            person.is_told = person.is_told and person.left < self._burst / 2
            return HEARD
        tells, person.is_told = not person.is_told, True
        return Verdict(is_heard=False, tells=tells)
