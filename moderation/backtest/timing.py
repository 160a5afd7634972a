"""What each rule costs: microseconds a comment, on a sample.

A rule is timed as a rule set of its own, and what it takes to read a text at all (which
all rules share) is taken off. So the figures do not add up to a scan's time, which is
far less: together the rules share one pass. They tell which rule is dear.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from moderation.backtest.tally import RuleTally
from moderation.comments import Comment, Scores
from moderation.rules import Compiled, RuleSet, compile_text

#: Comments that each rule is timed on; drawn evenly from the store.
SAMPLE = 25
#: The least of so many rounds counts: the others were interrupted by something else.
_ROUNDS = 2
#: Seconds for all rules together. The ones with most hits come first.
_BUDGET = 1.5

# Reads every field that rules look at, and matches nothing: private characters.
_IDLE = """\
version: 1
rules:
  - id: idle
    action: flag
    when: {text: {contains: ["\\uE5F1\\uE5F2\\uE5F3"]}}
"""


def time_rules(
    compiled: Compiled, tallies: Sequence[RuleTally], sample: Sequence[tuple[Comment, Scores]]
) -> None:
    """Fill in `micros` of as many as the time allows."""
    if not sample:
        return
    deadline = time.perf_counter() + _BUDGET
    idle = _micros(RuleSet(compile_text(_IDLE)), sample)
    for tally in sorted(tallies, key=lambda tally: -tally.found.hits):
        if time.perf_counter() > deadline:
            return
        alone = RuleSet(replace(compiled, rules=(tally.rule,)))
        tally.micros = max(0.0, _micros(alone, sample) - idle)


def _micros(rules: RuleSet, sample: Sequence[tuple[Comment, Scores]]) -> float:
    best = float("inf")
    # The first round also compiles the patterns and warms the caches.
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for comment, scores in sample:
            rules.match(comment, scores)
        best = min(best, time.perf_counter() - began)
    return best / len(sample) * 1e6
