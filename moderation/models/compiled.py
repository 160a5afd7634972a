"""Compiled models in the user's cache, by name."""

from __future__ import annotations

from pathlib import Path

from moderation.models.onnx import folder

#: Before the name of a model in the cache, as `--model` takes it.
PREFIX = "compiled:"


def folder_of(title: str) -> Path:
    """Where the model of that title lies, or would lie, in the user's cache."""
    return _cache() / title


def titles() -> list[str]:
    """The models in the cache, by their titles."""
    return sorted(path.parent.name for path in _cache().glob(f"*/{folder.META}"))


def _cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("moderation", appauthor=False) / "models"
