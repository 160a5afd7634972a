"""The protocol every toxicity model answers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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

    @property
    def languages(self) -> tuple[str, ...]:
        """What it learned, in the codes of ISO 639-1; empty where that is not known."""
        ...

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """Score any number of texts of any length; (n, len(labels)), also for n = 0.

        The result for a text never depends on the other texts.

        Raises:
            ModelError: the model could not score.
        """
        ...


@dataclass(frozen=True, slots=True)
class Examined:
    """Scores of some texts, and what else the model noticed.

    Attributes:
        scores: shape (number of texts, number of labels), 0..1.
        readings: for each text how disguised words were read where the reading raised a
            score (`1diot read as idiot`), else the empty string.
    """

    scores: ScoreArray
    readings: tuple[str, ...]


def examine(model: Model, texts: Sequence[str]) -> Examined:
    """Scores and readings of any model; one that reads texts only as written has none.

    Raises:
        ModelError: the model could not score.
    """
    if isinstance(model, Examiner):
        return model.examine(texts)
    return Examined(model.score(texts), ("",) * len(texts))


@runtime_checkable
class Examiner(Protocol):
    """A model that also reads disguised words plainly."""

    def examine(self, texts: Sequence[str]) -> Examined:
        """What `score` gives, with the readings behind it.

        Raises:
            ModelError: the model could not score.
        """
        ...
