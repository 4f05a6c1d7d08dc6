"""What is believed of noisy sums: made-up organisations whose truth is known, and the sums that are stored of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.core.factors import FACTORS
from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.domain.noise import Noise
from bot.features.pulse.domain.noisy_sums import Answers, NoisySums, draw, from_json, is_favourable, to_json
from bot.features.pulse.domain.posterior import Gaussian, Key, Posterior, standard_deviation
from bot.features.pulse.domain.simulate import SIZES, STATEMENTS, Organisation
from tests.sizes import size

Truth = dict[Key, list[float]]


def cycles_of(organisation: Organisation, number: int, response: float) -> tuple[dict[Key, NoisySums], Truth]:
    """What is released of that many cycles, and the mean score of all people of each unit."""
    releases: dict[Key, NoisySums] = {}
    truth: Truth = {}
    for cycle in range(number):
        for area, factor in enumerate(FACTORS):
            minds = [organisation.minds(unit, area) for unit in range(len(SIZES))]
            truth[factor, cycle] = [float(mind.mean()) for mind in minds]
            releases[factor, cycle] = organisation.release(factor, minds, response)
        organisation.shares = organisation.shares + organisation.random.normal(0, 0.03, organisation.shares.shape)
    return releases, truth


@pytest.mark.in_turn
@pytest.mark.parametrize("response", [0.75, 1.0])
@pytest.mark.parametrize(
    ("agreement", "ceiling"), [(3.0, False), (0.5, False), (3.0, True)], ids=["skewed", "polarised", "ceiling"]
)
def test_95_of_100_intervals_hold_the_truth_in_units_of_every_size(
    agreement: float, ceiling: bool, response: float
) -> None:
    organisations = size(40, 200)
    hits = np.zeros(len(SIZES) + 1)
    for seed in range(organisations):
        releases, truth = cycles_of(Organisation(seed, agreement=agreement, ceiling=ceiling), 1 + seed % 2, response)
        posterior = Posterior(releases)
        groups = [*(posterior.unit(unit) for unit in range(1, len(SIZES) + 1)), posterior.organisation()]
        for place, group in enumerate(groups):
            for index, key in enumerate(posterior.keys):
                true = _whole(truth[key]) if place == len(SIZES) else truth[key][place]
                reach = 1.96 * standard_deviation(group.covariance[index, index])
                hits[place] += (abs(group.mean[index] - true) <= reach) / sum(other[1] == key[1] for other in truth)
    looks = sum(1 + seed % 2 for seed in range(organisations))
    of_units, of_all = (hits / looks)[:-1], (hits / looks)[-1]
    assert (of_units > size(0.87, 0.91)).all(), hits / looks
    assert of_all > size(0.87, 0.9), hits / looks  # at the ceiling, where all answer, it is 0.92
    assert 0.93 < (hits / looks).mean() < 0.975


def test_sixty_people_say_within_eleven_points_and_five_hundred_within_three() -> None:
    posterior = Posterior(cycles_of(Organisation(1), 1, 0.75)[0])
    assert _half_width(posterior.unit(SIZES.index(60) + 1)) <= 0.11
    assert _half_width(posterior.organisation()) <= 0.03


def test_history_narrows_what_is_said_of_small_units() -> None:
    """The newest cycle, read by itself and with the three before it: of the same releases, for chance differs more."""
    small, gains = SIZES.index(20) + 1, []
    for seed in range(16):
        releases, _truth = cycles_of(Organisation(seed), 4, 0.75)
        newest = {key: sums for key, sums in releases.items() if key[1] == 3}
        gains.append(_half_width(Posterior(newest).unit(small)) - _half_width(Posterior(releases).unit(small)))
    assert np.mean(gains) > 0


def test_a_group_of_units_is_their_weighted_mean() -> None:
    posterior = Posterior(cycles_of(Organisation(2), 1, 0.8)[0])
    both = posterior.group({1: 10, 5: 60})
    expected = (10 * posterior.unit(1).mean + 60 * posterior.unit(5).mean) / 70
    assert both.mean == pytest.approx(expected)
    assert posterior.group(dict(enumerate(SIZES, start=1))).mean == pytest.approx(posterior.organisation().mean)


def test_two_readings_of_the_same_sums_agree() -> None:
    """Reading costs no privacy, and nothing in it is drawn."""
    releases, _truth = cycles_of(Organisation(3), 1, 0.8)
    first, second = Posterior(releases), Posterior(dict(reversed(releases.items())))
    assert first.unit(3).mean == pytest.approx(second.unit(3).mean)


class TestWhatIsStored:
    def test_it_holds_sums_with_noise_for_every_unit_that_was_asked_also_where_nobody_answered(self) -> None:
        ballots = [Answers(1, {"a": True, "b": False}), Answers(9, {"a": True}), Answers(1, {})]
        drawn = [draw("goals", {1: 4, 2: 3}, ("a", "b"), ballots, Noise()) for _ in range(200)]
        assert all(sums.units.keys() == {1, 2} for sums in drawn)
        assert abs(np.mean([sums.units[1].count for sums in drawn]) - 1) < 0.6
        assert len({sums.units[2].total for sums in drawn}) > 20
        assert drawn[0].people == {1: 4, 2: 3}

    def test_noise_has_the_size_that_the_promise_is_computed_from(self) -> None:
        drawn = [draw("goals", {1: 9}, ("a",), [], Noise()) for _ in range(600)]
        deviations = {
            "unit sum": (np.std([sums.units[1].total for sums in drawn]), 2),
            "unit count": (np.std([sums.units[1].count for sums in drawn]), 2),
            "sum": (np.std([sums.total for sums in drawn]), 5),
            "statement": (np.std([sums.statements["a"] for sums in drawn]), 10),
            "squares": (np.std([sums.squares for sums in drawn]), 5),
        }
        for name, (found, promised) in deviations.items():
            assert found == pytest.approx(promised, rel=0.15), name

    @pytest.mark.parametrize(("said", "score"), [((1,), 3), ((0,), -3), ((1, 0), 0), ((1, 1, 0), 1), ((0, 0, 1), -1)])
    def test_a_score_is_a_whole_number_of_sixths(
        self, said: Sequence[int], score: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(noisy_sums, "gaussian", lambda _variance: 0)
        answers = Answers(1, {name: bool(value) for name, value in zip(STATEMENTS, said, strict=False)})
        sums = draw("goals", {1: 1}, STATEMENTS, [answers], Noise())
        assert sums.units[1].total == sums.total == pytest.approx(score / 6)
        assert sums.squares == pytest.approx((score / 6) ** 2)

    def test_it_is_read_back_as_it_was_written(self) -> None:
        sums = draw("goals", {1: 4}, ("a",), [], Noise())
        assert from_json(to_json(sums)) == sums
        with pytest.raises(ValueError, match="total"):
            from_json({**to_json(sums), "total": "none"})

    def test_a_reverse_statement_is_turned_round(self) -> None:
        assert [is_favourable(rating, reverse=False) for rating in range(1, 6)] == [False] * 3 + [True] * 2
        assert [is_favourable(rating, reverse=True) for rating in range(1, 6)] == [True] * 2 + [False] * 3


def _whole(truth: Sequence[float]) -> float:
    return sum(people * share for people, share in zip(SIZES, truth, strict=True)) / sum(SIZES)


def _half_width(group: Gaussian) -> float:
    """Of a 95 % interval, the mean over the newest cycle's factors."""
    variances = np.diag(group.covariance)[-len(FACTORS) :]
    return float(1.96 * np.sqrt(variances).mean())
