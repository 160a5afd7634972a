"""Rule files that are being edited: where a rule stands, the text, and putting it back.

Rule files may come from strangers and may be edited elsewhere at the same time: what is
too large to edit is told at once, a file is written whole or not at all, and never over
what somebody else has saved meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from moderation.errors import ConflictError, InputError
from moderation.rules.language.files import find_files, read_file
from moderation.rules.language.source import Node, Source, read_source
from moderation.rules.problems import Problem

#: Four times the largest pack that ships. More makes an editor slow: it looks at all lines
#: for each key.
MOST_BYTES = 100_000
MOST_LINES = 10_000
#: Characters of the longest line.
MOST_COLUMNS = 5_000
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule's id is written; both count from 1."""

    file: Path
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Index:
    """The rules of some files by id, sound or not, each where it is first written.

    `unreadable` are the problems of files that are no YAML: rules in these are not found.
    """

    rules: dict[str, Place]
    unreadable: tuple[Problem, ...]


def index(paths: Iterable[Path]) -> Index:
    """Where all rules of these files and folders are.

    Raises:
        InputError: a path that is not there, or cannot be read at all.
    """
    found: dict[str, Place] = {}
    unreadable: list[Problem] = []
    for path in find_files(paths):
        source = read_source(path)
        if source.root is None:
            unreadable += source.problems[:1]
        for node in rule_nodes(source):
            name = node.value["id"]
            found.setdefault(str(name.value), Place(path, name.line, name.column))
    return Index(found, tuple(unreadable))


def rule_nodes(source: Source) -> list[Node]:
    """The rules of a file as they are written, as far as they have an id."""
    root = source.root.value if source.root is not None else None
    rules = root["rules"].value if isinstance(root, dict) and "rules" in root else None
    if not isinstance(rules, list):
        return []
    return [rule for rule in rules if isinstance(rule.value, dict) and "id" in rule.value]


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a rule file, with `\\n` between its lines.

    `raw` are the bytes that it was read from, None for a file that is yet to be made.
    `locked` says why it cannot be written, and is empty when it can.
    """

    path: Path
    text: str = ""
    raw: bytes | None = None
    locked: str = ""

    def bytes_of(self, text: str) -> bytes:
        """A text as this file writes it: its line ends, and its byte order mark."""
        raw = self.raw or b""
        mark = _MARK if raw.startswith(_MARK.encode()) else ""
        ends = "\r\n" if b"\r\n" in raw else "\n"
        return (mark + text.replace("\n", ends)).encode()


def read_draft(path: Path, *, shipped: Path | None = None) -> Draft:
    """A file to edit. Files in the folder `shipped` are the program's own: they are locked.

    Raises:
        InputError: it cannot be read, or cannot be edited here: it is too large, it is not
            UTF-8, or its line ends are of several kinds.
    """
    raw = read_file(path)
    if len(raw) > MOST_BYTES:
        raise _unfit(path, f"it is larger than {MOST_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unfit(path, f"it is not UTF-8 at byte {error.start}") from None
    text = text.replace("\r\n", "\n")
    draft = Draft(path, text, raw, _lock(path, shipped))
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise _unfit(path, f"it has more than {MOST_LINES:,} lines")
    if max(map(len, lines), default=0) > MOST_COLUMNS:
        raise _unfit(path, f"a line of it is longer than {MOST_COLUMNS:,} characters")
    # What an editor takes for a line end must be one, and all of one kind.
    if "\n".join(lines) != text.removesuffix("\n") or draft.bytes_of(text) != raw:
        raise _unfit(path, "its line ends are of several kinds")
    return draft


def _unfit(path: Path, why: str) -> InputError:
    return InputError(
        f"this rule file cannot be edited here: {why}",
        where=str(path),
        hint="open it in an editor of your own",
    )


def _lock(path: Path, shipped: Path | None) -> str:
    if shipped is not None and path.resolve().is_relative_to(shipped.resolve()):
        return "it ships with the program"
    if not os.access(path, os.W_OK):
        return "you may not write it"
    return ""


def write_draft(draft: Draft, text: str, *, over: bool = False) -> Draft:
    """Put this text in the place of the old; the draft of what is there then.

    With `over`, what others saved meanwhile is replaced.

    Raises:
        ConflictError: the file is not what was read; nothing is written.
        InputError: it cannot be written.
    """
    if draft.locked:
        raise InputError(f"not written: {draft.locked}", where=str(draft.path))
    data = draft.bytes_of(text)
    try:
        if over:
            target = draft.path.resolve()
            raw = target.read_bytes() if target.exists() else None
        else:
            raw = draft.raw
        put(draft.path, data, was=raw)
    except OSError as error:
        raise InputError(
            f"cannot write the rule file: {error.strerror or error}", where=str(draft.path)
        ) from None
    return replace(draft, text=text, raw=data)


def put(path: Path, data: bytes, *, was: bytes | None) -> None:
    """Put the bytes of a file in place of others, all of them or nothing; its mode stays.

    Args:
        was: what it holds now; None for a new file, whose folder is made with it.

    Raises:
        ConflictError: it holds something else, or is gone, or is there already.
        OSError: it cannot be written.
    """
    # Through a link the file itself is written, and the link stays one.
    target = path.resolve()
    if was is None:
        target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    # A new file gets the mode that any new file gets here; another keeps its own.
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if was is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if was is None:
            target.hardlink_to(partial)  # unlike a rename, never over another's
            partial.unlink()
            return
        partial.chmod(target.stat().st_mode & 0o7777)
        if target.read_bytes() != was:
            raise _changed(path)
        partial.replace(target)
    except (FileExistsError, FileNotFoundError):
        raise _changed(path) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def _changed(path: Path) -> ConflictError:
    return ConflictError("the file was changed meanwhile; nothing was written", where=str(path))
