"""`moderation review`: the app, in the terminal or in a browser, or the same by line."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path

import click

from moderation.cli.common import INTERRUPTED, Session, echo, pass_session
from moderation.cli.queue import open_queue
from moderation.display import for_log
from moderation.errors import UsageError

_LOOPBACK = "127.0.0.1"


@click.command("review")
@click.option("--db", type=click.Path(path_type=Path), help="The database. [default: the config's]")
@click.option("--as", "moderator", metavar="NAME", help="Who decides. [default: config, user]")
@click.option("--plain", is_flag=True, help="By line, for screen readers and dumb terminals.")
@click.option("--web", is_flag=True, help="In a browser: print a link that works once, and serve.")
@click.option(
    "--host",
    help=f"With --web: the address to serve on. Others than this machine's own can be reached, "
    f"and read, from the network. [default: {_LOOPBACK}]",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="With --web: the port; 0 takes a free one. [default: 0]",
)
@pass_session
@click.pass_context
def review_command(
    ctx: click.Context,
    session: Session,
    db: Path | None,
    moderator: str | None,
    plain: bool,
    web: bool,
    host: str | None,
    port: int | None,
) -> None:
    """Work through the queue: approve, hide, escalate, skip, undo, one key each.

    A decision is on disk before the next comment shows.
    """
    if web and plain:
        raise UsageError("--web and --plain exclude each other", hint="leave one of them out")
    if not web and (host is not None or port is not None):
        raise UsageError("--host and --port say where to serve", hint="add --web")
    if web:
        _serve(session, db, moderator, host or _LOOPBACK, port or 0)
    else:
        ctx.exit(run_review(session, db, moderator, plain=plain))


def run_review(
    session: Session, db: Path | None, moderator: str | None, *, plain: bool = False
) -> int:
    """Open the app (or the plain reviewer); returns the exit code."""
    if plain:
        return _run_plain(session, db, moderator)
    _check_terminal()
    import tui

    config = session.config
    return tui.run(db or config.db_path, moderator or config.moderator, config)


def _check_terminal() -> None:
    """That there is a terminal which the app can be drawn on.

    Raises:
        UsageError: there is none, or it is none for the app; says which and what helps.
    """
    # Textual's own variable: who started this speaks for a terminal, as `--web` does.
    if "TEXTUAL_DRIVER" in os.environ:
        return
    # Keys come from the first; the app is drawn on the last, so that a redirected one
    # would leave the person before an empty window.
    streams = {"input": sys.stdin, "output": sys.stdout, "error output": sys.stderr}
    elsewhere = [name for name, stream in streams.items() if not (stream and stream.isatty())]
    if elsewhere:
        raise UsageError(
            f"the review app needs a terminal; the {elsewhere[0]} is none",
            hint="use `moderation review --plain`, or `moderation queue list` in scripts",
        )
    if os.environ.get("TERM") in ("dumb", "unknown"):
        raise UsageError(
            f"the review app needs a terminal that can move its cursor; TERM is "
            f"{os.environ['TERM']}",
            hint="use `moderation review --plain`, or set TERM, as to xterm-256color",
        )
    if codecs.lookup(sys.stderr.encoding).name != "utf-8":
        raise UsageError(
            f"the review app needs a terminal for UTF-8; here it is {sys.stderr.encoding}",
            hint="use `moderation review --plain`, or set LANG, as to C.UTF-8",
        )


def _run_plain(session: Session, db: Path | None, moderator: str | None) -> int:
    from moderation.plain import review_plain

    with open_queue(session, db, moderator) as queue:
        try:
            review_plain(queue, read=input, write=click.echo)
        except KeyboardInterrupt:
            return INTERRUPTED
    return 0


def _serve(session: Session, db: Path | None, moderator: str | None, host: str, port: int) -> None:
    """Serve the app until Ctrl-C. Each tab runs this very command, without --web."""
    from tui.web import is_loopback, serve

    with open_queue(session, db, read_only=True):
        pass  # a database that cannot be read is told here, and not in the browser
    if not is_loopback(host):
        session.talk(
            click.style("warning", fg="yellow", bold=True)
            + f": on {for_log(host)} the queue is served to the network, unencrypted: whoever "
            "can see the traffic can read the comments and decide in your name.\n"
            f"  hint: leave --host out, and use a tunnel: ssh -L 8000:{_LOOPBACK}:PORT …",
            level=-1,
        )
    config = session.config
    # -P: no module is taken from the working directory.
    command = [sys.executable, "-P", "-m", "moderation"]
    if config.file:
        command.append(f"--config={config.file.absolute()}")
    path = (db or config.db_path).absolute()
    command += ["review", f"--db={path}", f"--as={moderator or config.moderator}"]
    session.talk("one browser is let in, by this link; Ctrl-C ends all of it")
    serve(command, host, port, announce=echo, say=session.talk)
