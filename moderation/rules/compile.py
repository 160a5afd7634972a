"""Rule files to a rule set: every error of every file in one pass."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from moderation.comments import LABELS, Action, RuleStatus, Severity
from moderation.rules.compiled import Compiled, Rule
from moderation.rules.language import fields, schema
from moderation.rules.language.files import find_files
from moderation.rules.language.lists import Lists
from moderation.rules.language.schema import Conditions, RuleFile, RuleModel
from moderation.rules.language.source import Source, parse_source, read_source
from moderation.rules.language.validate import validate
from moderation.rules.matching import conditions
from moderation.rules.matching.patterns import (
    Pattern,
    PatternError,
    link_pattern,
    literal_pattern,
    regex_pattern,
)
from moderation.rules.matching.state import Rate, Similar
from moderation.rules.problems import did_you_mean


def compile_paths(paths: Iterable[Path]) -> Compiled:
    """Compile rule files and folders; problems are in the result, not raised.

    Raises:
        InputError: a file that cannot be read at all.
    """
    return compile_sources([read_source(path) for path in find_files(paths)])


def compile_text(text: str, name: str = "rules.yaml") -> Compiled:
    """Compile rule text that is not on disk (list files are not available to it)."""
    return compile_sources([parse_source(text, name)])


def compile_sources(sources: Sequence[Source]) -> Compiled:
    build = _Build()
    for source in sources:
        model = validate(source)
        if model is not None:
            build.file(source, model)
    problems = sorted(problem for source in sources for problem in source.problems)
    return Compiled(tuple(build.rules), tuple(build.tests), tuple(problems), tuple(sources))


class _Build:
    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.tests: list[tuple[str, Pattern]] = []
        self._numbers: dict[tuple[str, Pattern], int] = {}
        self._ids: dict[str, tuple[str, int]] = {}

    def file(self, source: Source, model: RuleFile) -> None:
        lists = Lists(source, model)
        for index, rule in enumerate(model.rules):
            loc = ("rules", index)
            line, column = source.locate((*loc, "id"))
            if rule.id in self._ids:
                file, first = self._ids[rule.id]
                source.problem(
                    line,
                    column,
                    "duplicate-id",
                    f"the id '{rule.id}' is used twice (first in {file}, line {first})",
                    "give one of them another id: statistics and history hang on it",
                )
            self._ids.setdefault(rule.id, (source.path, line))
            self._check_reason(source, rule, loc)
            before = len(source.problems)
            condition = self._conditions(source, rule.when, (*loc, "when"), lists)
            if len(source.problems) > before:
                continue
            self.rules.append(
                Rule(
                    id=rule.id,
                    description=rule.description,
                    severity=Severity(rule.severity),
                    action=Action(rule.action),
                    status=RuleStatus(rule.status),
                    priority=rule.priority,
                    reason=rule.reason or rule.description or rule.id,
                    condition=condition,
                    version=_version(rule, lists.used),
                    file=source.path,
                    line=line,
                    expires=rule.expires,
                    match_tests=tuple(rule.tests.match),
                    pass_tests=tuple(rule.tests.pass_),
                )
            )
        lists.warn_unused()

    def _check_reason(self, source: Source, rule: RuleModel, loc: tuple[Any, ...]) -> None:
        for name in fields.PLACEHOLDER.findall(rule.reason):
            if name not in fields.PLACEHOLDERS:
                source.problem(
                    *source.locate((*loc, "reason")),
                    "unknown-placeholder",
                    f"the reason has no field '{{{name}}}'",
                    did_you_mean(name, fields.PLACEHOLDERS),
                )

    def _conditions(
        self, source: Source, model: Conditions, loc: tuple[Any, ...], lists: Lists
    ) -> conditions.Condition:
        parts: list[conditions.Condition] = []
        for name in fields.TEXT_FIELDS:
            test = getattr(model, name)
            if test is not None:
                parts += self._text(source, name, test, (*loc, name), lists)
        for name in fields.MEASURES:
            comparison = getattr(model, name)
            if comparison is not None:
                parts.append(conditions.NumberTest(name, comparison))
        if model.score is not None:
            parts += [
                conditions.ScoreTest(label, comparison)
                for label in LABELS
                if (comparison := getattr(model.score, label)) is not None
            ]
        for name in (*fields.AGES, *fields.COUNTS):
            comparison = getattr(model, name.replace(".", "_"))
            if comparison is not None:
                parts.append(conditions.NumberTest(name, comparison))
        for name in fields.YES_NO:
            wanted = getattr(model, name.replace(".", "_"))
            if wanted is not None:
                parts.append(conditions.YesNoTest(name, wanted))
        if model.script:
            parts.append(conditions.ScriptTest(tuple(model.script)))
        if model.rate:
            rate = Rate(model.rate.by, model.rate.count, model.rate.per)
            parts.append(conditions.StateTest(rate))
        if model.similar:
            asked = model.similar
            similar = Similar(asked.at_least, asked.authors, asked.per, asked.likeness)
            parts.append(conditions.StateTest(similar))
        for name, children in (("all", model.all), ("any", model.any), ("not", model.not_)):
            if children is None:
                continue
            nested = tuple(
                self._conditions(source, child, (*loc, name, index), lists)
                for index, child in enumerate(children)
            )
            if name == "all":
                parts += nested
            elif name == "any":
                parts.append(conditions.Any(nested))
            else:
                parts.append(conditions.Not(conditions.Any(nested)))
        # The order does not change the result, only how soon a False ends the work (and
        # which text condition comes first in a reason: as written).
        parts.sort(key=_cost)
        return parts[0] if len(parts) == 1 else conditions.All(tuple(parts))

    def _text(
        self,
        source: Source,
        field: str,
        test: schema.TextTest,
        loc: tuple[Any, ...],
        lists: Lists,
    ) -> list[conditions.Condition]:
        keep_case, evasion = test.case_sensitive, test.evasion
        if test.quotes == "ignore":
            if field != "text":
                source.problem(
                    *source.locate((*loc, "quotes"), key=True),
                    "bad-value",
                    f"'{field}' has no quotations",
                    "`quotes: ignore` is for `text`",
                )
            field = "unquoted"
        parts: list[conditions.Condition] = []
        for operator in fields.OPERATORS:
            entries = getattr(test, operator)
            if entries is None:
                continue
            place = (*loc, operator)
            try:
                if operator == "regex":
                    patterns = []
                    for index, entry in enumerate(entries):
                        place = (*loc, operator, index)
                        patterns.append(
                            regex_pattern(entry, keep_case, lists.entries, evasion=evasion)
                        )
                else:
                    wide = lists.expand(entries, place)
                    make = link_pattern if field == "link" else literal_pattern
                    patterns = [make(operator, wide, keep_case, evasion=evasion)]
            except PatternError as error:
                source.problem(*source.locate(place), "bad-pattern", str(error), error.hint)
                continue
            tests = tuple(
                conditions.TextTest(self._number(field, pattern), field, keep_case)
                for pattern in patterns
            )
            parts.append(tests[0] if len(tests) == 1 else conditions.Any(tests))
        return parts

    def _number(self, field: str, pattern: Pattern) -> int:
        key = (field, pattern)
        if key not in self._numbers:
            self._numbers[key] = len(self.tests)
            self.tests.append(key)
        return self._numbers[key]


def _cost(part: conditions.Condition) -> int:
    match part:
        case conditions.ScoreTest() | conditions.YesNoTest() | conditions.StateTest():
            return 0
        case conditions.TextTest():
            return 1
        case conditions.Any(parts=parts) if all(isinstance(p, conditions.TextTest) for p in parts):
            return 1  # several patterns of one operator: text conditions keep their order
        case conditions.NumberTest():
            return 3 if part.name == "words" else 2
        case conditions.ScriptTest():
            return 3
        case conditions.Not():
            return 5
        case _:
            return 4


def _version(rule: RuleModel, lists: dict[str, list[str]]) -> str:
    """12 hexadecimal digits over what the rule matches and does, tests left out."""
    said = rule.model_dump(mode="json", exclude={"tests", "description"}, exclude_none=True)
    text = json.dumps(said, sort_keys=True)
    used = {name: entries for name, entries in lists.items() if f"@{name}" in text}
    return hashlib.sha256(f"{text}\n{json.dumps(used, sort_keys=True)}".encode()).hexdigest()[:12]
