"""`moderation rules check`."""

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
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.comments import Comment, Scores
    from moderation.rules import Problem

#: Stored comments that are asked which fields they have.
_SAMPLE = 500


@click.command("check")
@paths_argument
@click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.option("--fix", is_flag=True, help="Mend what is mechanical, and show the change.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; change nothing.")
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    help="Also warn of conditions on what its comments never have.",
)
@click.option(
    "--source",
    metavar="FORMAT",
    help="Also warn of conditions that this input format (page, csv, …) never decides.",
)
@pass_session
@click.pass_context
def check_command(
    ctx: click.Context,
    session: Session,
    paths: tuple[Path, ...],
    strict: bool,
    form: str,
    fix: bool,
    diff: bool,
    db: Path | None,
    source: str | None,
) -> None:
    """All errors and warnings of all files in one pass, each with its place.

    --fix mends curly quotes that do not quote, `no` and `on` without quotes, numbers where
    a text is meant, ids with capitals or blanks, and tabs. It changes those places only
    and writes a file whole or not at all.

    Exits with 2 for errors, with 1 for warnings under --strict, else with 0.
    """
    from moderation.rules import Level
    from moderation.rules.authoring.lint import lint
    from moderation.sources import FILLS

    if source is not None and source not in FILLS:
        raise click.BadParameter(f"'{source}' is none of {', '.join(FILLS)}", param_hint="--source")
    if fix or diff:
        mend(session, paths, write=fix and not diff, on_stdout=form == "text")
    compiled = compile_rules(session, paths)
    sample = _sample(db) if db else ()
    problems = lint(compiled, sample=sample, fills=FILLS, source=source)
    _print(problems, form)
    errors = sum(problem.level is Level.ERROR for problem in problems)
    warnings = len(problems) - errors
    session.talk(
        f"{plural(len(compiled.sources), 'file')}, {plural(len(compiled.rules), 'sound rule')}: "
        f"{plural(errors, 'error')}, {plural(warnings, 'warning')}"
    )
    ctx.exit(WRONG_USE if errors else FOUND if warnings and strict else FINE)


def _print(problems: list[Problem], form: str) -> None:
    from moderation.cli.rules import formats

    match form:
        case "json":
            echo_json([formats.problem_record(problem) for problem in problems])
        case "sarif":
            echo_json(formats.sarif_log(problems))
        case "github":
            for line in formats.github_lines(problems):
                echo(line)
        case _:
            for problem in problems:
                echo(format_problem(problem))


def mend(session: Session, paths: tuple[Path, ...], *, write: bool, on_stdout: bool) -> None:
    """Repair the files, or only show how; the change is data, unless that is taken."""
    from moderation.rules import find_files
    from moderation.rules.authoring.fix import fix_file, write_fixed

    with reading_rules():
        for path in find_files(paths or session.config.rule_paths):
            fixed = fix_file(path)
            if not fixed.count:
                continue
            for line in fixed.diff():
                shown = _colored(line)
                if on_stdout:
                    echo(shown)
                else:
                    session.talk(shown)
            if write:
                write_fixed(fixed)
            done = "mended" if write else "could be mended"
            session.talk(f"{for_log(str(path))}: {plural(fixed.count, 'place')} {done}")


def _colored(line: str) -> str:
    shown = for_log(line)
    if line.startswith(("---", "+++")):
        return click.style(shown, bold=True)
    color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return click.style(shown, fg=color) if color else shown


def _sample(db: Path) -> list[tuple[Comment, Scores]]:
    """The newest comments of a database, with their scores."""
    from moderation.queue import Queue
    from moderation.store import Store

    with Store.open(db, create=False, read_only=True) as store:
        items = Queue(store, "rules").items(status=None, sort="newest", limit=_SAMPLE)
        return [(item.comment, item.assessment.scores) for item in items]
