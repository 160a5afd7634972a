"""The folder of a model: `model.onnx`, `tokenizer.json`, and `meta.json` about them.

    {
      "format": "moderation-model/1",
      "name": "original-int8",
      "labels": ["toxicity", "insult"],        the columns of the graph's output, in order
      "window": 512,                           tokens that the model reads at once, with
                                               the special ones around them
      "activation": "sigmoid",                 what turns its output into probabilities
      "precision": "int8",                     of its weights: int8 or float32
      "calibration": {"toxicity": [[-4.0, -5.1], [2.0, 1.4]]},
      "languages": ["en"], "scripts": ["latin"],   what it learned; left out: not known
      "source": {"checkpoint": "detoxify:original", "sha256": "c1212f89…"},
      "marks": {"threshold": 0.32, "toxicity": 0.1}
    }

`calibration` gives for a label points (logit, calibrated logit) of a line that only
rises; past its ends the line goes on with slope 1, so that no two texts become equal.
`marks` says that the graph has an output of that name: for each token the log-odds that
it is part of what makes the text toxic, computed where its input `marks_wanted` is true.
A word is marked from the probability `threshold` on, in a text with a label of
probability `toxicity` or more, which is the graph's own: calibration changes no marks.
Keys that are not named here are kept for the reader (`card`) and change nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from moderation.comments import LABELS
from moderation.errors import ModelError

FORMAT = "moderation-model/1"
GRAPH, TOKENIZER, META = "model.onnx", "tokenizer.json", "meta.json"
PRECISIONS = ("int8", "float32")

#: The fewest tokens of a window: two special ones and room to overlap.
_LEAST_WINDOW = 8

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """From which probabilities on a word, and a text at all, is marked; each between 0 and 1."""

    threshold: float
    toxicity: float


@dataclass(frozen=True, slots=True)
class Meta:
    """What `meta.json` says."""

    name: str
    labels: tuple[str, ...]
    window: int
    precision: str
    calibration: Mapping[str, Line] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)
    marks: Marks | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> str:
        """The text of a `meta.json`."""
        known = {
            "format": FORMAT,
            "name": self.name,
            "labels": self.labels,
            "window": self.window,
            "activation": "sigmoid",
            "precision": self.precision,
            "calibration": self.calibration,
            "languages": self.languages,
            "scripts": self.scripts,
            "source": self.source,
            "marks": self.marks and asdict(self.marks),
        }
        filled = {key: value for key, value in known.items() if value}
        return json.dumps({**filled, **self.card}, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Folder:
    """The three files, read: what the engine is made of.

    `digest` is a SHA-256 in hex over all of them.
    """

    path: Path
    meta: Meta
    graph: bytes
    tokenizer: str
    digest: str


def is_model(path: Path) -> bool:
    """Whether the folder claims to hold a model."""
    return (path / META).is_file()


def read(path: Path) -> Folder:
    """A model's folder.

    Raises:
        ModelError: a file is missing or unreadable, or `meta.json` is not right.
    """
    contents: dict[str, bytes] = {}
    digest = hashlib.sha256()
    for name in (META, TOKENIZER, GRAPH):
        try:
            contents[name] = (path / name).read_bytes()
        except OSError as error:
            raise ModelError(
                f"the model's {name} cannot be read ({error.strerror or error})", where=str(path)
            ) from error
        digest.update(hashlib.sha256(contents[name]).digest())
    try:
        meta = parse(json.loads(contents[META]))
        tokenizer = contents[TOKENIZER].decode()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(
            f"this is not a model's {META}, or it is damaged ({type(error).__name__}: {error})",
            where=str(path / META),
        ) from error
    return Folder(path, meta, contents[GRAPH], tokenizer, digest.hexdigest())


def parse(raw: Any) -> Meta:
    """A `meta.json` as a value.

    Raises:
        KeyError: a key is missing.
        ValueError, TypeError: a value is not what it must be; the message says which.
    """
    given = dict(raw)
    if given.pop("format", None) != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    labels = _words(given.pop("labels"), "labels")
    window = given.pop("window")
    calibration = dict(given.pop("calibration", {}))
    marks = given.pop("marks", None)
    meta = Meta(
        name=str(given.pop("name")),
        labels=labels,
        window=window,
        precision=str(given.pop("precision")),
        calibration={label: _line(label, line) for label, line in calibration.items()},
        languages=_words(given.pop("languages", ()), "languages"),
        scripts=_words(given.pop("scripts", ()), "scripts"),
        source={str(key): str(value) for key, value in dict(given.pop("source", {})).items()},
        marks=None if marks is None else _marks(marks),
        card={key: value for key, value in given.items() if key != "activation"},
    )
    if not labels or len(set(labels)) < len(labels) or not set(labels) <= set(LABELS):
        raise ValueError(f"labels must be some of {', '.join(LABELS)}, each once")
    if not isinstance(window, int) or window < _LEAST_WINDOW:
        raise ValueError(f"window must be a number of tokens, {_LEAST_WINDOW} or more")
    if given.get("activation") != "sigmoid":
        raise ValueError("activation must be sigmoid")
    if meta.precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}")
    if not set(calibration) <= set(labels):
        raise ValueError("calibration names a label that the model does not have")
    return meta


def _words(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"{key} must be a list of strings")
    return tuple(value)


def _marks(value: Any) -> Marks:
    marks = Marks(float(value["threshold"]), float(value["toxicity"]))
    if not 0 < marks.threshold < 1 or not 0 <= marks.toxicity <= 1:
        raise ValueError("the threshold and toxicity of marks must be probabilities")
    return marks


def _line(label: str, points: Any) -> Line:
    line = tuple((float(logit), float(calibrated)) for logit, calibrated in points)
    rising = all(
        here[0] < there[0] and here[1] < there[1] for here, there in pairwise(line)
    )  # false as well where one of them is not a number
    if not line or not rising or any(abs(value) > 1e6 for point in line for value in point):
        raise ValueError(f"the calibration of {label} must be points that rise in both values")
    return line
