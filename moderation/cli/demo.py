"""`moderation demo`: the sample thread through the whole pipeline."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from moderation.cli.common import FINE, FOUND, Session, echo, pass_session
from moderation.cli.review import run_review
from moderation.cli.scan import ScanOptions, run_scan
from moderation.display import for_log
from moderation.errors import UsageError
from moderation.packs import packs_folder, sample_thread


@click.command("demo")
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    help="Keep the queue in this file. [default: a temporary one]",
)
@click.option(
    "--thread",
    type=click.Path(path_type=Path),
    help="Only write the sample thread to this file, to try the other commands on.",
)
@pass_session
@click.pass_context
def demo_command(
    ctx: click.Context, session: Session, db: Path | None, thread: Path | None
) -> None:
    """Scan the sample thread, fill a queue, and review it.

    On a terminal this ends in the review app, otherwise in a summary of the queue.
    """
    if thread:
        _write_thread(thread)
        session.talk(f"the sample thread is in {for_log(str(thread))}")
        return
    if db:
        ctx.exit(_demo(session, db))
    with tempfile.TemporaryDirectory(prefix="moderation-demo-") as folder:
        ctx.exit(_demo(session, Path(folder) / "demo.db"))


def _write_thread(path: Path) -> None:
    if path.exists():
        raise UsageError("there is a file already", where=str(path), hint="choose another name")
    try:
        path.write_bytes(sample_thread().read_bytes())
    except OSError as error:
        raise UsageError(
            f"cannot write the sample thread: {error.strerror or error}", where=str(path)
        ) from None


def _demo(session: Session, db: Path) -> int:
    thread = sample_thread()
    echo(f"Scanning the sample thread ({thread.name}) with the shipped rules and model.\n")
    code = run_scan(
        session,
        ScanOptions(inputs=(os.fspath(thread),), rules=(packs_folder(),), model="builtin", db=db),
    )
    if code not in (FINE, FOUND):
        return code
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.pause("\nPress any key to review what waits in the queue (q leaves the app) … ")
        return run_review(session, db, "demo")
    echo("\nThe queue, most pressing first:\n")
    from moderation.cli.items import item_line
    from moderation.cli.queue import open_queue

    with open_queue(session, db, "demo", read_only=True) as queue:
        for item in queue.items():
            echo(item_line(item))
    echo("\nOn a terminal, `moderation demo` opens the review app here.")
    return FINE
