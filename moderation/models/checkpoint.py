"""Finding and reading Detoxify's checkpoints: cached, downloaded, or one's own.

A checkpoint holds the weights and the names of its classes. The base model's config and
tokenizer are separate files, which Detoxify fetches from the Hugging Face hub by the
name in the checkpoint. Here they are found first, as a folder on this machine, so that
loading asks no server. torch and huggingface_hub are imported inside the functions.
"""

from __future__ import annotations

import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moderation.errors import ModelError
from moderation.models import download

#: The base model on the Hugging Face hub of each of Detoxify's own checkpoints.
BASES = {
    "original": "bert-base-uncased",
    "unbiased": "roberta-base",
    "multilingual": "xlm-roberta-base",
    "original-small": "albert-base-v2",
    "unbiased-small": "albert-base-v2",
}

_CONFIG = "config.json"
_TOKENIZER_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
)
_SMALL_FILES = [_CONFIG, "tokenizer_config.json", "special_tokens_map.json", *_TOKENIZER_FILES]
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,})\.")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint in memory, with the folder of its base model's config and tokenizer.

    `digest` is the SHA-256 of the file in hex, `arch` the keyword arguments of Detoxify's
    `get_model_and_tokenizer`, with `model_type` already that folder.
    """

    path: Path
    digest: str
    arch: dict[str, Any]
    classes: tuple[str, ...]
    state: dict[str, Any]


def official(name: str, url: str, *, progress: download.Progress | None = None) -> Checkpoint:
    """One of Detoxify's own checkpoints, from torch hub's cache or downloaded to it.

    Both the download and a cached file are checked against the hash in the file's name.

    Args:
        name: one of `BASES`.
        url: where Detoxify has it from.
        progress: told of a download's bytes.

    Raises:
        ModelError: it is neither cached nor can be downloaded, or is not what its name
            says, or its name has no hash.
    """
    import torch.hub

    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlsplit(url).path).name
    expected = _HASH_IN_NAME.search(path.name)
    if expected is None:
        raise ModelError("the checkpoint's name has no hash to check it by", where=url)
    prefix = expected.group(1)
    base = _cached_base(BASES[name])
    if base is None or not path.is_file():
        base = _download(name, url, path, prefix, base, progress)
    digest = download.digest(path)
    if not digest.startswith(prefix):
        raise ModelError(
            "the cached checkpoint is damaged: its SHA-256 is not the one in its name",
            where=str(path),
            hint="delete the file; it is downloaded again",
        )
    # Its hash is known, so an older pickle that the safe reader refuses may be read.
    return _parsed(path, digest, _unpickle(path, trusted=True), base)


def local(path: Path, *, trusted: bool = False) -> Checkpoint:
    """A checkpoint file of one's own; never asks a server.

    Args:
        trusted: read the file also where it holds more than data, and so lets it run
            whatever code it brings.

    The folder with the base model's `config.json` and tokenizer files is the first of:
    the checkpoint's `model_type` as a path (absolute, or relative to the checkpoint), a
    folder beside the checkpoint with its name less the suffix, the checkpoint's own
    folder, and Hugging Face's cache of the hub model that `model_type` names.

    Raises:
        ModelError: no such file, no such folder, not a checkpoint, or a pickle that
            holds more than data (unless it is trusted): such a file could run programs
            when read.
    """
    require(path)
    try:
        digest = download.digest(path)
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror or error})", where=str(path)) from error
    return _parsed(path, digest, _unpickle(path, trusted=trusted), None)


def require(path: Path) -> None:
    """Raises ModelError when there is no file: told before seconds of imports."""
    if not path.is_file():
        raise ModelError(
            "there is no such checkpoint file",
            where=str(path),
            hint=f"Detoxify's own are: {', '.join(f'detoxify:{name}' for name in BASES)}",
        )


def _unpickle(path: Path, *, trusted: bool) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if trusted:
            return _run(path)
        # torch's message goes on with advice to switch the check off; keep the reason
        reason = re.search(r"(GLOBAL|Unsupported|Can only|Trying to)[^\n]*", str(error))
        raise ModelError(
            "the checkpoint holds more than weights and plain values, so reading it could "
            f"run code; it was not read ({reason.group(0) if reason else 'refused by torch'})",
            where=str(path),
            hint="save it again with plain dicts, lists, strings, numbers and tensors only; "
            "`model compile --trust` reads it all the same, if you know who made it",
        ) from error
    except Exception as error:  # torch raises whatever the damaged bytes lead to
        raise ModelError(
            f"this is not a torch checkpoint, or it is damaged ({type(error).__name__})",
            where=str(path),
        ) from error


def _run(path: Path) -> Any:
    """Read a pickle as Python does, code and all."""
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:  # whatever that code raises
        raise ModelError(
            f"the checkpoint cannot be read ({type(error).__name__}: {error})", where=str(path)
        ) from error


def _parsed(path: Path, digest: str, loaded: Any, base: Path | None) -> Checkpoint:
    try:
        arch = dict(loaded["config"]["arch"]["args"])
        classes = tuple(loaded["config"]["dataset"]["args"]["classes"])
        state = dict(loaded["state_dict"])
        model_type = arch["model_type"]
        named = (arch["model_name"], arch["tokenizer_name"], model_type, *classes)
        arch["num_classes"] = int(arch["num_classes"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"this is not a checkpoint in Detoxify's format ({type(error).__name__}: {error})",
            where=str(path),
            hint="it needs `state_dict`, `config.arch.args` and `config.dataset.args.classes`",
        ) from error
    # The names are looked up in transformers: let them reach nothing but a classifier
    # and a tokenizer.
    if not (
        all(isinstance(name, str) for name in named)
        and re.fullmatch(r"\w+ForSequenceClassification", arch["model_name"])
        and re.fullmatch(r"\w+Tokenizer(Fast)?", arch["tokenizer_name"])
    ):
        raise ModelError(
            "the checkpoint asks for something that is not a text classifier", where=str(path)
        )
    folder = base or _folder_beside(path, model_type)
    chosen = ("model_name", "tokenizer_name", "num_classes")
    arch = {"model_type": str(folder), **{key: arch[key] for key in chosen}}
    return Checkpoint(path, digest, arch, classes, state)


def _complete(folder: Path) -> bool:
    return (folder / _CONFIG).is_file() and any(
        (folder / name).is_file() for name in _TOKENIZER_FILES
    )


def _folder_beside(path: Path, model_type: str) -> Path:
    places = [path.parent / model_type, path.with_suffix(""), path.parent]
    for place in places:
        if _complete(place):
            return place.resolve()
    cached = _cached_base(model_type)
    if cached is not None:
        return cached
    raise ModelError(
        f"no config.json with tokenizer files was found for the base model '{model_type}'",
        where=str(path),
        hint=f"put them into the folder {path.with_suffix('')}",
    )


def _cached_base(name: str) -> Path | None:
    """The folder of a hub model in Hugging Face's cache, if all that is needed is there."""
    import huggingface_hub

    if not _HUB_NAME.fullmatch(name):
        return None
    try:
        found = Path(
            huggingface_hub.snapshot_download(
                name, allow_patterns=_SMALL_FILES, local_files_only=True
            )
        )
    except (OSError, ValueError):  # not there, or not a name that the hub would take
        return None
    return found if _complete(found) else None


def _download(
    name: str,
    url: str,
    path: Path,
    prefix: str,
    base: Path | None,
    progress: download.Progress | None,
) -> Path:
    """Fetch what is missing; the base model's folder. The small files come first."""
    import huggingface_hub
    from huggingface_hub import constants

    missing, servers = [], []
    if base is None:
        place = f"Hugging Face's cache ({constants.HF_HUB_CACHE})"
        missing.append(f"config and tokenizer of '{BASES[name]}' in {place}")
        servers.append(constants.ENDPOINT)
    if not path.is_file():
        missing.append(f"the checkpoint {path}")
        servers.append(url)
    try:
        if constants.HF_HUB_OFFLINE:
            raise ConnectionError("HF_HUB_OFFLINE is set")
        for server in servers:
            download.reach(server)
        if base is None:
            base = Path(huggingface_hub.snapshot_download(BASES[name], allow_patterns=_SMALL_FILES))
        if not path.is_file():
            download.fetch(url, path, sha256=prefix, progress=progress)
    except ModelError:
        raise
    except Exception as error:  # the two clients raise errors of several libraries
        raise ModelError(
            f"detoxify:{name} is not complete on this machine and could not be downloaded: "
            f"{error}. Missing: {'; '.join(missing)}",
            hint="load it once with network, or copy these files from a machine that has "
            "them; the model 'builtin' needs neither",
        ) from error
    return base
