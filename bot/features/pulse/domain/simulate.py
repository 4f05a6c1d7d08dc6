"""Simulated organisations with a known truth: do intervals cover it, do verdicts hold, can a group be recovered?

Everything goes through `domain.release`, as a real round does. Each organisation has a tree of units, a
true share of favourable people per unit and factor that differs between units and, for half of the factors, changes
between two cycles; people answer or not at random, and each answers as they think.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import sqrt
from multiprocessing import get_context

import numpy as np

from bot.core.confidence_intervals import wilson
from bot.core.factors import FACTORS
from bot.features.pulse.domain import audit
from bot.features.pulse.domain.disclosure import Cell, Disclosure, Key, current
from bot.features.pulse.domain.release import release, with_verdicts
from bot.features.pulse.domain.scores import ChangeVerdict
from bot.features.pulse.domain.suppression import known, small_groups
from bot.features.pulse.domain.tally import Counts, Respondent, TalliedQuestion, Tree

K = 5
STATEMENTS = ("a", "b")
FACTORS_EACH = 2  # factors drawn for each organisation: what is judged is one factor at a time
SIZES = ((5, 9), (10, 19), (20, 49), (50, 10**9))  # people in a group
CHANGES = (0.0, 0.0, 0.0, 0.0, 0.08, -0.08, 0.2, -0.2)  # of the true share between the cycles, by factor
NOTHING = (ChangeVerdict.IMPROVED, ChangeVerdict.DECLINED)


@dataclass(slots=True)
class Findings:
    """The simulation's counts over all organisations so far."""

    organisations: int = 0
    covered: dict[tuple[int, int], list[int]] = field(default_factory=lambda: {size: [0, 0] for size in SIZES})
    verdicts: int = 0
    false_verdicts: int = 0
    found_changes: int = 0
    raw_errors: list[float] = field(default_factory=list)
    shrunk_errors: list[float] = field(default_factory=list)
    hidden_groups: int = 0
    recovered_groups: int = 0
    released: int = 0
    possible: int = 0

    def cover(self, people: int, is_hit: bool) -> None:
        for (low, high), tally in self.covered.items():
            if low <= people <= high:
                tally[0] += is_hit
                tally[1] += 1

    def add(self, other: Findings) -> None:
        """Count the other's, too."""
        for size, (hit, total) in other.covered.items():
            self.covered[size][0] += hit
            self.covered[size][1] += total
        for name in (
            "organisations",
            "verdicts",
            "false_verdicts",
            "found_changes",
            "hidden_groups",
            "recovered_groups",
            "released",
            "possible",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.raw_errors += other.raw_errors
        self.shrunk_errors += other.shrunk_errors

    def report(self) -> dict[str, object]:
        """As `chorus pulse simulate --json` prints it."""
        return {
            "organisations": self.organisations,
            "coverage": {
                f"{low}-{high}" if high < 10**9 else f"{low}+": round(hit / total, 4) if total else None
                for (low, high), (hit, total) in self.covered.items()
            },
            "intervals": {
                f"{low}-{high}" if high < 10**9 else f"{low}+": total
                for (low, high), (_hit, total) in self.covered.items()
            },
            "verdicts": self.verdicts,
            "false_improved_or_declined": round(self.false_verdicts / self.verdicts, 4) if self.verdicts else None,
            "changes_found": round(self.found_changes / self.verdicts, 4) if self.verdicts else None,
            "shrinkage_error_ratio": _ratio(self.shrunk_errors, self.raw_errors),
            "released_share": round(self.released / self.possible, 4) if self.possible else None,
            "hidden_groups": self.hidden_groups,
            "recoverable": round(self.recovered_groups / self.hidden_groups, 6) if self.hidden_groups else 0.0,
        }


def simulate(
    organisations: int, *, seed: int = 1, workers: int = 1, told: Callable[[int], None] = lambda _done: None
) -> Findings:
    """Runs in several processes; the same seed gives the same figures on any number. `told` gets the number done."""
    findings = Findings()
    each = partial(_one, seed)
    if workers <= 1:
        for number in range(organisations):
            findings.add(each(number))
            told(findings.organisations)
        return findings
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for found in pool.map(each, range(organisations), chunksize=4):
            findings.add(found)
            told(findings.organisations)
    return findings


def _one(seed: int, number: int) -> Findings:
    findings = Findings(organisations=1)
    _organisation(np.random.default_rng([seed, number]), findings)
    return findings


def _organisation(rng: np.random.Generator, findings: Findings) -> None:
    tree, people = _tree(rng)
    is_latin = sum(people.values()) >= 100
    answers_at = rng.uniform(0.5, 0.95)
    changes = rng.permutation(CHANGES)
    for index, factor in enumerate(FACTORS[:FACTORS_EACH]):
        level = {unit: float(np.clip(rng.normal(0.55, 0.12), 0.05, 0.95)) for unit in people}
        change = float(changes[index])
        before: dict[Key, Cell] = {}
        truths: list[dict[int | None, dict[str | None, float]]] = []
        for cycle in range(2):
            share = {unit: float(np.clip(level[unit] + change * cycle, 0.02, 0.98)) for unit in people}
            minds = {unit: _minds(rng, people[unit], share[unit]) for unit in people}
            truths.append(_true_shares(tree, minds))
            cells = _cycle(rng, factor, tree, people, minds, answers_at, is_latin, findings)
            seed = int(rng.integers(2**31))
            if cycle:
                for cell in with_verdicts(cells, before, seed=seed):
                    _judge(cell, truths[1][cell.unit], truths[0][cell.unit], findings)
            for cell in cells:
                _cover(cell, truths[cycle][cell.unit], findings)
            before = {cell.key: cell for cell in cells}


def _tree(rng: np.random.Generator) -> tuple[Tree, dict[int, int]]:
    """Up to four divisions, each with up to five units; people sit in the units, sizes as they are: mostly small."""
    parents: dict[int, int | None] = {}
    people: dict[int, int] = {}
    for _division in range(int(rng.integers(1, 5))):
        division = len(parents) + 1
        parents[division] = None
        if rng.random() < 0.5:
            people[division] = int(rng.integers(1, 8))
        for _unit in range(int(rng.integers(1, 6))):
            unit = len(parents) + 1
            parents[unit] = division
            people[unit] = int(np.clip(rng.lognormal(2.6, 0.9), 1, 400))
    return Tree(parents), people


def _minds(rng: np.random.Generator, number: int, share: float) -> dict[str, np.ndarray]:
    """Who is favourable to which statement; the answers of one person are correlated."""
    leaning = rng.beta(share * 3, (1 - share) * 3, size=number)
    return {name: rng.random(number) < leaning for name in STATEMENTS}


def _true_shares(tree: Tree, minds: Mapping[int, dict[str, np.ndarray]]) -> dict[int | None, dict[str | None, float]]:
    shares: dict[int | None, dict[str | None, float]] = {}
    for node in tree.nodes:
        units = [unit for unit in tree.below(node) if unit in minds]
        if not units:
            continue
        of = {name: np.concatenate([minds[unit][name] for unit in units]) for name in STATEMENTS}  # type: ignore[index]
        shares[node] = {name: float(np.mean(of[name])) for name in STATEMENTS}
        shares[node][None] = float(np.mean(np.mean([of[name] for name in STATEMENTS], axis=0)))
    return shares


def _cycle(
    rng: np.random.Generator,
    factor: str,
    tree: Tree,
    people: Mapping[int, int],
    minds: Mapping[int, dict[str, np.ndarray]],
    answers_at: float,
    is_latin: bool,
    findings: Findings,
) -> list[Cell]:
    """Eight rounds of one factor: by blocks of people (Latin square), or each unit in a round of its own."""
    rounds = {
        unit: rng.permutation(np.arange(number) % 8) if is_latin else np.full(number, rng.integers(8))
        for unit, number in people.items()
    }
    replies = {unit: rng.random(number) < answers_at for unit, number in people.items()}
    truth = _true_shares(tree, minds)
    headcount: dict[int | None, int] = dict(people.items())
    respondents: list[Respondent] = []
    cells: list[Cell] = []
    invited: dict[int | None, int] = defaultdict(int)
    for number in range(8):
        for unit in people:
            now = np.flatnonzero(rounds[unit] == number)
            invited[unit] += len(now)
            for person in now[replies[unit][now]]:
                marks = {name: bool(minds[unit][name][person]) for name in STATEMENTS if rng.random() < 0.95}
                if marks:
                    respondents.append(Respondent(unit, number, marks))
        question = TalliedQuestion(
            factor,
            "factor",
            STATEMENTS,
            (),
            list(respondents),
            tree,
            K,
            number,
            headcount,
            dict(invited),
            tuple(cells),
            seed=int(rng.integers(2**31)),
        )
        fresh = release(question)
        _cover_bands(Counts(question), fresh, truth, findings)
        cells += fresh
    _attack(question, cells, findings)
    standing = list(current(cells).values())
    _shrinkage(standing, truth, findings)
    findings.released += sum(cell.statement is None for cell in standing)
    findings.possible += len(tree.nodes)
    return standing


def _attack(question: TalliedQuestion, cells: Sequence[Cell], findings: Findings) -> None:
    """Which groups under k can be computed from all that was released in the cycle."""
    counts = Counts(question)
    for measure in STATEMENTS:
        borders = {cell.round for cell in cells}
        groups = small_groups(counts, measure, borders)
        facts = known(counts, measure, cells)
        findings.hidden_groups += len(groups)
        findings.recovered_groups += len(
            audit.recoverable(counts.sizes[measure], counts.favourable[measure], facts, groups)
        )


def _cover(cell: Cell, truth: Mapping[str | None, float], findings: Findings) -> None:
    """Whether the interval as released holds the truth of the unit; figures are whole per cent."""
    if cell.low is None or cell.high is None:
        return
    findings.cover(cell.n, cell.low - 0.5 <= truth[cell.statement] * 100 <= cell.high + 0.5)


def _cover_bands(
    counts: Counts, cells: Iterable[Cell], truth: Mapping[int | None, Mapping[str | None, float]], findings: Findings
) -> None:
    """A band has no interval; what is checked is the one that would stand behind it."""
    for cell in cells:
        if cell.how == Disclosure.BAND:
            x, n = counts.figure(cell.unit, cell.statement)
            bounds = wilson(x, n, population=counts.population(cell.unit))
            findings.cover(n, bounds.low - 0.005 <= truth[cell.unit][cell.statement] <= bounds.high + 0.005)


def _judge(cell: Cell, now: Mapping[str | None, float], then: Mapping[str | None, float], findings: Findings) -> None:
    """A verdict is false when the truth did not move that way at all."""
    if cell.verdict is None:
        return
    delta = now[cell.statement] - then[cell.statement]
    findings.verdicts += 1
    findings.found_changes += cell.verdict in NOTHING
    findings.false_verdicts += (cell.verdict == ChangeVerdict.IMPROVED and delta <= 0) or (
        cell.verdict == ChangeVerdict.DECLINED and delta >= 0
    )


def _shrinkage(
    cells: Iterable[Cell], truth: Mapping[int | None, Mapping[str | None, float]], findings: Findings
) -> None:
    for cell in cells:
        if cell.shrunk is not None and cell.how != Disclosure.BAND and cell.statement is None:
            findings.raw_errors.append(cell.value / 100 - truth[cell.unit][None])
            findings.shrunk_errors.append(cell.shrunk / 100 - truth[cell.unit][None])


def _ratio(shrunk: Sequence[float], raw: Sequence[float]) -> float | None:
    """Root mean square error with shrinkage by that without."""
    if not raw:
        return None
    return round(sqrt(float(np.mean(np.square(shrunk)))) / sqrt(float(np.mean(np.square(raw)))), 4)
