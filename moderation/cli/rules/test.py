"""`moderation rules test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from moderation.cli.common import FINE, FOUND, Session, echo, pass_session, plural
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import for_log, log_line

if TYPE_CHECKING:
    from moderation.rules import TestFailure


@click.command("test")
@paths_argument
@pass_session
@click.pass_context
def test_command(ctx: click.Context, session: Session, paths: tuple[Path, ...]) -> None:
    """Run the tests inside the rule files; exits with 1 when one fails.

    A condition on something that a test leaves out is set aside: a plain text tries the
    text conditions of a rule that also asks for a score.
    """
    from moderation.rules import run_tests

    compiled = compile_rules(session, paths)
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


def _format_failure(failure: TestFailure) -> str:
    rule = failure.rule
    return (
        f"{for_log(rule.file)}:{rule.line}: "
        f"{click.style('failed', fg='red', bold=True)}: {rule.id} should "
        f"{'match' if failure.expected == 'match' else 'pass'}\n"
        f"   | {log_line(failure.case.text, 100)}\n"
        f"   {for_log(failure.explanation)}"
    )
