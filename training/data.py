"""The labelled comments of `--data`: gzip CSV with `text` and six label columns."""

from __future__ import annotations

import csv
import gzip
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

#: The labels of the embedded model, the columns of `Labelled.labels`.
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Labelled:
    """Texts with their labels: shape (n, 6), 1, 0, or NaN where the set has none."""

    name: str
    texts: list[str]
    labels: Floats


def read(path: Path) -> Labelled:
    """One file, plain or gzip.

    A label column that the file lacks, or an empty cell, is NaN.

    Raises:
        OSError: the file cannot be read.
        KeyError: it has no column `text`.
        ValueError: a label is not a number.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    texts: list[str] = []
    labels: list[list[float]] = []
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            texts.append(row["text"])
            labels.append([float(row.get(label) or "nan") for label in LABELS])
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    return Labelled(name, texts, np.array(labels, dtype=np.float32).reshape(-1, len(LABELS)))
