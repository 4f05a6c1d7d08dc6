"""The formulas of the pulse, held against scipy's and numpy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.core.confidence_intervals import Interval, newcombe, wilson
from bot.features.pulse.domain import scores
from bot.features.pulse.domain.scores import ChangeVerdict, Prior, ScoreChange

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_is_scipys(pair: tuple[int, int]) -> None:
    x, n = pair
    theirs = stats.binomtest(x, n).proportion_ci(method="wilson")
    ours = wilson(x, n)
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


def test_the_example_of_the_method() -> None:
    ours = wilson(11, 18)
    assert (round(ours.low * 100), round(ours.high * 100)) == (39, 80)


@given(counts, st.integers(0, 300))
def test_in_a_finite_unit_the_interval_is_narrower_and_closes(pair: tuple[int, int], more: int) -> None:
    x, n = pair
    inside, plain = wilson(x, n, population=n + more), wilson(x, n)
    assert inside.width <= plain.width + 1e-12
    if more == 0 and n > 1:
        assert inside == Interval(x / n, x / n)


def test_nobody_answered_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no interval"):
        wilson(0, 0)


@given(counts, counts)
def test_newcombe_is_made_of_two_wilsons_and_holds_the_difference(a: tuple[int, int], b: tuple[int, int]) -> None:
    p, q = a[0] / a[1], b[0] / b[1]
    one, two = (stats.binomtest(*pair).proportion_ci(method="wilson") for pair in (a, b))
    ours = newcombe(p, wilson(*a), q, wilson(*b))
    assert ours.low == pytest.approx(p - q - np.hypot(p - one.low, two.high - q), abs=1e-9)
    assert ours.high == pytest.approx(p - q + np.hypot(one.high - p, q - two.low), abs=1e-9)
    assert ours.low <= p - q <= ours.high


def test_worst_case_bounds() -> None:
    assert scores.worst_case(0.5, 0.6) == Interval(0.3, pytest.approx(0.7))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_benjamini_and_hochberg_are_scipys(p_values: list[float]) -> None:
    theirs = stats.false_discovery_control(p_values, method="bh") <= scores.FDR
    ours = scores.corrected_for_many([ScoreChange(ChangeVerdict.IMPROVED, p) for p in p_values])
    borderline = np.isclose(stats.false_discovery_control(p_values, method="bh"), scores.FDR)
    for is_theirs, verdict, near in zip(theirs, ours, borderline, strict=True):
        assert near or is_theirs == (verdict == ChangeVerdict.IMPROVED)


def test_the_bootstrap_is_of_persons_and_close_to_the_normal_one() -> None:
    shares = [0.0, 0.5, 1.0, 1.0, 0.5] * 40
    ours = scores.resampled(shares, population=None, seed=3)
    error = np.std(shares) / np.sqrt(len(shares))
    assert ours.low == pytest.approx(np.mean(shares) - 1.96 * error, abs=0.012)
    assert ours.high == pytest.approx(np.mean(shares) + 1.96 * error, abs=0.012)
    assert scores.resampled(shares, population=200, seed=3).width == 0.0


def test_shrinkage_draws_small_units_further() -> None:
    prior = Prior(0.5, 10)
    assert prior.shrunk(6, 6) == pytest.approx((6 + 5) / 16)
    assert abs(prior.shrunk(60, 60) - 1.0) < abs(prior.shrunk(6, 6) - 1.0)


def test_the_prior_of_alike_units_is_strong_and_of_different_ones_weak() -> None:
    alike = scores.prior_of([(10, 20)] * 12)
    different = scores.prior_of([(1, 20), (19, 20)] * 6)
    few = scores.prior_of([(10, 20)] * 3)
    assert (alike.s, different.s, few.s) == (200.0, 5.0, 10.0)
    assert alike.m == pytest.approx(np.mean([10 / 20] * 12))


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        ((80, 100), (50, 100), ChangeVerdict.IMPROVED),
        ((50, 100), (80, 100), ChangeVerdict.DECLINED),
        ((50, 100), (50, 100), ChangeVerdict.NO_CLEAR_CHANGE),
        ((6, 10), (5, 10), ChangeVerdict.TOO_LITTLE),
    ],
)
def test_verdicts(now: tuple[int, int], before: tuple[int, int], verdict: str) -> None:
    prior = Prior(0.5, 10)
    found = scores.change(prior.posterior(*now), prior.posterior(*before), seed=1)
    assert found.verdict == verdict


def test_a_verdict_follows_the_posterior_as_integrated() -> None:
    """P(Δ > 5 points) by draws and by scipy's quadrature agree."""
    a, b = (44.0, 26.0), (30.0, 40.0)
    grid = np.linspace(0, 1, 20_001)
    exact = np.trapezoid(stats.beta(*b).pdf(grid) * stats.beta(*a).sf(np.minimum(grid + scores.CHANGE, 1.0)), grid)
    rng = np.random.default_rng(5)
    drawn = np.mean(rng.beta(*a, size=20_000) - rng.beta(*b, size=20_000) > scores.CHANGE)
    assert drawn == pytest.approx(exact, abs=0.01)


def test_item_rest_is_numpys_correlation() -> None:
    rng = np.random.default_rng(2)
    table = [[int(a), int(b), int(c)] for a, b, c in rng.integers(1, 6, size=(50, 3))]
    theirs = np.corrcoef([row[0] for row in table], [(row[1] + row[2]) / 2 for row in table])[0, 1]
    assert scores.item_rest(table, 0) == pytest.approx(theirs, abs=1e-9)
    assert scores.item_rest(table[:20], 0) is None  # too few to say


def test_stages_need_their_lower_bound() -> None:
    assert [scores.stage_of(share) for share in (0.39, 0.40, 0.60, 0.75)] == [1, 2, 3, 4]
    assert scores.stage(0.62, 25) == 2  # 62 % of 25 may be 50 %
    assert scores.stage(0.62, 2000) == 3
