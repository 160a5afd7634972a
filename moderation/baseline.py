"""What is already known: findings of an earlier scan that later ones need not tell again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from moderation.comments import Assessment
from moderation.errors import UsageError
from moderation.reports.base import findings
from moderation.reports.fingerprints import fingerprint

_SCHEMA = "moderation-baseline/1"


class Baseline:
    """Fingerprints of findings and how often each was found. No text: a fingerprint is a hash.

    Holds one entry a finding.
    """

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self.counts = Counter(counts)

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Raises UsageError for a file that cannot be read or is none of `written`."""
        try:
            found = json.loads(path.read_bytes())
        except OSError as error:
            raise UsageError(
                f"cannot read the baseline: {error.strerror or error}",
                where=str(path),
                hint="scan --write-baseline makes one",
            ) from None
        except (ValueError, RecursionError):
            found = None
        counts = found.get("findings") if isinstance(found, dict) else None
        if (
            not isinstance(counts, dict)
            or found.get("schema") != _SCHEMA
            or not all(type(count) is int for count in counts.values())
        ):
            raise UsageError(
                "this is no baseline",
                where=str(path),
                hint="scan --write-baseline makes one",
            )
        return cls(counts)

    def add(self, assessment: Assessment) -> None:
        self.counts.update(fingerprint(assessment, flag) for flag in findings(assessment))

    def knows(self, assessment: Assessment) -> bool:
        """Whether every finding of this comment is in it; False where there is none.

        A comment without an id of its own uses its entries up: the same words once more are
        a new comment, while the same id in a second dump is not.
        """
        found = [fingerprint(assessment, flag) for flag in findings(assessment)]
        if not found or any(self.counts[each] <= 0 for each in found):
            return False
        if assessment.comment.origin:
            self.counts.subtract(found)
        return True

    def written(self) -> str:
        """As JSON, one finding a line in a fixed order, so that a diff of two is short."""
        return (
            json.dumps({"schema": _SCHEMA, "findings": dict(sorted(self.counts.items()))}, indent=0)
            + "\n"
        )
