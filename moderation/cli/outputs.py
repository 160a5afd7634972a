"""Where a scan's results go: reports, rejects and the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, cells, plural
from moderation.comments import Assessment
from moderation.display import for_log
from moderation.errors import InputError, StoreError
from moderation.reports import (
    JsonlReport,
    JsonReport,
    Report,
    ShowText,
    Summary,
    TextReport,
    encode,
)

if TYPE_CHECKING:
    from moderation.rules import Rule
    from moderation.sources import Reject
    from moderation.store import Store
    from moderation.store.authors import AuthorRecords
    from moderation.store.rule_versions import RuleVersion

#: Assessments written to the store in one transaction.
_STORE_BATCH = 1_000


class Rejects:
    """Records that could not be read: counted, kept in a file, told at the end."""

    def __init__(self, path: Path | None, session: Session, summary: Summary) -> None:
        self._path = path
        self._session = session
        self._summary = summary
        self._file: Any = None
        self._first: list[Reject] = []

    def __enter__(self) -> Rejects:
        if self._path:
            try:
                self._file = _private_file(self._path)
            except OSError as error:
                raise InputError(
                    f"cannot write the rejects: {error.strerror or error}", where=str(self._path)
                ) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, reject: Reject) -> None:
        self._summary.rejected += 1
        if len(self._first) < 3:
            self._first.append(reject)
        if self._file:
            record = {
                "source": reject.source,
                "line": reject.line,
                "cause": reject.cause,
                "raw": reject.raw,
            }
            self._file.write(encode(record) + "\n")

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

    def __init__(self, path: Path, inputs: Sequence[str], summary: Summary) -> None:
        self._path = path
        self._inputs = inputs
        self._summary = summary
        self._pending: list[Assessment] = []
        self._counts = {"new": 0, "changed": 0, "unchanged": 0, "reopened": 0, "queued": 0}
        self._store: Store
        self._run = 0

    def __enter__(self) -> StoreSink:
        from moderation.store import Store

        self._store = Store.open(self._path)
        self._run = self._store.begin_run(
            self._inputs, model=self._summary.model, policy=self._summary.policy
        )
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
                conn, ((rule.id, rule.version) for rule in rules), self._run, at
            )
            rule_versions.confirm(conn, [known[rule] for rule in confirmed], by)
            return rule_versions.present(conn)

    def brake(self, versions: Iterable[RuleVersion]) -> None:
        """Keep that these were braked, for the scans to come."""
        from moderation.store import rule_versions

        with self._store.write() as conn:
            rule_versions.brake(conn, versions)

    def add(self, assessment: Assessment) -> None:
        self._pending.append(assessment)
        if len(self._pending) >= _STORE_BATCH:
            self._save()

    def finish(self) -> None:
        self._save()
        self._store.finish_run(self._run, rejected=self._summary.rejected)

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
        counts = self._store.save(batch, self._run)
        for name in self._counts:
            self._counts[name] += getattr(counts, name)


class ReportFile:
    """A report on stdout, or in a file that appears under its name only when whole.

    A device or a pipe (`/dev/null`, `>(less)`) is written to as it is.
    """

    def __init__(
        self, session: Session, name: str, file: Path | None, show_text: ShowText | None
    ) -> None:
        self._session = session
        self._show_text = show_text
        self._name = name
        self._file = file
        self._stream: Any = None
        self._partial: Path | None = None
        if file and (file.is_file() or not file.exists()):
            # What a link points to is replaced, not the link.
            self._file = Path(os.path.realpath(file))
            self._partial = self._file.with_name(f".{self._file.name}.{os.getpid()}.partial")

    def __enter__(self) -> Report:
        target = self._partial or self._file
        if target is None:
            write: Any = sys.stdout.write
            colored = self._session.colored(sys.stdout)
        else:
            try:
                self._stream = _private_file(target)
            except OSError as error:
                raise InputError(
                    f"cannot write the report: {error.strerror or error}", where=str(self._file)
                ) from None
            write = self._stream.write
            colored = self._session.color == "always"
        if self._name == "text":
            return TextReport(
                write,
                show_text=self._show_text or "snippet",
                style=click.style if colored else None,
                cells=cells,
            )
        kind = JsonReport if self._name == "json" else JsonlReport
        return kind(write, show_text=self._show_text or "full")

    def __exit__(self, kind: object, *_: object) -> None:
        if self._stream is None:
            return
        whole = False
        try:
            self._stream.close()  # what it still holds may not fit on the disk
            whole = kind is None
        finally:
            if self._partial and self._file:
                if whole:
                    self._partial.replace(self._file)
                else:
                    self._partial.unlink(missing_ok=True)


def _private_file(path: Path) -> Any:
    """A new text file for its owner only: it may quote held comments."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
