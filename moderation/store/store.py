"""The database file: opened, written in whole transactions, closed."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moderation.comments import Assessment
from moderation.errors import StoreError
from moderation.store import chain, migrations, words
from moderation.store.faults import guarded
from moderation.store.rows import canonical, now, pack, stamp
from moderation.store.saving import SaveCounts, Saver, prepare

#: Seconds to wait for another writer: long for a person, far longer than any
#: transaction of ours.
TIMEOUT = 5.0


class Store:
    """One connection to one database file, for the thread that opened it.

    Other threads and processes open their own (`clone`, `open`). Every method raises
    StoreError, and no other error, when the file cannot be read or written.
    """

    def __init__(
        self, conn: sqlite3.Connection, path: Path, *, read_only: bool, timeout: float
    ) -> None:
        """Use `Store.open`."""
        self.path = path
        self.read_only = read_only
        self._conn = conn
        self._timeout = timeout
        self._file = _identity(path)
        words.teach(conn)
        self._saver = Saver(conn)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        read_only: bool = False,
        timeout: float = TIMEOUT,
    ) -> Self:
        """Open the database at `path`, brought up to this program's tables.

        With `create`, a file that does not exist is made, readable by its owner only:
        it will hold personal data. Several processes may do so at once. `read_only`
        never creates or migrates.

        Raises:
            StoreError: no file (or folder) there, not SQLite, a database of another or
                a newer program, no permission, or locked for `timeout` seconds.
        """
        file = Path(os.path.abspath(path))  # noqa: PTH100 - must not follow links
        _ensure(file, create=create and not read_only)
        with guarded(file):
            conn = _connect(file, read_only=read_only, timeout=timeout)
            try:
                _check(conn, file, read_only=read_only)
                if not read_only:
                    _prepare(conn, timeout)
            except BaseException:
                conn.close()
                raise
        return cls(conn, file, read_only=read_only, timeout=timeout)

    def clone(self) -> Self:
        """Another connection to the same file, for the calling thread."""
        return self.open(self.path, create=False, read_only=self.read_only, timeout=self._timeout)

    def close(self) -> None:
        with guarded(self.path):
            self._conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view for all that the block reads. May be nested.

        Raises:
            StoreError: in place of every SQLite error of the block.
        """
        with guarded(self.path):
            if self._conn.in_transaction:
                yield self._conn
                return
            self._conn.execute("BEGIN")
            try:
                yield self._conn
            finally:
                with suppress(sqlite3.Error):
                    self._conn.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, all or nothing, on disk when the block has ended.

        The lock is taken at the start: one that reads first and then wants to write
        would fail at once, without waiting, when another has written in between.

        Raises:
            StoreError: in place of every SQLite error of the block.
        """
        if self.read_only:
            raise StoreError("the database was opened for reading only", where=str(self.path))
        with guarded(self.path):
            self._begin()
            try:
                self._check_file()
                yield self._conn
                self._conn.execute("COMMIT")
            except BaseException:
                self._saver.forget()
                # The first error is the one to tell.
                with suppress(sqlite3.Error):
                    if self._conn.in_transaction:
                        self._conn.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        """Take the writer's lock, waiting for others up to the timeout.

        SQLite itself asks only every tenth of a second in the end: among processes that
        write without a pause, one that waits so would hardly ever find the lock free.
        """
        deadline = time.monotonic() + self._timeout
        self._conn.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    self._conn.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                    if not busy or time.monotonic() > deadline:
                        raise
                    time.sleep(random.uniform(0.0005, 0.003))  # noqa: S311 - to take turns
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {int(self._timeout * 1000)}")

    @contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """While the block lasts, wait no longer than this for other writers."""
        kept, self._timeout = self._timeout, seconds
        try:
            yield
        finally:
            self._timeout = kept
            self._conn.execute(f"PRAGMA busy_timeout = {int(kept * 1000)}")

    def _check_file(self) -> None:
        """A removed file would take every write and keep none: the system lets an open
        file be written long after its name is gone."""
        if _identity(self.path) != self._file:
            raise StoreError(
                "the database was removed or replaced while it was open",
                where=str(self.path),
                hint="put it back or start again; nothing more is written to the old one",
            )

    def empty_log(self) -> None:
        """Move the write-ahead log into the file and empty it: what was removed for good
        may still stand in it.

        Raises:
            StoreError: another program reads at this moment.
        """
        with guarded(self.path):
            (busy, *_) = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(
                "the database's log could not be emptied: another program is reading it",
                where=str(self.path),
                hint="what was removed may stand there until all programs have closed it",
            )

    def interrupt(self) -> None:
        """Call off the question that is under way, from whatever thread; without effect
        when there is none. A write that it meets is taken back whole."""
        with suppress(sqlite3.ProgrammingError):  # closed meanwhile
            self._conn.interrupt()

    def begin_run(self, inputs: Sequence[str], *, model: str = "none", policy: str = "") -> int:
        """Note that a scan begins; the number is for `save` and `finish_run`."""
        with self.write() as conn:
            cursor = conn.execute(
                "INSERT INTO runs (started, inputs, model, policy) VALUES (?, ?, ?, ?)",
                [stamp(now()), canonical(list(inputs)), pack(model), pack(policy)],
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def resume_run(self, run: int, *, model: str, policy: str) -> SaveCounts | None:
        """Go on with a scan that did not end: what it has saved. None when there is no
        such run, it ended, or had another model or other rules."""
        with self.read() as conn:
            found = conn.execute(
                "SELECT new, changed, unchanged, reopened, queued FROM runs"
                " WHERE n = ? AND finished IS NULL AND model = ? AND policy = ?",
                [run, pack(model), pack(policy)],
            ).fetchone()
        return None if found is None else SaveCounts(*found)

    def save(self, assessments: Sequence[Assessment], run: int) -> SaveCounts:
        """Keep these assessments, in one transaction; give a thousand or so at a time.

        What is the same as before is left untouched. A changed text opens a decided
        comment again: it waits if it is flagged, else it is clear. On the same text a
        person's decision stands whatever the rules now say, while an undecided comment
        waits or is clear as they say.
        """
        groups = prepare(assessments)
        with self.write() as conn:
            counts = self._saver.save(groups, run)
            # With the batch, so that the count is right for a scan that was killed too.
            conn.execute(
                "UPDATE runs SET new = new + ?, changed = changed + ?,"
                " unchanged = unchanged + ?, reopened = reopened + ?, queued = queued + ?"
                " WHERE n = ?",
                [
                    *(counts.new, counts.changed, counts.unchanged),
                    *(counts.reopened, counts.queued, run),
                ],
            )
        return counts

    def finish_run(self, run: int, *, rejected: int = 0) -> None:
        """Note that the scan is through, with how many records could not be read."""
        with self.write() as conn:
            conn.execute(
                "UPDATE runs SET finished = ?, rejected = ? WHERE n = ?",
                [stamp(now()), rejected, run],
            )

    def runs(self) -> list[Mapping[str, Any]]:
        """Every scan, oldest first: number, times, inputs, fingerprints, counts."""
        with self.read() as conn, closing(conn.execute("SELECT * FROM runs ORDER BY n")) as rows:
            names = [column[0] for column in rows.description]
            found = [dict(zip(names, row, strict=True)) for row in rows]
        return [each | {"inputs": json.loads(each["inputs"])} for each in found]

    def verify(self) -> list[str]:
        """What is wrong with the record of decisions; empty when it is sound."""
        with self.read() as conn:
            return list(chain.verify(conn))

    def head(self) -> tuple[int, str]:
        """How many decisions there are, and the last one's hash: note it elsewhere, and
        nobody can rewrite what came before."""
        with self.read() as conn:
            return chain.head(conn)

    def data_version(self) -> int:
        """Changes when another connection has written; takes microseconds."""
        with guarded(self.path):
            (version,) = self._conn.execute("PRAGMA data_version").fetchone()
            return int(version)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _ensure(path: Path, *, create: bool) -> None:
    """Have a file at `path`, or say why not."""
    where = str(path)
    try:
        if path.is_dir():
            raise StoreError("this is a folder, not a database", where=where)
        if path.exists():
            return
        if not path.parent.is_dir():
            raise StoreError(
                "the folder of the database does not exist",
                where=where,
                hint=f"make it first: {path.parent}",
            )
        if not create:
            raise StoreError(
                "there is no database here",
                where=where,
                hint=f"`moderation scan INPUT --db {path.name}` makes one",
            )
        # SQLite would make it as the umask says, often readable by everyone. Its -wal
        # and -shm files take the permissions of this one.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass  # another process was first
    except (OSError, ValueError) as error:  # ValueError: no file can have such a name
        raise StoreError(
            f"the database cannot be opened: {getattr(error, 'strerror', None) or error}",
            where=where,
            hint="check the name, and that you may use the folder",
        ) from error


def _connect(path: Path, *, read_only: bool, timeout: float) -> sqlite3.Connection:
    def connect(options: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.as_uri()}?{options}",
            uri=True,
            timeout=timeout,
            isolation_level=None,  # every transaction is begun in so many words
            cached_statements=256,
        )

    if not read_only:
        return connect("mode=rw")
    conn = connect("mode=ro")
    try:
        conn.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        conn.close()
        # In a folder that cannot be written, a WAL file cannot have its helpers. Without
        # a log left behind everything is in the file itself.
        log = path.with_name(path.name + "-wal")
        helpers = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if error.sqlite_errorcode & 0xFF not in helpers or log.exists():
            raise
        return connect("mode=ro&immutable=1")
    return conn


def _check(conn: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    """That this file is ours and not from the future."""
    (mark,) = conn.execute("PRAGMA application_id").fetchone()
    (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if mark != migrations.APPLICATION_ID and (mark or tables):
        raise StoreError(
            "this is the database of another program",
            where=str(path),
            hint="name another file for the database; this one was left as it is",
        )
    if set(migrations.applied(conn)) - migrations.STEPS.keys():
        raise StoreError(
            "this database was written by a newer version of this program",
            where=str(path),
            hint="update moderation: pip install -U moderation",
        )
    if read_only and migrations.pending(conn):
        raise StoreError(
            "this database is empty or from an older version of this program",
            where=str(path),
            hint="open it once for writing, for example by scanning into it",
        )


def _prepare(conn: sqlite3.Connection, timeout: float) -> None:
    _write_ahead(conn, timeout)
    # In WAL mode only FULL has a committed decision survive a power cut.
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA foreign_keys = ON")
    # Up to 32 MB, taken as needed: with SQLite's 2 MB a large queue is read again and again.
    conn.execute("PRAGMA cache_size = -32768")
    # Without this a REPLACE would get past the triggers that keep decisions.
    conn.execute("PRAGMA recursive_triggers = ON")
    if not migrations.pending(conn):
        return
    # A quarter of a second that other processes need not wait for.
    import_module("sqlite_utils.db")
    conn.execute("BEGIN IMMEDIATE")
    try:
        # What is pending is asked again inside: another process may just have done it.
        migrations.apply(conn)
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _write_ahead(conn: sqlite3.Connection, timeout: float) -> None:
    """Switch to WAL. While another process does the same, SQLite reports a lock at once
    instead of waiting, so the waiting is done here."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            conn.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
