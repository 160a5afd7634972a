"""How good scores are: ranking (AUC) and honesty as probabilities (calibration error)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

Array = npt.NDArray[np.floating]
_BINS = 15


def auc(labels: Array, scores: Array) -> list[float | None]:
    """Area under the ROC curve per column; None where a column has only one class.

    Args:
        labels: shape (n, k), 1, 0, or NaN for cells that do not count.
        scores: shape (n, k), any monotone measure.
    """
    result: list[float | None] = []
    for column in range(labels.shape[1]):
        known = ~np.isnan(labels[:, column])
        truth = labels[known, column]
        both = truth.size > 0 and truth.min() != truth.max()
        result.append(float(roc_auc_score(truth, scores[known, column])) if both else None)
    return result


def mean(areas: Sequence[float | None]) -> float:
    """The mean of what `auc` gives; NaN where one of them is not known."""
    return float(np.mean([np.nan if area is None else area for area in areas]))


def calibration_error(labels: Array, probabilities: Array) -> list[float]:
    """Expected calibration error per column, 0 (honest) to 1, over 15 bins of equal width.

    The mean, weighted by the bins' sizes, of |share of ones - mean probability| (Guo et
    al. 2017). Shapes as for `auc`; NaN where a column has no known cell.
    """
    result = []
    for column in range(labels.shape[1]):
        known = ~np.isnan(labels[:, column])
        truth = labels[known, column]
        chance = probabilities[known, column]
        bins = np.minimum((chance * _BINS).astype(int), _BINS - 1)
        gaps = np.bincount(bins, truth - chance, minlength=_BINS)
        result.append(float(np.abs(gaps).sum() / truth.size) if truth.size else float("nan"))
    return result


def platt(labels: Array, odds: Array) -> tuple[float, float]:
    """Slope and offset which make sigmoid(slope * odds + offset) a probability.

    Platt (1999), "Probabilistic outputs for support vector machines". Both arguments
    have shape (n,). The slope is positive for any score better than chance, so the
    ranking stays as it was.
    """
    model = LogisticRegression(C=1e6).fit(odds.reshape(-1, 1), labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def cross_fitted(labels: Array, odds: Array, *, folds: int, seed: int) -> Array:
    """Platt-scaled probabilities of shape (n, k), each from the folds it is not in."""
    part = np.random.default_rng(seed).permutation(len(odds)) % folds
    result = np.empty(odds.shape)
    for column in range(odds.shape[1]):
        for fold in range(folds):
            fitted = (part != fold) & ~np.isnan(labels[:, column])
            slope, offset = platt(labels[fitted, column], odds[fitted, column])
            held = part == fold
            result[held, column] = 1 / (1 + np.exp(-(slope * odds[held, column] + offset)))
    return result
