"""Running models on labelled comments, and all the figures that come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from moderation.errors import UsageError
from moderation.evaluation import bias, metrics, thresholds
from moderation.evaluation.bias import GroupBias
from moderation.evaluation.labelled import Labelled
from moderation.evaluation.metrics import Bin, Bools, Difference, Floats, Interval
from moderation.evaluation.thresholds import Cut

if TYPE_CHECKING:
    from moderation.models.base import Model

_BATCH = 256
#: Points of a curve: more are not seen in a plot.
_POINTS = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from the highest threshold to the lowest, all 0 to 1."""

    threshold: list[float]
    recall: list[float]
    precision: list[float]
    #: Share of the negatives at or above the threshold.
    false_positives: list[float]


@dataclass(frozen=True, slots=True)
class LabelResult:
    """One label of one model."""

    label: str
    comments: int
    positives: int
    auc: float
    auc_interval: Interval
    average_precision: float
    average_precision_interval: Interval
    #: Expected calibration error, 0 to 1.
    calibration_error: float
    bins: list[Bin]
    cuts: list[Cut]
    curve: Curve
    groups: list[GroupBias]


@dataclass(frozen=True, slots=True)
class ModelResult:
    model: str
    seconds: float
    labels: list[LabelResult]

    @property
    def mean_auc(self) -> float:
        """Over the labels that have both kinds of comments; NaN where none has."""
        known = [result.auc for result in self.labels if result.auc == result.auc]
        return sum(known) / len(known) if known else float("nan")


@dataclass(frozen=True, slots=True)
class Evaluation:
    data: str
    comments: int
    models: list[ModelResult]
    #: By label, the first model against the second, where there are two.
    differences: dict[str, Difference]


def scores_of(
    model: Model, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
) -> Floats:
    """Probabilities of shape (len(texts), len(model.labels))."""
    parts = [np.empty((0, len(model.labels)))]
    for start in range(0, len(texts), _BATCH):
        parts.append(model.score(texts[start : start + _BATCH]).astype(np.float64))
        if on_progress:
            on_progress(min(start + _BATCH, len(texts)))
    return np.concatenate(parts)


def column(model: Model, scores: Floats, label: str) -> Floats:
    """One label's scores, shape (n,). UsageError where the model has no such label."""
    if label not in model.labels:
        raise UsageError(
            f"{model.name} has no label '{label}'", hint=f"it has: {', '.join(model.labels)}"
        )
    return scores[:, model.labels.index(label)]


def evaluate(
    data: Labelled,
    scored: Sequence[tuple[Model, Floats, float]],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Figures of one or two models on the same comments.

    Args:
        scored: each model with its `scores_of` these texts and the seconds that took.
        draws: bootstrap samples behind each interval.

    Labels without labelled comments, and those that a model lacks, are left out.
    """
    results = []
    for model, scores, seconds in scored:
        labels = [
            _label(data, label, column(model, scores, label), draws, seed)
            for label in data.labels
            if label in model.labels and _known(data, label).any()
        ]
        results.append(ModelResult(model.fingerprint, seconds, labels))
    differences = {}
    if len(scored) == 2:
        (first, mine, _), (second, theirs, _) = scored
        for label in data.labels:
            if label in first.labels and label in second.labels:
                known = _known(data, label)
                truth = data.truth[known, data.labels.index(label)] > 0
                if truth.any() and not truth.all():
                    differences[label] = metrics.compare(
                        truth,
                        column(first, mine, label)[known],
                        column(second, theirs, label)[known],
                    )
    return Evaluation(data.name, len(data.texts), results, differences)


def _known(data: Labelled, label: str) -> Bools:
    known: Bools = ~np.isnan(data.truth[:, data.labels.index(label)])
    return known


def _label(data: Labelled, label: str, scores: Floats, draws: int, seed: int) -> LabelResult:
    known = _known(data, label)
    truth, scores = data.truth[known, data.labels.index(label)] > 0, scores[known]
    ranking = metrics.Ranking(truth, scores)
    intervals = metrics.interval(truth, scores, draws=draws, seed=seed)
    error, bins = metrics.calibration(truth, scores)
    return LabelResult(
        label=label,
        comments=truth.size,
        positives=int(truth.sum()),
        auc=float(ranking.auc()),
        auc_interval=intervals["auc"],
        average_precision=float(ranking.average_precision()),
        average_precision_interval=intervals["average_precision"],
        calibration_error=error,
        bins=bins,
        cuts=thresholds.at(truth, scores),
        curve=_curve(ranking),
        groups=[
            bias.of_group(name, member[known], truth, scores)
            for name, member in data.groups.items()
        ],
    )


def _curve(ranking: metrics.Ranking) -> Curve:
    hits, alarms = ranking.counts()
    # Evenly along both axes of the ROC curve, so that its steep beginning is not lost.
    way = hits / max(1, hits[-1]) + alarms / max(1, alarms[-1])
    chosen = np.unique(np.searchsorted(way, np.linspace(0, way[-1], _POINTS)).clip(0, way.size - 1))
    hits, alarms = hits[chosen], alarms[chosen]
    return Curve(
        threshold=ranking.thresholds[chosen].tolist(),
        recall=(hits / max(1, hits[-1])).tolist(),
        precision=(hits / np.maximum(1, hits + alarms)).tolist(),
        false_positives=(alarms / max(1, alarms[-1])).tolist(),
    )
