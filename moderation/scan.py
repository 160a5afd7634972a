"""Comments in, assessments out: a generator that prints nothing and stores nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from moderation.comments import Assessment, AuthorRecord, Comment
from moderation.models.base import examine
from moderation.models.languages import is_unsupported

if TYPE_CHECKING:
    from moderation.models.base import Model
    from moderation.rules import RuleSet
    from moderation.rules.matching.state import History

#: Comments scored together: enough to spread numpy's fixed cost, small enough that a
#: report flows and an interrupt is quick.
BATCH = 256
#: Seconds after which a batch goes on although it is not full: a pipe that trickles
#: shows its results.
PATIENCE = 0.3


class Scanner:
    """A rule set and a model, ready to assess any number of comments."""

    def __init__(
        self,
        rules: RuleSet,
        model: Model,
        *,
        batch: int = BATCH,
        authors: Callable[[Comment], AuthorRecord | None] | None = None,
    ) -> None:
        """`authors` tells what the store knows of a comment's author, where there is a store."""
        self._authors = authors
        self.rules = rules
        self.model = model
        self._batch = batch

    def scan(self, comments: Iterable[Comment]) -> Iterator[Assessment]:
        """Assess comments lazily and in order. The result for a comment never depends
        on the others. When reading is interrupted or fails, what was read before comes
        out first, and then the error.

        Raises:
            ModelError: the model could not score.
        """
        stream = iter(comments)
        history = self.rules.history(self._authors)
        while True:
            batch, error = self._fill(stream)
            yield from self._assess(batch, history)
            if error is not None:
                raise error
            if not batch:
                return

    def _fill(self, stream: Iterator[Comment]) -> tuple[list[Comment], BaseException | None]:
        """The next batch: full, or what came within `PATIENCE` from a slow source."""
        batch: list[Comment] = []
        started = time.monotonic()
        try:
            for comment in stream:
                batch.append(comment)
                if len(batch) >= self._batch or time.monotonic() - started > PATIENCE:
                    break
        except BaseException as error:  # told after what was read before it
            return batch, error
        return batch, None

    def _assess(self, batch: list[Comment], history: History) -> Iterator[Assessment]:
        labels = self.model.labels
        fingerprint = self.model.fingerprint
        if not batch:
            return
        examined = examine(self.model, [comment.text for comment in batch])
        rows = examined.scores.tolist()
        for comment, row, reading in zip(batch, rows, examined.readings, strict=True):
            scores = dict(zip(labels, row, strict=True))
            around = history.around(comment)
            if is_unsupported(comment.text, self.model.languages):
                around = replace(around, unsupported=True)
            found = self.rules.assess(comment, scores, model=fingerprint, around=around)
            yield replace(found, reading=reading) if reading else found
