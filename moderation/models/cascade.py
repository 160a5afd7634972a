"""Two models, one score: a linear one reads every text, a transformer what is left.

The linear model costs a fiftieth of the transformer. What its gate puts below a limit is
plainly harmless and gets a score from it alone. Everything else is read by both, and for
each label the log-odds are a weighted sum of theirs: words and meaning err in different
places, so the sum ranks better than either. A long text is read in pieces, each on its own,
and gets the score of its worst one. A comment that holds disguised words is read a second
time in plain spelling, and the higher score counts.

Such a model is a folder of `onnx.folder` with two more things: the file `linear.npz`, and in
`meta.json`

    "cascade": {
      "limit": -3.1,                             of the gate: what is below is not read on
      "blend": {"toxicity": [0.3, 0.7, -0.2]},   linear, transformer, offset
      "passed": {"toxicity": [0.4, 0.7, -1.0]}   linear, gate, offset, for what the gate passes
    }
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.comments import Span
from moderation.errors import ModelError
from moderation.models import EXACT
from moderation.models.base import Examined, ScoreArray
from moderation.models.linear import LinearModel
from moderation.models.onnx import folder
from moderation.models.readings import Reader, Reading

LINEAR = "linear.npz"
KEY = "cascade"

Odds = npt.NDArray[np.float64]

#: Characters of a piece, and how many of them the next one shares at least: some 180
#: tokens of English, what the transformer was trained to read at once.
PIECE, _SHARED = 800, 200
#: Pieces of one text that the transformer reads at most, those that the gate fears most.
MOST_PIECES = 64
_BLANK = re.compile(r"\s")
_LOOK_AHEAD = 60  # for a blank to begin a piece after

#: What the gate passes stays below a probability of 0.5, whatever the linear model says.
_PASSED_ODDS = -1e-3
#: A reading is named where it raised a label's probability by so much or more.
_RAISED = 0.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the two models become one: the `cascade` of a `meta.json`.

    Attributes:
        limit: of the gate's log-odds; a text below is not read by the transformer.
        blend: per label the weights of the linear and the transformer's log-odds and an
            offset, shape (labels, 3).
        passed: per label the weights of the linear log-odds and of the gate's, and an
            offset, for texts that the transformer does not read, shape (labels, 3).
    """

    limit: float
    blend: Odds
    passed: Odds

    @classmethod
    def parse(cls, raw: Any, labels: Sequence[str]) -> Recipe:
        """Raises KeyError, TypeError or ValueError if a part is missing or no such number."""
        blend = np.array([raw["blend"][label] for label in labels], dtype=np.float64)
        passed = np.array([raw["passed"][label] for label in labels], dtype=np.float64)
        limit = float(raw["limit"])
        if blend.shape != (len(labels), 3) or passed.shape != (len(labels), 3):
            raise ValueError("each label needs three numbers in blend and in passed")
        if not (np.isfinite(blend).all() and np.isfinite(passed).all() and np.isfinite(limit)):
            raise ValueError("blend, passed and limit must be finite")
        return cls(limit, blend, passed)

    def dump(self, labels: Sequence[str]) -> dict[str, Any]:
        """What `parse` reads."""
        return {
            "limit": self.limit,
            "blend": dict(zip(labels, self.blend.round(6).tolist(), strict=True)),
            "passed": dict(zip(labels, self.passed.round(6).tolist(), strict=True)),
        }

    def of_both(self, linear: Odds, transformer: Odds) -> Odds:
        """Log-odds of texts that both have read; all of shape (n, labels)."""
        return linear * self.blend[:, 0] + transformer * self.blend[:, 1] + self.blend[:, 2]

    def of_passed(self, linear: Odds, gate: Odds) -> Odds:
        """Log-odds of texts that the gate passed, shape (n, labels), as `linear`; the
        gate's have shape (n,)."""
        odds = linear * self.passed[:, 0] + gate[:, None] * self.passed[:, 1] + self.passed[:, 2]
        return np.minimum(odds, _PASSED_ODDS)


def pieces(text: str) -> list[str]:
    """The text itself, or overlapping pieces of a long one, where possible between words."""
    found, start = [], 0
    while len(text) - start > PIECE:
        found.append(text[start : start + PIECE])
        start += PIECE - _SHARED
        blank = _BLANK.search(text, start, start + _LOOK_AHEAD)
        start = blank.end() if blank else start
    return [*found, text[start:]]


def in_pieces(texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The pieces of all texts (at least one) in a row, and where those of each begin."""
    parts = [pieces(text) for text in texts]
    return [piece for own in parts for piece in own], np.cumsum([0, *map(len, parts[:-1])])


def is_cascade(path: Path) -> bool:
    """Whether the folder holds a linear model beside its transformer."""
    return (path / LINEAR).is_file()


class CascadeModel:
    """The model in such a folder. Safe to share between threads.

    The transformer is loaded when the first text needs it: a scan of a few harmless
    comments never waits for it.
    """

    def __init__(
        self, path: Path, *, name: str, exact: bool = False, threads: int | None = None
    ) -> None:
        """
        Args:
            path: the folder.
            name: what loads this model again, where it is not exact.
            exact: the transformer reads every text, the gate's limit does not count.
            threads: windows that the transformer reads at a time; None: one a core.

        Raises:
            ModelError: a file is missing, damaged, or does not fit the others.
        """
        self.name = f"{name}{EXACT}" if exact else name
        self.exact = exact
        self._path, self._threads = path, threads
        self._linear = LinearModel(path / LINEAR, name=f"{name}/linear")
        content = _read(path / folder.META)
        try:
            self.meta = folder.parse(json.loads(content))
            self._recipe = Recipe.parse(self.meta.card[KEY], self.meta.labels)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ModelError(
                f"the model's {folder.META} does not describe a cascade "
                f"({type(error).__name__}: {error})",
                where=str(path / folder.META),
            ) from error
        if self._linear.labels != self.meta.labels or not self._linear.has_gate:
            raise ModelError(f"{LINEAR} does not fit {folder.META}", where=str(path))
        self.labels = self.meta.labels
        self.languages = self.meta.languages
        # meta.json holds the digest of each other file, so that nothing large is read here
        digest = hashlib.sha256(content + self._linear.digest.encode()).hexdigest()[:12]
        self.fingerprint = f"{name}@{digest}{'+exact' if exact else ''}"
        self._lock = threading.Lock()
        self._transformer: Any = None
        self._reader: Reader | None = None

    @property
    def card(self) -> Mapping[str, Any]:
        """What is told of the model's data, licences and figures."""
        return self.meta.card

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """Probabilities of shape (len(texts), len(labels)), each in 0..1.

        Raises:
            ModelError: a file of the transformer is missing or damaged.
        """
        return self.examine(texts).scores

    def examine(self, texts: Sequence[str]) -> Examined:
        """Scores, and how disguised words were read where that raised a score.

        Raises:
            ModelError: a file of the transformer is missing or damaged.
        """
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        rows = list(places)
        own = len(rows)
        if not rows:
            return Examined(np.empty((0, len(self.labels)), dtype=np.float32), ())
        reader = self._reading()
        readings = {place: read for text, place in places.items() if (read := reader.read(text))}
        found = self._odds(rows + [reading.text for reading in readings.values()])
        chances = 1.0 / (1.0 + np.exp(-found))
        named: dict[int, str] = {}
        for row, (place, reading) in enumerate(readings.items(), start=own):
            if (chances[row] - chances[place]).max() >= _RAISED:
                named[place] = _told(reading)
            np.maximum(chances[place], chances[row], out=chances[place])
        order = [places[text] for text in texts]
        return Examined(
            chances[order].astype(np.float32),
            tuple(named.get(place, "") for place in order),
        )

    def _odds(self, texts: list[str]) -> Odds:
        """Log-odds of different texts, shape (n, labels)."""
        flat, starts = in_pieces(texts)
        linear, gate = self._linear.read(flat)
        odds = self._recipe.of_passed(linear, gate)
        rest = self._worth_reading(gate, starts)
        if rest.size:
            seen = self.transformer().logits([flat[at] for at in rest])
            odds[rest] = self._recipe.of_both(linear[rest], seen)
        worst: Odds = np.maximum.reduceat(odds, starts)
        return worst

    def _worth_reading(self, gate: Odds, starts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Which pieces the transformer reads; `starts` is where each text's pieces begin."""
        chosen = np.full(gate.size, True) if self.exact else gate >= self._recipe.limit
        for start, end in zip(starts, [*starts[1:], gate.size], strict=True):
            if end - start > MOST_PIECES:
                least_feared = np.argsort(-gate[start:end], kind="stable")[MOST_PIECES:]
                chosen[start + least_feared] = False
        return np.flatnonzero(chosen)

    def marks(self, text: str) -> tuple[Span, ...]:
        """The words that weigh most in a toxic text's score; see `onnx.marks`."""
        found: tuple[Span, ...] = self.transformer().marks(text)
        return found

    def transformer(self) -> Any:
        """The `OnnxModel` of the folder, loaded on the first call."""
        with self._lock:
            if self._transformer is None:
                from moderation.models.onnx.engine import OnnxModel

                self._transformer = OnnxModel(self._path, name=self.name, threads=self._threads)
        return self._transformer

    def _reading(self) -> Reader:
        with self._lock:
            if self._reader is None:
                try:
                    words = json.loads(_read(self._path / folder.TOKENIZER))["model"]["vocab"]
                except (ValueError, TypeError, KeyError, RecursionError) as error:
                    raise ModelError(
                        f"the model's {folder.TOKENIZER} is damaged ({error})",
                        where=str(self._path),
                    ) from error
                self._reader = Reader(words)
        return self._reader


def _told(reading: Reading) -> str:
    """`1diot read as idiot, sh1t read as shit`"""
    return ", ".join(f"{written} read as {word}" for written, word in reading.words)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"the model's {path.name} cannot be read ({error.strerror or error})",
            where=str(path.parent),
            hint="reinstall moderation",
        ) from error
