"""What `rules check` and `rules test` found, for machines: JSON, GitHub, SARIF, JUnit.

Rule files are hostile input as any other. Every text passes `display` first, and each
format's own escapes come after that: no rule can forge a second workflow command or a
second test case.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from moderation import __version__
from moderation.display import one_line, visible
from moderation.reports.github import command
from moderation.reports.junit import attribute, element_text
from moderation.reports.places import artifact, relative
from moderation.reports.sarif import HOME, SCHEMA
from moderation.rules.authoring.lint import TITLES

if TYPE_CHECKING:
    from moderation.rules import Compiled, Problem, Rule, TestReport
    from moderation.rules.language.schema import TestCase


# ── JSON ────────────────────────────────────────────────────────────────────────────


def problem_record(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "level": problem.level.value,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


# ── GitHub ──────────────────────────────────────────────────────────────────────────


def github_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """A workflow command for each problem: GitHub shows it beside the line."""
    for problem in problems:
        message = problem.message + (f"\n{problem.hint}" if problem.hint else "")
        yield command(
            problem.level.value,
            message,
            file=relative(problem.file),
            line=str(problem.line),
            col=str(problem.column),
            title=problem.code,
        )


# ── SARIF ───────────────────────────────────────────────────────────────────────────


def sarif_log(problems: Sequence[Problem]) -> dict[str, Any]:
    """One run of SARIF 2.1.0; columns count code points, as everywhere here."""
    codes = sorted({problem.code for problem in problems})
    numbers = {code: index for index, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "moderation rules check",
                        "semanticVersion": __version__,
                        "informationUri": HOME,
                        "rules": [_descriptor(code, problems) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    "SRCROOT": {"description": {"text": "the folder that the check ran in"}}
                },
                "results": [_result(problem, numbers, seen) for problem in problems],
            }
        ],
    }


def _descriptor(code: str, problems: Sequence[Problem]) -> dict[str, Any]:
    title = TITLES.get(code, code.replace("-", " "))
    errors = any(p.level.value == "error" for p in problems if p.code == code)
    return {
        "id": code,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": "error" if errors else "warning"},
        "properties": {"tags": ["moderation-rules"]},
    }


def _result(problem: Problem, numbers: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    text = problem.message + (f". {problem.hint}" if problem.hint else "")
    # What stands on the line, not its number: an edit further up keeps an alert's history.
    key = f"{relative(problem.file)}\n{problem.code}\n{problem.source_line.strip()}"
    print_ = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    seen[print_] += 1
    region: dict[str, Any] = {"startLine": problem.line, "startColumn": problem.column}
    if problem.source_line:
        region["endColumn"] = max(problem.column + 1, len(problem.source_line) + 1)
        region["snippet"] = {"text": visible(problem.source_line[:1000])}
    return {
        "ruleId": problem.code,
        "ruleIndex": numbers[problem.code],
        "level": problem.level.value,
        "message": {"text": visible(text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact(relative(problem.file)),
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"moderationProblem/v1": f"{print_}:{seen[print_]}"},
    }


# ── JUnit ───────────────────────────────────────────────────────────────────────────


def junit_text(compiled: Compiled, report: TestReport) -> str:
    """A suite a file, a case a test; what a rule has no test of is a skipped case."""
    failures = {id(failure.case): failure for failure in report.failures}
    lacking = {rule.id for rule in report.untested}
    files: dict[str, list[Rule]] = {}
    for rule in compiled.rules:
        files.setdefault(rule.file, []).append(rule)
    suites: list[str] = []
    skipped_in_all = 0
    for file, rules in files.items():
        cases: list[str] = []
        failed = skipped = 0
        for rule in rules:
            names: Counter[str] = Counter()
            for kind, tests in (("match", rule.match_tests), ("pass", rule.pass_tests)):
                for case in tests:
                    inner = ""
                    if failure := failures.get(id(case)):
                        failed += 1
                        said = f"{rule.id} should {kind}: {failure.explanation}"
                        inner = (
                            f"<failure message={attribute(said)}>{element_text(case.text)}\n"
                            f"{element_text(failure.explanation)}</failure>"
                        )
                    cases.append(_case(rule, _case_name(kind, case, names), inner))
                if not tests and rule.id in lacking:
                    skipped += 1
                    said = f"no {kind} tests"
                    cases.append(_case(rule, said, f"<skipped message={attribute(said)}/>"))
        skipped_in_all += skipped
        suites.append(
            f"  <testsuite name={attribute(relative(file))} tests={attribute(len(cases))}"
            f' failures={attribute(failed)} errors="0" skipped={attribute(skipped)}>\n'
            + "".join(cases)
            + "  </testsuite>\n"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuites name="moderation rules test" tests="{report.run + skipped_in_all}"'
        f' failures="{len(report.failures)}" errors="0" skipped="{skipped_in_all}">\n'
        + "".join(suites)
        + "</testsuites>\n"
    )


def _case(rule: Rule, name: str, inner: str) -> str:
    head = (
        f"    <testcase classname={attribute(rule.id)} name={attribute(name)}"
        f" file={attribute(relative(rule.file))} line={attribute(rule.line)}"
    )
    return f"{head}>{inner}</testcase>\n" if inner else f"{head}/>\n"


def _case_name(kind: str, case: TestCase, names: Counter[str]) -> str:
    """`match: the text`, with a number where two would be the same."""
    name = f"{kind}: {one_line(case.text, 80)}"
    names[name] += 1
    return name if names[name] == 1 else f"{name} ({names[name]})"
