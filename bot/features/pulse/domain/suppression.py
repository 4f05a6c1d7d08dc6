"""Which figures are suppressed, so that no group of k or fewer can be computed from those shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.features.pulse.domain import audit
from bot.features.pulse.domain.audit import Known, Leaf
from bot.features.pulse.domain.disclosure import Cell, fits, say
from bot.features.pulse.domain.tally import Counts, largest_parts


def showable(counts: Counts) -> set[int | None]:
    """Units (None: the organisation) whose figures may be released now.

    None where an earlier release of the cycle cannot be accounted for any more, as when units were merged since: what
    could be computed from it is not known, so what stands stands until the next cycle.
    """
    if not all(_is_accounted_for(counts, cell) for cell in counts.question.earlier):
        return set()
    return _audited(counts, _by_steps(counts, _replaceable(counts, _partition(counts))))


def _partition(counts: Counts) -> set[int | None]:
    """Nodes with enough people, so chosen that no remainder of a shown node is too small.

    While what is left of a shown node, after its largest shown parts are taken away, is fewer than k + 1 people (but
    somebody), the smallest of those parts is hidden, too, at last the node itself.
    """
    need, tree = counts.question.needed, counts.question.tree
    shown = {node for node in tree.nodes if min(counts.smallest(counts.leaves(node)), default=0) >= need}
    while True:
        for node in sorted(shown, key=lambda unit: len(tree.line(unit))):
            parts = largest_parts(tree, node, shown)
            rest = counts.leaves(node).difference(*(counts.leaves(part) for part in parts))
            if parts and any(0 < number < need for number in counts.smallest(rest)):
                shown.discard(min(parts, key=lambda part: (len(counts.members[part]), part or 0)))
                break
            if not parts and any(0 < number < need for number in counts.smallest(rest)):
                shown.discard(node)
                break
        else:
            return shown


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
            parts = largest_parts(tree, node, fresh)
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
    return [
        Known(counts.leaves(cell.unit, until=cell.round), *cell.fits) for cell in cells if cell.statement == measure
    ]


def _is_accounted_for(counts: Counts, cell: Cell) -> bool:
    """Whether the people behind a released figure are still those counted now."""
    if cell.statement not in counts.sizes:
        return True  # retired since: nothing new is said about it
    if cell.unit not in counts.members:
        return False
    leaves = counts.leaves(cell.unit, until=cell.round)
    return sum(counts.sizes[cell.statement].get(leaf, 0) for leaf in leaves) == cell.n


def small_groups(counts: Counts, measure: str, borders: Iterable[int]) -> list[frozenset[Leaf]]:
    """Groups that must stay unknown: too few people in a unit, or among those of it who came between two releases."""
    need, groups = counts.question.needed, set[frozenset[Leaf]]()
    cuts = sorted({-1, *borders, counts.question.round})
    spans = {(low, high) for low, high in pairwise(cuts)} | {(-1, high) for high in cuts[1:]}
    for node in counts.members:
        leaves = counts.leaves(node)
        for low, high in spans:
            group = frozenset(leaf for leaf in leaves if low < leaf[1] <= high and leaf in counts.sizes[measure])
            if 0 < sum(counts.sizes[measure][leaf] for leaf in group) < need:
                groups.add(group)
    return sorted(groups, key=lambda group: sorted((leaf[0] or 0, leaf[1]) for leaf in group))
