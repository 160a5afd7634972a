"""What a model made of texts, so that none is scored twice: in one run, and from one run to
the next.

A text is known by a hash. The latest are kept in memory; all of them in a SQLite file, where
there is one. The file holds no text, but how disguised words were read.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Self

from moderation.assessing import Scored
from moderation.errors import InputError

#: Texts kept in memory, at some 300 bytes each.
_LATEST = 1 << 15
#: Scored texts that wait before they are written: a second of work with the embedded model.
_WAITING = 200
#: Values in one `IN (…)`.
_AT_ONCE = 500
_SUFFIX = ".scores"
_APPLICATION = 0x6D6F6453  # "modS": that no other program's file is written to
_TABLE = "CREATE TABLE scores (text BLOB PRIMARY KEY, scores BLOB, reading TEXT) WITHOUT ROWID"


class Remembering:
    """The scores of one model. Safe to share between threads; `close` it."""

    def __init__(
        self,
        fingerprint: str,
        file: Path | None = None,
        *,
        on_failure: Callable[[InputError], None] = lambda _: None,
    ) -> None:
        """
        Args:
            fingerprint: of the model; scores of another one in the file are forgotten.
            file: where scores are kept; made when the first are written.
            on_failure: told when the file fails later on. It is done without from then on.

        Raises:
            InputError: the file cannot be used.
        """
        self._fingerprint = fingerprint
        self._file = file
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._latest: OrderedDict[bytes, Scored] = OrderedDict()
        self._waiting: dict[bytes, Scored] = {}
        self._database: sqlite3.Connection | None = None
        if file is not None and file.exists():
            self._open(file)

    @classmethod
    def in_folder(
        cls, folder: Path, fingerprint: str, *, on_failure: Callable[[InputError], None]
    ) -> Self:
        """With a file for each model in a folder, which is made if missing.

        Raises:
            InputError: the folder cannot be used.
        """
        name = "".join(sign if sign.isalnum() else "-" for sign in fingerprint)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unusable(folder, error) from None
        return cls(fingerprint, folder / f"{name}{_SUFFIX}", on_failure=on_failure)

    def known(self, texts: Iterable[str]) -> dict[str, Scored]:
        """Those of the texts that are known."""
        by_key = {_key(text): text for text in texts}
        found: dict[str, Scored] = {}
        with self._lock:
            missing = []
            for key, text in by_key.items():
                scored = self._latest.get(key)
                if scored is None:
                    missing.append(key)
                else:
                    found[text] = scored
            with self._doing_without():
                for key, scored in self._read(missing):
                    found[by_key[key]] = scored
                    self._take(key, scored)
        return found

    def keep(self, scored: Mapping[str, Scored]) -> None:
        """Remember these."""
        with self._lock:
            for text, one in scored.items():
                key = _key(text)
                self._take(key, one)
                if self._file is not None:
                    self._waiting[key] = one
            if len(self._waiting) >= _WAITING:
                with self._doing_without():
                    self._write()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._lock:
            with self._doing_without():
                self._write()
            self._leave()

    def _take(self, key: bytes, scored: Scored) -> None:
        self._latest[key] = scored
        if len(self._latest) > _LATEST:
            self._latest.popitem(last=False)

    def _read(self, keys: list[bytes]) -> Iterator[tuple[bytes, Scored]]:
        if self._database is None:
            return
        with self._failing():
            for start in range(0, len(keys), _AT_ONCE):
                part = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(part))
                for key, scores, reading in self._database.execute(
                    f"SELECT text, scores, reading FROM scores WHERE text IN ({marks})",  # noqa: S608
                    part,
                ):
                    yield key, Scored(struct.unpack(f"<{len(scores) // 4}f", scores), reading)

    def _write(self) -> None:
        if not self._waiting or self._file is None:
            return
        if self._database is None:
            self._open(self._file)
        assert self._database is not None
        with self._failing():
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                (
                    (key, struct.pack(f"<{len(one.scores)}f", *one.scores), one.reading)
                    for key, one in self._waiting.items()
                ),
            )
            self._database.execute("COMMIT")
        self._waiting.clear()

    def _open(self, file: Path) -> None:
        with self._failing():
            # It quotes comments, if only single words: for its owner alone.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            database = sqlite3.connect(
                file, timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(database)
            except BaseException:
                database.close()
                raise
            self._database = database

    def _prepare(self, database: sqlite3.Connection) -> None:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION and tables:
            raise sqlite3.DatabaseError("it is another program's database")
        # After a crash of the machine the last scores may be missing: they are made again.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN IMMEDIATE")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute("CREATE TABLE IF NOT EXISTS model (fingerprint TEXT)")
        if database.execute("SELECT fingerprint FROM model").fetchall() != [(self._fingerprint,)]:
            database.execute("DELETE FROM model")
            database.execute("INSERT INTO model VALUES (?)", (self._fingerprint,))
            database.execute("DROP TABLE IF EXISTS scores")
            database.execute(_TABLE)
        database.execute("COMMIT")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        assert self._file is not None
        try:
            yield
        except (sqlite3.Error, OSError, struct.error) as error:
            raise _unusable(self._file, error) from None

    @contextmanager
    def _doing_without(self) -> Iterator[None]:
        """Scores can be made again: a scan does not end for want of a place to keep them."""
        try:
            yield
        except InputError as error:
            self._leave()
            self._file = None
            self._waiting.clear()
            self._on_failure(error)

    def _leave(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()


def _unusable(path: Path, error: Exception) -> InputError:
    cause = error.strerror if isinstance(error, OSError) else error
    return InputError(
        f"scores cannot be kept here: {cause}",
        where=str(path),
        hint="remove it, or name another place",
    )


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
