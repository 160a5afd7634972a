"""The protocol every toxicity model answers to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

#: Shape (number of texts, number of labels), probabilities in 0..1.
ScoreArray = npt.NDArray[np.float32]


class Model(Protocol):
    """Texts in, probabilities out."""

    @property
    def name(self) -> str:
        """The name that loads this model again, as `--model` takes it."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns of `score`'s result, a subset of `comments.LABELS`."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another score: `name@hash`."""
        ...

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """Score any number of texts of any length; (n, len(labels)), also for n = 0.

        The result for a text never depends on the other texts.

        Raises:
            ModelError: the model could not score.
        """
        ...
