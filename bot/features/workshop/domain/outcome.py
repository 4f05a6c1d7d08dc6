"""What came of a workshop: maturity by factor with the spread of opinion, the needs by votes, and what is proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from math import floor
from pathlib import Path
from statistics import median

import yaml

from bot.core.factors import FACTORS
from bot.core.i18n import Words
from bot.features.framework.domain.model import GoalPart
from storage.database import Session
from storage.people import employees
from storage.workshop import workshops
from storage.workshop.workshops import NeedGroup, Proposal, ProposalKind, Workshop

LEVELS = Path(__file__).parent / "levels.yaml"
PROPOSED = 3  # of the lowest factors
QUARTER = timedelta(weeks=13)
# By factor what its goal counts, and its target; participation: a fifth of the people, in a week.
GOALS = {
    "goals": ("pulse", 75.0),
    "audiences_channels": ("clicks_per_share", 5.0),
    "activities": ("shares", 40.0),
    "ownership": ("questions_in_time", 90.0),
    "listening": ("mentions_answered", 80.0),
    "participation": ("active_sharers", 0.2),
    "measurement": ("clicks", 200.0),
    "learning_culture": ("pulse", 75.0),
}
KINDS = {"ownership": "customer_service", "listening": "customer_service", "measurement": "leads"}


@dataclass(frozen=True, slots=True)
class Maturity:
    """One factor: the middle of all opinions, and how far they lie apart. None: too few for anybody to stay unseen."""

    factor: str
    level: float | None
    low: int = 0
    high: int = 0
    raters: int = 0
    before: float | None = None  # in the unit's workshop before

    @property
    def is_disputed(self) -> bool:
        return self.high - self.low >= 3


@dataclass(frozen=True, slots=True)
class Outcome:
    participants: int
    maturity: tuple[Maturity, ...]
    needs: tuple[tuple[NeedGroup, int], ...]  # with its votes, the most wanted first

    @property
    def overall(self) -> float | None:
        """The lowest factor: one missing, and the whole does not work. None while one is not known."""
        known = [item.level for item in self.maturity if item.level is not None]
        return min(known) if len(known) == len(FACTORS) else None

    @property
    def lowest(self) -> list[str]:
        """Of the known factors, the lowest first."""
        known = [item for item in self.maturity if item.level is not None]
        return [item.factor for item in sorted(known, key=lambda item: (item.level, FACTORS.index(item.factor)))]


def outcome(session: Session, row: Workshop, *, k: int) -> Outcome:
    """`k`: raters below which a factor shows nothing."""
    earlier = [found for found in workshops.of_unit(session, row.unit_id) if found.id < row.id and found.closed_at]
    before = workshops.levels(session, earlier[0].id) if earlier else {}
    votes = workshops.votes(session, row.id)
    ranked = sorted(row.groups, key=lambda group: (-votes.get(group.id, 0), group.id))
    return Outcome(
        workshops.participants(session, row.id),
        maturity(workshops.levels(session, row.id), before, k),
        tuple((group, votes.get(group.id, 0)) for group in ranked),
    )


def maturity(found: Mapping[str, Counter[int]], before: Mapping[str, Counter[int]], k: int) -> tuple[Maturity, ...]:
    """Of each factor, in the framework's order."""
    result = []
    for factor in FACTORS:
        levels, earlier = _spread(found.get(factor)), _spread(before.get(factor))
        if len(levels) < k:
            result.append(Maturity(factor, None, raters=len(levels)))
            continue
        was = median(earlier) if len(earlier) >= k else None
        result.append(Maturity(factor, median(levels), levels[0], levels[-1], len(levels), was))
    return tuple(result)


@cache
def descriptions() -> dict[str, dict[str, list[str]]]:
    """By factor and language what the levels 0 to 4 look like."""
    return yaml.safe_load(LEVELS.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def described(factor: str, words: Words) -> list[str]:
    texts = descriptions()[factor]
    return texts.get(words.language) or texts["en"]


def propose(session: Session, row: Workshop, found: Outcome) -> None:
    """A goal and a step for each of the lowest factors."""
    for factor in found.lowest[:PROPOSED]:
        for kind in (ProposalKind.GOAL, ProposalKind.STEP):
            session.add(Proposal(workshop_id=row.id, kind=kind, factor=factor))
    session.flush()


def goal_of(session: Session, row: Workshop, factor: str, name: str, today: date, owner: str | None) -> GoalPart:
    """The goal that a proposal becomes: to be edited, once it is there."""
    metric, target = GOALS[factor]
    if factor == "participation":
        target = max(2.0, float(round(target * employees.size_of(session, row.unit_id))))
    return GoalPart.model_validate(
        {
            "id": f"workshop-{row.id}-{factor.replace('_', '-')}",
            "name": name,
            "kind": KINDS.get(factor, "public_image"),
            "metric": metric,
            "factor": factor if metric == "pulse" else None,
            "unit": row.unit.name if metric != "mentions_answered" else None,
            "target": target,
            "starts": today,
            "due": today + QUARTER,
            "owner": owner,
        }
    )


def stage(level: float | None) -> int | None:
    """The described level that a middle between two has reached."""
    return None if level is None else floor(level)


def _spread(counts: Counter[int] | None) -> Sequence[int]:
    return sorted((counts or Counter[int]()).elements())


def due_in(now: datetime, weeks: int) -> date:
    return (now + timedelta(weeks=weeks)).date()
