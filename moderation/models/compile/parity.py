"""How like Detoxify's scores a compiled model's are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.models.base import Model, ScoreArray

#: The largest difference that float32 may show anywhere, and the largest mean
#: difference of int8 over the texts, for any label.
FLOAT_LARGEST = 1e-4
INT8_MEAN = 0.03

_SAMPLES = Path(__file__).with_name("samples.txt")


@dataclass(frozen=True, slots=True)
class LabelParity:
    """One label's differences, as probabilities, and how alike the order of the texts is.

    `rank` is Spearman's correlation, -1..1; it is 1 where all scores are the same.
    """

    label: str
    largest: float
    mean: float
    rank: float


@dataclass(frozen=True, slots=True)
class Parity:
    """The differences on `texts` texts, a label a row."""

    texts: int
    labels: tuple[LabelParity, ...]

    def holds(self, precision: str) -> bool:
        """Whether a model of this precision may be that different."""
        # Not the other way round: a difference that is not a number must not pass.
        if precision == "float32":
            return all(label.largest <= FLOAT_LARGEST for label in self.labels)
        return all(label.mean <= INT8_MEAN for label in self.labels)


def samples() -> list[str]:
    """Comments of many kinds, harmless and not, none longer than 512 tokens."""
    return _SAMPLES.read_text(encoding="utf-8").splitlines()


def measure(detoxify: Any, model: Model, texts: Sequence[str]) -> Parity:
    """Scores of `Detoxify.predict`, one text at a time, against the model's.

    Args:
        detoxify: a `detoxify.Detoxify`.
        model: its labels are among Detoxify's.
        texts: short enough for Detoxify to read them whole.
    """
    rows = [detoxify.predict(text) for text in texts]
    wanted = np.array([[row[label] for label in model.labels] for row in rows], dtype=np.float32)
    return compare(model.labels, wanted, model.score(texts))


def compare(labels: Sequence[str], wanted: ScoreArray, found: ScoreArray) -> Parity:
    """Two arrays of shape (texts, labels) against each other."""
    differences = np.abs(wanted.astype(np.float64) - found)
    return Parity(
        len(wanted),
        tuple(
            LabelParity(
                label,
                largest=float(differences[:, column].max()),
                mean=float(differences[:, column].mean()),
                rank=_spearman(wanted[:, column], found[:, column]),
            )
            for column, label in enumerate(labels)
        ),
    )


def _spearman(left: ScoreArray, right: ScoreArray) -> float:
    here, there = _ranks(left), _ranks(right)
    if np.array_equal(here, there):
        return 1.0
    if not (here.std() and there.std()):
        return 0.0
    return float(np.corrcoef(here, there)[0, 1])


def _ranks(values: ScoreArray) -> npt.NDArray[np.float64]:
    """Places in the order, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean: npt.NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return mean[inverse]
