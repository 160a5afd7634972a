"""From which score on a label can be trusted, and what that finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from moderation.evaluation.metrics import Bools, Floats, Interval, Ranking
from moderation.shares import Share

_USUAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


class Cut(NamedTuple):
    """What flagging every comment at or above `threshold` comes to; shares are 0 to 1,
    NaN where there is nothing to divide by."""

    threshold: float
    flagged: int
    precision: float
    #: 95 % interval of the precision (Wilson 1927).
    interval: Interval
    recall: float
    #: Share of all comments that it flags.
    share: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def at(
    truth: Bools,
    scores: Floats,
    thresholds: Iterable[float] = _USUAL,
    *,
    prevalence: float | None = None,
) -> list[Cut]:
    """The cut at each threshold. `truth` and `scores` have shape (n,).

    `prevalence` is the share of positives where the threshold will be used, 0 to 1, if it
    is not that of these comments: precision and share are then worked out for it.
    """
    positives, negatives = int(truth.sum()), int((~truth).sum())
    cuts = []
    for threshold in thresholds:
        above = scores >= threshold
        hits = int((above & truth).sum())
        cuts.append(
            _cut(threshold, hits, int(above.sum()) - hits, positives, negatives, prevalence)
        )
    return cuts


def _cut(
    threshold: float,
    hits: int,
    alarms: int,
    positives: int,
    negatives: int,
    prevalence: float | None,
) -> Cut:
    recall = hits / positives if positives else float("nan")
    flagged = hits + alarms
    low, high = Share(hits, flagged).interval or (float("nan"), float("nan"))
    if prevalence is None:
        precision = hits / flagged if flagged else float("nan")
        share = flagged / max(1, positives + negatives)
        return Cut(threshold, flagged, precision, Interval(low, high), recall, share)
    alarm_rate = alarms / negatives if negatives else float("nan")
    right, wrong = prevalence * recall, (1 - prevalence) * alarm_rate
    here = positives / max(1, positives + negatives)

    def moved(value: float) -> float:
        """The same odds, times how much rarer or more usual positives are there."""
        if value in (0.0, 1.0) or here in (0.0, 1.0):
            return value
        odds = value / (1 - value) * prevalence / (1 - prevalence) * (1 - here) / here
        return odds / (1 + odds)

    precision = right / (right + wrong) if right + wrong > 0 else float("nan")
    return Cut(
        threshold, flagged, precision, Interval(moved(low), moved(high)), recall, right + wrong
    )


def for_precision(
    truth: Bools, scores: Floats, wanted: float, *, prevalence: float | None = None, least: int = 20
) -> Cut | None:
    """The lowest threshold from which the precision is `wanted` or better.

    The threshold is rounded up to three places, so that it can stand in a rule; fewer than
    `least` flagged comments are no ground for one. None where no threshold does.
    """
    ranking = Ranking(truth, scores)
    candidates = np.unique(np.ceil(ranking.thresholds * 1000) / 1000)
    found = None
    for cut in reversed(at(truth, scores, candidates.tolist(), prevalence=prevalence)):
        if cut.flagged >= least and cut.precision >= wanted:
            found = cut
    return found
