"""From a checkpoint's name to a folder that `models.load` takes."""

from __future__ import annotations

import dataclasses
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.errors import MissingExtraError, ModelError, UsageError
from moderation.models import compiled, detoxify
from moderation.models.checkpoint import Checkpoint
from moderation.models.compile import encoder, graph, parity
from moderation.models.download import Progress
from moderation.models.onnx import folder
from moderation.models.onnx.engine import OnnxModel


class UnfaithfulError(ModelError):
    """The compiled model's scores are too far from Detoxify's; nothing was kept."""

    def __init__(self, found: parity.Parity, precision: str) -> None:
        float32 = precision == "float32"
        bound = (
            f"no score may differ by more than {parity.FLOAT_LARGEST}"
            if float32
            else f"no label's scores may differ by more than {parity.INT8_MEAN} on the mean"
        )
        super().__init__(
            f"the compiled model does not score as Detoxify does ({bound}); it was not kept",
            hint="" if float32 else "--precision float32 is larger and slower, and closer",
        )
        self.parity = found


@dataclass(frozen=True, slots=True)
class Result:
    """A compiled model: the name that loads it, where it lies, how large and how faithful."""

    name: str
    path: Path
    size: int
    parity: parity.Parity


def compile_model(
    checkpoint: str,
    *,
    precision: str = "int8",
    target: Path | None = None,
    trusted: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Make a model folder of a Detoxify checkpoint and hold it against Detoxify.

    A folder that a model of the same checkpoint is in already is replaced. The folder
    appears when it is whole and has passed, never before.

    Args:
        checkpoint: one of `checkpoint.BASES` or a path.
        precision: one of `folder.PRECISIONS`.
        target: the folder; None: one in the user's cache.
        trusted: run the code in a checkpoint that holds more than data.
        progress: told of a download's bytes.

    Raises:
        MissingExtraError: the extra [detoxify] is not installed.
        UnfaithfulError: see there.
        ModelError: the checkpoint cannot be read, downloaded or compiled.
        UsageError: the folder holds something else.
    """
    _require_onnx()
    loaded = detoxify.read(checkpoint, trusted=trusted, progress=progress)
    title = f"{_plain(checkpoint)}-{precision}"
    path = target or compiled.folder_of(title)
    _may_replace(path, loaded.digest)
    labels, columns = detoxify.columns(loaded)
    reference = detoxify.assemble(loaded, "cpu")
    weights = encoder.read(reference.model.config, reference.model.state_dict())
    classes = encoder.Dense(weights.classify.weight[columns], weights.classify.bias[columns])
    weights = dataclasses.replace(weights, classify=classes)
    meta = folder.Meta(
        name=title,
        labels=labels,
        window=min(reference.tokenizer.model_max_length, len(weights.places)),
        precision=precision,
        languages=detoxify.LANGUAGES.get(checkpoint, ()),
        source={"checkpoint": _source(checkpoint, loaded), "sha256": loaded.digest},
    )
    with _beside(path) as draft:
        (draft / folder.GRAPH).write_bytes(
            graph.build(weights, precision=precision).SerializeToString()
        )
        (draft / folder.TOKENIZER).write_text(_tokenizer(reference.tokenizer), encoding="utf-8")
        (draft / folder.META).write_text(meta.dump(), encoding="utf-8")
        found = parity.measure(reference, OnnxModel(draft, name=title), parity.samples())
        if not found.holds(precision):
            raise UnfaithfulError(found, precision)
        size = sum(file.stat().st_size for file in draft.iterdir())
        _land(draft, path)
    name = str(path) if target else f"{compiled.PREFIX}{title}"
    return Result(name, path, size, found)


def _require_onnx() -> None:
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("Compiling a model", "detoxify") from error


def _plain(checkpoint: str) -> str:
    """The checkpoint's name, or its file's, as part of a folder's name."""
    stem = Path(checkpoint).stem if re.search(r"[./\\]", checkpoint) else checkpoint
    return re.sub(r"[^\w-]+", "-", stem).strip("-") or "checkpoint"


def _source(checkpoint: str, loaded: Checkpoint) -> str:
    """What is told of the origin: no path of this machine goes into the folder."""
    return f"detoxify:{checkpoint}" if checkpoint in detoxify.LANGUAGES else loaded.path.name


def _tokenizer(tokenizer: Any) -> str:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:  # one that is written in Python
        import transformers.convert_slow_tokenizer as converter

        backend = converter.convert_slow_tokenizer(tokenizer)
    content: str = backend.to_str()
    return content


def _may_replace(path: Path, digest: str) -> None:
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    same = False
    if path.is_dir() and folder.is_model(path):
        # Of a damaged one nobody knows what it was.
        same = folder.read(path).meta.source.get("sha256") == digest
    if not same:
        raise UsageError(
            "this folder holds something else than an earlier result from the same checkpoint",
            where=str(path),
            hint="name another with --output, or delete it",
        )


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """An empty folder on the same disk, gone in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as draft:
        made = Path(draft) / "new"
        made.mkdir()
        yield made


def _land(draft: Path, path: Path) -> None:
    """The draft takes the folder's place; an older one is moved out of the way first."""
    old = draft.with_name("old")
    if path.exists():
        path.replace(old)
    try:
        draft.replace(path)
    except OSError:
        if old.exists():
            old.replace(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
