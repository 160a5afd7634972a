"""Which lines of the inputs are new since a revision, as git tells."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from moderation.comments import Assessment, Comment
from moderation.errors import UsageError

_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class ChangedLines:
    """The lines of each input that were added or changed since `revision`.

    Counts from where this branch left the revision's, up to the files as they lie here. A
    file that git does not track, or cannot compare by lines, is new as a whole.

    Raises:
        UsageError: no git, no repository, no such revision, or standard input.
    """

    def __init__(self, inputs: Sequence[str], revision: str) -> None:
        self._lines: dict[str, list[range] | None] = {}
        for name in inputs:
            if name == "-":
                raise UsageError(
                    "standard input has no history", hint="--since and --changed need files"
                )
            self._lines[name] = _added(Path(name), revision)

    def only(self, assessments: Iterable[Assessment]) -> Iterator[tuple[Assessment, bool]]:
        """Each with whether its comment is touched. A comment reaches down to the line before
        the next one, so each comes when the one after it is there."""
        held: Assessment | None = None
        for assessment in assessments:
            if held is not None:
                yield held, self._touched(held.comment, assessment.comment)
            held = assessment
        if held is not None:
            yield held, self._touched(held.comment, None)

    def _touched(self, comment: Comment, following: Comment | None) -> bool:
        added = self._lines.get(comment.source)
        if added is None:
            return True
        if comment.line is None:
            return bool(added)
        end: int | None = None
        if following and following.source == comment.source and following.line is not None:
            end = max(following.line, comment.line + 1)
        return any(
            (end is None or lines.start < end) and comment.line < lines.stop for lines in added
        )


def _added(path: Path, revision: str) -> list[range] | None:
    """The lines (from 1) that are new, in order; None for all of them."""
    # Unlike Path's, this answers where a folder may not be looked into.
    if not os.path.exists(path):  # noqa: PTH110
        return None  # the scan itself says so
    if _git(path, "ls-files", "--error-unmatch", "--", _literal(path), check=False) is None:
        _git(path, "rev-parse", "--git-dir")
        return None
    commit = _git(
        path,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
        check=False,
    )
    if commit is None:
        raise UsageError(f"git knows no revision '{revision}'", where=str(path))
    base = _git(path, "merge-base", commit.decode().strip(), "HEAD", check=False)
    if base is None:
        raise UsageError(
            f"git finds nothing that this branch and '{revision}' have in common",
            hint="a shallow clone lacks the history: fetch it, for example with fetch-depth: 0",
        )
    diff = (
        _git(
            path,
            "diff",
            "--unified=0",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            base.decode().strip(),
            "--",
            _literal(path),
        )
        or b""
    )
    if diff and not _HUNK.search(diff):
        return None if b"\nBinary files " in diff else []
    found = [(int(hunk[1]), int(hunk[2] or 1)) for hunk in _HUNK.finditer(diff)]
    return [range(start, start + count) for start, count in found if count]


def _literal(path: Path) -> str:
    return f":(literal){path.name}"


def _git(path: Path, *args: str, check: bool = True) -> bytes | None:
    """What git says in the folder of the file; None when it refuses and that may be."""
    # Settings of the environment would point it at another repository.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, arguments never through a shell
            ["git", "-C", os.fspath(path.parent), *args],  # noqa: S607 - the user's own git
            capture_output=True,
            check=False,
            env={**clean, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise UsageError("git is not installed", hint="--since and --changed ask it") from None
    if done.returncode == 0:
        return done.stdout
    if check:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise UsageError(f"git: {said}", where=str(path), hint="--since and --changed ask it")
    return None
