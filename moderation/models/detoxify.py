"""Detoxify's models through the real Detoxify library (the extra [detoxify]).

Hanu and Unitary (2020), https://github.com/unitaryai/detoxify. Like Detoxify itself
these models read the first 512 tokens of a text (some 350 English words) and no more:
an insult at the end of a very long comment is not seen. `model compile` makes of the same
checkpoints models that are faster and read to the end.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from moderation.comments import LABELS
from moderation.errors import MissingExtraError, ModelError
from moderation.models import checkpoint, download
from moderation.models.base import ScoreArray

#: Comments per forward pass.
BATCH = 32

_ENGLISH = ("en",)
#: What Detoxify's own checkpoints learned from; of others nobody knows.
LANGUAGES = {
    "original": _ENGLISH,
    "unbiased": _ENGLISH,
    "original-small": _ENGLISH,
    "unbiased-small": _ENGLISH,
    "multilingual": ("en", "fr", "es", "it", "pt", "tr", "ru"),
}

# What Detoxify calls the classes of its first data set, by its own renaming.
_RENAMED = {
    "toxic": "toxicity",
    "identity_hate": "identity_attack",
    "severe_toxic": "severe_toxicity",
}
_MAX_TOKENS = 512
# A text's first so many code points hold its first 512 tokens, unless more than a
# hundred blanks or letters make one token; the tokenizer need not read megabytes.
_MAX_CHARS = 1 << 16
_SURROGATE = re.compile("[\ud800-\udfff]")


class DetoxifyModel:
    """One of Detoxify's checkpoints, or a local one in the same format.

    Runs on the first CUDA device if there is one, else on the CPU.
    """

    def __init__(
        self,
        name: str,
        *,
        threads: int | None = None,
        progress: download.Progress | None = None,
    ) -> None:
        """Load a checkpoint; see `read` for the name and what can go wrong.

        Args:
            threads: CPU threads for torch, a setting of the whole process.
        """
        loaded = read(name, progress=progress)
        import torch

        if threads is not None:
            torch.set_num_threads(threads)
        self.name = f"detoxify:{name}"
        self.fingerprint = f"{self.name}@{loaded.digest[:12]}"
        self.languages = LANGUAGES.get(name, ())
        self._torch = torch
        self.labels, self._columns = columns(loaded)
        self._detoxify = assemble(loaded, "cuda" if torch.cuda.is_available() else "cpu")

    def score(self, texts: Sequence[str]) -> ScoreArray:
        """Probabilities of shape (len(texts), len(labels)), each in 0..1.

        Equal to `detoxify.Detoxify.predict` up to rounding in the last digits, which
        depends on how texts are grouped into batches.

        Raises:
            ModelError: torch could not score (out of memory, a damaged config).
        """
        scores = np.empty((len(texts), len(self.labels)), dtype=np.float32)
        # Texts of like length together: a batch is padded to its longest text.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            scores[chosen] = self._batch([texts[index] for index in chosen])
        return scores

    def tokens(self, text: str) -> int:
        """Tokens that are read of a text, the two special ones included."""
        return len(self._detoxify.tokenizer(_readable(text), truncation=True)["input_ids"])

    def _batch(self, texts: list[str]) -> ScoreArray:
        torch, model = self._torch, self._detoxify.model
        readable = [_readable(text) for text in texts]
        try:
            with torch.inference_mode():
                tokens = self._detoxify.tokenizer(
                    readable, return_tensors="pt", truncation=True, padding=True
                ).to(model.device)
                odds = model(**tokens)[0][:, self._columns]
                result: ScoreArray = torch.sigmoid(odds).float().cpu().numpy()
        except (RuntimeError, IndexError, ValueError) as error:
            raise ModelError(f"{self.name} could not score: {error}") from error
        return result


def _readable(text: str) -> str:
    """What the tokenizers take: a lone surrogate is no character, and they refuse it."""
    return _SURROGATE.sub("\ufffd", text[:_MAX_CHARS])


def read(
    name: str, *, trusted: bool = False, progress: download.Progress | None = None
) -> checkpoint.Checkpoint:
    """A checkpoint by name.

    Args:
        name: one of `checkpoint.BASES`, or a path; see `checkpoint.local` for where
            a local checkpoint's config and tokenizer are looked for.
        trusted: of a path, see `checkpoint.local`.
        progress: told of a download's bytes.

    Raises:
        MissingExtraError: detoxify, torch or transformers is not installed.
        ModelError: the files are missing, damaged or not to be trusted, or cannot
            be downloaded.
    """
    if name not in checkpoint.BASES:
        checkpoint.require(Path(name))
    try:
        import detoxify.detoxify
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("Detoxify's models", "detoxify") from error
    urls: dict[str, str] = detoxify.detoxify.MODEL_URLS
    if name in checkpoint.BASES and name in urls:
        return checkpoint.official(name, urls[name], progress=progress)
    return checkpoint.local(Path(name), trusted=trusted)


def columns(loaded: checkpoint.Checkpoint) -> tuple[tuple[str, ...], list[int]]:
    """The toxicity labels among a checkpoint's classes, and where each of them stands.

    Raises:
        ModelError: there is none.
    """
    classes = [_RENAMED.get(label, label) for label in loaded.classes]
    # Some checkpoints also tell who a comment speaks of; that is not toxicity.
    labels = tuple(label for label in LABELS if label in classes)
    if not labels:
        raise ModelError(
            "the checkpoint has none of the toxicity labels",
            where=str(loaded.path),
            hint=f"its classes are: {', '.join(loaded.classes)}",
        )
    return labels, [classes.index(label) for label in labels]


def assemble(loaded: checkpoint.Checkpoint, device: str) -> Any:
    """A real `detoxify.Detoxify` made from what was already read and checked.

    Its own constructor would read the file a second time, with a reader that runs the
    code in it, and would ask the hub for the config.

    Raises:
        ModelError: Detoxify or transformers cannot make a classifier of it.
    """
    import detoxify.detoxify

    class Checked(detoxify.Detoxify):  # type: ignore[misc]
        def __init__(self) -> None:
            self.model, self.tokenizer = detoxify.detoxify.get_model_and_tokenizer(
                **loaded.arch, state_dict=loaded.state
            )
            self.class_names = [_RENAMED.get(label, label) for label in loaded.classes]
            self.device = device
            self.model.to(device)
            self.model.eval()

    try:
        with _quiet():
            made = Checked()
    except Exception as error:  # transformers raises errors of many kinds
        raise ModelError(
            f"Detoxify cannot use the checkpoint ({type(error).__name__}: {error})",
            where=str(loaded.path),
        ) from error
    wanted = {key for key, _ in made.model.named_parameters()}
    missing = sorted(wanted - loaded.state.keys())
    # transformers fills what is missing with random numbers and goes on
    if any(key.startswith("classifier") for key in missing) or len(missing) == len(wanted):
        raise ModelError(
            f"the checkpoint lacks weights, {missing[0]} for one", where=str(loaded.path)
        )
    # A bare tokenizer folder sets no limit, and the model fails on longer texts.
    places = int(getattr(made.model.config, "max_position_embeddings", _MAX_TOKENS))
    limit = min(_MAX_TOKENS, places)
    if made.tokenizer.model_max_length > limit:
        made.tokenizer.model_max_length = limit
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no advice from transformers while a model loads."""
    logging: Any = importlib.import_module("transformers.utils.logging")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
