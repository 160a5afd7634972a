"""Where the rule packs and the sample thread that ship with the program are."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def packs_folder() -> Path:
    """The shipped rule packs: inside the installed package, or at the top of a checkout."""
    installed = _HERE / "packs"
    return installed if installed.is_dir() else _HERE.parent / "rules"


def sample_thread() -> Path:
    return _HERE / "samples" / "sample_thread.txt"
