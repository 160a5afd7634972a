"""SQLite's errors in plain words: the one place where they become a `StoreError`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moderation.errors import CancelledError, StoreError

# By SQLite's primary result code: what happened, and what to do about it.
_WORDS = {
    sqlite3.SQLITE_BUSY: (
        "the database is locked by another program",
        "wait until it is done, or close it, and try again; nothing was written",
    ),
    sqlite3.SQLITE_LOCKED: (
        "the database is locked by another program",
        "wait until it is done, or close it, and try again; nothing was written",
    ),
    sqlite3.SQLITE_READONLY: (
        "the database cannot be written to",
        "check that you may write to the file and to its folder",
    ),
    sqlite3.SQLITE_PERM: (
        "the database may not be opened",
        "check that you may read and write the file and its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the database cannot be opened",
        "check that you may read and write the file and its folder",
    ),
    sqlite3.SQLITE_FULL: (
        "the disk is full",
        "make room and try again; this step was not written, all earlier ones are safe",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk could not be read or written",
        "check the disk; this step was not written",
    ),
    sqlite3.SQLITE_NOTADB: (
        "this is not an SQLite database",
        "name another file for the database; this one was left as it is",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged",
        "bring back a copy of it, or save what is left with `sqlite3 FILE .recover`",
    ),
    sqlite3.SQLITE_TOOBIG: ("a text is too large for the database (1 GB)", ""),
}


def worded(error: sqlite3.Error, path: Path) -> StoreError:
    """`error` as a `StoreError` that says what, where and what to do."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_INTERRUPT:
        return CancelledError("the question was called off", where=str(path))
    words = _WORDS.get(code & 0xFF) if code is not None else None
    if words is None:
        return StoreError(f"the database failed: {error}", where=str(path))
    return StoreError(words[0], where=str(path), hint=words[1])


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Let no raw SQLite error out of the block.

    Raises:
        StoreError: in place of any `sqlite3.Error`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise worded(error, path) from error
