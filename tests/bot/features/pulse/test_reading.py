"""What is said of made-up organisations; and what somebody learns who knows everything else."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest

from bot.core.factors import FACTORS
from bot.features.pulse.domain.noise import Noise
from bot.features.pulse.domain.noisy_sums import Answers, draw
from bot.features.pulse.domain.reading import read, statement_level
from bot.features.pulse.domain.simulate import SCENARIOS, SIZES, STATEMENTS, Organisation, attack, simulate
from storage.pulse.readings import Change, Level
from tests.sizes import size


@pytest.mark.in_turn
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_the_strongest_attacker_is_right_as_seldom_as_promised_in_units_of_every_size(name: str) -> None:
    """And not much more seldom, where that can be: else the attacker of this test would be weak."""
    scenario, sizes = SCENARIOS[name], range(2, 201)
    worlds = [people for _ in range(size(max(1, 8 // scenario.rounds), 51)) for people in sizes]
    right = sum(attack(people, scenario) for people in worlds) / len(worlds)
    chance = 4 * sqrt(0.25 / len(worlds))
    assert right <= scenario.at_most + max(0.01, chance)
    assert right >= scenario.at_most - 0.03 - chance


def released_as_before(ballots: Sequence[Answers]) -> list[float]:
    """What the version before released of a group of five or more: exact counts, and shares in whole per cent."""
    said = [[ballot.favourable[name] for ballot in ballots if ballot.favourable] for name in STATEMENTS]
    flat = [value for values in said for value in values]
    return [float(len(said[0])), round(100 * np.mean(flat), 0), *(round(100 * np.mean(values), 0) for values in said)]


@pytest.mark.parametrize("people", [6, 20, 60, 100])
def test_the_same_attacker_reads_what_the_version_before_released(people: int) -> None:
    """So the test above can fail: figures without noise, as they were released until this design."""
    random, right = np.random.default_rng(people), 0
    for _world in range(100):
        others = [Answers(1, {name: bool(random.integers(2)) for name in STATEMENTS}) for _person in range(people - 1)]
        worlds = [[*others, Answers(1, dict.fromkeys(STATEMENTS, said))] for said in (False, True)]
        truth = int(random.integers(2))
        matching = [index for index in (0, 1) if released_as_before(worlds[index]) == released_as_before(worlds[truth])]
        right += matching == [truth]
    assert right > 95


def test_the_attack_succeeds_on_exact_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above can fail, with the parts of today as well."""
    monkeypatch.setattr("bot.features.pulse.domain.noisy_sums.gaussian", lambda _variance: 0)
    assert all(attack(9, SCENARIOS["one round"]) for _ in range(50))


@pytest.mark.in_turn
def test_a_year_without_change_tells_none_and_a_change_is_found() -> None:
    found = simulate(size(8, 100), seed=5)
    assert found.quiet == found.organisations // 2
    assert found.misled <= 1 + 0.05 * found.quiet  # 5 in 100, and by chance one of few
    report = found.report()
    for rates in report["coverage_by_people"].values():  # type: ignore[attr-defined]
        assert all(0.8 < rate <= 1 for rate in rates.values())
    power = report["power_by_people"]
    assert power["200"] > 0.6 > power["10"]  # type: ignore[index]


def test_the_whole_is_the_lowest_area_and_the_weakest_is_named_only_where_it_is_clear() -> None:
    named = 0
    for seed in range(8):
        organisation = Organisation(seed)
        organisation.shares[:] = 0.7
        alike = read({(f, 0): organisation.release(f, _minds(organisation, n)) for n, f in enumerate(FACTORS)}, {})
        assert alike.whole is not None
        named += (alike.whole.weakest is not None) + (alike.whole.strongest is not None)
    assert named <= 8  # of 16: by chance one of eight may stand out
    organisation.shares[:, 3] = 0.3
    apart = read({(f, 0): organisation.release(f, _minds(organisation, n)) for n, f in enumerate(FACTORS)}, {})
    assert apart.whole is not None
    assert (apart.whole.weakest, apart.whole.stage) == (FACTORS[3], 1)
    assert sum(apart.whole.stages) == pytest.approx(1)


def test_with_an_area_not_yet_asked_there_is_no_whole() -> None:
    organisation = Organisation(4)
    reading = read({("goals", 0): organisation.release("goals", _minds(organisation, 0))}, {})
    assert (reading.whole, list(reading.organisation)) == (None, ["goals"])


def test_a_unit_holds_those_under_it_and_small_ones_are_not_spoken_of() -> None:
    organisation = Organisation(6)
    sums = organisation.release("goals", _minds(organisation, 0))
    sums.people[1] = 4
    above = dict.fromkeys(sums.units, 100) | {100: None}
    reading = read({("goals", 0): sums}, above)
    assert 1 not in reading.units
    assert reading.units[100]["goals"].mean == pytest.approx(reading.organisation["goals"].mean)


def test_a_round_of_a_few_leaves_what_was_known_before() -> None:
    organisation = Organisation(8)
    known = organisation.release("goals", _minds(organisation, 0))
    few = draw("goals", {1: 9}, STATEMENTS, [], Noise())
    before = read({("goals", 0): known}, {}).organisation["goals"]
    after = read({("goals", 0): known, ("goals", 1): few}, {}).organisation["goals"]
    assert after.mean == pytest.approx(before.mean, abs=0.02)
    assert read({("goals", 0): few}, {}).organisation == {}


@pytest.mark.parametrize(
    ("mean", "deviation", "said"),
    [(0.62, 0.04, (62, 54, 70, 3)), (0.99, 0.05, (99, 89, 100, 4)), (0.3, 0, (30, 30, 30, 1))],
)
def test_a_level_in_whole_per_cent(mean: float, deviation: float, said: tuple[int, ...]) -> None:
    level = Level(mean, deviation)
    assert (level.value, level.low, level.high, level.stage) == said
    assert sum(level.probability_of_stage(stage) for stage in range(1, 5)) == pytest.approx(1)


def test_where_few_answered_it_is_said_what_the_others_could_change() -> None:
    """The bounds hold the truth even where everybody who is silent thinks the same, whatever that is: 95 times of 100."""
    organisation, missed = Organisation(5), 0
    minds = _minds(organisation, 0)
    for others in [False, True] * 15:
        sums = organisation.release("goals", minds, 0.5)
        level = read({("goals", 0): sums}, {}).organisation["goals"]
        assert level.bounds is not None
        answered = sums.count / sums.invited
        true = answered * float(np.concatenate(minds).mean()) + (1 - answered) * others
        missed += not level.bounds[0] <= true <= level.bounds[1]
        assert level.bounds[1] - level.bounds[0] == pytest.approx(1 - answered + level.width * answered, abs=0.02)
    assert missed <= 8  # of 30, by chance: once in 90,000 runs
    assert read({("goals", 0): organisation.release("goals", minds, 0.9)}, {}).organisation["goals"].bounds is None


def test_a_statement_that_some_skip_is_not_drawn_to_the_middle() -> None:
    """19 of 20 rate it: the mean of what is said over many draws is what those who rated it said."""
    ballots = [Answers(1, {"a": True} if number % 20 else {"b": True}) for number in range(2000)]
    said = [statement_level(draw("goals", {1: 2000}, ("a", "b"), ballots, Noise()), "a") for _ in range(40)]
    assert all(level is not None for level in said)
    assert np.mean([level.mean for level in said if level]) == pytest.approx(1.0, abs=0.01)


def test_no_change_is_told_without_an_earlier_cycle() -> None:
    organisation = Organisation(7)
    reading = read({("goals", 0): organisation.release("goals", _minds(organisation, 0))}, {})
    assert reading.organisation["goals"].change is None
    twice = {("goals", cycle): organisation.release("goals", _minds(organisation, 0)) for cycle in (0, 1)}
    assert read(twice, {}).organisation["goals"].change in (Change.NOT_CLEAR, Change.BETTER, Change.WORSE)


def _minds(organisation: Organisation, area: int) -> list[np.ndarray]:
    return [organisation.minds(unit, area) for unit in range(len(SIZES))]
