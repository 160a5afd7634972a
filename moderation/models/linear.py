"""The first stage of the embedded model: logistic regression on hashed n-grams.

A text's score for a label is

    sigmoid(scale * sum of the weights of its n distinct n-grams / sqrt(n + damping) + offset)

The square root stands in for the length normalisation of tf-idf, the idf factors are
part of the weights, and the damping keeps the few n-grams of a short text from counting
too much. Weights are 8-bit integers and their sums are integers too, so
scores are the same on every machine up to the last rounding.

The probabilities are calibrated (Platt 1999, a line on the log-odds per label) on
Wikipedia talk comments at their natural rate of abuse, about one in ten. On a site with
more or less abuse, or another style, they rank comments well but are off as
probabilities. What the model was trained on stands in its `card`.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.errors import ModelError
from moderation.models import grams
from moderation.models.base import ScoreArray

#: The file that ships with the package.
BUILTIN = Path(__file__).with_name("builtin") / "linear.npz"

# The table holds, per feature, six weights in two 64-bit integers of three lanes each,
# so that one addition adds three weights. A lane of 21 bits holds the sum of 8192
# weights (each shifted to 0..255) and some.
_LANES = 3
_LANE_BITS = 21
_LANE_MASK = (1 << _LANE_BITS) - 1
_ZERO = 128
_BLOCK = 8192

#: Of the gate: scale of its sum, offset, weight of the model's own highest log-odds.
_GATE_NUMBERS = 3

Odds = npt.NDArray[np.float64]

_UNPACK = np.array([_LANE_BITS * lane for lane in range(_LANES)], dtype=np.uint64)


class LinearModel:
    """Scores texts with a file that `training/linear.py` wrote.

    Safe to share between threads: scoring only reads.
    """

    def __init__(self, path: Path, *, name: str) -> None:
        """Read a model file.

        Raises:
            ModelError: the file is missing, damaged, or made for other features.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"the model file cannot be read ({error.strerror or error})",
                where=str(path),
                hint="reinstall moderation, or run training/linear.py in a source checkout",
            ) from error
        self.name = name
        self.languages: tuple[str, ...] = ("en",)  # all that training/linear.py reads
        #: SHA-256 of the file, in hex.
        self.digest = hashlib.sha256(content).hexdigest()
        self.fingerprint = f"{name}@{self.digest[:12]}"
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                self.card: dict[str, Any] = json.loads(str(file["card"]))
                self.labels = tuple(str(label) for label in file["labels"])
                weights = np.asarray(file["weights"])
                self._scale = np.asarray(file["scale"], dtype=np.float64)
                self._offset = np.asarray(file["offset"], dtype=np.float64)
                self._damping = float(file["damping"])
                version = int(file["features"])
                gate = np.asarray(file["gate"]) if "gate" in file else None
                self._gate_line = [float(v) for v in file["gate_line"]] if "gate" in file else []
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"this is not a model file, or it is damaged ({error})", where=str(path)
            ) from error
        count = len(self.labels)
        if (
            version != grams.VERSION
            or not 0 < count <= 2 * _LANES
            or weights.dtype != np.int8
            or weights.shape != (count, 1 << grams.BITS)
            or self._scale.shape != (count,)
            or self._offset.shape != (count,)
            or (gate is not None and (gate.dtype != np.int8 or gate.shape != weights.shape[1:]))
            or (gate is not None and len(self._gate_line) != _GATE_NUMBERS)
        ):
            raise ModelError(
                "the model file was made for another version of moderation", where=str(path)
            )
        self._table = _pack(weights)
        self._gate = gate

    @classmethod
    def builtin(cls) -> LinearModel:
        """The first stage of the cascade that ships with the package.

        Raises:
            ModelError: its file is missing or damaged.
        """
        return cls(BUILTIN, name="linear")

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """Probabilities of shape (len(texts), 6), each in 0..1.

        A text longer than `grams.WINDOW` code points is read in overlapping windows and
        gets, for each label, the highest of their scores: what stands at the end of a
        long text counts as much as what stands at its beginning. Time is linear in the
        length, memory bounded beside the texts themselves.
        """
        odds, _ = self.read(texts)
        return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)

    def log_odds(self, texts: Sequence[str]) -> Odds:
        """The logarithms of the odds that `score` turns into probabilities."""
        return self.read(texts)[0]

    @property
    def has_gate(self) -> bool:
        """Whether the file can tell what is worth a slower model's reading."""
        return self._gate is not None

    def read(self, texts: Sequence[str]) -> tuple[Odds, Odds]:
        """Log-odds of shape (n, labels), and what the gate says, shape (n,).

        The gate is one more regression on the same n-grams. It foretells, as log-odds, the
        highest probability that a slower model would give; its weighted sum with the
        highest of this model's own log-odds is returned, 0 from a file without a gate.
        """
        odds = np.full((len(texts), len(self.labels)), -np.inf)
        gates = np.full(len(texts), -np.inf if self.has_gate else 0.0)
        owners: list[int] = []
        rows = grams.features(_windows(texts, owners))
        for window, chosen in enumerate(rows):
            owner = owners[window]
            found = self._window(chosen)
            np.maximum(odds[owner], found, out=odds[owner])
            if self._gate is not None:
                gates[owner] = max(gates[owner], self._foretold(self._gate, chosen, found))
        return odds, gates

    def _foretold(self, gate: npt.NDArray[np.int8], rows: grams.Rows, odds: Odds) -> float:
        scale, offset, own = self._gate_line
        total = int(gate.take(rows).sum(dtype=np.int64))
        root = float(np.sqrt(len(rows) + self._damping))
        return scale * total / root + offset + own * float(odds.max())

    def _window(self, rows: grams.Rows) -> Odds:
        # take() on 16-byte items copies both halves of a feature at once
        packed = self._table.take(rows).view(np.uint64).reshape(len(rows), -1)
        sums = np.zeros(len(self.labels))
        for start in range(0, len(rows), _BLOCK):
            block = packed[start : start + _BLOCK].sum(axis=0)
            lanes = (block[:, None] >> _UNPACK) & np.uint64(_LANE_MASK)
            sums += lanes.ravel()[: len(sums)]
        sums -= _ZERO * len(rows)
        root = np.sqrt(len(rows) + self._damping)
        odds: Odds = self._scale * sums / root + self._offset
        return odds


def _windows(texts: Sequence[str], owners: list[int]) -> Iterator[str]:
    """All windows of all texts; `owners` learns whose each is, before it is yielded."""
    for index, text in enumerate(texts):
        for window in grams.windows(text):
            owners.append(index)
            yield window


def _pack(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.complex128]:
    """Weights (up to 6, rows) as rows of two 64-bit integers with three lanes each.

    The 16-byte complex type is only a container: numpy has no integer of that size.
    """
    count, rows = weights.shape
    table = np.zeros((rows, 2), dtype=np.uint64)
    # flipping the sign bit adds 128: -128..127 becomes 0..255
    shifted = weights.view(np.uint8) ^ np.uint8(_ZERO)
    for label in range(count):
        word, place = divmod(label, _LANES)
        table[:, word] |= shifted[label].astype(np.uint64) << np.uint64(_LANE_BITS * place)
    return table.view(np.complex128).reshape(rows)
