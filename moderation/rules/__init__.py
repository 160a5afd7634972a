"""The rule engine: YAML files in, flags and a verdict out.

`language` reads rule files, `compile` makes rules of them (`compiled`), `cache` keeps what
came of it, `match` runs them on comments with the engines in `matching`. `authoring`
serves those who write rules, `automoderator` those who come from Reddit. What is asked for
here is imported then.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moderation.rules.authoring.testing import TestFailure, TestReport, run_tests
    from moderation.rules.compile import compile_paths, compile_text
    from moderation.rules.compiled import Compiled, Rule
    from moderation.rules.language.files import find_files
    from moderation.rules.match import RuleSet, judge
    from moderation.rules.problems import Level, Problem

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
    "run_tests",
]

_MODULES = {
    "compile": ("compile_paths", "compile_text"),
    "compiled": ("Compiled", "Rule"),
    "language.files": ("find_files",),
    "match": ("RuleSet", "judge"),
    "problems": ("Level", "Problem"),
    "authoring.testing": ("TestFailure", "TestReport", "run_tests"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
