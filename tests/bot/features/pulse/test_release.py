"""What may be shown: whatever rounds, leavers, movers and units there are, no group of k or fewer is given away."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.pulse.domain import audit
from bot.features.pulse.domain.audit import Known
from bot.features.pulse.domain.disclosure import Cell, Disclosure, current, say
from bot.features.pulse.domain.release import release
from bot.features.pulse.domain.scores import Prior
from bot.features.pulse.domain.suppression import known, small_groups
from bot.features.pulse.domain.tally import Counts, Respondent, TalliedQuestion, Tree

K = 5
NAMES = ("a", "b")


def question(
    people: list[Respondent], tree: Tree, *, number: int = 0, earlier: tuple[Cell, ...] = ()
) -> TalliedQuestion:
    heads = {unit: sum(person.unit == unit for person in people) for unit in tree.nodes}
    return TalliedQuestion("goals", "factor", NAMES, (), people, tree, K, number, heads, heads, earlier, seed=1)


def of(unit: int | None, favourable: int, others: int, number: int = 0) -> list[Respondent]:
    return [Respondent(unit, number, dict.fromkeys(NAMES, mark)) for mark in [True] * favourable + [False] * others]


def shown_units(cells: list[Cell]) -> set[int | None]:
    return {cell.unit for cell in cells if cell.statement is None}


class TestHowExactly:
    def test_by_the_number_of_people(self) -> None:
        prior = Prior(0.5, 10)
        assert say(4, 8, prior).how == Disclosure.BAND
        assert (say(7, 15, prior).how, say(7, 15, prior).value) == (Disclosure.ROUNDED, 45)
        assert (say(13, 40, prior).how, say(13, 40, prior).value) == (Disclosure.WHOLE, 32)

    def test_nobody_is_known_to_agree_with_all(self) -> None:
        prior = Prior(0.5, 10)
        assert (say(15, 15, prior).cap, say(15, 15, prior).value) == ("at least", 90)
        assert (say(0, 15, prior).cap, say(40, 40, prior).value) == ("at most", 95)

    def test_a_band_never_stands_for_one_number(self) -> None:
        for m in (0.1, 0.5, 0.9):
            for n in range(6, 10):
                by_band: dict[int, int] = {}
                for x in range(n + 1):
                    band = say(x, n, Prior(m, 10)).value
                    by_band[band] = by_band.get(band, 0) + 1
                assert min(by_band.values()) > 1, (m, n, by_band)


class TestWhoIsHidden:
    def test_too_few_besides_the_viewer(self) -> None:
        tree = Tree({1: None})
        assert shown_units(release(question(of(1, 3, 2), tree))) == set()
        assert shown_units(release(question(of(1, 3, 3), tree))) == {None, 1}

    def test_one_small_sibling_hides_another(self) -> None:
        tree = Tree({1: None, 2: None, 3: None})
        cells = release(question(of(1, 2, 1) + of(2, 8, 8) + of(3, 10, 12), tree))
        assert shown_units(cells) == {None, 3}

    def test_those_who_came_since_the_last_release_are_not_computed(self) -> None:
        tree = Tree({1: None})
        first = release(question(of(1, 10, 10), tree))
        few = release(question(of(1, 10, 10) + of(1, 2, 1, number=1), tree, number=1, earlier=tuple(first)))
        enough = release(question(of(1, 10, 10) + of(1, 5, 4, number=1), tree, number=1, earlier=tuple(first)))
        assert shown_units(few) == set()
        assert shown_units(enough) == {None, 1}

    def test_a_statement_that_few_rated_hides_the_unit(self) -> None:
        people = of(1, 6, 6)[:10] + [Respondent(1, 0, {"a": True}) for _ in range(8)]
        assert {cell.n for cell in release(question(people, Tree({1: None})))} == {18, 10}
        people = of(1, 2, 2) + [Respondent(1, 0, {"a": True}) for _ in range(8)]
        assert release(question(people, Tree({1: None}))) == []


class TestAudit:
    def test_a_difference_is_found(self) -> None:
        sizes, truth = {(1, 0): 20, (2, 0): 3}, {(1, 0): 11, (2, 0): 2}
        whole, part = frozenset({(1, 0), (2, 0)}), frozenset({(1, 0)})
        facts = [Known(whole, 13, 13), Known(part, 11, 11)]
        assert audit.recoverable(sizes, truth, facts, [frozenset({(2, 0)})]) == [frozenset({(2, 0)})]

    def test_rounding_hides_it_again(self) -> None:
        sizes, truth = {(1, 0): 20, (2, 0): 3}, {(1, 0): 11, (2, 0): 2}
        facts = [Known(frozenset({(1, 0), (2, 0)}), 12, 14), Known(frozenset({(1, 0)}), 11, 11)]
        assert audit.recoverable(sizes, truth, facts, [frozenset({(2, 0)})]) == []

    def test_everybody_of_one_mind_is_found(self) -> None:
        sizes, truth = {(1, 0): 20, (2, 0): 3}, {(1, 0): 20, (2, 0): 3}
        facts = [Known(frozenset({(1, 0), (2, 0)}), 23, 23)]
        assert audit.recoverable(sizes, truth, facts, [frozenset({(2, 0)})]) == [frozenset({(2, 0)})]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Tree, list[list[Respondent]]]:
    """A tree, and who answers in each of up to four rounds, movers and empty units included."""
    units = draw(st.integers(1, 6))
    parents = {unit: draw(st.sampled_from([None, *range(1, unit)])) for unit in range(1, units + 1)}
    rounds = []
    for number in range(draw(st.integers(1, 4))):
        people: list[Respondent] = []
        for unit in (None, *parents):
            people += of(unit, draw(st.integers(0, 9)), draw(st.integers(0, 9)), number)
        rounds.append(people)
    return Tree(parents), rounds


@settings(max_examples=120, deadline=None)
@given(histories())
def test_any_history_obeys_the_rule(history: tuple[Tree, list[list[Respondent]]]) -> None:
    tree, rounds = history
    people: list[Respondent] = []
    cells: list[Cell] = []
    for number, came in enumerate(rounds):
        people += came
        asked = question(people, tree, number=number, earlier=tuple(cells))
        cells += release(asked)
    counts = Counts(asked)
    for cell in cells:
        assert cell.n > K  # k besides the viewer
    for name in NAMES:  # nobody can compute a group of k or fewer from all that was ever released
        groups = small_groups(counts, name, {cell.round for cell in cells})
        facts = known(counts, name, cells)
        assert audit.recoverable(counts.sizes[name], counts.favourable[name], facts, groups) == []
    for unit in tree.nodes:  # nor by the difference of two releases of one unit
        ends = sorted({cell.round for cell in cells if cell.unit == unit})
        for one, two in pairwise(ends):
            new = counts.leaves(unit, until=two) - counts.leaves(unit, until=one)
            assert min(counts.smallest(new)) > K
    assert current(cells) == current(list(current(cells).values()))
