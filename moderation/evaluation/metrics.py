"""How well scores rank comments, and how honest they are as probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from moderation.shares import Z

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]

_BINS = 15


class Ranking:
    """The scores of one label, sorted once, so that any weighting of the comments is cheap.

    Weights have shape (n,) or (m, n) in the order of the comments as they were given; a
    bootstrap weighs each comment by how often it was drawn. Results then have shape ()
    or (m,); NaN where there are no positives or no negatives.
    """

    def __init__(self, truth: Bools, scores: Floats) -> None:
        """`truth` and `scores` have shape (n,), n at least 1."""
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        self._truth = truth[self._order].astype(np.float64)
        # Comments with one score are told apart by no threshold.
        self._ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        #: The distinct scores, highest first.
        self.thresholds: Floats = ordered[self._ends]

    def counts(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """Positives and negatives at or above each of `thresholds`, shape (…, thresholds)."""
        drawn = np.ones(self._truth.size) if weights is None else weights[..., self._order]
        above = np.cumsum(drawn * self._truth, axis=-1)[..., self._ends]
        return above, np.cumsum(drawn, axis=-1)[..., self._ends] - above

    def auc(self, weights: Floats | None = None) -> Floats:
        """Area under the ROC curve: the chance that a positive scores above a negative, ties
        counted half."""
        hits, alarms = self.counts(weights)
        area = (_steps(alarms) * (hits - _steps(hits) / 2)).sum(axis=-1)
        return _divided(area, hits[..., -1] * alarms[..., -1])

    def average_precision(self, weights: Floats | None = None) -> Floats:
        """Precision averaged over recall, by steps, as scikit-learn defines it."""
        hits, alarms = self.counts(weights)
        precision = np.divide(hits, hits + alarms, where=hits > 0, out=np.zeros_like(hits))
        return _divided((_steps(hits) * precision).sum(axis=-1), hits[..., -1])


def _steps(values: Floats) -> Floats:
    return np.diff(values, axis=-1, prepend=0)


def _divided(above: Floats, below: Floats) -> Floats:
    known = below > 0
    quotient: Floats = np.divide(
        above, below, where=known, out=np.full_like(above, np.nan, dtype=float)
    )
    return quotient


def interval(truth: Bools, scores: Floats, *, draws: int, seed: int) -> dict[str, Interval]:
    """95 % intervals of `auc` and `average_precision` over `draws` bootstrap samples.

    Each comment is drawn Poisson(1) times (Hanley and MacGibbon 2006), which for many
    comments is the usual bootstrap.
    """
    ranking = Ranking(truth, scores)
    areas, precisions = [], []
    for weights in _weights(truth.size, draws, seed):
        areas.append(ranking.auc(weights))
        precisions.append(ranking.average_precision(weights))
    return {"auc": _middle(areas), "average_precision": _middle(precisions)}


class Interval(NamedTuple):
    """Where a figure lies with a chance of 95 %; both NaN where nothing can be said."""

    low: float
    high: float


def _weights(size: int, draws: int, seed: int) -> Iterator[Floats]:
    """Blocks of shape (some draws, size) of 16 MB at most."""
    random = np.random.default_rng(seed)
    block = max(1, min(draws, 2_000_000 // size))
    for start in range(0, draws, block):
        yield random.poisson(1.0, (min(block, draws - start), size)).astype(np.float64)


def _middle(found: list[Floats]) -> Interval:
    values = np.concatenate(found) if found else np.array([np.nan])
    values = values[~np.isnan(values)]
    if not values.size:
        return Interval(math.nan, math.nan)
    low, high = np.percentile(values, (2.5, 97.5))
    return Interval(float(low), float(high))


class Bin(NamedTuple):
    """Comments with about the same score."""

    comments: int
    #: Their mean score, 0 to 1.
    score: float
    #: How many of them are positive, 0 to 1.
    share: float


def calibration(truth: Bools, scores: Floats) -> tuple[float, list[Bin]]:
    """Expected calibration error, 0 (honest) to 1, and the bins that hold comments.

    15 bins of equal width; the mean of |share - score| weighted by their sizes (Guo et al.
    2017, "On calibration of modern neural networks"). Scores are probabilities.
    """
    places = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    sizes = np.bincount(places, minlength=_BINS)
    told = np.bincount(places, scores, minlength=_BINS)
    true = np.bincount(places, truth, minlength=_BINS)
    error = float(np.abs(true - told).sum() / truth.size)
    return error, [
        Bin(int(size), float(chance / size), float(positive / size))
        for size, chance, positive in zip(sizes, told, true, strict=True)
        if size
    ]


class Difference(NamedTuple):
    """Two models' AUC on the same comments: the first's less the second's."""

    value: float
    interval: Interval
    #: The chance of a difference this large where there is none (two-sided).
    p: float


def compare(truth: Bools, first: Floats, second: Floats) -> Difference:
    """The paired test of DeLong, DeLong and Clarke-Pearson (1988), by midranks as Sun and
    Xu (2014) compute it. All arguments have shape (n,)."""
    parts = [_placements(truth, scores) for scores in (first, second)]
    areas = [float(of_positives.mean()) for of_positives, _ in parts]
    variance = 0.0
    for index in (0, 1):
        if parts[0][index].size > 1:
            apart = parts[0][index] - parts[1][index]
            variance += float(apart.var(ddof=1)) / apart.size
    value, error = areas[0] - areas[1], math.sqrt(variance)
    p = math.erfc(abs(value) / error / math.sqrt(2)) if error else float(value == 0)
    return Difference(value, Interval(value - Z * error, value + Z * error), p)


def _placements(truth: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """For each positive the share of negatives below it, for each negative the share of
    positives above it."""
    everywhere, positives, negatives = scores, scores[truth], scores[~truth]
    ranks = _midranks(everywhere)
    below = (ranks[truth] - _midranks(positives)) / max(1, negatives.size)
    above = 1 - (ranks[~truth] - _midranks(negatives)) / max(1, positives.size)
    return below, above


def _midranks(values: Floats) -> Floats:
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return (ends - (sizes - 1) / 2)[place]
