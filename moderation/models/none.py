"""The model that has no opinion: rules alone decide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moderation.models.base import ScoreArray


class NoModel:
    """No labels, no scores; conditions on scores stay undecided."""

    name = "none"
    labels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    fingerprint = "none"

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """An array of shape (len(texts), 0)."""
        return np.empty((len(texts), 0), dtype=np.float32)
