"""What the app remembers for the next time: a small JSON file, for its owner only."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

_MOST = 20_000


def recall(file: Path) -> dict[str, Any]:
    """All that is kept in this file: nothing where it is missing, damaged or not ours to
    read. Whoever asks checks what the values are."""
    try:
        with file.open("rb") as opened:
            said = json.loads(opened.read(_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def keep(file: Path, key: str, value: Any) -> None:
    """Keep a value beside what is there, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    said = json.dumps({**recall(file), key: value})
    if len(said) > _MOST:
        raise OSError(27, "too much to remember")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(".partial", file.name, file.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(said)
        Path(partial).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(partial).unlink()
        raise
