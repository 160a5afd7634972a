"""Where the program keeps what it could make again: in the user's cache folder.

The environment variable `MODERATION_CACHE=off` turns it off.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_OFF = ("off", "0", "no", "false")


def are_off() -> bool:
    """Whether nothing is to be kept."""
    return os.environ.get("MODERATION_CACHE", "").lower() in _OFF


def folder(name: str) -> Path | None:
    """The folder for this kind of things, which may not exist yet; None without a home."""
    found = platformdirs.user_cache_path("moderation", appauthor=False) / name
    return found if found.is_absolute() else None
