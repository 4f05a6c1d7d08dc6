"""The audit: whether a hidden group can be computed from all that is published, by linear programming.

The attacker knows every head count, every released figure and how it was rounded. For each group too small to be
shown, the smallest and largest number of favourable people that agree with all releases are sought; where the two
are the same, the group is known, and something more must be hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

Leaf = tuple[int | None, int]  # a unit without its children, and the round in which people answered
Group = frozenset[Leaf]
TOLERANCE = 1e-6
TRIES = 8


@dataclass(frozen=True, slots=True)
class Known:
    """What a released figure tells: the favourable people among `leaves` are `low` to `high`."""

    leaves: Group
    low: float
    high: float


def recoverable(
    sizes: Mapping[Leaf, int], truth: Mapping[Leaf, int], known: Sequence[Known], groups: Iterable[Group]
) -> list[Group]:
    """Those of `groups` whose number of favourable people follows from what is `known`.

    `sizes` are the people who answered in each leaf, `truth` how many of them are favourable.
    """
    world = _World(sizes, truth, known)
    open_ones = world.unsettled([group for group in groups if not world.has_a_twin(group)])
    return [group for group in open_ones if world.is_determined(group)]


class _World:
    """The true numbers, and what is known of them, as arrays over leaves."""

    def __init__(self, sizes: Mapping[Leaf, int], truth: Mapping[Leaf, int], known: Sequence[Known]) -> None:
        self.leaves = list(sizes)
        self.place = {leaf: index for index, leaf in enumerate(self.leaves)}
        self.sizes = np.array([sizes[leaf] for leaf in self.leaves], dtype=float)
        self.truth = np.array([truth.get(leaf, 0) for leaf in self.leaves], dtype=float)
        self.sums = np.zeros((len(known), len(self.leaves)))
        for number, item in enumerate(known):
            self.sums[number, [self.place[leaf] for leaf in item.leaves if leaf in self.place]] = 1.0
        self.low = np.array([item.low for item in known], dtype=float)
        self.high = np.array([item.high for item in known], dtype=float)
        true_sums = self.sums @ self.truth
        self.up, self.down = self.high - true_sums + TOLERANCE, true_sums - self.low + TOLERANCE

    def has_a_twin(self, group: Group) -> bool:
        """Whether a world close to the true one agrees with all figures and differs in the group.

        Tried are: one opinion more or less in the group; one moved between the group and elsewhere; and two moved
        crosswise between two rounds of two units. It is only to spare the linear programmes, which are exact.
        """
        inside = np.zeros(len(self.leaves), dtype=bool)
        inside[[self.place[leaf] for leaf in group if leaf in self.place]] = True
        for index in np.flatnonzero(inside):
            for step in (1.0, -1.0):
                if not 0 <= self.truth[index] + step <= self.sizes[index]:
                    continue
                own = step * self.sums[:, index]
                if self._agrees(own[:, None])[0]:
                    return True
                others = ~inside & self._has_room(-step)
                if np.any(self._agrees(own[:, None] - step * self.sums[:, others])):
                    return True
                if self._crosswise(int(index), inside, step):
                    return True
        return False

    def _crosswise(self, index: int, inside: NDArray[np.bool_], step: float) -> bool:
        unit, own_round = self.leaves[index]
        less, more = self._has_room(-step), self._has_room(step)
        for (other_unit, other_round), other in self.place.items():
            if other_unit != unit or inside[other] or not less[other]:
                continue
            pairs = [
                (self.place[away, own_round], self.place[away, other_round])
                for away, away_round in self.leaves
                if away_round == own_round and away != unit and (away, other_round) in self.place
            ]
            pairs = [(a, b) for a, b in pairs if less[a] and more[b] and not inside[a] and not inside[b]]
            if not pairs:
                continue
            here, there = np.array(pairs).T
            moves = self.sums[:, [index]] - self.sums[:, [other]] - self.sums[:, here] + self.sums[:, there]
            if np.any(self._agrees(step * moves)):
                return True
        return False

    def _has_room(self, step: float) -> NDArray[np.bool_]:
        return (self.truth + step >= 0) & (self.truth + step <= self.sizes)

    def _agrees(self, moves: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each move (a column): whether every figure would still be said as it is."""
        agrees: NDArray[np.bool_] = np.all((moves <= self.up[:, None]) & (-moves <= self.down[:, None]), axis=0)
        return agrees

    def unsettled(self, groups: Sequence[Group]) -> list[Group]:
        """Without those that are seen to differ between worlds far from each other, found for all groups at once.

        Also only to spare programmes: in each try the groups are pushed up and down at random.
        """
        rng = np.random.default_rng(len(groups))
        left = list(groups)
        for _try in range(TRIES):
            if len(left) <= 1:
                break
            members = np.array([self._indicator(group) for group in left])
            goal = rng.choice([-1.0, 1.0], size=len(left)) @ members
            worlds = [world for world in (self._extreme(goal), self._extreme(-goal)) if world is not None]
            if len(worlds) < 2:
                break
            sums = members @ np.array(worlds).T
            is_known_open = np.floor(sums.max(axis=1) + TOLERANCE) > np.ceil(sums.min(axis=1) - TOLERANCE)
            left = [group for group, is_open in zip(left, is_known_open, strict=True) if not is_open]
        return left

    def is_determined(self, group: Group) -> bool:
        """Whether the least and the most that the group can be are one whole number (two programmes)."""
        goal = self._indicator(group)
        if not len(self.sums) or not goal.any():
            return False
        least, most = self._extreme(goal), self._extreme(-goal)
        if least is None or most is None:
            return False  # no world agrees with the releases: nothing can be learned from them
        return bool(floor(goal @ most + TOLERANCE) <= ceil(goal @ least - TOLERANCE))

    def _indicator(self, group: Group) -> NDArray[np.float64]:
        goal = np.zeros(len(self.leaves))
        goal[[self.place[leaf] for leaf in group if leaf in self.place]] = 1.0
        return goal

    def _extreme(self, goal: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The world that agrees with all figures in which `goal` is least (linear programme, HiGHS)."""
        from scipy.optimize import linprog  # takes a second to import, and is seldom needed

        if not len(self.sums):
            return None
        found = linprog(
            goal,
            A_ub=np.vstack([self.sums, -self.sums]),
            b_ub=np.concatenate([self.high, -self.low]),
            bounds=np.column_stack([np.zeros(len(self.sizes)), self.sizes]),
            method="highs",
        )
        return np.asarray(found.x, dtype=float) if found.status == 0 else None
