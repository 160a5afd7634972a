"""What a scan keeps while it runs, so that the same command with `--resume` goes on where it
was stopped: the scores of the model, when the scan began, and its run in the database.

A resumed scan reads its input from the beginning, but scores nothing twice, and saves
nothing that its run has saved: reports, rejects and database come out as they would have
without the interruption. All this lies in the user's cache folder until the scan is through.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from moderation import caches
from moderation.cli.common import Session
from moderation.display import for_log
from moderation.errors import InputError
from moderation.remembering import Remembering

#: What a scan that was never resumed has left behind is removed after so many seconds.
_ABANDONED = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Begun:
    """A scan that was begun and not finished.

    Attributes:
        at: when it began.
        inputs: size and time of change of each, for a pipe None.
        db: the database that it filled, if any, and the number of its run there.
    """

    at: datetime
    inputs: tuple[tuple[int, int] | None, ...]
    db: tuple[str, int] | None = None


class Journal:
    """Of one scan. Without a place to keep it, all of this does nothing."""

    def __init__(self, inputs: Sequence[str], model: str) -> None:
        """
        Args:
            inputs: as the scan was given them.
            model: fingerprint of the model.
        """
        names = [name if name == "-" else os.path.realpath(name) for name in inputs]
        whole = json.dumps([names, model])
        self._folder = None if caches.are_off() else caches.folder("scans")
        self._stem = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self._inputs = tuple(map(_state, names))
        self._begun: Begun | None = None
        now = datetime.now(UTC)
        # To the millisecond, as the database keeps times.
        self.at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        """When the scan began, the first time."""

    @property
    def scores(self) -> Path | None:
        """Where the scores are kept."""
        return self._folder / f"{self._stem}.scores" if self._folder else None

    @property
    def _note(self) -> Path | None:
        return self._folder / f"{self._stem}.json" if self._folder else None

    def begin(self, *, resume: bool) -> bool:
        """Begin anew, or go on where there is something to go on from: whether that is so."""
        if self._folder is None or self._note is None:
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            self._folder = None
            return False
        self._tidy(self._folder)
        self._begun = _read(self._note) if resume else None
        if self._begun is None:
            self.end()
            self._write(None)
        else:
            self.at = self._begun.at
        return self._begun is not None

    def run_in(self, db: Path) -> int | None:
        """The run in this database to go on with: not if an input was changed since."""
        begun = self._begun
        if begun is None or begun.db is None or begun.inputs != self._inputs:
            return None
        path, run = begun.db
        return run if path == os.path.realpath(db) else None

    def note_run(self, db: Path, run: int) -> None:
        """Take note of the run in the database."""
        self._write((os.path.realpath(db), run))

    def end(self) -> None:
        """The scan is through: nothing is left to go on from."""
        for path in (self._note, self.scores):
            for suffix in ("", "-wal", "-shm") if path else ():
                with suppress(OSError):
                    Path(f"{path}{suffix}").unlink()

    @contextmanager
    def told_when_stopped(self, session: Session) -> Iterator[None]:
        """When an interrupt comes, say how to go on."""
        try:
            yield
        except KeyboardInterrupt:
            if self.scores is not None and self.scores.exists():
                session.talk("stopped: the same command with --resume goes on from here", level=-1)
            raise

    def _write(self, db: tuple[str, int] | None) -> None:
        if self._note is None:
            return
        note = {"at": self.at.isoformat(), "inputs": self._inputs, "db": db}
        unfinished = self._note.with_suffix(".tmp")
        with suppress(OSError):
            unfinished.write_text(json.dumps(note), encoding="utf-8")
            unfinished.replace(self._note)

    @staticmethod
    def _tidy(folder: Path) -> None:
        with suppress(OSError):
            for path in folder.iterdir():
                with suppress(OSError):
                    if path.stat().st_mtime < time.time() - _ABANDONED:
                        path.unlink()


def remembered(
    session: Session, journal: Journal, fingerprint: str, folder: Path | None
) -> Remembering:
    """What keeps the scores of a scan: in the journal, or in this folder for later ones too.

    Raises:
        InputError: the folder cannot be used.
    """

    def tell(error: InputError) -> None:
        session.talk(for_log(f"{error} (the scan goes on without)"))

    if folder is not None:
        return Remembering.in_folder(folder, fingerprint, on_failure=tell)
    try:
        return Remembering(fingerprint, journal.scores, on_failure=tell)
    except InputError as error:
        tell(error)
        return Remembering(fingerprint)


def _state(name: str) -> tuple[int, int] | None:
    try:
        found = Path(name).stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def _read(note: Path) -> Begun | None:
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        inputs = tuple(
            None if each is None else (int(each[0]), int(each[1])) for each in said["inputs"]
        )
        db = None if said["db"] is None else (str(said["db"][0]), int(said["db"][1]))
        return Begun(datetime.fromisoformat(said["at"]), inputs, db)
    except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None
