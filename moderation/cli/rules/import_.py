"""`moderation rules import`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from moderation.cli.common import FINE, FOUND, Session, pass_session, plural
from moderation.display import for_log
from moderation.errors import UsageError


@click.command("import")
@click.argument("kind", type=click.Choice(["automoderator"]), metavar="automoderator")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the rules here, not on stdout."
)
@pass_session
@click.pass_context
def import_command(
    ctx: click.Context, session: Session, kind: str, file: Path, output: Path | None
) -> None:
    """Carry over the rules of another tool: Reddit AutoModerator's YAML (- for stdin).

    Whatever cannot be carried over whole is told on stderr, and above its rule in the
    file. A rule that lost a check becomes a shadow rule. Exits with 1 when a rule could
    not be carried over at all.
    """
    from moderation.rules.automoderator.translate import import_automoderator

    imported = import_automoderator(_read(file))
    if imported.text:
        _write(imported.text, output)
    for note in imported.notes:
        label = click.style("dropped", fg="red") if note.dropped else "changed"
        place = f"{for_log(str(file))}:{note.line}"
        session.talk(f"{place}: {label}: {for_log(note.rule)}: {for_log(note.what)}", level=-1)
    dropped = sum(note.dropped for note in imported.notes)
    session.talk(
        f"{plural(imported.documents, 'document')}: {plural(imported.rules, 'rule')} carried over,"
        f" {dropped:,} dropped"
    )
    if imported.text and output:
        session.talk(f"  hint: `moderation rules check {for_log(str(output))}`, then add tests")
    ctx.exit(FOUND if dropped else FINE)


def _read(file: Path) -> str:
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read it: {error.strerror or error}", where=str(file)) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 at byte {error.start}", where=str(file)) from None


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write it: {error.strerror or error}", where=str(output)) from None
