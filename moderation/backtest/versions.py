"""Two versions of the rules as one rule set: each comment is read once, and a rule that
both have runs once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from moderation.backtest.tally import RuleTally, Tally, Verdicts
from moderation.comments import Comment, Flag, Scores, Status, Verdict
from moderation.rules import Compiled, Rule, RuleSet
from moderation.rules.match import judge
from moderation.rules.matching.conditions import All, Any, Condition, Not, TextTest
from moderation.rules.matching.state import Around

#: Statuses that no person has settled: the rules alone say whether these wait.
_OPEN = (Status.PENDING, Status.CLEAR)


class Version:
    """One version of the rules. `waiting` is how long the queue would be under it."""

    def __init__(self, rules: RuleSet) -> None:
        self.policy = rules.fingerprint
        self.tally = Tally(rules.rules)
        self.waiting = 0

    @property
    def rules(self) -> list[RuleTally]:
        return list(self.tally.by_id.values())

    @property
    def flagged(self) -> Verdicts:
        return self.tally.flagged

    def count(self, said: Said, status: Status) -> None:
        self.tally.add(said.flags, said.undecided, status)
        if said.verdict.needs_review:
            self.tally.flagged.add(status)
            self.waiting += status in _OPEN


class Said(NamedTuple):
    """What one version says of one comment; the flags are without passages, and
    `undecided` are ids of rules."""

    verdict: Verdict
    flags: list[Flag]
    undecided: list[str]


class Versions:
    """The versions together. `rules` are those of all of them."""

    def __init__(self, compiled: Sequence[Compiled], today: date) -> None:
        """Raises RuleError when the files have errors."""
        self._sets = [RuleSet(each, today=today) for each in compiled]
        self.rules = RuleSet(_together(compiled), today=today)
        bare = [_bare(rule) for rule in self.rules.rules]
        own = [{(rule.id, rule.version) for rule in rules.rules} for rules in self._sets]
        #: Of each version: a flag without passages, by the place of its rule in `rules`.
        self._flags = [
            {place: flag for place, flag in enumerate(bare) if (flag.rule, flag.version) in names}
            for names in own
        ]

    def counters(self) -> list[Version]:
        """One for each version, in their order, with nothing counted yet."""
        return [Version(rules) for rules in self._sets]

    def judge(self, comment: Comment, scores: Scores, around: Around) -> list[Said]:
        """What each version says of the comment."""
        held, undecided = self.rules.held(comment, scores, around)
        said: list[Said] = []
        for own in self._flags:
            flags = [own[place] for place in held if place in own]
            unknown = [own[place].rule for place in undecided if place in own]
            said.append(Said(judge(flags)[0] if flags else Verdict.PASS, flags, unknown))
        return said


def _bare(rule: Rule) -> Flag:
    return Flag(
        rule.id, rule.action, rule.severity, rule.status, "", rule.priority, version=rule.version
    )


def _together(compiled: Sequence[Compiled]) -> Compiled:
    """The rules of all, each once; text tests that several ask for are one test."""
    first, *others = compiled
    numbers = {test: number for number, test in enumerate(first.tests)}
    rules = {(rule.id, rule.version): rule for rule in first.rules}
    for other in others:
        places = [numbers.setdefault(test, len(numbers)) for test in other.tests]
        for rule in other.rules:
            if (rule.id, rule.version) not in rules:
                moved = replace(rule, condition=_moved(rule.condition, places))
                rules[rule.id, rule.version] = moved
    return replace(first, rules=tuple(rules.values()), tests=tuple(numbers))


def _moved(condition: Condition, places: Sequence[int]) -> Condition:
    """The condition with its text tests under their new numbers."""
    match condition:
        case TextTest():
            return replace(condition, number=places[condition.number])
        case All() | Any():
            return type(condition)(_moved(part, places) for part in condition.parts)
        case Not():
            return Not(_moved(condition.part, places))
        case _:
            return condition
