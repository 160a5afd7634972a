"""The tests inside rule files: which comments a rule must match, and which not."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.comments import Author, Comment, Thread
from moderation.rules.compile import Compiled, Rule
from moderation.rules.conditions import NumberTest, ReplyTest, ScoreTest, TextTest, inside
from moderation.rules.facts import Facts
from moderation.rules.match import RuleSet
from moderation.rules.schema import TestCase


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A test that did not come out as written. `expected` is `match` or `pass`."""

    __test__ = False

    rule: Rule
    expected: str
    case: TestCase
    explanation: str


@dataclass(frozen=True, slots=True)
class TestReport:
    __test__ = False

    run: int
    failures: tuple[TestFailure, ...]
    #: Rules that lack one kind of test or both.
    untested: tuple[Rule, ...]


def run_tests(compiled: Compiled) -> TestReport:
    """Run every test of every rule, each against its own rule, off rules included.

    A condition on something that a test leaves out is set aside, as if it held: a plain
    text tries the text conditions of a rule that also asks for a score. Raises
    RuleError when the files have errors.
    """
    rules = RuleSet(compiled, include_off=True)
    failures: list[TestFailure] = []
    run = 0
    for rule in rules.rules:
        for expected, cases in (("match", rule.match_tests), ("pass", rule.pass_tests)):
            for case in cases:
                run += 1
                explanation = _try(rules, rule, case, expected)
                if explanation:
                    failures.append(TestFailure(rule, expected, case, explanation))
    untested = tuple(rule for rule in rules.rules if not (rule.match_tests and rule.pass_tests))
    return TestReport(run, tuple(failures), untested)


def _try(rules: RuleSet, rule: Rule, case: TestCase, expected: str) -> str:
    """Empty when the test passes, else what happened instead."""
    comment = as_comment(case)
    scores = {str(label): float(value) for label, value in case.score.items()}
    flags, undecided = rules.match(comment, scores)
    found = next((flag for flag in flags if flag.rule == rule.id), None)
    matched = found is not None or rule.id in undecided
    if matched is (expected == "match"):
        return ""
    if expected == "match":
        return "the rule does not match it"
    if found is None:
        missing = ", ".join(_missing(rule, Facts(comment, scores))) or "something"
        return f"the rule matches it as far as it says; it leaves out {missing}"
    quoted = ", ".join(f"'{span.text}'" for span in found.spans[:3])
    return f"the rule matches it{': ' + quoted if quoted else ''}"


def as_comment(case: TestCase) -> Comment:
    depth = case.depth
    if depth is None and case.is_reply is not None:
        depth = 1 if case.is_reply else 0
    return Comment(
        id="test",
        text=case.text,
        author=None if case.author is None else Author(case.author),
        thread=None if case.title is None else Thread(id="test", title=case.title),
        depth=depth,
    )


def _missing(rule: Rule, facts: Facts) -> list[str]:
    """What the rule asks for and the test does not say."""
    names: list[str] = []
    for node in inside(rule.condition):
        match node:
            case NumberTest() | ScoreTest() if facts.number(node.name) is None:
                names.append(node.name)
            case TextTest() if facts.field(node.field) is None:
                names.append(node.field)
            case ReplyTest() if facts.is_reply() is None:
                names.append("is_reply")
    return list(dict.fromkeys(names))
