"""The facts of a week: one value, computed from what happened, that every digest, format and export is made from.

Counts are sums; people are never named. As JSON, two equal values are equal byte by byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from pydantic import TypeAdapter

from storage.digest.digest_queries import Reached


class ComparisonVerdict(StrEnum):
    """What a comparison of options supports."""

    BETTER = "better"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Funnel:
    """Nudges sent, share pages opened, shares confirmed in the week; unique clicks that these shares have brought.

    `id`: of the post, channel or unit; "" for the organisation, and for units too small to stand alone.
    """

    id: str
    label: str
    nudged: int
    opened: int
    shared: int
    clicks: int


@dataclass(frozen=True, slots=True)
class Week:
    """One past week, for the chart."""

    week: str
    shared: int
    clicks: int


@dataclass(frozen=True, slots=True)
class GoalFact:
    """`verdict` as in `bot.features.framework.domain.metrics`; `low` and `high`: of the 80 % prediction interval."""

    id: str
    name: str
    metric: str
    now: float | None
    expected: float
    target: float
    due: date
    verdict: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FactorFact:
    """An area's level in whole per cent, as `bot.features.pulse.domain.reading.Level` has it."""

    factor: str
    value: int
    low: int
    high: int
    stage: int
    change: str | None


@dataclass(frozen=True, slots=True)
class PulseFacts:
    """The newest levels. `weakest`: the area that clearly is. `closed`, `said` and `done`: of a round that was closed
    or answered in this very week."""

    factors: tuple[FactorFact, ...]
    overall: int | None
    closed: date | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)
    weakest: str | None = None

    @property
    def areas(self) -> dict[str, FactorFact]:
        return {item.factor: item for item in self.factors}


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    id: int
    text: str
    topic: str | None
    owner: int | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """`median_hours` by Kaplan–Meier over 90 days; `in_time`: (part, whole) of those that were answered in time, or
    whose time ran out, in the week."""

    asked: int
    answered: int
    waiting: int
    overdue: int
    median_hours: float | None
    in_time: tuple[int, int] | None
    open: tuple[OpenQuestion, ...]
    missing: tuple[tuple[str, int], ...]
    learned: tuple[tuple[str, str], ...]  # (asked, answer) of entries written in the week


@dataclass(frozen=True, slots=True)
class MentionFacts:
    """What was heard in the week, by tone; `in_time`: (part, whole) of those that mattered and
    were handled or are late."""

    heard: int = 0
    negative: int = 0
    positive: int = 0
    waiting: int = 0
    in_time: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class UnitPhase:
    name: str
    phase: str
    holds: int | None  # gates that hold, where they are judged
    of: int | None


@dataclass(frozen=True, slots=True)
class Planned:
    name: str
    start: datetime
    unit: str | None


@dataclass(frozen=True, slots=True)
class ComparedOption:
    """What one option brought: its mean with a 95 % credible interval, from so many people and trials."""

    label: str
    mean: float
    low: float
    high: float
    people: int
    trials: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Options compared, the best first. `sure`: per cent, that the first is better than each of the others. People
    chose them, not chance: what goes with an option need not come of it."""

    kind: str  # channel | topic | voice | slot
    options: tuple[ComparedOption, ...]
    sure: int
    verdict: str  # better | too_early


@dataclass(frozen=True, slots=True)
class NudgeEffect:
    """Person-weeks with a share, per cent, with nudges and without; `low` and `high` of the difference in points."""

    with_nudges: float
    without: float
    low: float
    high: float
    is_known: bool


@dataclass(frozen=True, slots=True)
class WeekFacts:
    week: str  # "2026-W47"
    start: datetime
    total: Funnel
    before: Funnel | None  # the week before; None: nothing was done yet
    sharers: int
    newcomers: int
    own_words: int
    history: tuple[Week, ...]
    posts: tuple[Funnel, ...]
    channels: tuple[Funnel, ...]
    units: tuple[Funnel, ...]
    reasons: tuple[tuple[str, int], ...]
    goals: tuple[GoalFact, ...]
    pulse: PulseFacts
    questions: QuestionFacts
    rollout: tuple[UnitPhase, ...]
    planned: tuple[Planned, ...]
    coming: tuple[Planned, ...]
    findings: tuple[Finding, ...]
    effect: NudgeEffect | None
    mentions: MentionFacts = MentionFacts()
    reached: Reached | None = None  # None: of a week from before this was counted
    effect_on: date | None = None  # when the effect of nudging is looked at next

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=7)

    @property
    def has_news(self) -> bool:
        """Whether it holds news for everybody: an answer, or an action on a result."""
        return bool(self.questions.learned or self.pulse.done)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was nudged, shared or asked, and nothing waits."""
        return not (self.total.nudged or self.total.shared or self.questions.asked or self.questions.waiting)


_FACTS = TypeAdapter(WeekFacts)
FIGURES = (
    "nudged",
    "opened",
    "shared",
    "clicks",
    "sharers",
    "asked",
    "answered",
    "heard",
)  # a late event is told by these


def to_json(facts: WeekFacts) -> str:
    return _FACTS.dump_json(facts).decode()


def without_words(written: str) -> str:
    """The same facts as JSON, without the words that people asked in, which are for those who answer."""
    facts = from_json(written)
    silent = replace(facts.questions, open=tuple(replace(one, text="") for one in facts.questions.open))
    return to_json(replace(facts, questions=replace(silent, missing=(), learned=())))


@lru_cache(maxsize=4)  # a digest's cards are made from one text, thousands of times
def from_json(written: str) -> WeekFacts:
    return _FACTS.validate_json(written)


def figures(facts: WeekFacts) -> dict[str, int]:
    """The sums of the week by name, in the order of `FIGURES`."""
    total, questions = facts.total, facts.questions
    found = (
        total.nudged,
        total.opened,
        total.shared,
        total.clicks,
        facts.sharers,
        questions.asked,
        questions.answered,
        facts.mentions.heard,
    )
    return dict(zip(FIGURES, found, strict=True))


def changes(old: WeekFacts, new: WeekFacts) -> list[tuple[str, int, int]]:
    """(figure, before, after) of each sum that late events changed."""
    was, now = figures(old), figures(new)
    return [(name, was[name], now[name]) for name in FIGURES if was[name] != now[name]]
