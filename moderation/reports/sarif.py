"""`sarif`: SARIF 2.1.0, as code scanning services and editors read it."""

from __future__ import annotations

from typing import Any

from moderation import __version__
from moderation.comments import Action, Assessment, Flag
from moderation.display import for_log, log_line
from moderation.reports.base import ShowText, Summary, Write, findings, reason
from moderation.reports.fingerprints import Fingerprints
from moderation.reports.passages import passage
from moderation.reports.places import artifact, path_of
from moderation.reports.records import as_sum, encode

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
#: Readers want the address of a page on the tool; it has none, but a name that is a URI.
HOME = f"pkg:generic/moderation@{__version__}"
_LEVELS = {Action.HIDE: "error", Action.HOLD: "warning", Action.FLAG: "note"}


class SarifReport:
    """One result for each rule that flagged a comment, written as it comes; the rules that
    did come after the results. Holds those rules and `Fingerprints`, no comments."""

    def __init__(self, write: Write, *, show_text: ShowText = "snippet") -> None:
        self._write = write
        self._show_text = show_text
        self._fingerprints = Fingerprints()
        self._rules: dict[str, Flag] = {}
        self._numbers: dict[str, int] = {}
        self._separator = "\n"

    def begin(self) -> None:
        self._write(f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"results": [')

    def add(self, assessment: Assessment) -> None:
        for flag in findings(assessment):
            number = self._numbers.setdefault(flag.rule, len(self._numbers))
            self._rules.setdefault(flag.rule, flag)
            self._write(self._separator + encode(self._result(assessment, flag, number)))
            self._separator = ",\n"

    def end(self, summary: Summary) -> None:
        run = {
            "tool": {
                "driver": {
                    "name": "moderation",
                    "semanticVersion": __version__,
                    "informationUri": HOME,
                    "rules": [_descriptor(flag) for flag in self._rules.values()],
                }
            },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                "SRCROOT": {"description": {"text": "The folder that the scan ran in."}}
            },
            "properties": {"summary": as_sum(summary)},
        }
        self._write(f"\n], {encode(run)[1:]}]}}\n")

    def _result(self, assessment: Assessment, flag: Flag, number: int) -> dict[str, Any]:
        comment = assessment.comment
        place = {
            "artifactLocation": artifact(path_of(comment)),
            # A place in a file is a must: its beginning, where the source has no lines.
            "region": {"startLine": comment.line or 1},
        }
        return {
            "ruleId": _id(flag),
            "ruleIndex": number,
            "level": _LEVELS[flag.action],
            "message": {"text": self._message(assessment, flag)},
            "locations": [
                {
                    "physicalLocation": place,
                    "logicalLocations": [
                        {
                            "fullyQualifiedName": _plain(log_line(comment.key, 200)),
                            "kind": "comment",
                        }
                    ],
                }
            ],
            "partialFingerprints": {
                "moderationFinding/v1": self._fingerprints.of(assessment, flag)
            },
            "properties": {
                "verdict": assessment.verdict.value,
                "severity": flag.severity.value,
                "field": flag.field,
                # Places in the comment: those in the file are not known.
                "spans": [{"start": span.start, "end": span.end} for span in flag.spans],
            },
        }

    def _message(self, assessment: Assessment, flag: Flag) -> str:
        text = log_line(reason(flag, self._show_text), 200)
        if self._show_text != "never":
            full = self._show_text == "full"
            lines = [line.text for line in passage(assessment, full=full)]
            text = "\n".join([text, *(f"│ {line}" for line in lines)])
        return _plain(text)


def _plain(text: str) -> str:
    """No link: in a message `[words](target)` would be one."""
    return text.replace("](", "\\](")


def _id(flag: Flag) -> str:
    return log_line(flag.rule, 200)


def _descriptor(flag: Flag) -> dict[str, Any]:
    title = for_log(flag.title or flag.rule)
    return {
        "id": _id(flag),
        "shortDescription": {"text": _plain(title)},
        "defaultConfiguration": {"level": _LEVELS[flag.action]},
        "properties": {"tags": ["moderation", flag.severity.value]},
    }
