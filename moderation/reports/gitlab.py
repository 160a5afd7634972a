"""`gitlab`: a Code Quality report, which GitLab shows in merge requests."""

from __future__ import annotations

from moderation.comments import Assessment, Severity
from moderation.display import log_line
from moderation.reports.base import ShowText, Summary, Write, findings, reason
from moderation.reports.fingerprints import Fingerprints
from moderation.reports.passages import passage
from moderation.reports.places import path_of
from moderation.reports.records import encode

_SEVERITIES = {
    Severity.INFO: "info",
    Severity.LOW: "minor",
    Severity.MEDIUM: "major",
    Severity.HIGH: "critical",
    Severity.CRITICAL: "blocker",
}


class GitlabReport:
    """One object for each rule that flagged a comment, written as it comes. The format has
    no place for a sum, and a line is a must: 1 where the source has none."""

    def __init__(self, write: Write, *, show_text: ShowText = "snippet") -> None:
        self._write = write
        self._show_text = show_text
        self._fingerprints = Fingerprints()
        self._separator = "\n"

    def begin(self) -> None:
        self._write("[")

    def add(self, assessment: Assessment) -> None:
        found = findings(assessment)
        if not found:
            return
        quoted = ""
        if self._show_text != "never":
            full = self._show_text == "full"
            line = next(passage(assessment, full=full), None)
            quoted = f" | {line.text}" if line else ""
        comment = assessment.comment
        # A name that is no UTF-8 would be no JSON to many a reader.
        path = path_of(comment).encode("utf-8", "replace").decode()
        for flag in found:
            told = log_line(reason(flag, self._show_text), 200)
            issue = {
                "description": f"{assessment.verdict.value}: {told}{quoted}",
                "check_name": log_line(flag.rule, 200),
                "fingerprint": self._fingerprints.of(assessment, flag),
                "severity": _SEVERITIES[flag.severity],
                "location": {"path": path, "lines": {"begin": comment.line or 1}},
            }
            self._write(self._separator + encode(issue))
            self._separator = ",\n"

    def end(self, summary: Summary) -> None:
        self._write("\n]\n")
