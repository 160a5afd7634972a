"""Warnings: rule files that are valid and yet hardly what their author meant."""

from __future__ import annotations

from dataclasses import replace

from moderation.comments import RuleStatus
from moderation.rules.compile import Compiled, Rule
from moderation.rules.conditions import TextTest, inside
from moderation.rules.problems import Level, Problem


def lint(compiled: Compiled) -> list[Problem]:
    """All problems of the files, errors and warnings, in the order of their places."""
    found = list(compiled.problems)
    for rule in compiled.rules:
        for code, message, hint in _warnings(rule):
            found.append(_at(compiled, rule, code, message, hint))
    return sorted(found)


def _warnings(rule: Rule) -> list[tuple[str, str, str]]:
    warnings = []
    lacking = [
        name
        for name, tests in (("match", rule.match_tests), ("pass", rule.pass_tests))
        if not tests
    ]
    if lacking and rule.status is not RuleStatus.OFF:
        warnings.append(
            (
                "no-tests",
                f"the rule '{rule.id}' has no `{'` and no `'.join(lacking)}` tests",
                "add `tests: {match: [a text it must find], pass: [one it must not]}`",
            )
        )
    if "{match}" in rule.reason and not _has_text(rule):
        warnings.append(
            (
                "no-match-text",
                f"the reason of '{rule.id}' quotes {{match}}, but no text condition finds one",
                "name the score instead: {score.toxicity}",
            )
        )
    return warnings


def _has_text(rule: Rule) -> bool:
    # What stands under `not` marks nothing.
    return any(isinstance(node, TextTest) for node in inside(rule.condition, negated=False))


def _at(compiled: Compiled, rule: Rule, code: str, message: str, hint: str) -> Problem:
    for source in compiled.sources:
        if source.path == rule.file:
            problem = source.at(rule.line, 1, code, message, hint)
            line = problem.source_line
            return replace(
                problem, level=Level.WARNING, column=len(line) - len(line.lstrip(" -")) + 1
            )
    raise AssertionError(rule.file)
