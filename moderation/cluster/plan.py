"""What a scan on a cluster is to do, and what came of a part of it: values that travel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moderation import __version__
from moderation.comments import Assessment, Severity, Verdict
from moderation.pickling import pickled
from moderation.reports import ShowText, Summary

if TYPE_CHECKING:
    from moderation.models.base import Model
    from moderation.rules import RuleSet
    from moderation.rules.matching.state import Rate, Similar
    from moderation.sources import Note, ReadOptions, Reject


@dataclass(frozen=True, slots=True)
class Place:
    """An input: its name in messages and results, and its address for fsspec."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a machine needs to know."""

    #: The compiled rules, pickled: no machine needs the files.
    rules: bytes
    #: What rules ask about earlier comments.
    tests: frozenset[Rate | Similar]
    #: Each process loads the model by its name, from this folder, and must get this one.
    model: str
    fingerprint: str
    folder: str
    labels: tuple[str, ...]
    read: ReadOptions
    now: datetime
    #: The address of the folder for the parts.
    output: str
    show_text: ShowText
    least: Severity
    version: str = __version__

    @classmethod
    def of(
        cls,
        rules: RuleSet,
        model: Model,
        read: ReadOptions,
        output: str,
        *,
        show_text: ShowText = "full",
        least: Severity = Severity.INFO,
    ) -> Plan:
        """For these rules, and a model that `models.load` knows by its name. Comments are
        as old as they are now; findings below `least` are left out."""
        return cls(
            rules=pickled(rules),
            tests=rules.asks_for_others,
            model=model.name,
            fingerprint=model.fingerprint,
            folder=os.getcwd(),  # noqa: PTH109 - a string, to travel
            labels=tuple(model.labels),
            read=read,
            now=datetime.now(UTC),
            output=output,
            show_text=show_text,
            least=least,
        )

    def groups(self, places: Sequence[Place]) -> list[tuple[Place, ...]]:
        """Inputs that one process must read, in order: each for itself, or all of them
        where rules ask about earlier comments."""
        return [tuple(places)] if self.tests else [(place,) for place in places]


@dataclass
class Tally:
    """What came of some comments, and of reading them."""

    summary: Summary = field(default_factory=Summary)
    worst: Verdict = Verdict.PASS
    rejects: list[Reject] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    parts: int = 0

    def add(self, assessment: Assessment, *, selected: bool) -> None:
        self.summary.add(assessment)
        if selected:
            self._see(assessment.verdict)

    def include(self, other: Tally) -> None:
        self.summary.include(other.summary)
        self._see(other.worst)
        self.rejects += other.rejects
        self.notes += other.notes
        self.parts += other.parts

    def _see(self, verdict: Verdict) -> None:
        self.worst = max(self.worst, verdict, key=lambda verdict: verdict.rank)
