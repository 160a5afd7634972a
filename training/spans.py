"""Comments with the characters marked that make them toxic, and how well a model finds them.

`spans_train` and `spans_dev` are those of SemEval-2021 task 5: gzip CSV with `text` and
`spans`, a list of code points.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from moderation.comments import Span


@dataclass(frozen=True, slots=True)
class Marked:
    """A toxic comment, and the offsets of the characters that make it so; there may be none."""

    text: str
    marks: frozenset[int]


@runtime_checkable
class Marker(Protocol):
    """A model that tells why."""

    def marks(self, text: str) -> tuple[Span, ...]: ...


def read(path: Path) -> list[Marked]:
    """One file.

    Raises:
        OSError: it cannot be read.
        KeyError, ValueError: it has other columns, or spans that are no list of numbers.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return [
            Marked(row["text"], frozenset(json.loads(row["spans"])))
            for row in csv.DictReader(stream)
        ]


def character_f1(wanted: frozenset[int], found: frozenset[int]) -> float:
    """The harmonic mean of precision and recall; 1 where both are empty (Da San Martino 2019)."""
    if not wanted and not found:
        return 1.0
    return 2 * len(wanted & found) / (len(wanted) + len(found))


def characters(spans: Iterable[Span]) -> frozenset[int]:
    """The offsets of all characters in the spans."""
    return frozenset(at for span in spans for at in range(span.start, span.end))


def evaluate(model: Marker, comments: Sequence[Marked]) -> float:
    """The measure of the task: the mean of the comments' character F1."""
    return float(
        np.mean([character_f1(one.marks, characters(model.marks(one.text))) for one in comments])
    )
