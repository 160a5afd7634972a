"""Where a comment was read, for formats that know nothing but files and lines."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from moderation.comments import Comment

#: What `sources` calls standard input, and a name for it that may stand in a path.
_STDIN = "<stdin>"


def is_file(comment: Comment) -> bool:
    """Whether the comment came from a file, and not from a pipe."""
    return bool(comment.source) and comment.source != _STDIN


def path_of(comment: Comment) -> str:
    """Its file, relative to the working folder where it lies below that, with slashes;
    `stdin` for standard input. Untrusted."""
    return relative(comment.source) if is_file(comment) else "stdin"


def relative(file: str) -> str:
    """The path from the working folder with slashes, where it lies below it."""
    path = Path(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return path.as_posix()
    return PurePosixPath(os.path.normpath(path.as_posix())).as_posix()


def artifact(path: str) -> dict[str, str]:
    """SARIF's artifactLocation of a path as `relative` gives it."""
    name = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("/"):
        return {"uri": f"file://{name}"}
    return {"uri": name, "uriBaseId": "SRCROOT"}
