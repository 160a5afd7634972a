"""The rule engine: YAML files in, flags and a verdict out.

source (YAML with positions) → schema (what may be said) → compile (conditions and
patterns) → match (one comment against all rules). `lint` and `testing` serve authors.
"""

from moderation.rules.compile import Compiled, Rule, compile_paths, compile_text, find_files
from moderation.rules.lint import lint
from moderation.rules.match import RuleSet, judge
from moderation.rules.problems import Level, Problem
from moderation.rules.testing import TestFailure, TestReport, run_tests

__all__ = [
    "Compiled",
    "Level",
    "Problem",
    "Rule",
    "RuleSet",
    "TestFailure",
    "TestReport",
    "compile_paths",
    "compile_text",
    "find_files",
    "judge",
    "lint",
    "run_tests",
]
