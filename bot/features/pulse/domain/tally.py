"""Respondents of a factor, counted for each unit of the tree as fixed at the opening."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.features.pulse.domain import scores
from bot.features.pulse.domain.audit import Leaf
from bot.features.pulse.domain.disclosure import Cell
from bot.features.pulse.domain.scores import Prior

ROOT = None  # the organisation


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

    @cached_property
    def _branches(self) -> dict[int | None, frozenset[int | None]]:
        found: dict[int | None, set[int | None]] = {node: set() for node in self.nodes}
        for unit in self.nodes:
            for node in self.line(unit):
                found[node].add(unit)
        return {node: frozenset(units) for node, units in found.items()}

    def below(self, node: int | None) -> frozenset[int | None]:
        """The unit and all under it."""
        return self._branches[node]

    def line(self, unit: int | None) -> list[int | None]:
        """The unit, its parent, and so on up to the organisation; a unit no longer known counts there."""
        line: list[int | None] = []
        while unit is not None and unit in self.parents and unit not in line:
            line.append(unit)
            unit = self.parents[unit]
        return [*line, ROOT]


@dataclass(slots=True)
class TalliedQuestion:
    """The input from which the release of one factor (or anchor) is computed."""

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


class Counts:
    """Respondents counted by node, for each measure: the factor (None) and each statement."""

    def __init__(self, question: TalliedQuestion) -> None:
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
        units = largest_parts(self.question.tree, ROOT, shown)
        return scores.prior_of([self.figure(unit, None) for unit in units])

    def smallest(self, leaves: Iterable[Leaf]) -> list[int]:
        """How many people rated, for each measure that anybody rated at all."""
        leaves = list(leaves)
        return [sum(sizes.get(leaf, 0) for leaf in leaves) for sizes in self.sizes.values() if sizes]


def largest_parts(tree: Tree, node: int | None, shown: set[int | None]) -> list[int | None]:
    """Shown units under `node` that are in no other shown unit under it."""
    under = [unit for unit in shown if unit != node and node in tree.line(unit)]
    return [unit for unit in under if not any(other != unit and other in tree.line(unit) for other in under)]
