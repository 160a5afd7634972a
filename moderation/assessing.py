"""One batch of comments through the model and the rules: what a scan repeats, in this
process or in another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from moderation.comments import Assessment, Comment
from moderation.models.base import examine
from moderation.models.languages import is_unsupported

if TYPE_CHECKING:
    from moderation.models.base import Model
    from moderation.rules import RuleSet
    from moderation.rules.matching.state import Around


class Scored(NamedTuple):
    """What a model made of a text: a probability (0..1) for each of its labels, and how it
    read disguised words where that raised a score."""

    scores: tuple[float, ...]
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Comments to assess together, each with what is known around it, and what the model
    made of some of their texts before."""

    comments: Sequence[Comment]
    around: Sequence[Around]
    known: Mapping[str, Scored]


@dataclass(frozen=True, slots=True)
class Assessed:
    """The assessments of a batch in its order, and what the model made of new texts."""

    assessments: list[Assessment]
    scored: dict[str, Scored]


class Assessor:
    """Rules and a model, ready for any batch. Safe to share between threads."""

    def __init__(self, rules: RuleSet, model: Model) -> None:
        self.rules = rules
        self.model = model

    def assess(self, batch: Batch) -> Assessed:
        """The result for a comment never depends on the others in the batch.

        Raises:
            ModelError: the model could not score.
        """
        texts = [comment.text for comment in batch.comments]
        new = self._score([text for text in dict.fromkeys(texts) if text not in batch.known])
        known = {**batch.known, **new}
        labels, languages = self.model.labels, self.model.languages
        fingerprint = self.model.fingerprint
        found = []
        for comment, around in zip(batch.comments, batch.around, strict=True):
            scored = known[comment.text]
            if is_unsupported(comment.text, languages):
                around = replace(around, unsupported=True)
            scores = dict(zip(labels, scored.scores, strict=True))
            one = self.rules.assess(comment, scores, model=fingerprint, around=around)
            found.append(replace(one, reading=scored.reading) if scored.reading else one)
        return Assessed(found, new)

    def _score(self, texts: list[str]) -> dict[str, Scored]:
        if not texts:
            return {}
        if not self.model.labels:
            return dict.fromkeys(texts, Scored(()))
        examined = examine(self.model, texts)
        rows = map(tuple, examined.scores.tolist())
        return dict(zip(texts, map(Scored, rows, examined.readings), strict=True))
