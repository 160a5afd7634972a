"""The tests inside rule files: which comments a rule must match, and which not."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.comments import Author, Comment, Scores, Thread
from moderation.rules.compiled import Compiled, Rule
from moderation.rules.language.schema import TestCase
from moderation.rules.match import RuleSet
from moderation.rules.matching.conditions import (
    NumberTest,
    ScoreTest,
    StateTest,
    TextTest,
    YesNoTest,
    inside,
)
from moderation.rules.matching.facts import Facts
from moderation.rules.matching.state import Around


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
    comment, scores, around = as_comment(case), as_scores(case), as_around(case)
    flags, undecided = rules.match(comment, scores, around)
    found = next((flag for flag in flags if flag.rule == rule.id), None)
    matched = found is not None or rule.id in undecided
    if matched is (expected == "match"):
        return ""
    if expected == "match":
        return "the rule does not match it"
    if found is None:
        missing = ", ".join(_missing(rule, Facts(comment, scores, around=around))) or "something"
        return f"the rule matches it as far as it says; it leaves out {missing}"
    quoted = ", ".join(f"'{span.text}'" for span in found.spans[:3])
    return f"the rule matches it{': ' + quoted if quoted else ''}"


def outcomes(rules: RuleSet, rule: Rule) -> list[bool]:
    """Whether the rule of this id matches each of its tests, in their order."""
    found: list[bool] = []
    for case in (*rule.match_tests, *rule.pass_tests):
        flags, undecided = rules.match(as_comment(case), as_scores(case), as_around(case))
        found.append(any(flag.rule == rule.id for flag in flags) or rule.id in undecided)
    return found


def as_scores(case: TestCase) -> Scores:
    return {str(label): float(value) for label, value in case.score.items()}


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
        edited=case.is_edited,
    )


def as_around(case: TestCase) -> Around:
    """What the test says outright of time, author, earlier comments and the model."""
    said = {
        "reports": case.reports,
        "age": case.age,
        "author.age": case.author_age,
        "author.comments": case.author_comments,
        "author.approved": case.author_approved,
        "author.hidden": case.author_hidden,
        "rate": case.rate,
        "similar": case.similar,
    }
    return Around(
        given={name: float(value) for name, value in said.items() if value is not None},
        unsupported=case.model_unsupported,
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
            case YesNoTest() if facts.yes_no(node.name) is None:
                names.append(node.name)
            case StateTest() if facts.seen(node.test) is None:
                names.append(node.name)
    return list(dict.fromkeys(names))
