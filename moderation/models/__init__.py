"""Toxicity models by name.

    >>> from moderation import models
    >>> model = models.load("builtin")
    >>> model.score(["Thank you for the article"]).shape
    (1, 6)

Importing this package costs next to nothing: numpy comes with the first model that is
loaded, onnxruntime with the first transformer, torch only with a Detoxify model.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from moderation.errors import UsageError

if TYPE_CHECKING:
    from moderation.models.base import Model
    from moderation.models.download import Progress

__all__ = ["DEFAULT", "available", "checkpoint_of", "load", "unknown"]

#: What runs when nobody names a model.
DEFAULT = "builtin"

_BUILTIN = Path(__file__).with_name("builtin")
_DETOXIFY = "detoxify:"
#: Ends the name of a cascade whose transformer reads every text.
EXACT = ":exact"
_OWN_FILE = "detoxify:PATH"
_COMPILED = "compiled:"
_PATTERNS = (_OWN_FILE, f"{_COMPILED}NAME", "FOLDER")
_LIKE_A_PATH = re.compile(r"[./\\]")
_DESCRIPTIONS = {
    "builtin": "the embedded model: six labels, English, no network",
    f"builtin{EXACT}": "the same, slower: every text is read by both of its stages",
    "linear": "its first stage alone: words, not meaning; the fastest",
    "none": "no model; rules on the text alone decide",
    "detoxify:original": "BERT base, Wikipedia comments, six labels",
    "detoxify:unbiased": "RoBERTa base, news comments, seven labels, less identity bias",
    "detoxify:multilingual": "XLM-RoBERTa base, seven languages, seven labels",
    "detoxify:original-small": "ALBERT base, a smaller `original`",
    "detoxify:unbiased-small": "ALBERT base, a smaller `unbiased`",
    _OWN_FILE: "a Detoxify checkpoint file of your own, tokenizer folder beside it",
    f"{_COMPILED}NAME": "what `model compile` made of a checkpoint: nearly its scores, much faster",
    "FOLDER": "the path of such a model anywhere else",
}


def available() -> list[tuple[str, str]]:
    """Every name that `load` takes, with one line about it; the default stands first."""
    from moderation.models import compiled

    made = [(f"{_COMPILED}{title}", "compiled, in your cache") for title in compiled.titles()]
    return [*_DESCRIPTIONS.items(), *made]


def load(
    name: str,
    *,
    threads: int | None = None,
    exact: bool = False,
    progress: Progress | None = None,
) -> Model:
    """The model of that name, ready to score.

    Args:
        name: one of `available()`; `detoxify:` is followed by a checkpoint's name or,
            where it is none of these, by the path of a checkpoint file; the path of a
            model's folder is a name too.
        threads: texts that a compiled model scores at a time (None: one a core), or CPU
            threads that torch may use (a setting of the whole process; None leaves
            torch's own choice). `linear` always runs on one.
        exact: of a cascade such as `builtin`: the transformer reads every text, not only
            those that the linear model does not pass. Others are exact already.
        progress: told of the bytes of a download, if there is one.

    Raises:
        UsageError: no model has this name.
        MissingExtraError: the model's packages are not installed.
        ModelError: the model's files are missing, damaged or not to be trusted.
    """
    if name == "linear":
        from moderation.models.linear import LinearModel

        return LinearModel.builtin()
    if name == "none":
        from moderation.models.none import NoModel

        return NoModel()
    checkpoint = checkpoint_of(name)
    if checkpoint is not None:
        from moderation.models.detoxify import DetoxifyModel

        return DetoxifyModel(checkpoint, threads=threads, progress=progress)
    plain = name.removesuffix(EXACT)
    folder = _folder(plain)
    if folder is not None:
        from moderation.models import cascade

        if cascade.is_cascade(folder):
            exact = exact or plain != name
            return cascade.CascadeModel(folder, name=plain, exact=exact, threads=threads)
        if plain == name:
            from moderation.models.onnx.engine import OnnxModel

            return OnnxModel(folder, name=name, threads=threads)
    raise unknown(name)


def checkpoint_of(name: str) -> str | None:
    """What a `detoxify:` name means: one of Detoxify's own checkpoints or the path of a
    file. None where it is neither; a bare word that is no file was misspelt."""
    if not name.startswith(_DETOXIFY) or name == _OWN_FILE:
        return None
    rest = name.removeprefix(_DETOXIFY)
    known = name in _DESCRIPTIONS or Path(rest).is_file() or _LIKE_A_PATH.search(rest)
    return rest if known else None


def _folder(name: str) -> Path | None:
    """The folder of an embedded or compiled model, or None where the name means none."""
    if name == DEFAULT:
        return _BUILTIN
    if name.startswith(_COMPILED):
        from moderation.models import compiled

        title = name.removeprefix(_COMPILED)
        return compiled.folder_of(title) if title in compiled.titles() else None
    if name.startswith(_DETOXIFY):
        return None
    from moderation.models.onnx import folder

    here = Path(name)
    return (
        here if _is_folder(here) and (_LIKE_A_PATH.search(name) or folder.is_model(here)) else None
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long a name, or one with a NUL
        return False


def unknown(name: str) -> UsageError:
    """The error for a name that no model has, with the nearest one that exists."""
    listed = [known for known, _ in available()]
    names = [known for known in listed if known not in _PATTERNS]
    close = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    near = f"did you mean '{close[0]}'? " if close else ""
    return UsageError(
        f"no model is called '{name}'", hint=f"{near}known models: {', '.join(listed)}"
    )
