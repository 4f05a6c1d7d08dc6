"""The effect of nudging: shares per person-week with and without nudges, or that it is not known yet.

The no-nudge weeks were drawn at random, so the difference is the effect. Its interval is a person-clustered
bootstrap: people are drawn, each with all their weeks (Efron 1979; Cameron, Gelbach and Miller 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.database import Session
from storage.sharing import plans
from storage.sharing.plans import ExperimentArm

RESAMPLES = 2000
SMALL_ENOUGH = 0.014  # half the interval's width, in shares of person-weeks: what a nudge can be expected to do
WEEK = timedelta(days=7)
YEAR = 52 * WEEK


@dataclass(frozen=True, slots=True)
class Effect:
    """Shares of person-weeks with at least one share; None if there is nothing to compare."""

    nudge_weeks: int
    other_weeks: int
    with_nudges: float | None
    without: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_known(self) -> bool:
        """Whether the interval excludes nothing happening, or is as narrow as the effect that can be expected."""
        if self.low is None or self.high is None:
            return False
        return self.low > 0 or self.high < 0 or (self.high - self.low) / 2 <= SMALL_ENOUGH


def yearly_effect(session: Session, *, now: datetime) -> Effect | None:
    """As it stood at the last yearly look, None before the first. The interval holds for one look: who looks every week
    finds an effect in most years that have none."""
    last = _looks(session, now)[0]
    return effect(session, now=last) if last is not None else None


def next_look(session: Session, now: datetime) -> date | None:
    """The day of the next yearly look; None while nothing was drawn."""
    following = _looks(session, now)[1]
    return following.date() if following is not None else None


def _looks(session: Session, now: datetime) -> tuple[datetime | None, datetime | None]:
    """(the last yearly look, the next), counted from the first week that was drawn."""
    first = plans.first_week(session)
    if first is None:
        return None, None
    years = (now - first) // YEAR
    return (first + years * YEAR if years > 0 else None), first + (years + 1) * YEAR


def effect(session: Session, *, now: datetime, seed: int = 1) -> Effect:
    """Of all person-weeks that are over."""
    weeks = plans.person_weeks(session, before=now - WEEK)
    shared: dict[int, list[datetime]] = {}
    for person, at in plans.confirmed_shares(session):
        shared.setdefault(person, []).append(at)
    people: dict[int, list[int]] = {}  # [nudge weeks, of them with a share, other weeks, of them with a share]
    for person, _week, arm, starts_at in weeks:
        counts = people.setdefault(person, [0, 0, 0, 0])
        offset = 0 if arm == ExperimentArm.NUDGE else 2
        counts[offset] += 1
        counts[offset + 1] += any(starts_at <= at < starts_at + WEEK for at in shared.get(person, ()))
    return estimate(np.array(list(people.values()), dtype=float).reshape(-1, 4), seed=seed)


def estimate(counts: NDArray[Any], *, seed: int) -> Effect:
    """From a row a person: nudge weeks, of them with a share, other weeks, of them with a share."""
    nudged, nudged_shared, other, other_shared = counts.sum(axis=0) if len(counts) else (0.0, 0.0, 0.0, 0.0)
    if not nudged or not other:
        return Effect(int(nudged), int(other), _share(nudged_shared, nudged), _share(other_shared, other), *[None] * 3)
    difference = nudged_shared / nudged - other_shared / other
    random = np.random.default_rng(seed)
    resampled = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        n, ns, o, os = counts[random.integers(0, len(counts), len(counts))].sum(axis=0)
        resampled[index] = ns / n - os / o if n and o else np.nan
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return Effect(
        int(nudged), int(other), nudged_shared / nudged, other_shared / other, difference, float(low), float(high)
    )


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
