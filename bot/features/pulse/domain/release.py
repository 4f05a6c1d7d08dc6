"""What may be shown of a factor at the close of a round: fixed then, and the same for every viewer.

A figure needs k people *besides the viewer*, who may be one of those asked: so k + 1 for everybody, and the release
is the same whoever looks. Groups that would follow by subtraction (within the tree, or since an earlier release of the
same cycle) hide others with them; an audit has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil, floor

from bot.core.confidence_intervals import Interval, effective_n, wilson
from bot.features.pulse.domain import scores
from bot.features.pulse.domain.disclosure import AT_LEAST, AT_MOST, Cell, Disclosure, Key, Shown, fits, say
from bot.features.pulse.domain.scores import ChangeVerdict, Prior
from bot.features.pulse.domain.suppression import showable
from bot.features.pulse.domain.tally import Counts, TalliedQuestion

LOW_RESPONSE = 0.70


def release(question: TalliedQuestion) -> list[Cell]:
    """The cells of one factor that are new with this round; those released earlier stand until they are replaced.

    Units without a cell are "not enough yet".
    """
    counts = Counts(question)
    fresh = showable(counts)
    prior = counts.prior(fresh)
    return [cell for node in question.tree.nodes if node in fresh for cell in _cells(counts, node, prior)]


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
        low_response = response < LOW_RESPONSE and shown.how != Disclosure.BAND
        worst = scores.worst_case(share, response) if low_response else None
        cell = Cell(
            factor=question.factor,
            statement=measure,
            part=question.part,
            unit=node,
            n=n,
            how=shown.how,
            value=shown.value,
            cap=shown.cap,
            low=_percent(bounds.low) if bounds else None,
            high=_percent(bounds.high) if bounds else None,
            shrunk=_percent(prior.shrunk_share(share, effective_n(n, population))) if bounds else None,
            stage=scores.stage(share, n, population=population) if measure is None and bounds else None,
            worst=(_percent(worst.low), _percent(worst.high)) if worst else None,
            response=_percent(response),
            verdict=None,
            round=question.round,
            fits=fits(shown, n, prior),
        )
        yield cell


def _interval(
    counts: Counts, node: int | None, measure: str | None, shown: Shown, n: int, population: int, seed: int
) -> Interval | None:
    """95 %, from the figure as it is said, so that it tells nothing beyond; in steps of five where the figure is."""
    if shown.how == Disclosure.BAND:
        return None
    if shown.how == Disclosure.ROUNDED:
        bounds = wilson(shown.share * n, n, population=population)
        return Interval(floor(bounds.low * 20) / 20, ceil(bounds.high * 20) / 20)
    if measure is None and not shown.cap:
        return scores.factor_interval(counts.shares(node, None), population=population, seed=seed)
    bounds = wilson(shown.share * n, n, population=population)
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
    verdicts = scores.corrected_for_many(changes)
    found = {now.key: verdict for (now, _then), verdict in zip(pairs, verdicts, strict=True)}
    return [replace(cell, verdict=found.get(cell.key)) for cell in cells]


def _change(now: Cell, then: Cell, seed: int) -> scores.ScoreChange:
    if Disclosure.BAND in (now.how, then.how):
        return scores.ScoreChange(ChangeVerdict.TOO_LITTLE, 1.0)
    m = (now.value * now.n + then.value * then.n) / (100 * (now.n + then.n))
    prior = Prior(min(max(m, 0.01), 0.99), scores.S_FEW)
    return scores.change(
        prior.posterior(now.shown.share * now.n, now.n), prior.posterior(then.shown.share * then.n, then.n), seed=seed
    )
