"""Where a scan's results go: reports, rejects and the store."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, cells, let_go, plural
from moderation.comments import Assessment, Verdict
from moderation.display import for_log
from moderation.errors import InputError, StoreError
from moderation.reports import Report, ShowText, Summary, encode, report

if TYPE_CHECKING:
    from moderation.rules import Rule
    from moderation.sources import Reject
    from moderation.store import Store
    from moderation.store.authors import AuthorRecords
    from moderation.store.rule_versions import RuleVersion
    from moderation.store.saving import SaveCounts

#: Assessments written to the store in one transaction.
_STORE_BATCH = 1_000
_PARTIAL = ".partial"


class Rejects:
    """Records that could not be read: counted, kept in a file, told at the end."""

    def __init__(self, path: Path | None, session: Session, summary: Summary) -> None:
        self._path = path
        self._session = session
        self._summary = summary
        self._file = WholeFile(path, "the rejects") if path else None
        self._write: Callable[[str], object] | None = None
        self._first: list[Reject] = []

    def __enter__(self) -> Rejects:
        if self._file:
            self._write = self._file.__enter__()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file:
            self._file.__exit__(kind)

    def add(self, reject: Reject) -> None:
        self._summary.rejected += 1
        if len(self._first) < 3:
            self._first.append(reject)
        if self._write:
            record = {
                "source": reject.source,
                "line": reject.line,
                "cause": reject.cause,
                "raw": reject.raw,
            }
            self._write(encode(record) + "\n")

    def tell(self, *, advise: bool = True) -> None:
        """On stderr: the first few, how many there are, and (unless the command has no such
        option) how to keep them."""
        for reject in self._first:
            place = reject.source if reject.line is None else f"{reject.source}:{reject.line}"
            label = click.style("rejected", fg="yellow", bold=True)
            self._session.talk(f"{for_log(place)}: {label}: {for_log(reject.cause)}", level=-1)
        count = self._summary.rejected
        if count > len(self._first):
            self._session.talk(f"… and {plural(count - len(self._first), 'more reject')}", level=-1)
        if count and advise and not self._path:
            self._session.talk("  hint: --rejects FILE keeps them with their causes")


class StoreSink:
    """Assessments into the store, in batches."""

    def __init__(
        self, path: Path, inputs: Sequence[str], summary: Summary, *, run: int | None = None
    ) -> None:
        """`run` is the scan to go on with: what it has saved comes again first, and is
        passed over."""
        self._path = path
        self._inputs = inputs
        self._summary = summary
        self._pending: list[Assessment] = []
        self._counts = {"new": 0, "changed": 0, "unchanged": 0, "reopened": 0, "queued": 0}
        self._store: Store
        self._saved = 0
        self._resumed = run
        self.run = 0

    def __enter__(self) -> StoreSink:
        from moderation.store import Store

        self._store = Store.open(self._path)
        made_by = {"model": self._summary.model, "policy": self._summary.policy}
        if self._resumed is not None:
            saved = self._store.resume_run(self._resumed, **made_by)
            if saved is not None:
                self.run = self._resumed
                self._count(saved)
                self._saved = saved.new + saved.changed + saved.unchanged
                return self
        self.run = self._store.begin_run(self._inputs, **made_by)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # An interrupt keeps what was assessed before it; a store that failed fails again.
        if kind is not None and self._pending and not issubclass(kind, StoreError):
            self._save()
        self._store.close()

    def authors(self) -> AuthorRecords:
        """What the database knows of authors, for rules that ask."""
        from moderation.store.authors import AuthorRecords

        return AuthorRecords(self._store)

    def take_note(
        self, rules: Iterable[Rule], at: datetime, *, confirmed: Sequence[str] = (), by: str = ""
    ) -> dict[str, RuleVersion]:
        """Record the rules as they are at this time, those confirmed by this person too,
        and tell the versions that the database has of all it knows."""
        from moderation.store import rule_versions

        with self._store.write() as conn:
            known = rule_versions.record(
                conn, ((rule.id, rule.version) for rule in rules), self.run, at
            )
            rule_versions.confirm(conn, [known[rule] for rule in confirmed], by)
            return rule_versions.present(conn)

    def brake(self, versions: Iterable[RuleVersion]) -> None:
        """Keep that these were braked, for the scans to come."""
        from moderation.store import rule_versions

        with self._store.write() as conn:
            rule_versions.brake(conn, versions)

    def add(self, assessment: Assessment) -> None:
        if self._saved:
            self._saved -= 1
            return
        self._pending.append(assessment)
        if len(self._pending) >= _STORE_BATCH:
            self._save()

    def finish(self) -> None:
        self._save()
        self._store.finish_run(self.run, rejected=self._summary.rejected)

    def said(self) -> str:
        counts = self._counts
        told = ", ".join(f"{counts[name]:,} {name}" for name in ("new", "changed", "unchanged"))
        reopened = f", {counts['reopened']:,} reopened" if counts["reopened"] else ""
        return (
            f"{for_log(str(self._path))}: {told}{reopened}; "
            f"{plural(counts['queued'], 'comment')} newly waiting for review"
        )

    def _save(self) -> None:
        batch, self._pending = self._pending, []
        self._count(self._store.save(batch, self.run))

    def _count(self, counts: SaveCounts) -> None:
        for name in self._counts:
            self._counts[name] += getattr(counts, name)


class WholeFile:
    """A text file that appears under its name only when whole; it yields how to write it.

    A device or a pipe (`/dev/null`, `>(less)`) is written to as it is.
    """

    def __init__(self, file: Path, what: str) -> None:
        """`what` it holds, for an error: `the report`."""
        self._file = file
        self._what = what
        self._stream: Any = None
        self._partial: Path | None = None
        # Unlike Path's, these answer False where a folder may not be looked into.
        is_file, exists = os.path.isfile, os.path.exists
        if is_file(file) or not exists(file):
            # What a link points to is replaced, not the link.
            self._file = Path(os.path.realpath(file))
            _clear_away(self._file)
            self._partial = self._file.with_name(f".{self._file.name}.{os.getpid()}{_PARTIAL}")

    def __enter__(self) -> Callable[[str], object]:
        try:
            self._stream = _private_file(self._partial or self._file)
            if self._partial and self._file.exists():
                # A file that others were let read stays one, as a CI service's own summary.
                self._partial.chmod(stat.S_IMODE(self._file.stat().st_mode))
        except OSError as error:
            raise _unwritten(error, self._what, str(self._file)) from None
        return writing(self._stream, self._what, str(self._file))

    def __exit__(self, kind: object, *_: object) -> None:
        whole = False
        try:
            self._stream.close()  # what it still holds may not fit on the disk
            if self._partial and kind is None:
                self._partial.replace(self._file)
            whole = kind is None
        except BrokenPipeError:
            raise
        except OSError as error:
            if kind is None:  # else it ends for another reason, or for this one
                raise _unwritten(error, self._what, str(self._file)) from None
        finally:
            if self._partial and not whole:
                self._partial.unlink(missing_ok=True)


class ReportFile:
    """A report on stdout, or in a `WholeFile`. From a verdict of `fails` on a comment fails
    the run; None for no verdict."""

    def __init__(
        self,
        session: Session,
        name: str,
        file: Path | None,
        show_text: ShowText | None,
        fails: Verdict | None = Verdict.HOLD,
    ) -> None:
        self._session = session
        self._name = name
        self._show_text = show_text
        self._fails = fails
        self._whole = WholeFile(file, "the report") if file else None

    def __enter__(self) -> Report:
        more: dict[str, Any] = {}
        if self._name == "text":
            colored = (
                self._session.color == "always"
                if self._whole
                else self._session.colored(sys.stdout)
            )
            more = {"style": click.style if colored else None, "cells": cells}
        elif self._name == "junit":
            more = {"fails": self._fails}
        if self._whole:
            write = self._whole.__enter__()
        else:
            write = writing(sys.stdout, "the report", "<stdout>")
        return report(self._name, write, show_text=self._show_text, **more)

    def __exit__(self, kind: object, *_: object) -> None:
        if self._whole:
            self._whole.__exit__(kind)


def writing(stream: Any, what: str, where: str) -> Callable[[str], object]:
    """How to write to this stream: a full disk is an error of ours, which says where. A
    reader that went away is none."""
    write: Callable[[str], object] = stream.write

    def told(text: str) -> None:
        try:
            write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            let_go(stream)  # what it still holds would fail again at the end
            raise _unwritten(error, what, where) from None

    return told


def _unwritten(error: OSError, what: str, where: str) -> InputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return InputError(
        f"cannot write {what}: {error.strerror or error}",
        where=where,
        hint="make room, or write it elsewhere" if full else "",
    )


def _clear_away(file: Path) -> None:
    """Remove what scans that were killed have written of this report."""
    with suppress(OSError):
        for path in file.parent.iterdir():
            name = path.name.removeprefix(f".{file.name}.").removesuffix(_PARTIAL)
            if path.name == f".{file.name}.{name}{_PARTIAL}" and not _is_running(name):
                path.unlink(missing_ok=True)


def _is_running(pid: str) -> bool:
    """Whether this is a process; what is no number might be anything."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return True


def _private_file(path: Path) -> Any:
    """A new text file for its owner only: it may quote held comments."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
