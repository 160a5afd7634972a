"""`moderation rules check`."""

from __future__ import annotations

from pathlib import Path

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
)
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument


@click.command("check")
@paths_argument
@click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@pass_session
@click.pass_context
def check_command(
    ctx: click.Context, session: Session, paths: tuple[Path, ...], strict: bool, form: str
) -> None:
    """All errors and warnings of all files in one pass, each with its place.

    Exits with 2 for errors, with 1 for warnings under --strict, else with 0.
    """
    from moderation.rules import Level, lint

    compiled = compile_rules(session, paths)
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
