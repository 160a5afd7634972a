"""`junit`: test results, which most CI services show."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO
from xml.sax.saxutils import escape

from moderation.comments import Assessment, Verdict
from moderation.display import for_log, log_line
from moderation.reports.base import ShowText, Summary, Write, findings, reason
from moderation.reports.passages import passage
from moderation.reports.places import path_of


class JunitReport:
    """A suite for each input, in it a case for each flagged comment and one for the rest.

    A verdict of `fails` or above is a failure, one below it a skipped case; with None
    nothing fails. A suite's head counts its cases, so these wait in a temporary file until
    their input is read; nothing is held in memory.
    """

    def __init__(
        self,
        write: Write,
        *,
        show_text: ShowText = "snippet",
        fails: Verdict | None = Verdict.HOLD,
    ) -> None:
        self._write = write
        self._show_text = show_text
        self._fails = fails
        self._source: str | None = None
        self._cases: IO[str]
        self._comments = self._failed = self._skipped = 0

    def begin(self) -> None:
        self._write('<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="moderation scan">\n')

    def add(self, assessment: Assessment) -> None:
        source = path_of(assessment.comment)
        if source != self._source:
            self._end_suite()
            self._begin_suite(source)
        self._comments += 1
        if findings(assessment):
            self._cases.write(self._case(assessment))

    def end(self, summary: Summary) -> None:
        if self._source is None:
            self._begin_suite("scan")  # services take a file without a case for a failed job
        self._end_suite()
        self._write("</testsuites>\n")

    def _begin_suite(self, source: str) -> None:
        self._source = source
        self._comments = self._failed = self._skipped = 0
        # Closed with the suite; the system removes it.
        self._cases = TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115

    def _end_suite(self) -> None:
        if self._source is None:
            return
        flagged = self._failed + self._skipped
        self._write(
            f'  <testsuite name={attribute(self._source)} tests="{flagged + 1}"'
            f' failures="{self._failed}" errors="0" skipped="{self._skipped}">\n'
        )
        with self._cases as cases:
            cases.seek(0)
            while chunk := cases.read(1 << 16):
                self._write(chunk)
        rest = self._comments - flagged
        self._write(
            f'    <testcase classname="moderation" name="all other comments">'
            f"<system-out>{rest} of {self._comments} comments</system-out></testcase>\n"
            "  </testsuite>\n"
        )

    def _case(self, assessment: Assessment) -> str:
        found = findings(assessment)
        comment = assessment.comment
        verdict = assessment.verdict
        reasons = "; ".join(log_line(reason(flag, self._show_text), 200) for flag in found)
        message = f"{verdict.value}: {reasons}"
        place = f" file={attribute(path_of(comment))}"
        if comment.line is not None:
            place += f' line="{comment.line}"'
        head = (
            f"    <testcase classname={attribute(found[0].rule)}"
            f" name={attribute(log_line(comment.id, 200))}{place}>"
        )
        if self._fails is None or verdict.rank < self._fails.rank:
            self._skipped += 1
            return f"{head}<skipped message={attribute(message)}/></testcase>\n"
        self._failed += 1
        lines = [f"{flag.rule}: {reason(flag, self._show_text)}" for flag in found]
        if self._show_text != "never":
            full = self._show_text == "full"
            lines += [f"│ {line.text}" for line in passage(assessment, full=full)]
        body = "\n".join(element_text(line) for line in lines)
        kind = attribute(verdict.value)
        return (
            f"{head}<failure type={kind} message={attribute(message)}>{body}</failure></testcase>\n"
        )


def element_text(value: str) -> str:
    """One line as an element's text. On stdout this may be a log that obeys lines of it."""
    return escape(for_log(value))


def attribute(value: object) -> str:
    """A value in its quotes."""
    return '"' + escape(for_log(str(value)), {'"': "&quot;"}) + '"'
