"""Which comments of a scan are reported and can fail it; all are read and stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from moderation.baseline import Baseline
from moderation.cli.changed import ChangedLines
from moderation.cli.outputs import WholeFile
from moderation.comments import Assessment, Severity


class Selection:
    """By severity, by what a baseline knows, and by what changed since a revision.

    `known` counts what only the baseline keeps back. With `new_baseline` all that is found is
    kept for a baseline, whatever is selected.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        least: Severity,
        baseline: Path | None = None,
        new_baseline: Path | None = None,
        since: str | None = None,
    ) -> None:
        """Raises UsageError for a baseline that is none, and where git cannot tell."""
        self._least = least
        self._baseline = Baseline.read(baseline) if baseline else None
        self._changed = ChangedLines(inputs, since) if since is not None else None
        self._new_baseline = new_baseline
        self._found = Baseline()
        self.known = 0

    def of(self, assessments: Iterable[Assessment]) -> Iterator[tuple[Assessment, bool]]:
        """Every assessment, in order, and whether it is selected."""
        touched = self._changed.only if self._changed else _all
        for assessment, selected in touched(assessments):
            if self._new_baseline:
                self._found.add(assessment)
            if selected and assessment.severity is not None:  # others are never flagged
                selected = assessment.severity.rank >= self._least.rank
            if selected and self._baseline and self._baseline.knows(assessment):
                selected = False
                self.known += 1
            yield assessment, selected

    def keep(self) -> None:
        """Write the new baseline, where one is asked for."""
        if self._new_baseline:
            with WholeFile(self._new_baseline, "the baseline") as write:
                write(self._found.written())


def _all(assessments: Iterable[Assessment]) -> Iterator[tuple[Assessment, bool]]:
    for assessment in assessments:
        yield assessment, True
