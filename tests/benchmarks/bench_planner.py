"""A simulation: learned slots beside a random and a fixed one, on made-up employees whose preferences are known.

Nobody real is in it; it shows what the method does when people are as assumed here: each acts on a nudge in a slot with
a chance of their own, drawn around their unit's, and opts out with a small chance each time they leave one untouched.
It also draws no-nudge weeks and tells how often the interval of `chorus nudge effect` covers the true effect.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from rich.progress import track

from bot.core.rules import Rules
from bot.features.sharing.domain.effect import estimate
from bot.features.sharing.domain.slots import beliefs_of, learned, slots_of_week
from storage.sharing.plans import SlotTrial
from tests.benchmarks.load import report

PEOPLE, WEEKS, UNITS, RUNS = 1000, 26, 5, 5
WANTED, GAP_DAYS = 1, 2.0  # one nudge a week, so that the choice of the slot is all that differs
OPT_OUT = 0.004  # for a nudge left untouched
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SLOTS = slots_of_week(Rules())


@dataclass(slots=True)
class Outcome:
    nudges: int = 0
    acted: int = 0
    opted_out: int = 0


def chances(random: np.random.Generator) -> np.ndarray[Any, Any]:
    """The true chance that each person acts in each slot: around .25, by unit and by person."""
    unit = random.beta(3, 9, size=(UNITS, len(SLOTS)))
    mean = unit[np.arange(PEOPLE) % UNITS]
    return random.beta(6 * mean, 6 * (1 - mean))


def play(policy: str, truth: np.ndarray[Any, Any], random: np.random.Generator) -> Outcome:
    found, wants = Outcome(), np.ones(PEOPLE, dtype=bool)
    trials: list[SlotTrial] = []
    means: dict[tuple[int | None, str], tuple[int, int]] = {}
    place = {slot.name: number for number, slot in enumerate(SLOTS)}
    for week in range(WEEKS):
        now = START + timedelta(weeks=week)
        people = [int(person) for person in np.flatnonzero(wants)]
        for person, slot in zip(people, choose(policy, people, trials, means, now, random), strict=True):
            acted = bool(random.random() < truth[person, place[slot]])
            found.nudges, found.acted = found.nudges + 1, found.acted + acted
            trials.append(SlotTrial(person, slot, now, acted))
            done, sent = means.get((person % UNITS, slot), (0, 0))
            means[person % UNITS, slot] = (done + acted, sent + 1)
            if not acted and random.random() < OPT_OUT:
                wants[person] = False
    found.opted_out = int((~wants).sum())
    return found


def choose(
    policy: str, people: list[int], trials: list[SlotTrial], means: Any, now: datetime, random: np.random.Generator
) -> list[str]:
    if policy == "fixed":
        return [SLOTS[0].name] * len(people)
    if policy == "random":
        return [SLOTS[number].name for number in random.integers(0, len(SLOTS), len(people))]
    beliefs = beliefs_of([(person, person % UNITS) for person in people], SLOTS, trials, means, now)
    choices = learned([SLOTS] * len(people), beliefs, SLOTS, WANTED, GAP_DAYS, random)
    return [choice.slots[0] for choice in choices]


def coverage(runs: int, people: int, true_effect: float) -> float:
    """How often the interval holds the true effect, with a fifth of 25 weeks without nudges."""
    random, covered = np.random.default_rng(11), 0
    for run in track(range(runs), "effect", transient=True):
        own = random.beta(2, 18, size=people)
        silent = random.binomial(25, 0.2, size=people)
        counts = np.column_stack(
            [
                25 - silent,
                random.binomial(25 - silent, np.clip(own + true_effect, 0, 1)),
                silent,
                random.binomial(silent, own),
            ]
        ).astype(float)
        found = estimate(counts, seed=run)
        covered += found.low is not None and found.high is not None and found.low <= true_effect <= found.high
    return covered / runs


def main() -> None:
    totals = {policy: Outcome() for policy in ("learned", "random", "fixed")}
    for run in track(range(RUNS), "slots", transient=True):
        truth = chances(np.random.default_rng(run))
        for policy, total in totals.items():
            found = play(policy, truth, np.random.default_rng(1000 + run))
            total.nudges += found.nudges
            total.acted += found.acted
            total.opted_out += found.opted_out
    rates = {policy: round(total.acted / total.nudges, 3) for policy, total in totals.items()}
    report(
        benchmark="planner (a simulation)",
        people=PEOPLE,
        weeks=WEEKS,
        runs=RUNS,
        acted_per_nudge=rates,
        learned_beside_random=round(rates["learned"] / rates["random"], 2),
        learned_beside_fixed=round(rates["learned"] / rates["fixed"], 2),
        opted_out={policy: round(total.opted_out / (PEOPLE * RUNS), 3) for policy, total in totals.items()},
        effect_interval_coverage=coverage(200, 400, 0.014),
    )


if __name__ == "__main__":
    main()
