"""Comments in, assessments out: a generator that prints nothing and stores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from moderation.comments import Assessment, Comment

if TYPE_CHECKING:
    from moderation.models.base import Model
    from moderation.rules import RuleSet

#: Comments scored together: enough to spread numpy's fixed cost, small enough that a
#: report flows and an interrupt is quick.
BATCH = 256


class Scanner:
    """A rule set and a model, ready to assess any number of comments."""

    def __init__(self, rules: RuleSet, model: Model, *, batch: int = BATCH) -> None:
        self.rules = rules
        self.model = model
        self._batch = batch

    def scan(self, comments: Iterable[Comment]) -> Iterator[Assessment]:
        """Assess comments lazily and in order. The result for a comment never depends
        on the others.

        Raises:
            ModelError: the model could not score.
        """
        stream = iter(comments)
        while batch := list(islice(stream, self._batch)):
            yield from self._assess(batch)

    def _assess(self, batch: list[Comment]) -> Iterator[Assessment]:
        labels = self.model.labels
        fingerprint = self.model.fingerprint
        rows = self.model.score([comment.text for comment in batch]).tolist()
        for comment, row in zip(batch, rows, strict=True):
            scores = dict(zip(labels, row, strict=True))
            yield self.rules.assess(comment, scores, model=fingerprint)
