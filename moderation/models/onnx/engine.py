"""A transformer that scores, on the CPU, with onnxruntime.

Each window of a text is a run of its own: nothing is padded, and because no run holds
two texts, a score cannot depend on what else is scored, to the last bit. That matters
with int8 most, where one scale serves all values of a run. Cores are used by running
as many windows at a time as there are threads, each on one; on two cores that is also
faster than all threads on one window, whose matrices are small.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.comments import Span
from moderation.errors import ModelError
from moderation.models import cores
from moderation.models.base import ScoreArray
from moderation.models.onnx import folder
from moderation.models.onnx.marks import Reading, log_odds, spans
from moderation.models.onnx.windows import Tokens, Window

Logits = npt.NDArray[np.float64]

_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}
# onnxruntime computes every output of a graph, whichever are fetched. So a graph with
# marks has a switch for them, one more input: scoring is as fast as without.
_MARKS, _SWITCH = "marks", "marks_wanted"
_ERRORS_ONLY = 3


class OnnxModel:
    """The model in a folder; see `folder` for what it holds.

    Safe to share between threads: scoring only reads.
    """

    def __init__(self, path: Path, *, name: str, threads: int | None = None) -> None:
        """Read the folder and make the graph ready.

        Args:
            path: a folder with `model.onnx`, `tokenizer.json` and `meta.json`.
            name: what loads this model again.
            threads: windows scored at a time; None: as many as the process may use cores.

        Raises:
            ModelError: a file is missing, damaged, or does not fit the others.
        """
        found = folder.read(path)
        meta = found.meta
        self.name = name
        self.fingerprint = f"{name}@{found.digest[:12]}"
        self.labels = meta.labels
        self.languages = meta.languages
        self.meta = meta
        self._threads = threads or cores.usable()
        self._tokens = Tokens(found.tokenizer, window=meta.window)
        self._lines = [
            np.asarray(meta.calibration[label]).T if label in meta.calibration else None
            for label in meta.labels
        ]
        self._session = _session(found)
        self._inputs = {put.name: put.type for put in self._session.get_inputs()}
        outputs = {put.name: put for put in self._session.get_outputs()}
        self._output = next(iter(outputs))
        if (
            "input_ids" not in self._inputs
            or not set(self._inputs) <= {*_INPUTS, _SWITCH}
            or not set(self._inputs.values()) <= _TYPES.keys()
            or outputs[self._output].shape[-1] not in (len(meta.labels), None)
            or (meta.marks is not None and _MARKS not in outputs)
        ):
            raise ModelError(
                f"the graph does not fit {folder.META}: it must take "
                f"{' and '.join(sorted(_INPUTS))} and give one number a label, and marks "
                f"where {folder.META} names them",
                where=str(path),
            )

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """Probabilities of shape (len(texts), len(labels)), each in 0..1.

        A text longer than the model's window is read in overlapping windows and gets,
        for each label, the highest of their scores; see `windows` for how much of a
        very long one is read. Equal texts are read once.

        Raises:
            ModelError: onnxruntime could not score.
        """
        logits = self.logits(texts)
        for column, line in enumerate(self._lines):
            if line is not None:
                logits[:, column] = _calibrated(logits[:, column], *line)
        return (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)

    def logits(self, texts: Sequence[str]) -> Logits:
        """What the model gives before calibration, the highest of each text's windows."""
        rows: dict[Window, int] = {}
        owned: dict[str, list[int]] = {}
        for text in texts:
            if text not in owned:
                windows = self._tokens.windows(text)
                owned[text] = [rows.setdefault(window, len(rows)) for window in windows]
        found = self._run(list(rows))
        result = np.empty((len(texts), len(self.labels)))
        for index, text in enumerate(texts):
            result[index] = found[owned[text]].max(axis=0)
        return result

    def tokens(self, text: str) -> int:
        """Tokens that are read of a text, the special ones of each window included."""
        return sum(map(len, self._tokens.windows(text)))

    def marks(self, text: str) -> tuple[Span, ...]:
        """The words that made the text toxic, in order; neighbours are one span.

        Of a text that is hardly toxic, or a model that does not tell, none. What of a
        very long text is not read (see `windows`) has none either.

        Raises:
            ModelError: onnxruntime could not score.
        """
        given = self.meta.marks
        if given is None:
            return ()
        reading = self.reading(text)
        if reading.toxicity < log_odds(given.toxicity):
            return ()
        return spans(text, reading, least=log_odds(given.threshold))

    def reading(self, text: str) -> Reading:
        """What `marks` is made of; the graph must have the output."""
        places, windows = self._tokens.places(text)
        highest, sums, counts = -np.inf, np.zeros(len(places)), np.zeros(len(places))
        for window, starts in windows.items():
            row, odds = self._answers(window, [self._output, _MARKS])
            highest = max(highest, float(row.max()))
            inside = odds[self._tokens.inside]
            for start in starts:
                sums[start : start + len(inside)] += inside
                counts[start : start + len(inside)] += 1
        read = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        return Reading(highest, places, read)

    def _run(self, windows: list[Window]) -> Logits:
        found = np.empty((len(windows), len(self.labels)))
        # The longest first: at the end no thread waits for one that began a long one late.
        order = sorted(range(len(windows)), key=lambda index: -len(windows[index]))
        threads = min(self._threads, len(windows))
        if threads < 2:
            for index in order:
                found[index] = self._window(windows[index])
            return found
        with ThreadPoolExecutor(threads) as pool:
            answers = pool.map(self._window, (windows[index] for index in order))
            for index, answer in zip(order, answers, strict=True):
                found[index] = answer
        return found

    def _window(self, window: Window) -> Logits:
        return self._answers(window, [self._output])[0]

    def _answers(self, window: Window, outputs: list[str]) -> list[Logits]:
        ids = np.array([window])
        feeds = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
            _SWITCH: np.array(_MARKS in outputs),
        }
        given: dict[str, npt.NDArray[Any]] = {
            name: feeds[name].astype(_TYPES[kind], copy=False)
            for name, kind in self._inputs.items()
        }
        try:
            answers = self._session.run(outputs, given)
        except Exception as error:  # onnxruntime has a dozen of its own, under Exception
            raise ModelError(f"{self.name} could not score: {error}") from error
        return [np.asarray(answer[0], dtype=np.float64) for answer in answers]


def _session(found: folder.Folder) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(
            found.graph, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # as above
        raise ModelError(
            f"onnxruntime cannot use the model ({error})", where=str(found.path / folder.GRAPH)
        ) from error


def _calibrated(logits: Logits, given: Logits, wanted: Logits) -> Logits:
    """The line through the points (given, wanted), going on with slope 1 past its ends."""
    line: Logits = np.interp(logits, given, wanted)
    line += np.minimum(logits - given[0], 0)
    line += np.maximum(logits - given[-1], 0)
    return line
