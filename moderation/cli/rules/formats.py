"""What `rules check` and `rules test` found, for machines: JSON, GitHub, SARIF, JUnit.

Rule files are hostile input as any other. Every text passes `display` first, and each
format's own escapes come after that: no rule can forge a second workflow command or a
second test case.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from moderation import __version__
from moderation.display import for_log, one_line, visible
from moderation.rules.authoring.lint import TITLES

if TYPE_CHECKING:
    from moderation.rules import Compiled, Problem, Rule, TestReport
    from moderation.rules.language.schema import TestCase

_DOCS = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


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
        properties = {
            "file": _relative(problem.file),
            "line": str(problem.line),
            "col": str(problem.column),
            "title": f"{problem.code}",
        }
        told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{problem.level.value} {told}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _relative(file: str) -> str:
    """The path from the working folder with slashes, where it lies below it."""
    path = Path(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return path.as_posix()
    return PurePosixPath(os.path.normpath(path.as_posix())).as_posix()


# ── SARIF ───────────────────────────────────────────────────────────────────────────


def sarif_log(problems: Sequence[Problem]) -> dict[str, Any]:
    """One run of SARIF 2.1.0; columns count code points, as everywhere here."""
    codes = sorted({problem.code for problem in problems})
    numbers = {code: index for index, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    return {
        "$schema": _DOCS,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "moderation rules check",
                        "semanticVersion": __version__,
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
    key = f"{_relative(problem.file)}\n{problem.code}\n{problem.source_line.strip()}"
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
                    "artifactLocation": _artifact(problem.file),
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"moderationProblem/v1": f"{print_}:{seen[print_]}"},
    }


def _artifact(file: str) -> dict[str, str]:
    relative = _relative(file)
    name = quote(relative.encode("utf-8", "surrogateescape"), safe="/")
    if relative.startswith("/"):
        return {"uri": f"file://{name}"}
    return {"uri": name, "uriBaseId": "SRCROOT"}


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
                            f"<failure message={_attribute(said)}>{_xml(case.text)}\n"
                            f"{_xml(failure.explanation)}</failure>"
                        )
                    cases.append(_case(rule, _case_name(kind, case, names), inner))
                if not tests and rule.id in lacking:
                    skipped += 1
                    said = f"no {kind} tests"
                    cases.append(_case(rule, said, f"<skipped message={_attribute(said)}/>"))
        skipped_in_all += skipped
        suites.append(
            f"  <testsuite name={_attribute(_relative(file))} tests={_attribute(len(cases))}"
            f' failures={_attribute(failed)} errors="0" skipped={_attribute(skipped)}>\n'
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
        f"    <testcase classname={_attribute(rule.id)} name={_attribute(name)}"
        f" file={_attribute(_relative(rule.file))} line={_attribute(rule.line)}"
    )
    return f"{head}>{inner}</testcase>\n" if inner else f"{head}/>\n"


def _case_name(kind: str, case: TestCase, names: Counter[str]) -> str:
    """`match: the text`, with a number where two would be the same."""
    name = f"{kind}: {one_line(case.text, 80)}"
    names[name] += 1
    return name if names[name] == 1 else f"{name} ({names[name]})"


def _xml(text: str) -> str:
    # On stdout this may be a CI service's log, which obeys lines of it.
    return escape(for_log(text))


def _attribute(value: object) -> str:
    return '"' + escape(for_log(str(value)), {'"': "&quot;"}) + '"'
