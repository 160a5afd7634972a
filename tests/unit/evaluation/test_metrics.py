"""The arithmetic against scikit-learn's, and against what can be counted by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from moderation.evaluation import bias, metrics, thresholds

TRUTH = np.array([1, 0, 1, 0, 0, 1, 0, 0], dtype=bool)
SCORES = np.array([0.9, 0.8, 0.8, 0.3, 0.2, 0.4, 0.4, 0.1])


@st.composite
def scored(draw):
    size = draw(st.integers(2, 60))
    truth = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    scores = draw(st.lists(st.integers(0, 12), min_size=size, max_size=size))
    return np.array(truth), np.array(scores) / 12


@given(scored())
@settings(max_examples=200, deadline=None)
def test_auc_and_average_precision_are_scikit_learns(drawn):
    truth, scores = drawn
    ranking = metrics.Ranking(truth, scores)
    if truth.all() or not truth.any():
        assert math.isnan(ranking.auc())
    else:
        assert ranking.auc() == pytest.approx(roc_auc_score(truth, scores))
    if truth.any():
        assert ranking.average_precision() == pytest.approx(average_precision_score(truth, scores))


@given(scored(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_weight_is_that_many_copies(drawn, random):
    truth, scores = drawn
    weights = np.array([random.randrange(4) for _ in truth], dtype=float)
    copies = np.repeat(np.arange(truth.size), weights.astype(int))
    if not copies.size or truth[copies].all() or not truth[copies].any():
        return
    ranking = metrics.Ranking(truth, scores)
    expected = metrics.Ranking(truth[copies], scores[copies])
    both = ranking.auc(np.stack([weights, np.ones(truth.size)]))
    assert both[0] == pytest.approx(expected.auc())
    assert ranking.average_precision(weights) == pytest.approx(expected.average_precision())


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(5)
    held = 0
    for trial in range(60):
        truth = random.random(300) < 0.3
        scores = random.normal(truth * 1.0, 1)
        found = metrics.interval(truth, scores, draws=200, seed=trial)["auc"]
        # Two normal curves one deviation apart: AUC = Phi(1 / sqrt 2).
        held += found.low <= 0.7602 <= found.high
    assert 50 <= held <= 60


def test_intervals_are_the_same_for_the_same_seed():
    one = metrics.interval(TRUTH, SCORES, draws=50, seed=1)
    assert one == metrics.interval(TRUTH, SCORES, draws=50, seed=1)
    assert one != metrics.interval(TRUTH, SCORES, draws=50, seed=2)


def test_calibration_counts_by_hand():
    truth = np.array([1, 1, 0, 0, 1, 0], dtype=bool)
    scores = np.array([1.0, 0.99, 0.02, 0.01, 0.5, 0.5])
    error, bins = metrics.calibration(truth, scores)
    assert [bin_.comments for bin_ in bins] == [2, 2, 2]
    assert bins[1] == (2, 0.5, 0.5)
    assert error == pytest.approx((0.01 + 0.03) / 6)


def test_delong_agrees_with_a_permutation_test():
    random = np.random.default_rng(11)
    truth = random.random(400) < 0.4
    good = random.normal(truth * 1.5, 1)
    worse = good + random.normal(0, 0.6, 400)
    found = metrics.compare(truth, good, worse)
    swaps = random.random((2000, 400)) < 0.5
    drawn = [
        roc_auc_score(truth, np.where(swap, worse, good))
        - roc_auc_score(truth, np.where(swap, good, worse))
        for swap in swaps[:400]
    ]
    by_permutation = np.mean(np.abs(drawn) >= abs(found.value))
    assert found.value == pytest.approx(roc_auc_score(truth, good) - roc_auc_score(truth, worse))
    assert found.interval.low < found.value < found.interval.high
    assert abs(found.p - by_permutation) < 0.05


def test_a_model_does_not_differ_from_itself():
    assert metrics.compare(TRUTH, SCORES, SCORES) == (0.0, (0.0, 0.0), 1.0)


def test_bias_areas_are_over_the_comments_that_they_name():
    member = np.array([1, 1, 0, 0, 1, 0, 0, 1], dtype=bool)
    found = bias.of_group("x", member, TRUTH, SCORES)
    for area, chosen in (
        (found.subgroup, member),
        (found.bpsn, (member & ~TRUTH) | (~member & TRUTH)),
        (found.bnsp, (member & TRUTH) | (~member & ~TRUTH)),
    ):
        assert area == pytest.approx(roc_auc_score(TRUTH[chosen], SCORES[chosen]))
    assert (found.comments, found.positives) == (4, 1)
    assert found.false_positives == pytest.approx(1 / 3)


def test_a_group_that_nobody_mentions():
    found = bias.of_group("x", np.zeros(8, dtype=bool), TRUTH, SCORES)
    assert math.isnan(found.subgroup)
    assert math.isnan(found.false_positives)


def test_cuts_count_by_hand():
    [cut] = thresholds.at(TRUTH, SCORES, [0.8])
    assert (cut.flagged, cut.precision, cut.recall, cut.share) == (3, 2 / 3, 2 / 3, 3 / 8)
    assert cut.interval.low < 2 / 3 < cut.interval.high
    [none] = thresholds.at(TRUTH, SCORES, [0.95])
    assert none.flagged == 0
    assert math.isnan(none.precision)


def test_a_rarer_kind_makes_the_same_threshold_less_precise():
    truth = np.repeat([True, False], 100)
    scores = np.concatenate([np.repeat([0.9, 0.1], [80, 20]), np.repeat([0.9, 0.1], [10, 90])])
    [here] = thresholds.at(truth, scores, [0.5])
    [there] = thresholds.at(truth, scores, [0.5], prevalence=0.05)
    assert here.precision == pytest.approx(80 / 90)
    assert there.precision == pytest.approx(0.05 * 0.8 / (0.05 * 0.8 + 0.95 * 0.1))
    assert there.interval.low < there.precision < there.interval.high
    assert there.share == pytest.approx(0.05 * 0.8 + 0.95 * 0.1)


def test_the_proposed_threshold_is_the_lowest_that_serves():
    random = np.random.default_rng(3)
    truth = random.random(5000) < 0.2
    scores = random.beta(1 + 3 * truth, 4 - 2 * truth)
    cut = thresholds.for_precision(truth, scores, 0.8)
    assert cut.precision >= 0.8
    assert cut.threshold == round(cut.threshold, 3)
    lower = [c.precision for c in thresholds.at(truth, scores, [cut.threshold - 0.001])]
    assert lower[0] < 0.8
    assert thresholds.for_precision(truth, 1 - scores, 0.99) is None
