"""How the report of a compiled model counts."""

import numpy as np
import pytest

from moderation.models.compile import parity

LABELS = ("toxicity", "insult")


def compared(wanted, found):
    return parity.compare(LABELS, *(np.array(rows, dtype=np.float32) for rows in (wanted, found)))


def test_differences_and_ranks_by_label():
    found = compared([[0.1, 0.5], [0.2, 0.6], [0.3, 0.7]], [[0.1, 0.5], [0.25, 0.4], [0.2, 0.7]])
    assert found.texts == 3
    toxicity, insult = found.labels
    assert (toxicity.label, insult.label) == LABELS
    assert toxicity.largest == pytest.approx(0.1)
    assert toxicity.mean == pytest.approx(0.05)
    assert toxicity.rank == pytest.approx(0.5)
    assert insult.largest == pytest.approx(0.2)
    assert insult.mean == pytest.approx(0.2 / 3)
    assert insult.rank == pytest.approx(0.5)


def test_rank_of_scores_that_are_equal():
    tied = compared([[0.1, 0.5], [0.1, 0.5], [0.9, 0.5]], [[0.2, 0.6], [0.3, 0.6], [0.8, 0.6]])
    assert tied.labels[0].rank == pytest.approx(0.866, abs=1e-3)
    assert tied.labels[1].rank == 1
    none = compared([[0.1, 0.5], [0.2, 0.5]], [[0.2, 0.6], [0.2, 0.6]])
    assert none.labels[0].rank == 0


def shifted(by, *, texts=10):
    """Two labels; the second's scores are moved by `by` in one text of ten."""
    wanted = np.full((texts, 2), 0.5)
    found = wanted.copy()
    found[0, 1] += by
    return compared(wanted, found)


def test_float32_is_bound_by_its_largest_difference_int8_by_the_mean():
    assert shifted(0.00009).holds("float32")
    assert not shifted(0.00011).holds("float32")
    assert shifted(0.29).holds("int8")
    assert not shifted(0.31).holds("int8")


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_what_is_not_a_number_does_not_pass(precision):
    assert not shifted(float("nan")).holds(precision)


def test_the_samples_are_many_different_and_short():
    samples = parity.samples()
    assert len(set(samples)) == len(samples) >= 50
    assert max(map(len, samples)) < 400
    assert not any(text != text.strip() for text in samples)
