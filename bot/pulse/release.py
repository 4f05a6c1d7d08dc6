"""What may be shown of a factor at the close of a round, and how exactly: frozen, and the same for every viewer.

A figure needs k people *besides the viewer*, who may be one of those asked: so k + 1 for everybody, and the release
is the same whoever looks. Groups that would follow by subtraction (within the tree, or since an earlier release of the
same cycle) hide others with them; an audit has the last word.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import ceil, floor

from bot.pulse import audit, scores
from bot.pulse.audit import Known, Leaf
from bot.pulse.scores import Interval, Prior

ROOT = None  # the organisation
BAND, ROUNDED, WHOLE = "band", "rounded", "whole"
AT_LEAST, AT_MOST = "at least", "at most"
LOW, MIXED, HIGH = 0, 1, 2  # bands
BAND_BELOW, ROUNDED_BELOW = 10, 20  # people
LOW_RESPONSE = 0.70

Key = tuple[str, str | None, str, int | None]  # factor, statement, part, unit


@dataclass(frozen=True, slots=True)
class Shown:
    """A share as it is said: a band, or a percentage, capped so that nobody is known to agree with all the others."""

    how: str
    value: int  # per cent, or a band
    cap: str = ""  # at least | at most

    @property
    def share(self) -> float:
        """From 0 to 1; the middle of a band."""
        return (0.25, 0.55, 0.85)[self.value] if self.how == BAND else self.value / 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One released figure. `low` and `high` in per cent; None where the figure is a band."""

    factor: str
    statement: str | None  # None: the factor itself
    part: str  # factor | anchor
    unit: int | None  # None: the organisation
    n: int
    how: str
    value: int
    cap: str
    low: int | None
    high: int | None
    shrunk: int | None  # per cent, towards the organisation's mean: for comparing units
    stage: int | None
    worst: tuple[int, int] | None  # per cent, where fewer than 70 % answered
    response: int  # per cent
    verdict: str | None  # since the cycle before
    round: int  # number in the cycle of the round at whose close it was computed
    fits: tuple[int, int]  # the fewest and most favourable people that the figure may stand for

    @property
    def shown(self) -> Shown:
        return Shown(self.how, self.value, self.cap)

    @property
    def key(self) -> Key:
        return self.factor, self.statement, self.part, self.unit


@dataclass(frozen=True, slots=True)
class Respondent:
    """One person's answers to the statements of a factor: statement → favourable or not."""

    unit: int | None
    round: int  # number in the cycle
    marks: Mapping[str, bool]


@dataclass(frozen=True)
class Tree:
    """Units and their parents, as frozen when the round was opened."""

    parents: Mapping[int, int | None]

    @cached_property
    def nodes(self) -> list[int | None]:
        return [ROOT, *self.parents]

    @lru_cache(maxsize=4096)  # noqa: B019 (a tree lives as long as its close)
    def below(self, node: int | None) -> frozenset[int | None]:
        """The unit and all under it."""
        return frozenset(unit for unit in self.nodes if node in self.line(unit))

    def line(self, unit: int | None) -> list[int | None]:
        """The unit, its parent, and so on up to the organisation; a unit no longer known counts there."""
        line: list[int | None] = []
        while unit is not None and unit in self.parents and unit not in line:
            line.append(unit)
            unit = self.parents[unit]
        return [*line, ROOT]

    def __hash__(self) -> int:
        return id(self)


@dataclass(slots=True)
class Question:
    """All that the release of one factor (or anchor) is computed from."""

    factor: str
    part: str
    statements: Sequence[str]  # those that make up the factor
    apart: Sequence[str]  # reverse ones, reported on their own until they are proven
    respondents: Sequence[Respondent]
    tree: Tree
    k: int
    round: int
    headcount: Mapping[int | None, int]  # people of each unit (without its children) who may answer at all
    invited: Mapping[int | None, int]  # people of each unit who were asked this so far
    earlier: Sequence[Cell] = ()  # all released before in the same cycle
    seed: int = 0

    @property
    def needed(self) -> int:
        return self.k + 1


def say(x: float, n: int, prior: Prior) -> Shown:
    """How x favourable of n people may be said."""
    share = x / n
    if n < BAND_BELOW:
        band = _band(x, n, prior)
        alike = sum(_band(other, n, prior) == band for other in range(n + 1))
        return Shown(BAND, band if alike > 1 else MIXED)  # a band for one number only would name the number
    step, edge = (5, 10) if n < ROUNDED_BELOW else (1, 5)
    value = int(step * round(share * 100 / step))
    if value >= 100 - edge:
        return Shown(ROUNDED if step == 5 else WHOLE, 100 - edge, AT_LEAST)
    if value <= edge:
        return Shown(ROUNDED if step == 5 else WHOLE, edge, AT_MOST)
    return Shown(ROUNDED if step == 5 else WHOLE, value)


def _band(x: float, n: int, prior: Prior) -> int:
    estimate = prior.shrunk(x, n)
    return LOW if estimate < 0.40 else HIGH if estimate > 0.70 else MIXED


def fits(shown: Shown, n: int, prior: Prior) -> tuple[int, int]:
    """The fewest and most favourable people of n that are said like that."""
    fitting = [x for x in range(n + 1) if say(x, n, prior) == shown]
    return (min(fitting), max(fitting)) if fitting else (0, n)


def release(question: Question) -> list[Cell]:
    """The cells of one factor that are new with this round; those released earlier stand until they are replaced.

    Units without a cell are "not enough yet".
    """
    counts = Counts(question)
    fresh = _audited(counts, _by_steps(counts, _replaceable(counts, _partition(counts))))
    prior = counts.prior(fresh)
    return [cell for node in question.tree.nodes if node in fresh for cell in _cells(counts, node, prior)]


def current(cells: Iterable[Cell]) -> dict[Key, Cell]:
    """Of all cells ever released, in the order of their release, those that stand."""
    return {cell.key: cell for cell in cells}


class Counts:
    """Respondents counted by node, for each measure: the factor (None) and each statement."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.measures: list[str | None] = [None, *question.statements, *question.apart]
        self.members: dict[int | None, list[Respondent]] = {node: [] for node in question.tree.nodes}
        self.sizes: dict[str | None, dict[Leaf, int]] = {measure: {} for measure in self.measures}
        self.favourable: dict[str | None, dict[Leaf, int]] = {measure: {} for measure in self.measures}
        self.all_leaves: set[Leaf] = set()
        for person in question.respondents:
            if not any(name in person.marks for name in (*question.statements, *question.apart)):
                continue
            line = question.tree.line(person.unit)
            self.all_leaves.add((line[0], person.round))
            for node in line:
                self.members[node].append(person)
            for measure in self.measures:
                if self.rated(person, measure):
                    leaf = (line[0], person.round)
                    self.sizes[measure][leaf] = self.sizes[measure].get(leaf, 0) + 1
                    if measure is not None:
                        yes = self.favourable[measure].get(leaf, 0) + person.marks[measure]
                        self.favourable[measure][leaf] = yes

    def rated(self, person: Respondent, measure: str | None) -> bool:
        return measure in person.marks if measure else any(name in person.marks for name in self.question.statements)

    def share(self, person: Respondent, measure: str | None) -> float:
        """A person's own share first, then the mean of persons (Culture Amp's and Officevibe's factor score)."""
        if measure is not None:
            return float(person.marks[measure])
        marks = [person.marks[name] for name in self.question.statements if name in person.marks]
        return sum(marks) / len(marks)

    def shares(self, node: int | None, measure: str | None) -> list[float]:
        return [self.share(person, measure) for person in self.members[node] if self.rated(person, measure)]

    def figure(self, node: int | None, measure: str | None) -> tuple[float, int]:
        shares = self.shares(node, measure)
        return sum(shares), len(shares)

    def leaves(self, node: int | None, *, until: int | None = None) -> frozenset[Leaf]:
        units = self.question.tree.below(node)
        return frozenset(leaf for leaf in self.all_leaves if leaf[0] in units and (until is None or leaf[1] <= until))

    def population(self, node: int | None) -> int:
        """People of the node's units in which this was asked, at least as many as answered."""
        question = self.question
        units = [unit for unit in question.tree.below(node) if question.invited.get(unit, 0)]
        return max(sum(question.headcount.get(unit, 0) for unit in units), len(self.members[node]))

    def prior(self, shown: set[int | None]) -> Prior:
        """What the shown units have in common; those within another shown unit count there only."""
        units = _largest_parts(self.question.tree, ROOT, shown)
        return scores.prior_of([self.figure(unit, None) for unit in units])

    def smallest(self, leaves: Iterable[Leaf]) -> list[int]:
        """How many people rated, for each measure that anybody rated at all."""
        leaves = list(leaves)
        return [sum(sizes.get(leaf, 0) for leaf in leaves) for sizes in self.sizes.values() if sizes]


def _partition(counts: Counts) -> set[int | None]:
    """Nodes with enough people, so chosen that no remainder of a shown node is too small.

    While what is left of a shown node, after its largest shown parts are taken away, is fewer than k + 1 people (but
    somebody), the smallest of those parts is hidden, too, at last the node itself.
    """
    need, tree = counts.question.needed, counts.question.tree
    shown = {node for node in tree.nodes if min(counts.smallest(counts.leaves(node)), default=0) >= need}
    while True:
        for node in sorted(shown, key=lambda unit: len(tree.line(unit))):
            parts = _largest_parts(tree, node, shown)
            rest = counts.leaves(node).difference(*(counts.leaves(part) for part in parts))
            if parts and any(0 < number < need for number in counts.smallest(rest)):
                shown.discard(min(parts, key=lambda part: (len(counts.members[part]), part or 0)))
                break
            if not parts and any(0 < number < need for number in counts.smallest(rest)):
                shown.discard(node)
                break
        else:
            return shown


def _largest_parts(tree: Tree, node: int | None, shown: set[int | None]) -> list[int | None]:
    """Shown units under `node` that are in no other shown unit under it."""
    under = [unit for unit in shown if unit != node and node in tree.line(unit)]
    return [unit for unit in under if not any(other != unit and other in tree.line(unit) for other in under)]


def _replaceable(counts: Counts, shown: set[int | None]) -> set[int | None]:
    """Without those that were released before in the cycle and to which fewer than k + 1 people have come since."""
    earlier = {cell.unit: cell.round for cell in counts.question.earlier if cell.statement is None}
    fresh = set(shown)
    for node in shown:
        if node in earlier:
            new = counts.leaves(node) - counts.leaves(node, until=earlier[node])
            if any(number < counts.question.needed for number in counts.smallest(new)):
                fresh.discard(node)
    return fresh


def _by_steps(counts: Counts, fresh: set[int | None]) -> set[int | None]:
    """The same rule for those who came since a node was released last: of these, too, no small rest may be left."""
    need, tree = counts.question.needed, counts.question.tree
    last = {cell.unit: cell.round for cell in counts.question.earlier if cell.statement is None}
    fresh = set(fresh)
    while True:
        for node in sorted(fresh & last.keys(), key=lambda unit: len(tree.line(unit))):
            came = counts.leaves(node) - counts.leaves(node, until=last[node])
            parts = _largest_parts(tree, node, fresh)
            rest = came.difference(*(counts.leaves(part) for part in parts))
            if any(0 < number < need for number in counts.smallest(rest)):
                fresh.discard(min([*parts, node], key=lambda part: (len(counts.members[part]), part or 0)))
                break
        else:
            return fresh


def _audited(counts: Counts, fresh: set[int | None]) -> set[int | None]:
    """`fresh` without what would let a hidden group be computed; of those concerned the smallest goes first."""
    fresh, borders = set(fresh), {cell.round for cell in counts.question.earlier}
    for measure in counts.measures:
        if measure is None:
            continue  # a mean of the statements, which are audited each
        groups = small_groups(counts, measure, borders)
        while fresh and (groups := _leaking(counts, measure, fresh, groups)):  # fewer figures make no new leaks
            fresh.discard(
                min(_concerned(counts, groups[0], fresh), key=lambda node: (len(counts.members[node]), node or 0))
            )
    return fresh


def _leaking(counts: Counts, measure: str, fresh: set[int | None], groups: Sequence[audit.Group]) -> list[audit.Group]:
    prior = counts.prior(fresh)
    facts = known(counts, measure, counts.question.earlier)
    for node in fresh:
        x, n = counts.figure(node, measure)
        if n:
            facts.append(Known(counts.leaves(node), *fits(say(x, n, prior), n, prior)))
    return audit.recoverable(counts.sizes[measure], counts.favourable[measure], facts, groups)


def _concerned(counts: Counts, group: audit.Group, fresh: set[int | None]) -> set[int | None]:
    """Fresh nodes around the group: those that hold it, and those within the smallest that does."""
    tree = counts.question.tree
    units = [unit for unit, _round in group]
    holding = [node for node in tree.line(units[0]) if node in fresh]
    if not holding:
        return fresh
    return set(holding) | {node for node in fresh if holding[0] in tree.line(node)}


def known(counts: Counts, measure: str, cells: Iterable[Cell]) -> list[Known]:
    """What released cells tell of one statement."""
    facts = []
    for cell in cells:
        if cell.statement == measure and cell.unit in counts.members:
            leaves = counts.leaves(cell.unit, until=cell.round)
            if sum(counts.sizes[measure].get(leaf, 0) for leaf in leaves) == cell.n:
                facts.append(Known(leaves, *cell.fits))
    return facts


def small_groups(counts: Counts, measure: str, borders: Iterable[int]) -> list[frozenset[Leaf]]:
    """Groups that must stay unknown: too few people in a unit, or among those of it who came between two releases."""
    need, groups = counts.question.needed, set[frozenset[Leaf]]()
    cuts = sorted({-1, *borders, counts.question.round})
    spans = {(low, high) for low, high in itertools.pairwise(cuts)} | {(-1, high) for high in cuts[1:]}
    for node in counts.members:
        leaves = counts.leaves(node)
        for low, high in spans:
            group = frozenset(leaf for leaf in leaves if low < leaf[1] <= high and leaf in counts.sizes[measure])
            if 0 < sum(counts.sizes[measure][leaf] for leaf in group) < need:
                groups.add(group)
    return sorted(groups, key=lambda group: sorted((leaf[0] or 0, leaf[1]) for leaf in group))


def _cells(counts: Counts, node: int | None, prior: Prior) -> Iterable[Cell]:
    question = counts.question
    population = counts.population(node)
    asked = sum(question.invited.get(unit, 0) for unit in question.tree.below(node))
    for number, measure in enumerate(counts.measures):
        x, n = counts.figure(node, measure)
        if n == 0:
            continue
        shown = say(x, n, prior)
        share = shown.share
        bounds = _interval(counts, node, measure, shown, n, population, question.seed + number)
        response = min(1.0, n / asked) if asked else 1.0
        low_response = response < LOW_RESPONSE and shown.how != BAND
        worst = scores.worst_case(share, response) if low_response else None
        cell = Cell(
            factor=question.factor, statement=measure, part=question.part, unit=node, n=n,
            how=shown.how, value=shown.value, cap=shown.cap,
            low=_percent(bounds.low) if bounds else None, high=_percent(bounds.high) if bounds else None,
            shrunk=_percent(prior.shrunk_share(share, scores.effective_n(n, population))) if bounds else None,
            stage=scores.stage(share, n, population=population) if measure is None and bounds else None,
            worst=(_percent(worst.low), _percent(worst.high)) if worst else None,
            response=_percent(response), verdict=None, round=question.round, fits=fits(shown, n, prior),
        )  # fmt: skip
        yield cell


def _interval(
    counts: Counts, node: int | None, measure: str | None, shown: Shown, n: int, population: int, seed: int
) -> Interval | None:
    """95 %, from the figure as it is said, so that it tells nothing beyond; in steps of five where the figure is."""
    if shown.how == BAND:
        return None
    if shown.how == ROUNDED:
        bounds = scores.wilson(shown.share * n, n, population=population)
        return Interval(floor(bounds.low * 20) / 20, ceil(bounds.high * 20) / 20)
    if measure is None and not shown.cap:
        return scores.factor_interval(counts.shares(node, None), population=population, seed=seed)
    bounds = scores.wilson(shown.share * n, n, population=population)
    return Interval(
        0.0 if shown.cap == AT_MOST else bounds.low,
        1.0 if shown.cap == AT_LEAST else bounds.high,
    )


def _percent(share: float) -> int:
    return round(share * 100)


# -- Change since the cycle before ------------------------------------------------------------------------


def with_verdicts(cells: Sequence[Cell], before: Mapping[Key, Cell], *, seed: int) -> list[Cell]:
    """Each cell with its verdict against the same cell of the cycle before, all of them judged together.

    Only from figures as released, so that a verdict tells nothing that they do not.
    """
    pairs = [(cell, before[cell.key]) for cell in cells if cell.key in before]
    changes = [_change(now, then, seed + index) for index, (now, then) in enumerate(pairs)]
    verdicts = scores.with_many(changes)
    found = {now.key: verdict for (now, _then), verdict in zip(pairs, verdicts, strict=True)}
    return [replace(cell, verdict=found.get(cell.key)) for cell in cells]


def _change(now: Cell, then: Cell, seed: int) -> scores.Change:
    if BAND in (now.how, then.how):
        return scores.Change(scores.TOO_LITTLE, 1.0)
    m = (now.value * now.n + then.value * then.n) / (100 * (now.n + then.n))
    prior = Prior(min(max(m, 0.01), 0.99), scores.S_FEW)
    return scores.change(
        prior.posterior(now.shown.share * now.n, now.n), prior.posterior(then.shown.share * then.n, then.n), seed=seed
    )
