"""Where the live rules draw their lines on the model's scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from moderation.comments import Action, RuleStatus

if TYPE_CHECKING:
    from moderation.rules import Rule
    from moderation.rules.matching.conditions import Condition


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """From this score (0..1) on, a rule may do its action."""

    at: float
    action: Action
    rule: str


#: By label, the lowest first.
Thresholds = Mapping[str, Sequence[Threshold]]


def thresholds(paths: Sequence[Path]) -> Thresholds:
    """Of the rule files that are in force now.

    Raises:
        InputError: a file cannot be read.
        RuleError: a rule is wrong.
    """
    # Not at the top: the engine is most of what the app would wait for at its start.
    from moderation.rules import RuleSet

    found: dict[str, set[Threshold]] = {}
    for rule in RuleSet.load(paths).rules:
        for label, at in _bounds(rule):
            found.setdefault(label, set()).add(Threshold(at, rule.action, rule.id))
    return {label: sorted(each) for label, each in found.items()}


def _bounds(rule: Rule) -> Iterator[tuple[str, float]]:
    """The labels with the scores from which on this rule can match, if it is live."""
    if rule.status is not RuleStatus.LIVE or rule.action is Action.APPROVE:
        return
    yield from _lower(rule.condition)


def _lower(condition: Condition) -> Iterator[tuple[str, float]]:
    from moderation.rules.matching import conditions

    if isinstance(condition, conditions.ScoreTest):
        low = condition.comparison.low
        # `< 0.2`, `not: …` and "anything but" are no line that a bad comment crosses.
        if low is not None and not condition.comparison.negated:
            yield condition.label, low
    elif isinstance(condition, conditions.All | conditions.Any):
        for part in condition.parts:
            yield from _lower(part)
