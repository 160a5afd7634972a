"""`moderation review`: the app, or the same by line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from moderation.cli.common import INTERRUPTED, Session, pass_session
from moderation.cli.queue import open_queue


@click.command("review")
@click.option("--db", type=click.Path(path_type=Path), help="The database. [default: the config's]")
@click.option("--as", "moderator", metavar="NAME", help="Who decides. [default: config, user]")
@click.option("--plain", is_flag=True, help="By line, for screen readers and dumb terminals.")
@pass_session
@click.pass_context
def review_command(
    ctx: click.Context, session: Session, db: Path | None, moderator: str | None, plain: bool
) -> None:
    """Work through the queue: approve, hide, escalate, skip, undo, one key each.

    A decision is on disk before the next comment shows.
    """
    ctx.exit(run_review(session, db, moderator, plain=plain))


def run_review(
    session: Session, db: Path | None, moderator: str | None, *, plain: bool = False
) -> int:
    """Open the app (or the plain reviewer); returns the exit code."""
    if plain:
        return _run_plain(session, db, moderator)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from moderation.errors import UsageError

        raise UsageError(
            "the review app needs a terminal",
            hint="use `moderation review --plain`, or `moderation queue list` in scripts",
        )
    import tui

    return tui.run(db or session.config.db_path, moderator or session.config.moderator)


def _run_plain(session: Session, db: Path | None, moderator: str | None) -> int:
    from moderation.plain import review_plain

    with open_queue(session, db, moderator) as queue:
        try:
            review_plain(queue, read=input, write=click.echo)
        except KeyboardInterrupt:
            return INTERRUPTED
    return 0
