"""Toxicity models by name.

    >>> from moderation import models
    >>> model = models.load("builtin")
    >>> model.score(["Thank you for the article"]).shape
    (1, 6)

Importing this package costs next to nothing: numpy comes with the first model that is
loaded, torch only with a Detoxify model.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from moderation.errors import UsageError

if TYPE_CHECKING:
    from moderation.models.base import Model

__all__ = ["DEFAULT", "available", "load"]

#: What runs when nobody names a model.
DEFAULT = "builtin"

_DETOXIFY = "detoxify:"
_OWN_FILE = "detoxify:PATH"
_LIKE_A_PATH = re.compile(r"[./\\]")
_DESCRIPTIONS = {
    "builtin": "the embedded model: six labels, numpy only, no network",
    "none": "no model; rules on the text alone decide",
    "detoxify:original": "BERT base, Wikipedia comments, six labels",
    "detoxify:unbiased": "RoBERTa base, news comments, seven labels, less identity bias",
    "detoxify:multilingual": "XLM-RoBERTa base, seven languages, seven labels",
    "detoxify:original-small": "ALBERT base, a smaller `original`",
    "detoxify:unbiased-small": "ALBERT base, a smaller `unbiased`",
    _OWN_FILE: "a Detoxify checkpoint file of your own, tokenizer folder beside it",
}


def available() -> list[tuple[str, str]]:
    """Every name that `load` takes, with one line about it; the default stands first."""
    return list(_DESCRIPTIONS.items())


def load(name: str, *, threads: int | None = None) -> Model:
    """The model of that name, ready to score.

    Args:
        name: one of `available()`; `detoxify:` is followed by a checkpoint's name or,
            where it is none of these, by the path of a checkpoint file.
        threads: CPU threads that torch may use (a setting of the whole process); None
            leaves torch's own choice. `builtin` always runs on one.

    Raises:
        UsageError: no model has this name.
        MissingExtraError: the model's packages are not installed.
        ModelError: the model's files are missing, damaged or not to be trusted.
    """
    if name == "builtin":
        from moderation.models.linear import LinearModel

        return LinearModel.builtin()
    if name == "none":
        from moderation.models.none import NoModel

        return NoModel()
    if (name in _DESCRIPTIONS and name != _OWN_FILE) or _may_be_file(name):
        from moderation.models.detoxify import DetoxifyModel

        return DetoxifyModel(name.removeprefix(_DETOXIFY), threads=threads)
    raise unknown(name)


def _may_be_file(name: str) -> bool:
    """Whether a `detoxify:` name means a file; a bare word that is none was misspelt."""
    path = name.removeprefix(_DETOXIFY)
    return name.startswith(_DETOXIFY) and (Path(path).is_file() or bool(_LIKE_A_PATH.search(path)))


def unknown(name: str) -> UsageError:
    """The error for a name that no model has, with the nearest one that exists."""
    names = [known for known in _DESCRIPTIONS if known != _OWN_FILE]
    close = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    near = f"did you mean '{close[0]}'? " if close else ""
    return UsageError(
        f"no model is called '{name}'", hint=f"{near}known models: {', '.join(_DESCRIPTIONS)}"
    )
