"""From noisy sums to what may be believed: a hierarchical linear model, Gaussian, with the noise's variance known.

For unit u, factor f and cycle c let T(u,f,c) be the mean score of all its people. Then

    T(u,f,c) = μ(f,c) + α(u) + β(u,f) + ω(u,f,c) + ε(u,f,c)

with α and β normal, ω and μ's changes random walks over cycles, and ε what so few people as a unit has make of a
tendency (variance within people / people). What is released observes it with the sampling of those who answered and
with the added noise (`_Observed`); the organisation's own sum observes all units at once. All is linear and Gaussian,
so that the posterior is exact: units are independent given μ, and the organisation's sums come in as one more update
of small rank (Gelman et al., Bayesian Data Analysis, 3rd ed., chapters 5 and 14; Woodbury's identity). The variances
of α, β, ω and μ's walk maximise the marginal likelihood times a weak lognormal prior.

Scores are shares from 0 to 1 here. People who did not answer are taken to think as those of their unit who did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from bot.features.pulse.domain.noisy_sums import NoisySums

Array = NDArray[np.float64]
Key = tuple[str, int]  # factor, cycle

USUAL_LEVEL, LEVEL_SPREAD, SHARED_SPREAD = 0.6, 0.15, 0.15  # of factors in organisations at large: weakly informative
USUAL = np.log([0.06, 0.05, 0.03, 0.06])  # standard deviations of α(u), β(u,f), ω's step, μ's step
DOUBT = 0.5  # standard deviation of their logarithms
SEARCHES = 40  # evaluations of the marginal likelihood
RESPONSE_SPREAD = 0.15  # by which units differ in how many answer
UNSEEN = 1e6  # the variance of what was not released of a unit


@dataclass(frozen=True, slots=True)
class Gaussian:
    """What is believed of the scores of one group, one for each (factor, cycle), in the order of `Posterior.keys`."""

    mean: Array  # (D,)
    covariance: Array  # (D, D)


@dataclass(frozen=True, slots=True)
class _Observed:
    """All releases as arrays of U units × D (factor, cycle); variances are of shares."""

    y: Array  # (U, D): ½ + noisy sum / people who answered
    made_up: Array  # (U, D): variance of the mean of so few people around what their unit tends to
    sampled: Array  # (U, D): variance by those who did not answer
    added: Array  # (U, D): variance of the noise
    asked: Array  # (U, D): share of the people asked
    answered: Array  # (U, D): share of those who answered
    whole: Array  # (D,): the organisation's mean
    whole_added: Array  # (D,): variance of its noise


class Posterior:
    """Levels of units, of groups of units and of the organisation, given all that was released."""

    def __init__(self, releases: Mapping[Key, NoisySums]) -> None:
        """`releases`: at least one, of the cycles that are to be read together. Raises ValueError for none."""
        if not releases:
            raise ValueError("Nothing was released yet.")
        self.keys: list[Key] = sorted(releases, key=lambda key: (key[1], key[0]))
        self.units = sorted({unit for sums in releases.values() for unit in sums.people})
        self._place = {unit: index for index, unit in enumerate(self.units)}
        sums = [releases[key] for key in self.keys]
        observed = _observe(self.units, sums, None)
        spreads = _most_likely(self.keys, observed)
        first = _Solved(_Marginal(self.keys, observed, spreads))
        observed = _observe(self.units, sums, first.means())
        self._solved = _Solved(_Marginal(self.keys, observed, spreads))

    def unit(self, unit: int) -> Gaussian:
        return self._solved.group([self._place[unit]], np.ones((1, len(self.keys))))

    def group(self, people: Mapping[int, int]) -> Gaussian:
        """Of several units together, each with the weight of its people."""
        known = [unit for unit in people if unit in self._place]
        total = sum(people[unit] for unit in known)
        weights = np.array([[people[unit] / total] * len(self.keys) for unit in known])
        return self._solved.group([self._place[unit] for unit in known], weights)

    def organisation(self) -> Gaussian:
        """All units that were asked, each with the weight of its people, whether or not they answered."""
        return self._solved.group(list(range(len(self.units))), self._solved.observed.asked)


def _observe(units: Sequence[int], sums: Sequence[NoisySums], means: Array | None) -> _Observed:
    """`means`: (U, D) scores as believed so far, for the variance within each unit; None: the organisation's."""
    shape = (len(units), len(sums))
    y, made_up, sampled, added = np.full(shape, 0.5), np.zeros(shape), np.zeros(shape), np.full(shape, UNSEEN)
    asked, answered = np.zeros(shape), np.zeros(shape)
    whole, whole_added = np.zeros(len(sums)), np.zeros(len(sums))
    for column, release in enumerate(sums):
        noise, people = release.noise, np.array([release.people.get(unit, 0) for unit in units], dtype=float)
        counted = np.array([release.units[unit].count if unit in release.units else 0.0 for unit in units])
        totals = np.array([release.units[unit].total if unit in release.units else 0.0 for unit in units])
        is_asked = people > 0
        number, number_variance = _answered(counted, people, release)
        all_answered = max(float(number.sum()), 1.0)
        level = min(max(0.5 + release.total / all_answered, 0.05), 0.95)
        design = _within(release, all_answered, level) / (level * (1 - level))
        believed = np.clip(np.full(len(units), level) if means is None else means[:, column], 0.05, 0.95)
        left_out = np.clip(1 - number / np.maximum(people, 1.0), 0.0, 1.0)
        n = np.where(is_asked, number, 1.0)
        y[:, column] = np.where(is_asked, 0.5 + totals / n, 0.5)
        within = believed * (1 - believed) * design
        made_up[:, column] = np.where(is_asked, within / np.maximum(people, 1.0), 0.0)
        sampled[:, column] = np.where(is_asked, within / n * left_out, 0.0)
        uncertain = float(noise.unit_sum) ** 2 + (believed - 0.5) ** 2 * number_variance
        added[:, column] = np.where(is_asked, uncertain / n**2, UNSEEN)
        asked[:, column] = people / max(people.sum(), 1.0)
        answered[:, column] = np.where(is_asked, number, 0.0) / all_answered
        whole[column] = 0.5 + release.total / all_answered
        whole_variance = float(noise.whole_sum) ** 2 + (level - 0.5) ** 2 * float(number_variance[is_asked].sum())
        whole_added[column] = whole_variance / all_answered**2
    return _Observed(y, made_up, sampled, added, asked, answered, whole, whole_added)


def _answered(counted: Array, people: Array, release: NoisySums) -> tuple[Array, Array]:
    """How many answered in each unit and the variance of that: the noisy count and the organisation's response, by
    their precision; at least one and at most all."""
    response = min(max(release.count / max(release.invited, 1), 0.05), 1.0)
    spread = people * response * (1 - response) + (RESPONSE_SPREAD * people) ** 2 + 1e-9
    noise = float(release.noise.unit_count) ** 2
    number = (counted * spread + people * response * noise) / (spread + noise)
    return np.clip(number, 1.0, np.maximum(people, 1.0)), spread * noise / (spread + noise)


def _within(release: NoisySums, number: float, level: float) -> float:
    """Variance of people's scores, by the noisy squares; between a fifth of what single answers have and all of it."""
    most = level * (1 - level)
    return min(max(release.squares / number - (release.total / number) ** 2, most / 5), most)


class _Marginal:
    """μ and the likelihood for given spreads. U units, D (factor, cycle); the last two axes of arrays are D × D."""

    def __init__(self, keys: Sequence[Key], observed: _Observed, spreads: Array) -> None:
        tendency, walk = _covariances(keys, spreads)
        identity = np.eye(len(keys))
        self.observed = observed
        self.between = tendency + observed.made_up[:, :, None] * identity
        self.of_sampled = self.between + observed.sampled[:, :, None] * identity  # mean of those who answered
        total = self.of_sampled + observed.added[:, :, None] * identity
        self.inverse = np.linalg.inv(total)
        precision = np.linalg.inv(walk)
        start = np.full(len(keys), USUAL_LEVEL)
        information = precision + self.inverse.sum(axis=0)
        pull = precision @ start + np.einsum("uij,uj->i", self.inverse, observed.y)
        self.common = np.linalg.inv(information)
        self.centre = self.common @ pull
        self.likelihood = -0.5 * (
            np.linalg.slogdet(total)[1].sum()
            + np.einsum("ui,uij,uj->", observed.y, self.inverse, observed.y)
            + np.linalg.slogdet(walk)[1]
            + start @ precision @ start
            + np.linalg.slogdet(information)[1]
            - pull @ self.centre
        )


class _Solved:
    """The posterior of the units, given a marginal, with the organisation's own sums."""

    def __init__(self, marginal: _Marginal) -> None:
        observed, between, inverse, of_sampled = (
            marginal.observed,
            marginal.between,
            marginal.inverse,
            marginal.of_sampled,
        )
        self.observed, self._common, self._centre = observed, marginal.common, marginal.centre
        identity = np.eye(len(self._centre))
        gain = between @ inverse
        self._mean = (self._centre + np.einsum("uij,uj->ui", gain, observed.y - self._centre)).copy()
        self._own = between - gain @ between
        self._rest = identity - gain
        weight, sampled_gain = observed.answered, of_sampled @ inverse
        seen = self._centre + np.einsum("uij,uj->ui", sampled_gain, observed.y - self._centre)
        self._with_whole = (between - gain @ of_sampled) * weight[:, None, :]
        self._rest_of_whole = np.einsum("ui,uij->ij", weight, identity - sampled_gain)
        own_of_whole = np.einsum("ui,uij,uj->ij", weight, of_sampled - sampled_gain @ of_sampled, weight)
        whole = own_of_whole + self._rest_of_whole @ self._common @ self._rest_of_whole.T
        self._whole_inverse = np.linalg.inv(whole + np.diag(observed.whole_added))
        self._surprise = observed.whole - (weight * seen).sum(axis=0)

    def group(self, places: Sequence[int], weights: Array) -> Gaussian:
        """Of the weighted sum of units; `weights` is (number of places, D)."""
        rest = np.einsum("ui,uij->ij", weights, self._rest[places])
        mean = (weights * self._mean[places]).sum(axis=0)
        own = np.einsum("ui,uij,uj->ij", weights, self._own[places], weights)
        covariance = own + rest @ self._common @ rest.T
        with_whole = (
            np.einsum("ui,uij->ij", weights, self._with_whole[places]) + rest @ self._common @ self._rest_of_whole.T
        )
        gain = with_whole @ self._whole_inverse
        covariance = covariance - gain @ with_whole.T
        return Gaussian(mean + gain @ self._surprise, (covariance + covariance.T) / 2)

    def means(self) -> Array:
        """(U, D): of each unit."""
        ones = np.ones((1, len(self._centre)))
        return np.array([self.group([place], ones).mean for place in range(len(self._mean))])


def _covariances(keys: Sequence[Key], spreads: Array) -> tuple[Array, Array]:
    """Prior covariance of a unit's difference from μ, and of μ itself, over all (factor, cycle)."""
    unit, by_factor, step, factor_step = spreads
    first = min(cycle for _factor, cycle in keys)
    since = np.array([cycle - first for _factor, cycle in keys], dtype=float)
    names = np.array([factor for factor, _cycle in keys])
    same = (names[:, None] == names[None, :]).astype(float)
    walked = np.minimum(since[:, None], since[None, :])
    between = unit**2 + same * (by_factor**2 + step**2 * walked)
    common = SHARED_SPREAD**2 + same * (LEVEL_SPREAD**2 + factor_step**2 * walked)
    return between + 1e-9 * np.eye(len(keys)), common + 1e-9 * np.eye(len(keys))


def _most_likely(keys: Sequence[Key], observed: _Observed) -> Array:
    """The spreads by marginal likelihood and their weak prior."""
    from scipy.optimize import minimize  # half a second and 50 MB: only for those who compute

    def loss(logs: Array) -> float:
        marginal = _Marginal(keys, observed, np.exp(logs))
        return float(-marginal.likelihood + 0.5 * np.sum(((logs - USUAL) / DOUBT) ** 2))

    found = minimize(loss, USUAL, method="Nelder-Mead", options={"maxfev": SEARCHES, "xatol": 0.05, "fatol": 0.05})
    return np.exp(np.clip(found.x, USUAL - 3 * DOUBT, USUAL + 3 * DOUBT))  # type: ignore[no-any-return]


def standard_deviation(variance: float) -> float:
    """Of a variance that rounding may have made negative."""
    return sqrt(max(variance, 0.0))
