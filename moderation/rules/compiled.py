"""What rule files come to: rules ready to run, and what is wrong in the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from moderation.comments import Action, RuleStatus, Severity
from moderation.errors import RuleError
from moderation.rules.columns import omitted
from moderation.rules.matching.conditions import Condition
from moderation.rules.matching.patterns import Pattern
from moderation.rules.problems import Level, Problem

if TYPE_CHECKING:
    from moderation.rules.language.schema import TestCase
    from moderation.rules.language.source import Source


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to run. `version` changes when what it matches or does changes."""

    id: str
    description: str
    severity: Severity
    action: Action
    status: RuleStatus
    priority: int
    reason: str
    condition: Condition
    version: str
    file: str
    line: int
    #: The last day on which it runs.
    expires: date | None = None
    #: Its own tests; a rule that `cache.load` gives has none.
    match_tests: tuple[TestCase, ...] = omitted(())
    pass_tests: tuple[TestCase, ...] = omitted(())


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a set of files comes to. `tests` are numbered by their place."""

    rules: tuple[Rule, ...]
    #: (field, pattern) of each text test.
    tests: tuple[tuple[str, Pattern], ...]
    problems: tuple[Problem, ...]
    #: The files themselves; `cache.load` gives none.
    sources: tuple[Source, ...] = omitted(())

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level is Level.ERROR)


def require_sound(compiled: Compiled) -> None:
    """Raises:
    RuleError: when there are errors; `problems` holds them all.
    """
    if compiled.errors:
        count = len(compiled.errors)
        raise RuleError(
            f"{count} error{'s' if count > 1 else ''} in the rules",
            compiled.errors,
            hint="mend them, then run `moderation rules check`",
        )
