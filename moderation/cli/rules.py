"""`moderation rules`: the rule author's loop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from moderation.cli.common import (
    FINE,
    FOUND,
    WRONG_USE,
    Session,
    echo,
    echo_json,
    format_problem,
    pass_session,
    plural,
    reading_rules,
)
from moderation.display import for_log, log_line

if TYPE_CHECKING:
    from moderation.rules import Compiled, TestFailure

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


@click.group("rules")
def rules_command() -> None:
    """Check, test and list rule files.

    Without PATH, the rules of the configuration, or the shipped packs.
    """


@rules_command.command("check")
@_PATHS
@click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@pass_session
@click.pass_context
def check(
    ctx: click.Context, session: Session, paths: tuple[Path, ...], strict: bool, form: str
) -> None:
    """All errors and warnings of all files in one pass, each with its place.

    Exits with 2 for errors, with 1 for warnings under --strict, else with 0.
    """
    from moderation.rules import Level, lint

    compiled = _compile(session, paths)
    problems = lint(compiled)
    if form == "json":
        echo_json(
            [
                {
                    "file": problem.file,
                    "line": problem.line,
                    "column": problem.column,
                    "level": problem.level.value,
                    "code": problem.code,
                    "message": problem.message,
                    "hint": problem.hint,
                }
                for problem in problems
            ]
        )
    else:
        for problem in problems:
            echo(format_problem(problem))
    errors = sum(problem.level is Level.ERROR for problem in problems)
    warnings = len(problems) - errors
    session.talk(
        f"{plural(len(compiled.sources), 'file')}, {plural(len(compiled.rules), 'sound rule')}: "
        f"{plural(errors, 'error')}, {plural(warnings, 'warning')}"
    )
    ctx.exit(WRONG_USE if errors else FOUND if warnings and strict else FINE)


@rules_command.command("test")
@_PATHS
@pass_session
@click.pass_context
def test(ctx: click.Context, session: Session, paths: tuple[Path, ...]) -> None:
    """Run the tests inside the rule files; exits with 1 when one fails.

    A condition on something that a test leaves out is set aside: a plain text tries the
    text conditions of a rule that also asks for a score.
    """
    from moderation.rules import run_tests

    compiled = _compile(session, paths)
    report = run_tests(compiled)
    for failure in report.failures:
        echo(_format_failure(failure))
    for rule in report.untested:
        lacking = [
            name
            for name, tests in (("match", rule.match_tests), ("pass", rule.pass_tests))
            if not tests
        ]
        echo(f"{for_log(rule.file)}:{rule.line}: {rule.id}: no {' and no '.join(lacking)} tests")
    failed = len(report.failures)
    session.talk(
        f"{plural(report.run, 'test')} of {plural(len(compiled.rules), 'rule')}: "
        f"{report.run - failed:,} passed, {failed:,} failed"
    )
    ctx.exit(FOUND if failed else FINE)


@rules_command.command("list")
@_PATHS
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")
@pass_session
def list_rules(session: Session, paths: tuple[Path, ...], as_json: bool) -> None:
    """The rules in force: id, action, severity, status, description."""
    from moderation.rules.compile import require_sound

    compiled = _compile(session, paths)
    require_sound(compiled)
    if as_json:
        echo_json(
            [
                {
                    "id": rule.id,
                    "action": rule.action.value,
                    "severity": rule.severity.value,
                    "status": rule.status.value,
                    "priority": rule.priority,
                    "description": rule.description,
                    "version": rule.version,
                    "file": rule.file,
                    "line": rule.line,
                }
                for rule in compiled.rules
            ]
        )
        return
    width = max((len(rule.id) for rule in compiled.rules), default=0)
    for rule in compiled.rules:
        status = "" if rule.status == "live" else f" ({rule.status.value})"
        echo(
            f"{rule.id:<{width}}  {rule.action.value:<7} {rule.severity.value:<8} "
            f"{log_line(rule.description, 70)}{status}"
        )


def _compile(session: Session, paths: tuple[Path, ...]) -> Compiled:
    from moderation.rules import compile_paths

    with reading_rules():
        return compile_paths(paths or session.config.rule_paths)


def _format_failure(failure: TestFailure) -> str:
    rule = failure.rule
    return (
        f"{for_log(rule.file)}:{rule.line}: "
        f"{click.style('failed', fg='red', bold=True)}: {rule.id} should "
        f"{'match' if failure.expected == 'match' else 'pass'}\n"
        f"   | {log_line(failure.case.text, 100)}\n"
        f"   {for_log(failure.explanation)}"
    )
