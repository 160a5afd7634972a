"""Counting what rules find, and how far the counts can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from moderation.comments import Action, Flag, RuleStatus, Status
from moderation.rules import Rule
from moderation.shares import Share


@dataclass(slots=True)
class Verdicts:
    """Comments by what people decided on them; the rest nobody has decided."""

    hits: int = 0
    hidden: int = 0
    approved: int = 0
    escalated: int = 0

    def add(self, status: Status) -> None:
        self.hits += 1
        match status:
            case Status.HIDDEN:
                self.hidden += 1
            case Status.APPROVED:
                self.approved += 1
            case Status.ESCALATED:
                self.escalated += 1

    def absorb(self, other: Verdicts) -> None:
        self.hits += other.hits
        self.hidden += other.hidden
        self.approved += other.approved
        self.escalated += other.escalated

    @property
    def decided(self) -> int:
        """Hidden or approved. An escalated one still waits for its last word."""
        return self.hidden + self.approved

    @property
    def precision(self) -> Share:
        """How many of the decided ones people hid."""
        return Share(self.hidden, self.decided)


@dataclass(slots=True)
class RuleTally:
    """What one rule finds. `alone` counts what no other live rule finds."""

    rule: Rule
    found: Verdicts = field(default_factory=Verdicts)
    alone: Verdicts = field(default_factory=Verdicts)
    #: Comments for which a field or score was missing.
    undecided: int = 0
    #: Microseconds a comment, above reading the text; None where not measured.
    micros: float | None = None

    @property
    def approves(self) -> bool:
        return self.rule.action is Action.APPROVE

    @property
    def precision(self) -> Share:
        """How often people decided as the rule would: hid it, or for an `approve` rule
        approved it."""
        right = self.found.approved if self.approves else self.found.hidden
        return Share(right, self.found.decided)


class Counts(NamedTuple):
    """A tally as one process hands it to another."""

    flagged: Verdicts
    hit: dict[str, tuple[Verdicts, Verdicts]]
    undecided: Counter[str]


class Tally:
    """The rules of one version, each with its counts, in the order of the files."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.by_id = {rule.id: RuleTally(rule) for rule in rules}
        #: What comes before a person: verdicts of flag and above.
        self.flagged = Verdicts()
        self._undecided: Counter[str] = Counter()

    def add(self, flags: Sequence[Flag], undecided: Sequence[str], status: Status) -> None:
        accusing = [
            flag.rule
            for flag in flags
            if flag.status is RuleStatus.LIVE and flag.action is not Action.APPROVE
        ]
        for flag in flags:
            tally = self.by_id[flag.rule]
            tally.found.add(status)
            if not accusing or accusing == [flag.rule]:
                tally.alone.add(status)
        if undecided:
            self._undecided.update(undecided)

    def finish(self) -> None:
        for rule, count in self._undecided.items():
            self.by_id[rule].undecided = count

    def counts(self) -> Counts:
        """What has been counted, without the rules."""
        hit = {
            rule: (tally.found, tally.alone)
            for rule, tally in self.by_id.items()
            if tally.found.hits
        }
        return Counts(self.flagged, hit, self._undecided)

    def absorb(self, other: Counts) -> None:
        self.flagged.absorb(other.flagged)
        self._undecided.update(other.undecided)
        for rule, (found, alone) in other.hit.items():
            self.by_id[rule].found.absorb(found)
            self.by_id[rule].alone.absorb(alone)
