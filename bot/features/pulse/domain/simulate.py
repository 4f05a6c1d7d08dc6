"""Made-up organisations with a known truth: do intervals hold it, are changes real, and what does an attacker learn?

Everything goes through `noisy_sums.draw` and `reading.read`, as a real round does. The attacker is the strongest there
is: they know what all others answered and all formulas, hold two answers of their target for equally likely, and
decide by the likelihood of what was released, which no other rule can beat (Neyman and Pearson).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

import numpy as np

from bot.core.factors import FACTORS
from bot.features.pulse.domain.noise import Noise
from bot.features.pulse.domain.noisy_sums import Answers, NoisySums, draw
from bot.features.pulse.domain.posterior import Key
from bot.features.pulse.domain.privacy_budget import best_guess, cost_of_factor
from bot.features.pulse.domain.reading import read
from storage.pulse.readings import Change, Level

STATEMENTS = ("a", "b", "c")
SIZES = (10, 12, 20, 30, 60, 60, 120, 200)  # people of the units 1 to 8
RESPONSE, RATES_STATEMENT = 0.75, 0.95
CYCLES = 3  # a year
MOVE = 0.20  # by which half of the areas truly change in the last cycle of every second organisation
KINDS = {"skewed": (3.0, False), "polarised": (0.5, False), "ceiling": (3.0, True)}  # arguments of an Organisation
WORLDS = 20  # attacked for each organisation, in each scenario


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the attacker wants to know of somebody, and what is released of them."""

    rounds: int  # in which the target takes part
    about: str = "answers"  # or "there": whether they answered at all
    is_alike: bool = True  # the target answers alike in all of them; else as one of two opposite patterns
    joins_after: int = 0  # rounds before the target was there
    moves_after: int | None = None  # of their rounds, after which the target is in another unit
    others_come_and_go: bool = False

    @property
    def at_most(self) -> float:
        """How often the best attacker can be right."""
        return best_guess(self.rounds * cost_of_factor(Noise()))


SCENARIOS = {
    "one round": Scenario(1),
    "eight areas": Scenario(8),
    "a year": Scenario(24),
    "a year, answers not alike": Scenario(24, is_alike=False),
    "whether they answered in a year": Scenario(24, about="there"),
    "a joiner's six rounds": Scenario(6, joins_after=4, others_come_and_go=True),
    "a mover's eight areas": Scenario(8, moves_after=3, others_come_and_go=True),
}


class Organisation:
    """Units that differ; people who lean one way and answer or not at random."""

    def __init__(self, seed: int, *, agreement: float = 3.0, ceiling: bool = False) -> None:
        """`agreement`: how alike people of a unit are; under 1 they are polarised. `ceiling`: nearly all agree."""
        self.random, self.agreement = np.random.default_rng(seed), agreement
        number = len(FACTORS)
        levels = np.full(number, 0.93) if ceiling else self.random.normal(0.6, 0.12, number).clip(0.15, 0.9)
        units = self.random.normal(0, 0.06, (len(SIZES), 1))
        self.shares = levels + units + self.random.normal(0, 0.05, (len(SIZES), number))

    def minds(self, unit: int, area: int) -> np.ndarray:
        """People × statements: who is favourable to what."""
        share = min(max(self.shares[unit, area], 0.02), 0.98)
        leaning = self.random.beta(share * self.agreement, (1 - share) * self.agreement, (SIZES[unit], 1))
        return self.random.random((SIZES[unit], len(STATEMENTS))) < leaning

    def release(self, factor: str, minds: Sequence[np.ndarray], response: float = RESPONSE) -> NoisySums:
        """Of a round in which each answers with that probability."""
        ballots = [ballot for unit, mind in enumerate(minds, start=1) for ballot in self._ballots(unit, mind, response)]
        return draw(factor, dict(enumerate(SIZES, start=1)), STATEMENTS, ballots, Noise())

    def _ballots(self, unit: int, minds: np.ndarray, response: float) -> Iterator[Answers]:
        for mind in minds[self.random.random(len(minds)) < response]:
            rated = self.random.random(len(STATEMENTS)) < RATES_STATEMENT
            yield Answers(unit, {name: bool(mind[i]) for i, name in enumerate(STATEMENTS) if rated[i]})


@dataclass(slots=True)
class Findings:
    """Counts over all organisations so far; lists are [hits, looks]."""

    organisations: int = 0
    covered: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # by kind, by people of the unit
    found: dict[str, list[int]] = field(default_factory=dict)  # true changes where there is room, by people of the unit
    quiet: int = 0  # organisations in which nothing changed
    misled: int = 0  # of these, in how many a change was told
    guessed: dict[str, list[int]] = field(default_factory=dict)  # by what the target's answers have in common

    def add(self, other: Findings) -> None:
        """Count the other's, too."""
        self.organisations += other.organisations
        self.quiet += other.quiet
        self.misled += other.misled
        for kind, covered in other.covered.items():
            _add(self.covered.setdefault(kind, {}), covered)
        _add(self.found, other.found)
        _add(self.guessed, other.guessed)

    def report(self) -> dict[str, object]:
        """As `chorus pulse simulate --json` prints it."""
        cost = cost_of_factor(Noise())
        return {
            "organisations": self.organisations,
            "coverage_by_people": {kind: _rates(covered) for kind, covered in self.covered.items()},
            "power_by_people": _rates(self.found),
            "quiet_years_misled": round(self.misled / self.quiet, 4) if self.quiet else None,
            "budget_of_a_round": round(cost, 5),
            "budget_of_a_year": round(CYCLES * len(FACTORS) * cost, 3),
            "attacker": _rates(self.guessed),
            "attacker_at_most": {name: round(scenario.at_most, 4) for name, scenario in SCENARIOS.items()},
        }


def simulate(
    organisations: int, *, seed: int = 1, workers: int = 1, told: Callable[[int], None] = lambda _done: None
) -> Findings:
    """Runs in several processes; `told` gets the number done. The noise is from the secure generator, so that no two
    runs are alike; the organisations are, by the seed."""
    findings, each = Findings(), partial(_one, seed)
    if workers <= 1:
        for number in range(organisations):
            findings.add(each(number))
            told(findings.organisations)
        return findings
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for found in pool.map(each, range(organisations), chunksize=2):
            findings.add(found)
            told(findings.organisations)
    return findings


def _one(seed: int, number: int) -> Findings:
    findings, kind = Findings(organisations=1), list(KINDS)[number // 2 % len(KINDS)]
    agreement, is_ceiling = KINDS[kind]
    organisation = Organisation(seed * 100_003 + number, agreement=agreement, ceiling=is_ceiling)
    _year(organisation, kind, is_quiet=number % 2 == 0, findings=findings)
    sizes = np.random.default_rng([seed, number])
    for name, scenario in SCENARIOS.items():
        for _world in range(WORLDS):
            _count(findings.guessed, name, attack(int(sizes.integers(2, 201)), scenario))
    return findings


def _year(organisation: Organisation, kind: str, *, is_quiet: bool, findings: Findings) -> None:
    """Three cycles in which everybody keeps their mind; in every second organisation half of the areas move at last."""
    minds = {(unit, area): organisation.minds(unit, area) for unit in range(len(SIZES)) for area in range(len(FACTORS))}
    releases: dict[Key, NoisySums] = {}
    was_told = False
    for cycle in range(CYCLES):
        if cycle == CYCLES - 1 and not is_quiet:
            for (unit, area), mind in minds.items():
                if area % 2:
                    minds[unit, area] = mind | (organisation.random.random((len(mind), 1)) < MOVE * 2)
        for area, factor in enumerate(FACTORS):
            releases[factor, cycle] = organisation.release(factor, [minds[unit, area] for unit in range(len(SIZES))])
        reading = read(releases, {})
        for unit, levels in reading.units.items():
            for factor, level in levels.items():
                true = float(minds[unit - 1, FACTORS.index(factor)].mean())
                _count(
                    findings.covered.setdefault(kind, {}),
                    str(SIZES[unit - 1]),
                    abs(level.mean - true) <= 1.96 * level.deviation,
                )
                was_told |= _is_told(level)
                if not is_quiet and kind != "ceiling" and cycle == CYCLES - 1 and FACTORS.index(factor) % 2:
                    _count(findings.found, str(SIZES[unit - 1]), level.change == Change.BETTER)
        for level in reading.organisation.values():
            was_told |= _is_told(level)
    if is_quiet:
        findings.quiet += 1
        findings.misled += was_told


def attack(size: int, scenario: Scenario) -> bool:
    """Whether the attacker is right about one person of a unit of that size, the truth drawn by a fair coin."""
    coin = np.random.default_rng()
    truth, evidence = int(coin.integers(2)), 0.0
    for number in range(scenario.joins_after + scenario.rounds):
        people = max(1, size + int(coin.integers(-2, 3))) if scenario.others_come_and_go else size
        others = [
            Answers(1 + int(coin.integers(2)), {name: bool(coin.integers(2)) for name in STATEMENTS})
            for _person in range(people - 1)
        ]
        worlds = [[*others, target] for target in _two_worlds(scenario, number - scenario.joins_after, coin)]
        seen = draw("goals", {1: people, 2: people}, STATEMENTS, worlds[truth], Noise())
        evidence += _log_likelihood(seen, worlds[1]) - _log_likelihood(seen, worlds[0])
    return (evidence > 0) == bool(truth)


def _two_worlds(scenario: Scenario, number: int, coin: np.random.Generator) -> tuple[Answers, Answers]:
    """What the target says in their `number`th round in either world; nothing before they join."""
    unit = 2 if scenario.moves_after is not None and number >= scenario.moves_after else 1
    if number < 0:
        return Answers(unit, {}), Answers(unit, {})
    says = scenario.is_alike or bool(coin.integers(2))
    one, other = (Answers(unit, dict.fromkeys(STATEMENTS, said)) for said in (says, not says))
    return (one, Answers(unit, {})) if scenario.about == "there" else (one, other)


def _log_likelihood(seen: NoisySums, ballots: Sequence[Answers]) -> float:
    """Of what was released, had these been the ballots; computed by the attacker's own sums."""
    answered = [ballot for ballot in ballots if ballot.favourable]
    scores = [(ballot.unit, sum(ballot.favourable.values()) / len(ballot.favourable) - 0.5) for ballot in answered]
    noise = seen.noise
    compared = [
        (seen.total, sum(score for _unit, score in scores), noise.whole_sum),
        (seen.squares, sum(score**2 for _unit, score in scores), noise.square_sum),
    ]
    for number, unit in seen.units.items():
        mine = [score for of, score in scores if of == number]
        compared += [(unit.total, sum(mine), noise.unit_sum), (unit.count, len(mine), noise.unit_count)]
    for name in STATEMENTS:
        said = [ballot.favourable[name] - 0.5 for ballot in answered if name in ballot.favourable]
        compared.append((seen.statements[name], sum(said), noise.statement_sum))
    return -sum((found - expected) ** 2 / (2 * float(deviation) ** 2) for found, expected, deviation in compared)


def _is_told(level: Level) -> bool:
    return level.change in (Change.BETTER, Change.WORSE)


def _count(tally: dict[str, list[int]], name: str, is_hit: bool) -> None:
    hits, looks = tally.get(name, (0, 0))
    tally[name] = [hits + is_hit, looks + 1]


def _add(tally: dict[str, list[int]], more: Mapping[str, Sequence[int]]) -> None:
    for name, (hits, looks) in more.items():
        before = tally.get(name, (0, 0))
        tally[name] = [before[0] + hits, before[1] + looks]


def _rates(tally: Mapping[str, Sequence[int]]) -> dict[str, float]:
    ordered = sorted(tally.items(), key=lambda item: (len(item[0]), item[0]) if item[0].isdigit() else (0, ""))
    return {name: round(hits / looks, 4) for name, (hits, looks) in ordered if looks}
