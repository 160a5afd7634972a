"""Rule files and the list files beside them: which they are, and their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from moderation.errors import InputError

MAX_FILE_BYTES = 4_000_000


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The rule files of files and folders, folders searched for `*.yaml` and `*.yml`.

    Raises:
        InputError: a path that is not there, or a folder without rule files.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                file
                for file in path.rglob("*")
                if file.suffix in (".yaml", ".yml") and file.is_file()
            )
            if not inside:
                raise InputError("no rule files (*.yaml) in this folder", where=str(path))
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise InputError(
                "no such rule file or folder",
                where=str(path),
                hint="check --rules, or `rules` in the configuration",
            )
    return list(dict.fromkeys(found))


def read_file(path: Path, *, shown_as: str | None = None) -> bytes:
    """The bytes of a rule file; of one that is too large, one more than it may have.

    Raises:
        InputError: the file cannot be read at all.
    """
    try:
        return read_bytes(path)
    except OSError as error:
        raise InputError(
            f"cannot read the rule file: {error.strerror or error}",
            where=shown_as or str(path),
        ) from None


def read_bytes(path: Path) -> bytes:
    """As `read_file`, for any file. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def validate_path(rule_file: str, named: str) -> Path:
    """The path of a file that a rule file names, below the rule file's own folder.

    Rule files may come from strangers: one must not be able to read what lies elsewhere.

    Raises:
        ValueError: the path leads out of the folder.
    """
    folder = Path(rule_file).resolve().parent
    path = (folder / named).resolve()
    if not path.is_relative_to(folder):
        raise ValueError(f"the list file '{named}' lies outside the folder of the rule file")
    return path


def digest(data: bytes) -> str:
    """32 hexadecimal digits that tell contents apart."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
