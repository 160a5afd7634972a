"""What is wrong with a rule file as it stands in an editor, and how its tests come out.

The results are plain values, so that they can come from another process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moderation.rules.authoring.lint import lint
from moderation.rules.authoring.testing import run_tests
from moderation.rules.compile import compile_text
from moderation.rules.compiled import Compiled
from moderation.rules.problems import Level, Problem


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that did not come out as written; `line` is that of its rule's id."""

    rule: str
    line: int
    expected: str
    text: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` in the order of their places; no test has `run` where one is an error."""

    problems: tuple[Problem, ...]
    run: int = 0
    failures: tuple[Failure, ...] = ()

    @property
    def errors(self) -> int:
        return sum(problem.level is Level.ERROR for problem in self.problems)


def check(text: str, path: Path, elsewhere: Mapping[str, Path], *, tests: bool = False) -> Checked:
    """Check a rule file's text as if it stood at `path`; with `tests`, run its own as well.

    `elsewhere` are the ids of the other files in force, each with its file.
    """
    compiled = compile_text(text, str(path))
    problems = tuple(sorted([*lint(compiled), *_twice(compiled, elsewhere)]))
    if not tests or any(problem.level is Level.ERROR for problem in problems):
        return Checked(problems)
    report = run_tests(compiled)
    failures = (
        Failure(each.rule.id, each.rule.line, each.expected, each.case.text, each.explanation)
        for each in report.failures
    )
    return Checked(problems, report.run, tuple(failures))


def _twice(compiled: Compiled, elsewhere: Mapping[str, Path]) -> list[Problem]:
    (source,) = compiled.sources
    return [
        source.at(
            rule.line,
            source.lines[rule.line - 1].index(rule.id) + 1,
            "duplicate-id",
            f"the id '{rule.id}' is used twice (first in {elsewhere[rule.id]})",
            "give one of them another id: statistics and history hang on it",
        )
        for rule in compiled.rules
        if rule.id in elsewhere
    ]
